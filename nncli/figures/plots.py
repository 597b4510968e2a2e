"""Figures of runs for a paper or a slide: learning curves, confusion matrices, misclassified images, calibration."""

import math
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, PercentFormatter
from numpy.typing import NDArray

from nncli.figures.curves import COLOURS, marker
from nncli.figures.page import FAINT, INK
from nncli.figures.styles import Style, blank, legend, panels, styled
from nncli.runs.groups import Group, Run, mean_curve
from nncli.runs.outcome import Outcome


def learning_curves(groups: Sequence[Group], style: Style) -> Figure:
    """Plot errors by epoch on a logarithmic scale: the validation error, and dashed the training error."""
    with styled(style):
        figure, (axes,) = panels(1, style, "Learning curves")
        _draw_curves(axes, groups)
        return figure


def comparison(groups: Sequence[Group], style: Style) -> Figure:
    """Plot learning curves, and beside them the test errors with their 95% intervals, if they are known."""
    tested = [(run, index) for index, group in enumerate(groups) for run in group.runs if run.tested]
    with styled(style):
        figure, axes = panels(2 if tested else 1, style, "Comparison")
        _draw_curves(axes[0], groups)
        if tested:
            _draw_errors(axes[1], tested)
        return figure


def confusions(tested: Mapping[str, Outcome], style: Style) -> Figure:
    """Plot a confusion matrix for each label: rows true, columns predicted; the errors are shaded."""
    with styled(style):
        figure, all_axes = panels(len(tested), style, "Confusion matrices", square=True)
        for axes, (label, outcome) in zip(all_axes, tested.items(), strict=True):
            title = label if len(tested) > 1 or not style.titled else ""
            _draw_confusion(axes, outcome.summary.confusion, title)
        if style.titled and len(tested) == 1:
            figure.suptitle(f"Confusion matrix: {next(iter(tested))}", parse_math=False)
        return figure


def misclassified(tested: Mapping[str, Outcome], count: int, style: Style, columns: int = 8) -> Figure:
    """Plot at most `count` misclassified images for each label, under `true → predicted` and the probability."""
    worst = [outcome.worst(count) for outcome in tested.values()]
    rows = [max(1, math.ceil(len(each) / columns)) for each in worst]
    with styled(style):
        tile = style.full_width / columns
        heading = 3 * style.size / 72
        height = sum(rows) * (tile + 2.6 * style.size / 72) + len(rows) * heading
        figure = blank(style.full_width, height)
        blocks = figure.subfigures(len(rows), 1, height_ratios=rows, squeeze=False)
        for block, (label, outcome), shown, lines in zip(blocks.flat, tested.items(), worst, rows, strict=True):
            block.suptitle(f"Misclassified with the most confidence: {label}", parse_math=False)
            all_axes = block.subplots(lines, columns, squeeze=False).ravel()
            for axes in all_axes:
                axes.set_axis_off()
            for axes, index in zip(all_axes, shown, strict=False):
                _draw_example(axes, outcome, index)
        return figure


def calibrations(tested: Mapping[str, Outcome], style: Style) -> Figure:
    """Plot accuracy by confidence; a calibrated network is on the diagonal, an overconfident one below it."""
    with styled(style):
        figure, (axes,) = panels(1, style, "Calibration", square=True)
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=style.line / 2, linestyle="--", zorder=1)
        for index, (label, outcome) in enumerate(tested.items()):
            each = outcome.calibration
            used = each.counts > 0
            colour = COLOURS[index % len(COLOURS)]
            name = f"{label}: {each.error:.2%}"
            (line,) = axes.plot(each.confidences[used], each.accuracies[used], "o-", color=colour, label=name, zorder=3)
            line.set_clip_on(False)  # an accuracy of 0 or 1 is on the edge
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        legend(axes, "expected calibration error")
        return figure


def _draw_curves(axes: Axes, groups: Sequence[Group]) -> None:
    """Draw a curve for each group: the mean over its seeds, and faintly each seed."""
    thin = mpl.rcParams["lines.linewidth"] * 0.6
    for index, group in enumerate(groups):
        colour = COLOURS[index % len(COLOURS)]
        validation = group.validation_curves
        label = f"{group.label} ({len(group.runs)} seeds)" if len(group.runs) > 1 else group.label
        for lines, dashes, fill, name in ((validation, "-", "full", label), (group.training_curves, "--", "none", "")):
            for line in lines if len(lines) > 1 else ():
                axes.plot(list(line), list(line.values()), color=colour, linestyle=dashes, alpha=0.35, linewidth=thin)
            mean = mean_curve(lines)
            if mean:
                (drawn,) = axes.plot(list(mean), list(mean.values()), color=colour, linestyle=dashes)
                drawn.set(marker=marker(mean), fillstyle=fill, label=name or drawn.get_label())
        if not validation:
            axes.plot([], [], color=colour, linestyle="--", label=label)
    axes.set_yscale("log", nonpositive="mask")
    _percent_ticks(axes)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    axes.set(xlabel="epoch", ylabel="error")
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.5)
    validated = any(group.validation_curves for group in groups)
    legend(axes, "validation error (dashed: training error)" if validated else "training error")


def _percent_ticks(axes: Axes) -> None:
    """Label a logarithmic axis of errors in percent, and with more than powers of ten if it is short."""
    low, high = axes.get_ylim()
    decades = math.log10(high / low)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_errors(axes: Axes, runs: Sequence[tuple[Run, int]]) -> None:
    """Draw the test error of each run with its interval, the first at the top, in the colour of its group."""
    for place, (run, group) in enumerate(runs):
        colour = COLOURS[group % len(COLOURS)]
        if run.tested:
            axes.plot(run.tested.summary.interval, [place, place], color=colour, solid_capstyle="round")
            axes.plot(run.tested.summary.error, place, "o", color=colour)
    axes.set_yticks(range(len(runs)), [run.label for run, _ in runs], parse_math=False)
    axes.set_ylim(len(runs) - 0.5, -0.5)
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


def _draw_example(axes: Axes, tested: Outcome, index: int) -> None:
    axes.imshow(255 - tested.data.images[index], cmap="gray", vmin=0, vmax=255, interpolation="none")
    title = f"{tested.data.labels[index]} → {tested.predictions[index]}\n{tested.confidences[index]:.0%}"
    axes.set_title(title, fontsize=mpl.rcParams["font.size"] * 0.8, color=INK, pad=2)
