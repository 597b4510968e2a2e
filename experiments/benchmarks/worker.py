"""Each system lives in a process of its own, so that none disturbs another's threads or memory."""

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
"""How many first steps' losses are compared between the systems."""


class FailedError(Exception):
    """A system could not do what it was asked; the message is its own error."""


class Worker:
    """One system's process: `start` a row there, then `train` a round at a time, while the others wait."""

    def __init__(self, system: System, examples: Examples) -> None:
        self.system = system
        context = get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(self._theirs, system, examples), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()  # so that its end is noticed
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(BrokenPipeError):  # it has ended by itself
            self._pipe.send(("stop", None))
        self._process.join()

    def start(self, row: Row) -> list[float]:
        """Begin with a row and give the losses of its first steps.

        Raises:
            FailedError: the system cannot.
        """
        losses: list[float] = self._ask("start", row)
        return losses

    def train(self, steps: int) -> tuple[float, int]:
        """Train, and give the seconds that took and the examples that were seen.

        Raises:
            FailedError: the system cannot.
        """
        answer: tuple[float, int] = self._ask("train", steps)
        return answer

    def _ask(self, request: str, argument: Row | int) -> Any:  # noqa: ANN401
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
                answer = _timed(trainer.train, argument)
        except Exception as error:
            answer = FailedError(f"{type(error).__name__}: {error}")
        pipe.send(answer)


def _start(system: System, examples: Examples, row: Row) -> tuple[Trainer, list[float]]:
    trainer = system.start(row, examples, initial_weights(row))
    return trainer, trainer.losses(first_batches(row, len(examples.labels), CHECKED))


def _timed(train: Callable[[int], int], steps: int) -> tuple[float, int]:
    began = time.perf_counter()
    seen = train(steps)
    return time.perf_counter() - began, seen
