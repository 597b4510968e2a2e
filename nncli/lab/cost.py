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
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from nncli.errors import OptionError
from nncli.lab.demonstration import Option
from nncli.lab.report import Illustrated, Part, Table
from nncli.nn.network import Layer, Network, NetworkGraph

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BATCH = 128
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
    def multiply_adds(self) -> int:
        """Of both passes, an example."""
        return self.forward + self.backward

    @property
    def seconds(self) -> float:
        """Both passes."""
        return self.forward_seconds + self.backward_seconds


@dataclass(frozen=True)
class Sweep:
    """Networks that grow in one way, their sizes, and the exponents of the cost against size: counted and measured."""

    sizes: Sequence[int]
    measurements: list[Measurement]

    @property
    def exponents(self) -> dict[str, float]:
        """Give those of multiply-adds and of time."""
        return {
            "counted": exponent(self.sizes, [each.multiply_adds for each in self.measurements]),
            "measured": exponent(self.sizes, [each.seconds for each in self.measurements]),
        }


def run(
    widths: Annotated[
        tuple[int, ...],
        Option("Units per layer to time; repeatable, at least two.", flag="--width", minimum=16, maximum=8192),
    ] = (640, 896, 1152, 1408, 1792),
    depths: Annotated[
        tuple[int, ...],
        Option("Hidden layers to time; repeatable, likewise.", flag="--depth", minimum=1, maximum=100),
    ] = (8, 12, 16, 24, 32),
    seconds: Annotated[float, Option("How long to measure; the fastest counts.", minimum=0, maximum=3600)] = 5.0,
) -> Illustrated:
    """Count and time the passes of growing networks.

    Example:
      nncli lab cost --output cost.png
      nncli lab cost --width 256 --width 512 --width 1024
    """
    for option, sizes in (("--width", widths), ("--depth", depths)):
        if len(set(sizes)) < 2:
            raise OptionError(f"an exponent needs two sizes: give {option} twice or more")
    wide, deep = measure(sorted(set(widths)), sorted(set(depths)), seconds=seconds)
    values = {"width_exponent": wide.exponents, "depth_exponent": deep.exponents, "widths": _rows(wide)}
    return Illustrated(_parts(wide, deep), values | {"depths": _rows(deep)}, draw=lambda: _draw(wide, deep))


def measure(widths: Sequence[int], depths: Sequence[int], *, seconds: float) -> tuple[Sweep, Sweep]:
    """Sweep over widths at DEPTH_OF_WIDTHS hidden layers, and over depths at WIDTH_OF_DEPTHS units.

    Each round times every network once, so that whatever else the machine does for a while strikes all alike; the
    fastest round counts.

    Args:
        widths: units of every hidden layer.
        depths: numbers of hidden layers.
        seconds: no new round begins after these, once LEAST_ROUNDS are done.
    """
    sizes = [(width, DEPTH_OF_WIDTHS) for width in widths] + [(WIDTH_OF_DEPTHS, depth) for depth in depths]
    graphs = [perceptron(width, depth) for width, depth in sizes]
    fastest = np.full((len(sizes), 2), np.inf)
    start = time.perf_counter()
    for number in itertools.count():
        if number >= LEAST_ROUNDS and time.perf_counter() - start > seconds:
            break
        for row, graph in enumerate(graphs):
            fastest[row] = np.minimum(fastest[row], list(passes(graph)))
    measurements = [
        Measurement(width, depth, *multiply_adds(graph), *map(float, times))
        for (width, depth), graph, times in zip(sizes, graphs, fastest, strict=True)
    ]
    return Sweep(widths, measurements[: len(widths)]), Sweep(depths, measurements[len(widths) :])


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
    for one_pass in (graph.graph.forward, graph.graph.backward):
        start = time.thread_time()
        one_pass()
        yield time.thread_time() - start


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Fit cost = constant · size^exponent by least squares on logarithmic axes."""
    slope, _ = np.polyfit(np.log(sizes), np.log(costs), 1)
    return float(slope)


def _rows(sweep: Sweep) -> list[dict[str, Any]]:
    return [
        asdict(each) | {"predicted_ratio": each.predicted_ratio, "measured_ratio": each.measured_ratio}
        for each in sweep.measurements
    ]


def _parts(wide: Sweep, deep: Sweep) -> list[Part]:
    explanation = (
        "Left: millions of multiply-adds an example, counted from the graph. Right: milliseconds for a batch of "
        f"{BATCH} in float32 on one thread, measured, and billions of multiply-adds a second.\n"
    )
    return [
        explanation,
        _table(f"Growing width, {DEPTH_OF_WIDTHS} hidden layers", "units ", wide),
        _table(f"Growing depth, {WIDTH_OF_DEPTHS} units a layer", "layers ", deep),
        *(
            f"cost grows as {what} to the power {sweep.exponents['counted']:.2f} counted, "
            f"{sweep.exponents['measured']:.2f} measured"
            for what, sweep in (("width", wide), ("depth", deep))
        ),
    ]


def _table(title: str, size_header: str, sweep: Sweep) -> Table:
    rows = [
        [
            str(size),
            f"{each.forward / 1e6:.3f}",
            f"{each.backward / 1e6:.3f}",
            f"{each.predicted_ratio:.2f}",
            f"{each.forward_seconds * 1e3:.2f}",
            f"{each.backward_seconds * 1e3:.2f}",
            f"{each.measured_ratio:.2f}",
            f"{each.multiply_adds * BATCH / each.seconds / 1e9:.1f}",
        ]
        for size, each in zip(sweep.sizes, sweep.measurements, strict=True)
    ]
    headers = [size_header, "forward ", "backward ", "ratio ", "forward ", "backward ", "ratio ", "G/s "]
    return Table(headers, rows, title)


def _draw(wide: Sweep, deep: Sweep) -> "Figure":
    from nncli.figures.curves import Curve, Panel, draw

    panels = []
    for sweep, what in ((wide, "units per layer"), (deep, "hidden layers")):
        rate = sum(each.multiply_adds for each in sweep.measurements) / sum(each.seconds for each in sweep.measurements)
        times = (("both passes", "seconds"), ("forward", "forward_seconds"), ("backward", "backward_seconds"))
        curves = [
            Curve(name, sweep.sizes, [1e3 * getattr(each, seconds) for each in sweep.measurements], "points")
            for name, seconds in times
        ]
        counted = [each.multiply_adds / rate * 1e3 for each in sweep.measurements]
        curves.append(Curve("both, as counted", sweep.sizes, counted, "plain"))
        title = f"exponent {sweep.exponents['measured']:.2f} measured, {sweep.exponents['counted']:.2f} counted"
        panels.append(Panel(curves, title, what, "milliseconds a batch", x_log=True, y_log=True))
    caption = f"a batch of {BATCH} in float32 on one thread; the grey line has the counted multiply-adds at one rate"
    return draw(panels, title="The cost of a forward and a backward pass", caption=caption, columns=2)
