"""What a person sees of a training: a line for each epoch, and on a terminal two bars below the lines."""

import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn

from nncli.training import events

REFRESH = 0.1  # seconds between drawings of the bars: a step may take less than drawing them


class Display:
    """Listens to a training; as a `with` block it restores the terminal whatever happens."""

    def __init__(self, console: Console, verbosity: int = 0) -> None:
        self.console = console
        self.verbosity = verbosity
        self._bars = Bars(console) if console.is_terminal and not console.quiet else None

    def __enter__(self) -> Self:
        if self._bars:
            self._bars.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.progress.stop()

    def handle(self, event: events.Event) -> None:
        """Show an event."""
        match event:
            case events.StepFinished():
                self._step(event)
            case events.EpochFinished():
                line = epoch_line(event, self._epochs, self.console.width)
                self.console.print(line, soft_wrap=not self.console.is_terminal)
            case events.Started():
                self._start(event)

    def _start(self, event: events.Started) -> None:
        self._epochs = event.epochs
        if event.step:
            self.console.print(f"resuming after epoch {event.epoch}, step {event.step:,}")
        if self._bars:
            self._bars.start(event)

    def _step(self, event: events.StepFinished) -> None:
        if self._bars:
            self._bars.step(event)
        elif self.verbosity > 0 and event.step % 100 == 0:
            self.console.print(f"  step {event.step:,}: loss {_loss(event.loss)}")


class Bars:
    """The progress of the epochs and of the current epoch's batches, drawn only as often as an eye can follow."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(*_columns(console.width), console=console, transient=True, auto_refresh=False)

    def start(self, event: events.Started) -> None:
        """Draw the bars before the first step, which may take long."""
        self._started, self._began, self._drawn = event, time.perf_counter(), 0.0
        epoch = f"epoch {_count(min(event.epoch + 1, event.epochs), event.epochs)}"
        self._epochs = self.progress.add_task(epoch, total=event.epochs * event.steps_per_epoch, note="")
        self._batches = self.progress.add_task("first batch", total=event.steps_per_epoch, note="")
        self.progress.refresh()

    def step(self, event: events.StepFinished) -> None:
        """Show a step, unless the bars were drawn a moment ago."""
        now = time.perf_counter()
        if now - self._drawn < REFRESH:
            return
        self._drawn = now
        started = self._started
        rate = (event.step - started.step) / (now - self._began)  # steps a second, evaluations included
        left = timedelta(seconds=round((started.epochs * started.steps_per_epoch - event.step) / rate))
        examples = rate * started.examples / started.steps_per_epoch
        self.progress.update(
            self._epochs,
            completed=event.step,
            description=f"epoch {_count(event.epoch, started.epochs)}",
            note=f"{left} left",
        )
        self.progress.update(
            self._batches,
            completed=event.step_of_epoch,
            description=f"batch {_count(event.step_of_epoch, started.steps_per_epoch)}",
            note=f"loss {_loss(event.loss)}  {examples:,.0f} examples/s",
        )
        self.progress.refresh()


def epoch_line(event: events.EpochFinished, epochs: int, width: int) -> str:
    """Say in one line what an epoch came to, in the longest form that fits; a star marks the best epoch so far."""
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
    """Choose the columns that fit, with room for the ^C that a terminal echoes."""
    words, note = TextColumn("{task.description}"), TextColumn("{task.fields[note]}")
    if width < 50:
        return [words]
    return [words, BarColumn(bar_width=min(40, width - 60)), note] if width >= 70 else [words, note]
