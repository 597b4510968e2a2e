"""What a pass costs: multiply-adds counted from the graph, next to measured times.

The lecture (slide "Computational Cost") counts one multiply-add per weight in the forward pass and two in the backward
pass, so the cost of a multilayer perceptron is linear in the number of layers and quadratic in the units per layer. The
first layer's backward pass takes only one, because the input needs no error signal. Here networks of growing width and
of growing depth are counted and timed, and the exponents of both costs are fitted on logarithmic axes.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeAlias

import numpy as np
from matplotlib.figure import Figure

from nncli import build
from nncli.data.dataset import CLASSES
from nncli.errors import OptionError
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab.demonstration import Illustrated, Option, Part, Table, numbers
from nncli.lab.digits import perceptron_config
from nncli.nn.network import NetworkGraph

BATCH = 128
DEPTH_OF_WIDTHS = 3
WIDTH_OF_DEPTHS = 448
LEAST_ROUNDS = 3

FIELDS = ("width", "depth", "forward", "backward", "forward_seconds", "backward_seconds")
"""Of a row: the size, multiply-adds per example and seconds per batch; then two ratios of backward to forward."""

Row: TypeAlias = dict[str, Any]


def run(
    widths: Annotated[
        tuple[int, ...],
        Option(
            "Number of units per layer; repeat to give at least two values.", flag="--width", minimum=16, maximum=8192
        ),
    ] = (640, 896, 1152, 1408, 1792),
    depths: Annotated[
        tuple[int, ...],
        Option("Number of hidden layers; repeat to give at least two values.", flag="--depth", minimum=1, maximum=100),
    ] = (8, 12, 16, 24, 32),
    seconds: Annotated[
        float, Option("How long to measure, in seconds; the fastest round is reported.", minimum=0, maximum=3600)
    ] = 5.0,
) -> Illustrated:
    """Count and time the passes of growing networks.

    Example:
      nncli lab cost --output cost.png
      nncli lab cost --width 256 --width 512 --width 1024
    """
    for option, sizes in (("--width", widths), ("--depth", depths)):
        if len(set(sizes)) < 2:
            raise OptionError(f"fitting an exponent requires at least two sizes; repeat {option}")
    wide = [(width, DEPTH_OF_WIDTHS) for width in sorted(set(widths))]
    deep = [(WIDTH_OF_DEPTHS, depth) for depth in sorted(set(depths))]
    rows = measure([*wide, *deep], seconds)
    swept = {"width": rows[: len(wide)], "depth": rows[len(wide) :]}
    values: dict[str, Any] = {f"{size}_exponent": exponents(each, size) for size, each in swept.items()}
    values |= {f"{size}s": each for size, each in swept.items()}
    return Illustrated(_parts(values), values, draw=lambda: _draw(values))


def measure(sizes: Sequence[tuple[int, int]], seconds: float) -> list[Row]:
    """Return a row for each size, (width, depth): multiply-adds per example, seconds per batch, and their ratios.

    Each round times every network once, so that other work on the machine slows them all equally; the fastest round
    counts. After LEAST_ROUNDS, no round begins later than `seconds` after the first.
    """
    graphs = [perceptron(width, depth) for width, depth in sizes]
    fastest = np.full((len(sizes), 2), np.inf)
    start, rounds = time.perf_counter(), 0
    while rounds < LEAST_ROUNDS or time.perf_counter() - start <= seconds:
        for row, graph in enumerate(graphs):
            fastest[row] = np.minimum(fastest[row], list(passes(graph)))
        rounds += 1
    rows = []
    for size, graph, seconds_of in zip(sizes, graphs, fastest.tolist(), strict=True):
        forward, backward = counts = graph.graph.multiply_adds()
        fields = dict(zip(FIELDS, (*size, *counts, *seconds_of), strict=True))
        rows.append(fields | {"predicted_ratio": backward / forward, "measured_ratio": seconds_of[1] / seconds_of[0]})
    return rows


def both(row: Row, unit: str = "") -> float:
    """Return the multiply-adds of both passes, or their time if the unit is "_seconds"."""
    return float(row[f"forward{unit}"] + row[f"backward{unit}"])


def perceptron(width: int, depth: int) -> NetworkGraph:
    """Build the training graph of `depth` hidden layers of ReLUs over `width` inputs, and run it on a random batch."""
    config, rng = perceptron_config([width] * depth), np.random.default_rng(1)
    graph = build.training_graph(config, build.network(config, width), rng)
    x = rng.standard_normal((width, BATCH), np.float32)
    graph.forward(x, np.eye(CLASSES, dtype=np.float32)[:, rng.integers(0, CLASSES, BATCH)])
    graph.backward()
    return graph


def passes(graph: NetworkGraph) -> Iterator[float]:
    """Yield the seconds of a forward and a backward pass, on this thread's clock, which excludes other programs."""
    for one_pass in (graph.graph.forward, graph.graph.backward):
        start = time.thread_time()
        one_pass()
        yield time.thread_time() - start


