"""The throughput table in Markdown."""

from collections.abc import Sequence

from experiments.benchmarks.comparison import NNCLI, Measurement

ABSENT = "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table, the first column to the left, the others to the right, all padded to be read as text too."""
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in (head, rule, *rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def seconds(value: float | None) -> str:
    """Write seconds with three digits that count: 0.0123, 1.23, 123."""
    return ABSENT if value is None else f"{value:#.3g}".rstrip(".")


def ratio(value: float | None) -> str:
    """Write a ratio."""
    return ABSENT if value is None else f"{value:.2f}"


def percent(value: float | None, digits: int = 0) -> str:
    """Write a share."""
    return ABSENT if value is None else f"{value:.{digits}%}"


def throughput(measurements: Sequence[Measurement], systems: Sequence[str]) -> str:
    """Give seconds an epoch of every system."""
    head = ["network", "batch", "optimizer", "round", *systems]
    rows = [
        [*_place(each), _round(each), *(seconds(each.typical(system)) for system in systems)] for each in measurements
    ]
    return table(head, rows)


def ratios(measurements: Sequence[Measurement], systems: Sequence[str]) -> str:
    """Give nncli's seconds over every peer's, what nncli achieves, and whether all systems' losses agree."""
    peers = [system for system in systems if system != NNCLI]
    head = [
        "network",
        "batch",
        "optimizer",
        *(f"/ {peer}" for peer in peers),
        "GFLOP/s",
        "of sgemm",
        "losses differ by",
    ]
    rows = [
        [
            *_place(each),
            *(ratio(each.ratio(peer)) for peer in peers),
            _giga(each.achieved()),
            percent(each.share_of_peak()),
            _difference(each),
        ]
        for each in measurements
    ]
    return table(head, rows)


def _place(measurement: Measurement) -> list[str]:
    row = measurement.row
    return [row.network, str(row.batch), row.optimizer]


def _round(measurement: Measurement) -> str:
    """Say what was timed: an epoch, or how many steps of it."""
    return "epoch" if measurement.part == 1 else f"{measurement.steps} steps ({measurement.part:.0%})"


def _giga(value: float | None) -> str:
    return ABSENT if value is None else f"{value / 1e9:.0f}"


def _difference(measurement: Measurement) -> str:
    value = measurement.disagreement()
    if value is None:
        return ABSENT
    return f"{value:.0e}" if measurement.agrees() else f"**{value:.0e}: not the same work**"
