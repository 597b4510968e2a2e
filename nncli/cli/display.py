"""The progress of a training: a line per epoch and, on a terminal, two bars below the lines."""

import time
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn

from nncli.training import events

REFRESH = 0.1  # seconds between redraws of the bars: drawing them may take longer than a step


class Display(Progress):
    """Shows the events of a training; as a context manager, it always restores the terminal.

    The bars show the progress of the whole training and of the current epoch.
    """

    def __init__(self, console: Console, verbosity: int = 0) -> None:
        hidden = console.quiet or not console.is_terminal
        columns = _columns(console.width)
        super().__init__(*columns, console=console, transient=True, auto_refresh=False, disable=hidden)
        self.verbosity = verbosity

    def handle(self, event: events.Event) -> None:
        """Show an event."""
        match event:
            case events.StepFinished():
                self._step(event)
            case events.EpochFinished():
                line = epoch_line(event, self._begun.epochs, self.console.width)
                self.console.print(line, soft_wrap=not self.console.is_terminal)
            case events.Started():
                self._begin(event)

    def _begin(self, event: events.Started) -> None:
        """Draw the bars before the first step, which may take a while."""
        if event.step and not event.done:
            self.console.print(f"resuming after epoch {event.epoch}, step {event.step:,}")
        self._begun, self._began, self._drawn = event, time.perf_counter(), 0.0
        epoch = f"epoch {_count(min(event.epoch + 1, event.epochs), event.epochs)}"
        self._epochs = self.add_task(epoch, total=event.epochs * event.steps_per_epoch, note="")
        self._batches = self.add_task("first batch", total=event.steps_per_epoch, note="")
        self.refresh()

    def _step(self, event: events.StepFinished) -> None:
        if self.disable:
            if self.verbosity > 0 and event.step % 100 == 0:
                self.console.print(f"  step {event.step:,}: loss {_loss(event.loss)}")
            return
        now, begun = time.perf_counter(), self._begun
        if now - self._drawn < REFRESH:
            return
        self._drawn = now
        rate = (event.step - begun.step) / (now - self._began)  # steps a second, evaluations included
        left = timedelta(seconds=round((begun.epochs * begun.steps_per_epoch - event.step) / rate))
        speed = f"{rate * begun.examples / begun.steps_per_epoch:,.0f} examples/s"
        epoch = f"epoch {_count(event.epoch, begun.epochs)}"
        batch = f"batch {_count(event.step_of_epoch, begun.steps_per_epoch)}"
        note = f"loss {_loss(event.loss)}  {speed}"
        self.update(self._epochs, completed=event.step, description=epoch, note=f"{left} left")
        self.update(self._batches, completed=event.step_of_epoch, description=batch, note=note)
        self.refresh()


def epoch_line(event: events.EpochFinished, epochs: int, width: int) -> str:
    """Return the results of an epoch on one line, as many as fit; a star marks the best epoch so far."""
    epoch = f"epoch {_count(event.epoch, epochs)}"
    loss, error = f"loss {_loss(event.train_loss)}", f"error {event.train_error:6.2%}"
    speed = f"{event.examples_per_second:,.0f} examples/s"
    if event.validation_loss is None or event.validation_error is None:
        forms = [(epoch, loss, error, speed), (epoch, loss, error), (epoch, error)]
    else:
        validation_error = f"error {event.validation_error:6.2%} {'*' if event.improved else ' '}"
        both = (epoch, loss, error, f"validation loss {_loss(event.validation_loss)}", validation_error)
        measured = f"validation {validation_error}"
        forms = [(*both, speed), both, (epoch, loss, error, measured), (epoch, error, measured), (epoch, measured)]
    lines = ["  ".join(form) for form in forms]
    return next((line for line in lines if len(line) <= width), lines[-1])


def _count(done: int, total: int) -> str:
    return f"{done:>{len(str(total))}}/{total}"


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 1000 else f"{value:.2e}"


def _columns(width: int) -> list[ProgressColumn]:
    """Return the columns that fit, leaving room for the ^C that a terminal echoes."""
    words, note = TextColumn("{task.description}"), TextColumn("{task.fields[note]}")
    if width < 50:
        return [words]
    return [words, BarColumn(bar_width=min(40, width - 60)), note] if width >= 70 else [words, note]
