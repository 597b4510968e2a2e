"""What a pass costs: multiply-adds counted from the graph, and times measured beside them.

The lecture (slide "Computational Cost") counts one multiply-add per weight in the forward pass and two in the backward
pass, so that the backward pass costs about two forward passes, and concludes that the cost of a multilayer perceptron
is linear in the number of layers and quadratic in the units per layer. Here each node says how many it does; the first
layer's are fewer than two, because nobody needs the error signal of the input. Then networks of growing width and of
growing depth are timed, on one thread, and the exponents of time against both are fitted on logarithmic axes.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nncli.nn.network import Layer, Network, NetworkGraph

BATCH = 128
WIDTHS = (640, 896, 1152, 1408, 1792)
DEPTHS = (8, 12, 16, 24, 32)
DEPTH_OF_WIDTHS = 3
WIDTH_OF_DEPTHS = 448
LEAST_ROUNDS = 3
CLASSES = 10


@dataclass(frozen=True)
class Measurement:
    """One network: hidden layers of one width over an input of that width, and 10 outputs.

    Attributes:
        forward, backward: multiply-adds an example, counted from the graph.
        forward_seconds, backward_seconds: of a batch of BATCH examples in float32, the fastest of some rounds.
    """

    width: int
    depth: int
    forward: int
    backward: int
    forward_seconds: float
    backward_seconds: float

    @property
    def predicted_ratio(self) -> float:
        """Backward to forward, as counted: 2 less the first layer's input gradient."""
        return self.backward / self.forward

    @property
    def measured_ratio(self) -> float:
        """Backward to forward, as timed."""
        return self.backward_seconds / self.forward_seconds

    @property
    def seconds(self) -> float:
        """Both passes."""
        return self.forward_seconds + self.backward_seconds

    @property
    def rate(self) -> float:
        """Multiply-adds a second over both passes."""
        return (self.forward + self.backward) * BATCH / self.seconds


@dataclass(frozen=True)
class Cost:
    """Two sweeps, and the exponents fitted to them: counted and measured."""

    widths: list[Measurement]
    depths: list[Measurement]

    @property
    def width_exponents(self) -> tuple[float, float]:
        """Of multiply-adds and of time against width."""
        return self._exponents(self.widths, [each.width for each in self.widths])

    @property
    def depth_exponents(self) -> tuple[float, float]:
        """Of multiply-adds and of time against depth."""
        return self._exponents(self.depths, [each.depth for each in self.depths])

    @staticmethod
    def _exponents(sweep: list[Measurement], sizes: Sequence[int]) -> tuple[float, float]:
        counted = [each.forward + each.backward for each in sweep]
        return exponent(sizes, counted), exponent(sizes, [each.seconds for each in sweep])

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        (counted_width, measured_width), (counted_depth, measured_depth) = self.width_exponents, self.depth_exponents
        return {
            "width_exponent": {"counted": counted_width, "measured": measured_width},
            "depth_exponent": {"counted": counted_depth, "measured": measured_depth},
            **{
                sweep: [
                    asdict(each) | {"predicted_ratio": each.predicted_ratio, "measured_ratio": each.measured_ratio}
                    for each in getattr(self, sweep)
                ]
                for sweep in ("widths", "depths")
            },
        }


def measure(
    widths: Sequence[int] = WIDTHS,
    depths: Sequence[int] = DEPTHS,
    *,
    seconds: float = 5.0,
) -> Cost:
    """Sweep over widths at DEPTH_OF_WIDTHS hidden layers, and over depths at WIDTH_OF_DEPTHS units, on one thread.

    Each round times every network once, so that whatever else the machine does for a while strikes all alike; the
    fastest round counts.

    Args:
        widths: units of every hidden layer, at least two different ones.
        depths: numbers of hidden layers, at least two different ones.
        seconds: no new round begins after these, once LEAST_ROUNDS are done.
    """
    sizes = [(width, DEPTH_OF_WIDTHS) for width in widths] + [(WIDTH_OF_DEPTHS, depth) for depth in depths]
    graphs = [perceptron(width, depth) for width, depth in sizes]
    fastest = np.full((len(sizes), 2), np.inf)
    with threadpool_limits(limits=1):
        start = time.perf_counter()
        for number in itertools.count():
            if number >= LEAST_ROUNDS and time.perf_counter() - start > seconds:
                break
            for row, graph in enumerate(graphs):
                fastest[row] = np.minimum(fastest[row], list(passes(graph)))
    measurements = [
        Measurement(width, depth, *multiply_adds(graph), *map(float, seconds))
        for (width, depth), graph, seconds in zip(sizes, graphs, fastest, strict=True)
    ]
    return Cost(measurements[: len(widths)], measurements[len(widths) :])


def perceptron(width: int, depth: int) -> NetworkGraph:
    """Build a training graph of `depth` hidden layers of ReLUs over `width` inputs, bound to a random batch."""
    names = ["input", *(f"hidden{k}" for k in range(1, depth + 1))]
    layers = [Layer(name, width, "relu", (below,)) for below, name in itertools.pairwise(names)]
    network = Network(width, [*layers, Layer("output", CLASSES, "linear", (names[-1],))])
    rng = np.random.default_rng(1)
    network.initialize(rng)
    graph = NetworkGraph(network, "cross_entropy", rng=rng)
    x = rng.standard_normal((width, BATCH), np.float32)
    graph.forward(x, np.eye(CLASSES, dtype=np.float32)[:, rng.integers(0, CLASSES, BATCH)])
    graph.backward()
    return graph


def multiply_adds(graph: NetworkGraph) -> tuple[int, int]:
    """Count the multiply-adds of both passes an example, as the nodes say."""
    counts = [node.multiply_adds() for node in graph.graph.nodes]
    return sum(forward for forward, _ in counts), sum(backward for _, backward in counts)


def passes(graph: NetworkGraph) -> Iterator[float]:
    """Time a forward pass and then a backward pass over the batch that the graph holds, in this thread's seconds.

    The thread's own clock stands still while other programs run.
    """
    for run in (graph.graph.forward, graph.graph.backward):
        start = time.thread_time()
        run()
        yield time.thread_time() - start


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Fit cost = constant · size^exponent by least squares on logarithmic axes."""
    slope, _ = np.polyfit(np.log(sizes), np.log(costs), 1)
    return float(slope)
