"""Tables in Markdown, and the two of the throughput."""

from collections.abc import Sequence

from experiments.benchmarks.comparison import NNCLI, Measurement

ABSENT = "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose cells are padded, the first column aligned to the left and the others to the right."""
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in (head, rule, *rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def seconds(value: float | None) -> str:
    """Return seconds with three significant digits: 0.0123, 1.23, 123."""
    return ABSENT if value is None else f"{value:#.3g}".rstrip(".")


def ratio(value: float | None) -> str:
    """Return a ratio with two decimals."""
    return ABSENT if value is None else f"{value:.2f}"


def percent(value: float | None, digits: int = 0) -> str:
    """Return a fraction as a percentage."""
    return ABSENT if value is None else f"{value:.{digits}%}"


def throughput(measurements: Sequence[Measurement], systems: Sequence[str]) -> str:
    """Return the table of every system's seconds per epoch."""
    head = ["network", "batch", "optimizer", "round", *systems]
    rows = [
        [*_place(each), _round(each), *(seconds(each.typical(system)) for system in systems)] for each in measurements
    ]
    return table(head, rows)


def ratios(measurements: Sequence[Measurement], systems: Sequence[str]) -> str:
    """Return the table of nncli's seconds over each peer's, what nncli achieves, and whether the losses agree."""
    peers = [system for system in systems if system != NNCLI]
    head = [
        "network",
        "batch",
        "optimizer",
        *(f"/ {peer}" for peer in peers),
        "of the limit",
        "GFLOP/s",
        "of sgemm",
        "losses differ by",
    ]
    rows = [
        [
            *_place(each),
            *(ratio(each.ratio(peer)) for peer in peers),
            percent(each.share_of_limit()),
            giga(each.achieved()),
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
    """Return what was timed: epochs, or a part of one."""
    if measurement.times > 1:
        return f"{measurement.times} epochs"
    return "epoch" if measurement.part == 1 else f"{measurement.steps} steps ({measurement.part:.0%})"


def giga(value: float | None) -> str:
    """Return operations per second in units of 10⁹."""
    return ABSENT if value is None else f"{value / 1e9:.0f}"


def _difference(measurement: Measurement) -> str:
    value = measurement.disagreement()
    if value is None:
        return ABSENT
    return f"{value:.0e}" if measurement.agrees() else f"**{value:.0e}: not the same work**"
