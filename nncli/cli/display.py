"""What a person sees of a training: a line an epoch, and on a terminal two bars below the lines."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from nncli.training import events

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

REFRESH = 0.1  # seconds between updates of the bars: a step may take less than drawing it


class Display:
    """Listens to a training; as a `with` block it puts the terminal back in order whatever happens."""

    def __init__(self, console: "Console", verbosity: int = 0) -> None:
        self.console = console
        self.verbosity = verbosity
        self._bars = _bars(console) if console.is_terminal and not console.quiet else None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.stop()

    def handle(self, event: events.Event) -> None:
        """Show an event."""
        match event:
            case events.StepFinished():
                self._step(event)
            case events.EpochFinished():
                self.console.print(epoch_line(event, self._epochs), soft_wrap=True)
                if self._bars:
                    self._bars.update(self._epoch_task, completed=event.epoch)
            case events.Started():
                self._start(event)

    def _start(self, event: events.Started) -> None:
        self._epochs, self._began, self._first_step = event.epochs, time.perf_counter(), event.step
        if event.step:
            self.console.print(f"going on after epoch {event.epoch}, step {event.step:,}")
        if self._bars:
            self._epoch_task = self._bars.add_task("epochs", total=event.epochs, completed=event.epoch, note="")
            self._batch_task = self._bars.add_task("batches", total=event.steps_per_epoch, note="")

    def _step(self, event: events.StepFinished) -> None:
        now = time.perf_counter()
        if self.verbosity > 0 and not self._bars and event.step % 100 == 0:
            self.console.print(f"  step {event.step:,}: loss {event.loss:.4f}")
        if self._bars and now - self._drawn >= REFRESH:
            self._drawn = now
            steps_per_second = (event.step - self._first_step) / (now - self._began)
            note = f"loss {event.loss:.4f}  {steps_per_second * event.examples / event.step_of_epoch:,.0f} examples/s"
            self._bars.update(self._batch_task, completed=event.step_of_epoch, note=note)
            whole = event.epoch - 1 + event.step_of_epoch / (self._bars.tasks[1].total or 1)
            self._bars.update(self._epoch_task, completed=whole)


def epoch_line(event: events.EpochFinished, epochs: int) -> str:
    """Say in one line what an epoch came to; a star marks the best so far."""
    width = len(str(epochs))
    parts = [
        f"epoch {event.epoch:>{width}}/{epochs}",
        f"train loss {event.train_loss:.4f}, error {event.train_error:6.2%}",
    ]
    if event.validation_loss is not None and event.validation_error is not None:
        star = "*" if event.improved else " "
        parts.append(f"validation loss {event.validation_loss:.4f}, error {event.validation_error:6.2%} {star}")
    parts.append(f"{event.examples_per_second:,.0f} examples/s")
    return "  ".join(parts)


def _bars(console: "Console") -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:<7}"),
        BarColumn(bar_width=30),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
    )