def exponents(rows: Sequence[Row], size: str) -> dict[str, float]:
    """Fit the exponents of multiply-adds and of time against the width or depth."""
    sizes, units = [row[size] for row in rows], {"counted": "", "measured": "_seconds"}
    return {name: exponent(sizes, [both(row, unit) for row in rows]) for name, unit in units.items()}


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Fit cost = constant · size^exponent by least squares on logarithmic axes."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def _parts(values: dict[str, Any]) -> list[Part]:
    explanation = (
        "Left: millions of multiply-adds per example, counted from the graph. Right: milliseconds per batch of "
        f"{BATCH} in float32 on one thread, measured, and billions of multiply-adds per second.\n"
    )
    growth = [
        f"cost grows as {size}^{exponent['counted']:.2f} (counted) and {size}^{exponent['measured']:.2f} (measured)"
        for size, exponent in (("width", values["width_exponent"]), ("depth", values["depth_exponent"]))
    ]
    return [
        explanation,
        _table(f"Growing width, {DEPTH_OF_WIDTHS} hidden layers", "units", "width", values["widths"]),
        _table(f"Growing depth, {WIDTH_OF_DEPTHS} units per layer", "layers", "depth", values["depths"]),
        *growth,
    ]


def _table(title: str, header: str, size: str, rows: Sequence[Row]) -> Table:
    cells = []
    for row in rows:
        counts = (f"{row[each] / 1e6:.3f}" for each in ("forward", "backward"))
        times = (f"{row[each] * 1e3:.2f}" for each in ("forward_seconds", "backward_seconds"))
        predicted, measured = f"{row['predicted_ratio']:.2f}", f"{row['measured_ratio']:.2f}"
        pace = f"{both(row) * BATCH / both(row, '_seconds') / 1e9:.1f}"
        cells.append((row[size], *counts, predicted, *times, measured, pace))
    headers = numbers(header, "forward", "backward", "ratio", "forward", "backward", "ratio", "G/s")
    return Table(headers, cells, title)


def _draw(values: dict[str, Any]) -> Figure:
    panels = []
    for size, x_label in (("width", "units per layer"), ("depth", "hidden layers")):
        rows, fitted = values[f"{size}s"], values[f"{size}_exponent"]
        times = {
            "both passes": [both(row, "_seconds") for row in rows],
            **{name: [row[f"{name}_seconds"] for row in rows] for name in ("forward", "backward")},
        }
        sizes = [row[size] for row in rows]
        pace = sum(times["both passes"]) / sum(map(both, rows))  # seconds per multiply-add
        curves = [Curve(name, sizes, [1e3 * each for each in seconds], "points") for name, seconds in times.items()]
        curves.append(Curve("both, predicted", sizes, [1e3 * pace * both(row) for row in rows], "plain"))
        title = f"exponent {fitted['measured']:.2f} measured, {fitted['counted']:.2f} counted"
        panels.append(Panel(curves, title, x_label, "milliseconds per batch", x_log=True, y_log=True))
    caption = f"batches of {BATCH} in float32 on one thread; grey: the counted multiply-adds at a constant rate"
    return draw(panels, title="The cost of a forward and a backward pass", caption=caption, columns=2)
