"""The throughput table in a few numbers: the mean and the extremes that nncli is judged by."""

from collections.abc import Callable, Sequence
from statistics import geometric_mean

from experiments.benchmarks.comparison import Measurement
from experiments.benchmarks.rows import DEEP
from experiments.benchmarks.systems.system import COMPILED, JAX_SCAN, NUMPY, TORCH
from experiments.benchmarks.tables import percent, ratio

WIDE = ((1200, 1200), DEEP)
LARGE_BATCHES = (128, 512)


def targets(measurements: Sequence[Measurement]) -> str:
    """Return the list in Markdown; what was not measured is left out."""
    lines = [_mean(measurements, JAX_SCAN.name)]
    lines += [_highest(measurements, peer.name) for peer in (JAX_SCAN, NUMPY, TORCH, COMPILED)]
    lines.append(_lowest_share(measurements))
    return "".join(f"- {line}\n" for line in lines if line)


def _mean(measurements: Sequence[Measurement], peer: str) -> str:
    ratios = [value for each in measurements if (value := each.ratio(peer))]
    if not ratios:
        return ""
    return f"nncli / {peer}, geometric mean of {len(ratios)} rows: {ratio(geometric_mean(ratios))}"


def _highest(measurements: Sequence[Measurement], peer: str) -> str:
    value, row = max(_with_rows(measurements, lambda each: each.ratio(peer)), default=(None, ""))
    return "" if value is None else f"nncli / {peer}, highest: {ratio(value)} ({row})"


def _lowest_share(measurements: Sequence[Measurement]) -> str:
    wide = [each for each in measurements if each.row.hidden in WIDE and each.row.batch in LARGE_BATCHES]
    value, row = min(_with_rows(wide, Measurement.share_of_limit), default=(None, ""))
    if value is None:
        return ""
    batches = " and ".join(map(str, LARGE_BATCHES))
    networks = " and ".join(dict.fromkeys(each.row.network for each in wide))
    return f"share of the limit, lowest of {networks} at batches of {batches}: {percent(value)} ({row})"


def _with_rows(
    measurements: Sequence[Measurement], number: Callable[[Measurement], float | None]
) -> list[tuple[float, str]]:
    """Return the numbers that were measured, each with the name of its row."""
    return [(value, each.row.name) for each in measurements if (value := number(each)) is not None]
