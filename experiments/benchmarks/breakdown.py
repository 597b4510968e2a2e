"""The time of a training step by category, by timers around nncli's nodes and methods, net of the timers' cost."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from experiments.benchmarks.examples import Examples, first_batches, initial_weights
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems import limit, nncli_loop
from experiments.benchmarks.worker import CHECKED
from nncli.nn import affine
from nncli.nn.losses import Loss
from nncli.training.loop import Training

FORWARD, BACKWARD = "products forward", "products backward"
ELEMENTWISE, LOSS, FETCHING, UPDATE, BOOKKEEPING = "elementwise", "loss", "fetching examples", "update", "bookkeeping"
CATEGORIES = (FORWARD, BACKWARD, ELEMENTWISE, LOSS, FETCHING, UPDATE, BOOKKEEPING)

OPERATIONS = 30e9
"""Floating-point operations of a measured round, an epoch at most."""

CALIBRATIONS, CALLS = 7, 20_000


@dataclass(frozen=True)
class Breakdown:
    """The milliseconds of a step, by category and in all, and those of its matrix products alone."""

    row: Row
    parts: dict[str, float]
    limit: float

    @property
    def total(self) -> float:
        """The milliseconds of a step."""
        return sum(self.parts.values())


class Clock:
    """Adds up the seconds of timed calls by category.

    A call that is made within another counts for its own category only. `inside` and `outside` are the seconds that a
    timer adds to its own call and to the code around it; both are subtracted.
    """

    def __init__(self, inside: float = 0.0, outside: float = 0.0) -> None:
        self.inside, self.outside = inside, outside
        self.reset()

    def reset(self) -> None:
        """Set all sums to 0."""
        self.seconds = dict.fromkeys(CATEGORIES, 0.0)
        self.nested = 0.0  # of the calls within the current one; outside of any call, of all calls

    def timed(self, function: Callable[..., Any], category: str) -> Callable[..., Any]:
        """Return the function with a timer."""

        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            around, self.nested = self.nested, 0.0
            began = time.perf_counter()
            result = function(*arguments, **options)
            taken = time.perf_counter() - began
            self.seconds[category] += taken - self.nested - self.inside
            self.nested = around + taken + self.outside
            return result

        return call


def calibrated() -> Clock:
    """Return a clock that knows the cost of its timers, measured on a function that does nothing."""
    return Clock(*min((_cost() for _ in range(CALIBRATIONS)), key=sum))


def _cost() -> tuple[float, float]:
    clock = Clock()
    plain = _seconds(lambda: None)
    timed = _seconds(clock.timed(lambda: None, BOOKKEEPING))
    inside = max(0.0, clock.seconds[BOOKKEEPING] / CALLS - plain)
    return inside, max(0.0, timed - plain - inside)


def _seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        function()
    return (time.perf_counter() - began) / CALLS


def measure(row: Row, examples: Examples, rounds: int) -> Breakdown:
    """Return the breakdown of the round with the median time, and the median limit; both take turns."""
    clock, alone = calibrated(), limit.Trainer(row, examples, initial_weights(row))
    trainer = nncli_loop.Trainer(row, examples, initial_weights(row))
    steps = min(row.steps(len(examples.labels)), max(8, int(OPERATIONS / (row.operations() * row.batch))))
    measured, limits = [], []
    with instrumented(trainer.training, clock):
        trainer.losses(first_batches(row, len(examples.labels), CHECKED))
        for _ in range(1 + rounds):  # the first warms up
            clock.reset()
            began = time.perf_counter()
            trainer.train(steps)
            clock.seconds[BOOKKEEPING] += time.perf_counter() - began - clock.nested
            measured.append({name: 1000 * seconds / steps for name, seconds in clock.seconds.items()})
            began = time.perf_counter()
            alone.train(steps)
            limits.append(1000 * (time.perf_counter() - began) / steps)
    in_order = sorted(measured[1:], key=lambda parts: sum(parts.values()))
    return Breakdown(row, in_order[len(in_order) // 2], median(limits[1:]))


@contextmanager
def instrumented(training: Training, clock: Clock) -> Iterator[None]:
    """Within the block, time the nodes, products, batches and updates of a training, which must not have begun."""
    graph, matmul = training.graph.graph, affine.matmul
    for node in [each for each in graph.nodes if each.parents]:
        _time(node, ("forward", "backward"), clock, LOSS if isinstance(node, Loss) else ELEMENTWISE)
    _time(training.landing, ("aim", "finish"), clock, UPDATE)
    for name, category in (("forward", FORWARD), ("backward", BACKWARD)):
        products = clock.timed(matmul, category)
        setattr(graph, name, clock.timed(partial(_pass, getattr(graph, name), products), BOOKKEEPING))
    vars(training.batches)["epoch"] = partial(_fetch, training.batches.epoch, clock)
    try:
        yield
    finally:
        vars(affine)["matmul"] = matmul


def _time(owner: object, names: tuple[str, ...], clock: Clock, category: str) -> None:
    """Put timers around methods of one object."""
    for name in names:
        setattr(owner, name, clock.timed(getattr(owner, name), category))


def _pass(run: Callable[[], None], products: Callable[..., Any]) -> None:
    """Run a pass with timed products."""
    vars(affine)["matmul"] = products
    run()


def _fetch(epoch: Callable[..., Iterator[Any]], clock: Clock, *arguments: Any, **settings: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the mini-batches of an epoch, each fetched with a timer."""
    fetch = clock.timed(partial(next, epoch(*arguments, **settings), None), FETCHING)
    while (batch := fetch()) is not None:
        yield batch
