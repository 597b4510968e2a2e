"""The page of results: published and reproduced test errors side by side, in Markdown."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from nncli.evaluation.metrics import wilson_interval
from nncli.literature.result import Result
from nncli.literature.table import Row

_HEAD = """# Published results, reproduced

Written by `nncli reproduce` from the records in `records/`: test errors on MNIST, in percent, of networks without
convolutions. Recipes were chosen on the validation split; the test split was used once per run, at its end. A recipe
marked * is not the source's own, but a present-day one for the same architecture.

| network | recipe | published | reproduced | seeds | 95% interval | epochs | minutes | core-minutes | source |
|---|---|---|---|---|---|---|---|---|---|
"""

_FOOT = """
`reproduced` is the mean and standard deviation over the seeds, `95% interval` is Wilson's for the mean error on
{examples:,} examples, and `minutes` is the mean training time of a run, in which the machine may have done other work.
`core-minutes` is the mean processor time, summed over the threads: alone on two cores, a run takes about half as many
minutes. Machines: {machines}.
"""


def page(rows: Mapping[str, Row], results: Mapping[str, Sequence[Result]]) -> str:
    """Return the page; rows without results are listed as such."""
    lines = [_line(row, results.get(name, ())) for name, row in rows.items()]
    every = [result for found in results.values() for result in found]
    foot = ""
    if every:
        machines = sorted({_machine(result) for result in every})
        foot = _FOOT.format(examples=every[0].examples, machines="; ".join(machines))
    return _HEAD + "".join(lines) + foot


def _line(row: Row, results: Sequence[Result]) -> str:
    recipe = f"{row.recipe} *" if row.modern else row.recipe
    cells = [row.network, recipe, f"{row.published:.2f}", *_reproduced(results), row.source]
    return f"| {' | '.join(cells)} |\n"


def _reproduced(results: Sequence[Result]) -> list[str]:
    if not results:
        return ["–"] * 6
    errors = [100 * result.error for result in results]
    spread = f" ± {stdev(errors):.2f}" if len(errors) > 1 else ""
    examples = results[0].examples
    low, high = wilson_interval(round(mean(errors) / 100 * examples), examples)
    minutes = mean(result.seconds for result in results) / 60
    processor = [result.processor_seconds for result in results if result.processor_seconds is not None]
    epochs = sorted({result.epochs for result in results})
    return [
        f"**{mean(errors):.2f}**{spread}",
        str(len(results)),
        f"{100 * low:.2f} to {100 * high:.2f}",
        ", ".join(map(str, epochs)),
        f"{minutes:.1f}",
        f"{mean(processor) / 60:.1f}" if processor else "–",
    ]


def _machine(result: Result) -> str:
    blas = result.environment.blas
    threads = f", {blas.threads} threads of {blas.name} ({blas.architecture})" if blas else ""
    return f"{result.environment.platform}{threads}"
