"""The results of a sweep on the terminal: a line for each trial, and a table."""

from collections import Counter

from rich.console import Console, Group, RenderableType
from rich.text import Text

from nncli.cli.boundary import on_one_line
from nncli.cli.display import count
from nncli.cli.runs import duration
from nncli.cli.tables import split_tables
from nncli.lab.demonstration import numbers
from nncli.sweep.rows import headings, importances, objective, row, setting, short_names
from nncli.sweep.summary import Summary
from nncli.sweep.worker import Ended


def table(summary: Summary, console: Console, limit: int = 10) -> RenderableType:
    """Return the best points of a sweep, and what is known about the others, with every column on the console."""
    trials, *others = headings(summary)
    measured = len(others) - len(summary.settings)
    headers = [trials, *numbers(*others[:measured]), *others[measured:]]
    rows = [list(map(on_one_line, row(summary, entry))) for entry in summary.entries[:limit]]
    return Group(*(split_tables(console, headers, rows) if rows else ()), Text("\n".join(_notes(summary, limit))))


def _notes(summary: Summary, limit: int) -> list[str]:
    """Return lines about the trials as a whole."""
    incomplete = Counter(each.status for each in summary.entries if each.status != "completed")
    counts = [f"{summary.done} of {summary.trials} trials"]
    counts += [f"{count} {status}" for status, count in sorted(incomplete.items())]
    counts += [f"{len(summary.running)} running"] if summary.running else []
    points = len(summary.entries)
    listed = f"; the best {limit} of {points} points" if points > limit else ""
    left = f", about {duration(summary.seconds_left)} left" if summary.seconds_left else ""
    time = f"training time: {duration(summary.seconds)}{left}"
    return [*filter(None, [f"{summary.name}: {', '.join(counts)}{listed}", time, importances(summary)])]


def trial_line(ended: Ended, name: str, done: int, total: int) -> str:
    """Return the result of a trial on one line; `name` is that of the objective."""
    settings = "  ".join(map("{}={}".format, short_names(list(ended.params)), map(setting, ended.params.values())))
    values, status = ended.result["values"], ended.result["status"]
    value = objective(name, sum(values) / len(values)) if status == "completed" else status
    seconds = f"({ended.result['seconds']:.1f} s)"
    return f"{count(done, total)}  trial {ended.index:<4}  {value:<9}  {settings}  {seconds}"
