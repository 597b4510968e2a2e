"""One process for each system, because systems in one process would share threads and memory."""

import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self

from experiments.benchmarks.examples import Examples, first_batches, initial_weights
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems.system import System, Trainer

CHECKED = 5
"""The number of first steps whose losses are compared between the systems."""


class FailedError(Exception):
    """A system failed; the message is its own error."""


class Worker:
    """The process of one system: `start` begins a row, and `train` takes one round; meanwhile, the others wait."""

    def __init__(self, system: System, examples: Examples) -> None:
        self.system = system
        context = get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(self._theirs, system, examples), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()  # otherwise, the end of the process would go unnoticed
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(BrokenPipeError):  # the process has ended by itself
            self._pipe.send(("stop", None))
        self._process.join()

    def start(self, row: Row) -> list[float]:
        """Begin a row, and return the losses of its first steps.

        Raises:
            FailedError: the system failed.
        """
        losses: list[float] = self._ask("start", row)
        return losses

    def train(self, steps: int, times: int) -> tuple[float, int]:
        """Take the first steps of an epoch several times, and return the seconds and the number of examples seen.

        Raises:
            FailedError: the system failed.
        """
        answer: tuple[float, int] = self._ask("train", (steps, times))
        return answer

    def _ask(self, request: str, argument: Row | tuple[int, int]) -> Any:  # noqa: ANN401
        try:
            self._pipe.send((request, argument))
            answer = self._pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise FailedError("its process ended") from None
        if isinstance(answer, FailedError):
            raise answer
        return answer


def serve(pipe: Connection, system: System, examples: Examples) -> None:
    """Answer requests until `stop`."""
    trainer: Trainer | None = None
    while True:
        request, argument = pipe.recv()
        if request == "stop":
            return
        try:
            if request == "start":
                trainer, answer = _start(system, examples, argument)
            else:
                assert trainer is not None
                answer = _timed(trainer.train, *argument)
        except Exception as error:
            answer = FailedError(f"{type(error).__name__}: {error}")
        pipe.send(answer)


def _start(system: System, examples: Examples, row: Row) -> tuple[Trainer, list[float]]:
    trainer = system.start(row, examples, initial_weights(row))
    return trainer, trainer.losses(first_batches(row, len(examples.labels), CHECKED))


def _timed(train: Callable[[int], int], steps: int, times: int) -> tuple[float, int]:
    began = time.perf_counter()
    seen = sum(train(steps) for _ in range(times))
    return time.perf_counter() - began, seen
