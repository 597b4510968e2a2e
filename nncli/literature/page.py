"""The page of results: published and reproduced test errors side by side, in Markdown."""

from collections.abc import Mapping, Sequence
from statistics import mean

from nncli.evaluation.metrics import wilson_interval
from nncli.evaluation.spread import Spread
from nncli.literature.result import Result
from nncli.literature.table import Row

_HEAD = """# Results

`nncli reproduce` writes this page from the records in `records/`: test errors on {data}, in
percent. Recipes were chosen on the validation split; the test split was used for these errors alone. `reproduced` is
the mean and the standard deviation over the seeds, and `95% interval` is Wilson's for the mean error. `minutes` is the
mean training time of a run, on a machine that may have been busy with other work. `core-minutes` is the mean processor
time, summed over the threads: with two threads on two idle cores, a run takes about half as many minutes.
"""

_PUBLISHED = """
## Networks of the literature

Networks without convolutions. `recipe` is the source's, and `changes` names what the reproduction does differently,
apart from initial weights, batch sizes, learning rates, schedules and numbers of epochs.

"""

_PICTURE = """
The figure names each row as `nncli reproduce NAME` does:

![Published and reproduced test errors]({picture})
"""

_OWN = """
## Configurations of this project

"""

_BAR = r"\|"  # a bar within a cell

_COLUMNS = "seeds", "95% interval", "epochs", "minutes", "core-minutes"


def page(rows: Mapping[str, Row], results: Mapping[str, Sequence[Result]], picture: str) -> str:
    """Return the page; rows without results are listed as such."""
    every = [result for found in results.values() for result in found]
    published = [row for row in rows.values() if row.published is not None]
    own = [row for row in rows.values() if row.published is None]
    text = _HEAD.format(data=_examples(every))
    if published:
        columns = ["network", "recipe", "changes", "published", "reproduced", *_COLUMNS, "source"]
        text += _PUBLISHED + _table(columns, published, results) + _PICTURE.format(picture=picture)
    if own:
        text += _OWN + _table(["network", "recipe", "test error", *_COLUMNS, "configuration or members"], own, results)
    machines = sorted({_machine(result) for result in every})
    return text + "".join(f"\n- trained on {machine}" for machine in machines) + ("\n" if machines else "")


def _examples(results: Sequence[Result]) -> str:
    return f"MNIST ({results[0].examples:,} examples)" if results else "MNIST"


def _table(columns: Sequence[str], rows: Sequence[Row], results: Mapping[str, Sequence[Result]]) -> str:
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
    return head + "".join(_line(row, results.get(row.name, ())) for row in rows)


def _line(row: Row, results: Sequence[Result]) -> str:
    published = [] if row.published is None else [row.changes or "none", f"{row.published:.2f}"]
    members = [f"{count} x {name}" for name, count in row.members.items()] + [f"{row.copies} copies"] * bool(row.copies)
    origin = row.source or ", ".join(members) or f"`{row.configuration}`"
    cells = [row.network, row.recipe, *published, *_reproduced(results), origin]
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |\n"


def _reproduced(results: Sequence[Result]) -> list[str]:
    if not results:
        return ["–"] * 6
    errors = Spread([100 * result.error for result in results])
    deviation = "" if errors.deviation is None else f" ± {errors.deviation:.2f}"
    examples = results[0].examples
    low, high = wilson_interval(round(errors.mean / 100 * examples), examples)
    minutes = mean(result.seconds for result in results) / 60
    processor = [result.processor_seconds for result in results if result.processor_seconds is not None]
    epochs = sorted({result.epochs for result in results})
    return [
        f"**{errors.mean:.2f}**{deviation}",
        str(len(results)),
        f"{100 * low:.2f} to {100 * high:.2f}",
        ", ".join(map(str, epochs)),
        f"{minutes:.1f}",
        f"{mean(processor) / 60:.1f}" if processor else "–",
    ]


def _machine(result: Result) -> str:
    blas = result.environment.blas
    threads = f", {blas.threads} thread{'s'[: blas.threads != 1]} of {blas.name} ({blas.architecture})" if blas else ""
    return f"{result.environment.platform}{threads}"
