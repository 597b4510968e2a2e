"""The figure and the page of a sweep's results."""

import io
from html import escape
from pathlib import Path

from matplotlib.figure import Figure

from nncli import durable
from nncli.errors import RunError
from nncli.figures.page import save
from nncli.figures.search import Setting, draw
from nncli.sweep.space import Dimension
from nncli.sweep.summary import Entry, Summary

_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 1110px; margin: 2em auto; padding: 0 1em; color: #222 }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: 0.2em 0.8em; text-align: right; border-bottom: 1px solid #ddd }}
div {{ overflow-x: auto }}
svg {{ width: 100%; height: auto }}
</style>
<h1>{title}</h1>
{figure}
<h2>Points</h2>
<div>
<table>
<tr>{headings}</tr>
{rows}
</table>
</div>
</html>
"""


def write(summary: Summary, path: Path) -> None:
    """Write the results as an HTML page, or as a picture in the format of the path's suffix.

    Raises:
        RunError: no trial is complete.
        WriteError: the file cannot be written.
    """
    figure = _figure(summary)
    if path.suffix.lower() == ".html":
        durable.write(path, [_page(summary, figure).encode()])
    else:
        save(figure, path)


def _figure(summary: Summary) -> Figure:
    complete = sorted((each for each in summary.entries if each.mean is not None), key=lambda each: each.trials[0])
    if not complete:
        raise RunError(f"the sweep {summary.name!r} has no completed trial yet")
    settings = [_setting(each, complete) for each in summary.space if each.key != "seed"]
    return draw(
        settings or [Setting("trial", [each.trials[0] for each in complete])],
        [each.mean for each in complete if each.mean is not None],
        objective_label=summary.objective.replace("_", " "),
        title=f"{summary.name}: {summary.sampler}",
        caption=_sentence(summary),
    )


def _setting(dimension: Dimension, entries: list[Entry]) -> Setting:
    values = [entry.params[dimension.key] for entry in entries]
    if dimension.kind != "choices":
        return Setting(dimension.key, values, log="log" in dimension.kind)
    return Setting(
        dimension.key,
        [dimension.values.index(each) for each in values],
        choices=[str(each) if len(str(each)) <= 20 else f"{str(each)[:17]}..." for each in dimension.values],
    )


def _sentence(summary: Summary) -> str:
    best = f", best mean {summary.best.mean:.4g}" if summary.best else ""
    shares = ", ".join(f"{key} {share:.0%}" for key, share in summary.importance.items())
    return f"{summary.done} of {summary.trials} trials{best}" + (f"; importance: {shares}" if shares else "")


def _page(summary: Summary, figure: Figure) -> str:
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    keys = [each.key for each in summary.space if each.key != "seed"]
    headings = ["trials", summary.objective, "sd", "95% interval", "seeds", *keys, "status", "seconds"]
    return _PAGE.format(
        title=escape(f"The sweep {summary.name}"),
        figure=drawn.getvalue().partition("<svg")[1] + drawn.getvalue().partition("<svg")[2],
        headings="".join(f"<th>{escape(each)}</th>" for each in headings),
        rows="\n".join(f"<tr>{_cells(each, keys)}</tr>" for each in summary.entries),
    )


def _written(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _cells(entry: Entry, keys: list[str]) -> str:
    cells = [
        ", ".join(map(str, entry.trials)),
        "–" if entry.mean is None else f"{entry.mean:.5g}",
        "–" if entry.deviation is None else f"{entry.deviation:.2g}",
        "–" if entry.interval is None else f"{entry.interval[0]:.5g} to {entry.interval[1]:.5g}",
        str(len(entry.values)),
        *(_written(entry.params.get(key)) for key in keys),
        entry.status,
        f"{entry.seconds:.1f}",
    ]
    return "".join(f"<td>{escape(each)}</td>" for each in cells)
