"""Figures of runs for a paper or a slide: learning curves, confusion matrices, misclassified images, calibration."""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, PercentFormatter
from numpy.typing import NDArray

from nncli.evaluation.metrics import Calibration
from nncli.figures import page
from nncli.figures.curves import COLOURS
from nncli.figures.page import FAINT, INK
from nncli.runs.comparison import mean_curve


@dataclass(frozen=True)
class Style:
    """The fonts and sizes of a figure; lengths are in inches, font sizes and line widths in points."""

    fonts: Sequence[str]
    size: float
    width: float  # of a figure with one panel
    full_width: float  # of a figure with several panels
    height: float  # of a row of panels
    line: float
    dpi: int
    titled: bool  # a paper has captions instead


STYLES = {
    "paper": Style(("STIXGeneral", "DejaVu Serif"), 8, 3.4, 7.0, 2.4, 1.0, 300, titled=False),
    "slide": Style(("DejaVu Sans",), 18, 12.8, 12.8, 7.2, 2.5, 150, titled=True),
}
"""A column of a two-column paper, set in Times; and a slide of 16:9, readable from the last row."""


@dataclass(frozen=True)
class Curves:
    """The learning curves of one or several seeds of a configuration: for each, epochs and errors."""

    label: str
    training: Sequence[Mapping[int, float]]
    validation: Sequence[Mapping[int, float]]


@dataclass(frozen=True)
class Errors:
    """A run's test error with its 95% interval, in the colour of its group."""

    label: str
    group: int
    error: float
    interval: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Misclassified:
    """A misclassified image (rows, columns), with the probability of the class predicted."""

    image: NDArray[np.uint8]
    label: int
    predicted: int
    probability: float


def learning_curves(curves: Sequence[Curves], style: Style) -> Figure:
    """Plot errors by epoch on a logarithmic scale: the validation error, and dashed the training error."""
    with _styled(style):
        figure, (axes,) = _panels(1, style, "Learning curves")
        _draw_curves(axes, curves)
        return figure


def comparison(curves: Sequence[Curves], errors: Sequence[Errors], style: Style = STYLES["paper"]) -> Figure:
    """Plot learning curves, and beside them the test errors with their 95% intervals, if they are known."""
    with _styled(style):
        figure, axes = _panels(2 if errors else 1, style, "Comparison")
        _draw_curves(axes[0], curves)
        if errors:
            _draw_errors(axes[1], errors)
        return figure


def confusions(matrices: Mapping[str, NDArray[np.int64]], style: Style) -> Figure:
    """Plot confusion matrices (classes, classes), rows true, columns predicted; the errors are shaded."""
    with _styled(style):
        figure, panels = _panels(len(matrices), style, "Confusion matrices", square=True)
        for axes, (label, counts) in zip(panels, matrices.items(), strict=True):
            _draw_confusion(axes, counts, label if len(matrices) > 1 or not style.titled else "")
        if style.titled and len(matrices) == 1:
            figure.suptitle(f"Confusion matrix: {next(iter(matrices))}", parse_math=False)
        return figure


def misclassified(examples: Mapping[str, Sequence[Misclassified]], style: Style, columns: int = 8) -> Figure:
    """Plot misclassified images under `true → predicted` and the probability, in a block for each run."""
    rows = [max(1, math.ceil(len(each) / columns)) for each in examples.values()]
    with _styled(style):
        tile = style.full_width / columns
        heading = 3 * style.size / 72
        height = sum(rows) * (tile + 2.6 * style.size / 72) + len(rows) * heading
        figure = _figure(style.full_width, height)
        blocks = figure.subfigures(len(rows), 1, height_ratios=rows, squeeze=False)
        for block, count, (label, shown) in zip(blocks.flat, rows, examples.items(), strict=True):
            block.suptitle(f"Misclassified with the most confidence: {label}", parse_math=False)
            for index, axes in enumerate(block.subplots(count, columns, squeeze=False).flat):
                axes.set_axis_off()
                if index < len(shown):
                    _draw_example(axes, shown[index])
        return figure


def calibrations(measured: Mapping[str, Calibration], style: Style) -> Figure:
    """Plot accuracy by confidence; a calibrated network is on the diagonal, an overconfident one below it."""
    with _styled(style):
        figure, (axes,) = _panels(1, style, "Calibration", square=True)
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=style.line / 2, linestyle="--", zorder=1)
        for index, (label, each) in enumerate(measured.items()):
            used = each.counts > 0
            colour = COLOURS[index % len(COLOURS)]
            name = f"{label}: {each.error:.2%}"
            axes.plot(each.confidences[used], each.accuracies[used], "o-", color=colour, label=name, zorder=2)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        _legend(axes, "expected calibration error")
        return figure


