"""The page of a sweep: its figure, and a table of its points."""

import base64

from nncli.figures.page import encoded
from nncli.report.page import document
from nncli.sweep.figure import figure
from nncli.sweep.rows import headings, row
from nncli.sweep.summary import Summary


def render(summary: Summary) -> str:
    """Return the HTML document of a sweep.

    Raises:
        RunError: no trial is complete.
    """
    return document(
        "sweep.html",
        ("shell",),
        summary=summary,
        figure=base64.b64encode(encoded(figure(summary), ".svg")).decode("ascii"),
        headings=headings(summary),
        rows=[(each, row(summary, each)) for each in summary.entries],
        values={},
    )
