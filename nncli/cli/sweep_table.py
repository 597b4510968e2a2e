"""The results of a sweep on the terminal: a line for each trial, and a table."""

from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nncli.cli.boundary import on_one_line
from nncli.sweep.summary import Entry, Summary
from nncli.sweep.worker import Ended


def table(summary: Summary, limit: int = 10) -> RenderableType:
    """Return the best points of a sweep, and what is known about the others."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    keys = [each.key for each in summary.space if each.key != "seed"]
    for heading in ("trial", summary.objective, "sd", "95% interval", "seeds"):
        grid.add_column(heading, justify="left" if heading == "trial" else "right", no_wrap=True)
    for key in keys:
        grid.add_column(_short(key, keys), justify="right")
    for entry in summary.entries[:limit]:
        grid.add_row(*_row(summary, entry), *(on_one_line(written(entry.params.get(key))) for key in keys))
    return Group(grid, Text("\n".join(["", *_notes(summary, limit)])))


def _short(key: str, keys: list[str]) -> str:
    """Return the last part of a key if no other key has the same."""
    last = key.rpartition(".")[2]
    return last if sum(each.rpartition(".")[2] == last for each in keys) == 1 else key


def written(value: object) -> str:
    """Return the value of a setting, with at most four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(summary: Summary, entry: Entry) -> list[str]:
    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:.2%}" if summary.objective == "validation_error" else f"{value:.4f}"

    trials = f"{entry.trials[0]}" if len(entry.trials) == 1 else f"{entry.trials[0]}, …"
    value = shown(entry.mean) if entry.mean is not None else entry.status
    interval = f"{shown(max(0.0, entry.interval[0]))} to {shown(entry.interval[1])}" if entry.interval else "–"
    return [trials, value, shown(entry.deviation), interval, str(len(entry.values))]


def _notes(summary: Summary, limit: int) -> list[str]:
    """Return lines about the trials as a whole."""
    incomplete: dict[str, int] = {}
    for each in summary.entries:
        if each.status != "completed":
            incomplete[each.status] = incomplete.get(each.status, 0) + 1
    counts = [f"{summary.done} of {summary.trials} trials"]
    counts += [f"{count} {status}" for status, count in sorted(incomplete.items())]
    counts += [f"{len(summary.running)} running"] if summary.running else []
    lines = [
        f"{summary.name}: {', '.join(counts)}; best {min(limit, len(summary.entries))} of {len(summary.entries)} points"
    ]
    left = f", about {_time(summary.seconds_left)} left" if summary.seconds_left else ""
    lines.append(f"training time: {_time(summary.seconds)}{left}")
    if summary.importance:
        lines.append("importance: " + ", ".join(f"{key} {share:.0%}" for key, share in summary.importance.items()))
    return lines


def _time(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def trial_line(ended: Ended, done: int, total: int) -> str:
    """Return the result of a trial on one line."""
    settings = "  ".join(f"{key.rpartition('.')[2]}={written(value)}" for key, value in ended.params.items())
    values, status = ended.result["values"], ended.result["status"]
    value = f"{sum(values) / len(values):.4g}" if status == "completed" else status
    counted, seconds = f"{done:>{len(str(total))}}/{total}", f"({ended.result['seconds']:.1f} s)"
    return f"{counted}  trial {ended.index:<4}  {value:<9}  {settings}  {seconds}"
