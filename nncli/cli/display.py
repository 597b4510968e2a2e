"""The progress of a training: a line per epoch and, on a terminal, a table below the lines that is kept up to date."""

import math
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import NamedTuple, Self

from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.text import Text

from nncli.cli.live import LiveLines
from nncli.training import events

REFRESH = 0.4  # seconds between redraws of the table, each of which takes about a millisecond

_GAP, _ECHO = 2, 2  # columns between cells, and at the end for the ^C that a terminal echoes
_MIDDLE = range(8, 41)  # width of the bars and of the sparkline; they are left out if there is no room
_BLOCKS, _LETTERS = "▁▂▃▄▅▆▇█", "_.-=+*%#"


class _Row(NamedTuple):
    """A row of the table: words; how much is done, or the values of a sparkline; and a note."""

    words: str
    drawn: float | Sequence[float] = ()
    note: str = ""


class Display:
    """Shows the events of a training; as a context manager, it always restores the terminal.

    The table has bars for the whole training and for the current epoch, with the time left and the speed, and the
    learning rate, the loss and the validation error, each with its course over the epochs as a sparkline.
    """

    def __init__(self, console: Console, verbosity: int = 0) -> None:
        self.console, self.verbosity = console, verbosity
        plain = console.quiet or not console.is_terminal or console.is_dumb_terminal
        self._table = None if plain else LiveLines(console)
        self._stack = ExitStack()
        self._epochs: list[events.EpochFinished] = []
        self._last_step: events.StepFinished | None = None

    def __enter__(self) -> Self:
        if self._table:
            self._stack.enter_context(self._table)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def remember(self, epochs: Iterable[events.EpochFinished]) -> None:
        """Include the epochs of a run that is resumed in the sparklines."""
        self._epochs += epochs

    def handle(self, event: events.Event) -> None:
        """Show an event."""
        match event:
            case events.StepFinished():
                self._step(event)
            case events.EpochFinished():
                self._epoch(event)
            case events.Started():
                self._begin(event)

    def _begin(self, event: events.Started) -> None:
        """Draw the table before the first step, which may take a while."""
        if event.step and not event.done:
            self.console.print(f"resuming after epoch {event.epoch}, step {event.step:,}")
        self._begun, self._began = event, time.perf_counter()
        self._draw()

    def _step(self, event: events.StepFinished) -> None:
        self._last_step = event
        if self._table and time.perf_counter() - self._drawn >= REFRESH:
            self._draw()
        elif not self._table and self.verbosity > 0 and event.step % 100 == 0:
            self.console.print(f"  step {event.step:,}: loss {_loss(event.loss)}")

    def _epoch(self, event: events.EpochFinished) -> None:
        self.remember([event])
        if self._table:
            self._table.erase()
        line = epoch_line(event, self._begun.epochs, self.console.width)
        self.console.print(line, soft_wrap=not self._table)
        self._draw()

    def _draw(self) -> None:
        """Draw the table with as many of its columns as fit."""
        self._drawn = time.perf_counter()
        if self._table:
            rows = self._rows()
            first, last = max(len(row.words) for row in rows), max(len(row.note) for row in rows)
            middle = min(self.console.width - first - last - 2 * _GAP - _ECHO - 1, _MIDDLE[-1])
            columns = (first, middle, last)
            if middle < _MIDDLE[0]:
                columns = (first, 0, last) if middle >= -_GAP else (first, 0, 0)
            self._table.show([self._line(row, columns) for row in (rows if columns[-1] else rows[:2])])

    def _line(self, row: _Row, columns: tuple[int, int, int]) -> Text:
        """Return a row of the table with columns of these widths; one of width 0 is left out."""
        first, middle, last = columns
        line = Text(row.words.ljust(first + _GAP) if last else row.words)
        if middle:
            options = self.console.options
            if isinstance(row.drawn, float):
                bar = ProgressBar(total=1.0, completed=row.drawn, width=middle)
                line += Text.assemble(*((text, style or "") for text, style, _ in self.console.render(bar, options)))
            else:
                line.append(sparkline(row.drawn, middle, _LETTERS if options.ascii_only else _BLOCKS), "cyan")
            line.pad_right(first + _GAP + middle + _GAP - line.cell_len)
        return line.append(row.note) if last else line

    def _rows(self) -> list[_Row]:
        """Return the rows of the table."""
        begun, step = self._begun, self._last_step
        epochs, steps = begun.epochs, begun.steps_per_epoch
        if step is None:
            now = f"epoch {count(min(begun.epoch + 1, epochs), epochs)}"
            return [_Row(now, begun.step / (epochs * steps)), _Row("first batch", 0.0)]
        rate = (step.step - begun.step) / (self._drawn - self._began)  # steps a second, evaluations included
        left = timedelta(seconds=round((epochs * steps - step.step) / rate))
        epoch, batch = f"epoch {count(step.epoch, epochs)}", f"batch {count(step.step_of_epoch, steps)}"
        rows = [
            _Row(epoch, step.step / (epochs * steps), f"{left} left"),
            _Row(batch, step.step_of_epoch / steps, f"{rate * begun.examples / steps:,.0f} examples/s"),
            _Row("learning rate", [each.learning_rate for each in self._epochs], f"{step.learning_rate:.3g}"),
            _Row("loss", [each.train_loss for each in self._epochs], _loss(step.loss)),
        ]
        errors = [each.validation_error for each in self._epochs if each.validation_error is not None]
        if errors:
            rows.append(_Row("validation error", errors, f"{errors[-1]:.2%}, lowest {min(errors):.2%}"))
        return rows


def sparkline(values: Sequence[float], width: int, levels: str = _BLOCKS) -> str:
    """Return values as characters of different heights on a logarithmic scale, at most `width` of them.

    The last value of several that share a character is shown. The lowest value has the lowest character.
    """
    count = min(len(values), width)
    shown = [values[len(values) * (index + 1) // count - 1] for index in range(count)]
    logs = [math.log(max(value, 1e-6)) for value in shown]
    low, high = min(logs, default=0), max(logs, default=0)
    return "".join(levels[round((each - low) / ((high - low) or 1) * (len(levels) - 1))] for each in logs)


def epoch_line(event: events.EpochFinished, epochs: int, width: int) -> str:
    """Return the results of an epoch on one line, as many as fit; a star marks the best epoch so far."""
    epoch = f"epoch {count(event.epoch, epochs)}"
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


def count(done: int, total: int) -> str:
    """Return a number as a part of another, such as ` 7/20`, in a fixed width."""
    return f"{done:>{len(str(total))}}/{total}"


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 1000 else f"{value:.2e}"
