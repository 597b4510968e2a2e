"""The page of a comparison: errors, tests, learning curves and settings, in one file."""

from typing import Any

from nncli.config.summary import architecture, setting
from nncli.report.page import document
from nncli.runs.comparison import Comparison, probability
from nncli.runs.groups import Group, mean_curve

SCRIPTS = ("unpack", "paint", "charts", "shell", "comparison")
SERIES = 6  # colours; more groups share them


def render(compared: Comparison) -> str:
    """Return the HTML document of a comparison."""
    tested = [run.tested.summary.interval[1] for run in compared.runs if run.tested]
    return document(
        "comparison.html",
        SCRIPTS,
        compared=compared,
        scale=1.05 * max(tested, default=1.0),
        architecture=architecture,
        probability=probability,
        setting=setting,
        series=SERIES,
        values={"groups": [_curves(group, index % SERIES) for index, group in enumerate(compared.groups)]},
    )


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