@contextlib.contextmanager
def _styled(style: Style) -> Iterator[None]:
    """Set the fonts, sizes and lines of a figure."""
    with page.style():
        small = style.size * 0.9
        mpl.rc("font", family=list(style.fonts), size=style.size)
        mpl.rc("axes", labelsize=style.size, titlesize=style.size, labelcolor=INK, edgecolor=FAINT, linewidth=0.6)
        mpl.rc("axes.spines", top=False, right=False)
        mpl.rc("lines", linewidth=style.line, markersize=style.size * 0.4)
        mpl.rc("legend", fontsize=small, title_fontsize=small, frameon=False)
        mpl.rc("figure", dpi=style.dpi, titlesize=style.size * 1.2)
        for ticks in ("xtick", "ytick"):
            mpl.rc(ticks, labelsize=small, color=FAINT, labelcolor=INK)
        yield


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _panels(count: int, style: Style, title: str, *, square: bool = False) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels in rows of at most three."""
    columns = min(count, 3 if square else 2)
    rows = math.ceil(count / columns)
    width = style.width if count == 1 else style.full_width
    height = width / columns * rows if square and (count > 1 or not style.titled) else style.height * rows
    figure = _figure(width, height)
    panels = [figure.add_subplot(rows, columns, index + 1) for index in range(count)]
    if style.titled:
        figure.suptitle(title)
    return figure, panels


def _draw_curves(axes: Axes, curves: Sequence[Curves]) -> None:
    """Draw a curve for each group: the mean over its seeds, and faintly each seed."""
    thin = mpl.rcParams["lines.linewidth"] * 0.6
    for index, group in enumerate(curves):
        colour = COLOURS[index % len(COLOURS)]
        seeds = len(group.validation or group.training)
        label = f"{group.label} ({seeds} seeds)" if seeds > 1 else group.label
        for lines, dashes, name in ((group.validation, "-", label), (group.training, "--", "")):
            for line in lines if len(lines) > 1 else ():
                axes.plot(list(line), list(line.values()), color=colour, linestyle=dashes, alpha=0.35, linewidth=thin)
            mean = mean_curve(lines)
            if mean:
                axes.plot(list(mean), list(mean.values()), color=colour, linestyle=dashes, label=name or None)
        if not group.validation:
            axes.plot([], [], color=colour, linestyle="--", label=label)
    axes.set_yscale("log", nonpositive="mask")
    _percent_ticks(axes)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    axes.set(xlabel="epoch", ylabel="error")
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.5)
    validated = any(group.validation for group in curves)
    _legend(axes, "validation error (dashed: training error)" if validated else "training error")


def _percent_ticks(axes: Axes) -> None:
    """Label a logarithmic axis of errors in percent, and with more than powers of ten if it is short."""
    low, high = axes.get_ylim()
    decades = math.log10(high / low)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_errors(axes: Axes, errors: Sequence[Errors]) -> None:
    """Draw a test error in each row, with its interval, the first at the top."""
    for place, each in enumerate(errors):
        colour = COLOURS[each.group % len(COLOURS)]
        axes.plot(each.interval, [place, place], color=colour, solid_capstyle="round")
        axes.plot(each.error, place, "o", color=colour)
    axes.set_yticks(range(len(errors)), [each.label for each in errors], parse_math=False)
    axes.set_ylim(len(errors) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.set_xlabel("test error with 95% interval")
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.5)


def _draw_confusion(axes: Axes, counts: NDArray[np.int64], title: str) -> None:
    """Shade the errors by their number on a logarithmic scale; the diagonal stays plain."""
    wrong = counts * (1 - np.eye(len(counts), dtype=np.int64))
    shades = LinearSegmentedColormap.from_list("errors", ["#fff3e8", COLOURS[1]])
    most = max(2, int(wrong.max()))
    axes.imshow(np.ma.masked_equal(wrong, 0), cmap=shades, norm=LogNorm(1, most))
    for (true, predicted), count in np.ndenumerate(counts):
        if count:
            right = true == predicted
            small = mpl.rcParams["font.size"] * (0.65 if count > 99 else 0.75)
            axes.text(
                predicted, true, str(count), ha="center", va="center", fontsize=small, color=FAINT if right else INK
            )
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, parse_math=False)
    axes.set(xlabel="predicted", ylabel="true")


def _draw_example(axes: Axes, example: Misclassified) -> None:
    axes.imshow(255 - example.image, cmap="gray", vmin=0, vmax=255, interpolation="none")
    title = f"{example.label} → {example.predicted}\n{example.probability:.0%}"
    axes.set_title(title, fontsize=mpl.rcParams["font.size"] * 0.8, color=INK, pad=2)


def _legend(axes: Axes, title: str) -> None:
    """Add a legend above the axes, where it hides nothing."""
    columns = 1 if len(axes.get_legend_handles_labels()[1]) == 1 else 2
    legend = axes.legend(title=title, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns)
    legend.set_alignment("left")
    for text in legend.get_texts():
        text.set_parse_math(False)
