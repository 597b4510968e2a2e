"""The page of a comparison: errors, tests, learning curves and settings, in one file."""

from typing import Any

from nncli.config.summary import architecture, setting
from nncli.report.page import document
from nncli.runs.comparison import Comparison, probability
from nncli.runs.groups import Group, Run, mean_curve

SCRIPTS = ("unpack", "paint", "charts", "shell", "comparison")
SERIES = 6  # colours; more groups share them


def render(compared: Comparison) -> str:
    """Return the HTML document of a comparison."""
    tested = [run.tested.summary.interval[1] for run in compared.runs if run.tested]
    scale = 1.05 * max(tested, default=1.0)
    return document(
        "comparison.html",
        SCRIPTS,
        compared=compared,
        probability=probability,
        scale=scale,
        groups=[_facts(group, index % SERIES, scale) for index, group in enumerate(compared.groups)],
        settings={key: [setting(value) for value in values] for key, values in compared.differences.items()},
        values={"groups": [_curves(group, index % SERIES) for index, group in enumerate(compared.groups)]},
    )


def _facts(group: Group, series: int, scale: float) -> dict[str, Any]:
    """Return what the page shows of a group."""
    spreads = [f"{each:.2%}" if each else "" for each in group.spreads.values()]
    return {
        "label": group.label,
        "series": series,
        "network": architecture(group.runs[0].config),
        "runs": [_row(run, scale) for run in group.runs],
        "mean": spreads if len(group.runs) > 1 else None,
    }


def _row(run: Run, scale: float) -> dict[str, Any]:
    facts: dict[str, Any] = {"label": run.label, "config": run.config, "time": f"{run.record.seconds:,.1f} s"}
    facts["validation"] = "" if run.validation_error is None else f"{run.validation_error:.2%}"
    if not run.tested:
        return facts | {"test": "", "interval": "", "places": None}
    low, high = run.tested.summary.interval
    places = [f"{100 * each / scale:.2f}" for each in (low, run.tested.summary.error, high)]
    return facts | {"test": f"{run.test_error:.2%}", "interval": f"{low:.2%} to {high:.2%}", "places": places}


def _curves(group: Group, series: int) -> dict[str, Any]:
    """Return the learning curves of a group for the scripts: the mean, and each seed if there are several."""
    curves = {"validation": group.validation_curves, "training": group.training_curves}
    return {"label": group.label, "series": series} | {
        name: {
            "mean": list(mean_curve(each).items()),
            "seeds": [list(curve.items()) for curve in each] if len(each) > 1 else [],
        }
        for name, each in curves.items()
    }
