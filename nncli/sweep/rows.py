"""The results of a sweep as the rows of a table, for the terminal and the page."""

import math

from nncli.sweep.summary import Entry, Summary


def headings(summary: Summary) -> list[str]:
    """Return the headings of the columns; the settings have the last parts of their keys if those are unambiguous."""
    names = short_names([each.key for each in summary.settings])
    return ["trials", summary.objective.replace("_", " "), "sd", "95% interval", "seeds", *names]


def row(summary: Summary, entry: Entry) -> list[str]:
    """Return the cells of a point."""

    def shown(value: float | None) -> str:
        return objective(summary.objective, value)

    most = 1.0 if summary.objective == "validation_error" else math.inf
    ends = [shown(min(max(0.0, end), most)) for end in entry.interval or ()]
    return [
        ", ".join(map(str, entry.trials)),
        entry.status if entry.mean is None else shown(entry.mean),
        shown(entry.deviation),
        " to ".join(ends) or "–",
        str(len(entry.values)),
        *(setting(entry.params.get(each.key)) for each in summary.settings),
    ]


def short_names(keys: list[str]) -> list[str]:
    """Return the last part of each key, or the whole key if another one has the same last part."""
    last = [key.rpartition(".")[2] for key in keys]
    return [name if last.count(name) == 1 else key for name, key in zip(last, keys, strict=True)]


def objective(name: str, value: float | None) -> str:
    """Return a value of an objective: an error in percent, a loss with four decimals, or a dash."""
    if value is None:
        return "–"
    return f"{value:.2%}" if name == "validation_error" else f"{value:.4f}"


def setting(value: object) -> str:
    """Return the value of a setting; a number has at most four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def importances(summary: Summary) -> str:
    """Return the importance of each setting in percent, or an empty string if it is not known."""
    shares = ", ".join(f"{key} {share:.0%}" for key, share in summary.importance.items())
    return f"importance: {shares}" if shares else ""
