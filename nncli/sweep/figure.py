"""The figure of a sweep's results."""

from matplotlib.figure import Figure

from nncli.figures.search import Setting, draw
from nncli.sweep.rows import importances, objective
from nncli.sweep.space import Dimension
from nncli.sweep.summary import Entry, Summary


def figure(summary: Summary) -> Figure:
    """Draw the completed points: parallel coordinates, the history, and a slice along each setting.

    Raises:
        RunError: no trial is complete.
    """
    best = summary.expect_best()
    points = sorted(summary.completed, key=lambda each: each.trials[0])
    settings = [_setting(each, points) for each in summary.settings]
    return draw(
        settings or [Setting("trial", [each.trials[0] for each in points])],
        [each.mean for each in points if each.mean is not None],
        objective_label=summary.objective.replace("_", " "),
        title=f"{summary.name}: {summary.sampler}",
        caption=_caption(summary, best),
    )


def _setting(dimension: Dimension, points: list[Entry]) -> Setting:
    values = [each.params[dimension.key] for each in points]
    if dimension.kind != "choices":
        return Setting(dimension.key, values, log="log" in dimension.kind)
    return Setting(
        dimension.key,
        [dimension.values.index(each) for each in values],
        choices=[str(each) if len(str(each)) <= 20 else f"{str(each)[:17]}..." for each in dimension.values],
    )


def _caption(summary: Summary, best: Entry) -> str:
    mean = objective(summary.objective, best.mean)
    parts = [f"{summary.done} of {summary.trials} trials, best mean {mean}", importances(summary)]
    return "; ".join(filter(None, parts))
