"""nncli's time / a peer's for the picture of the step: read from RESULTS.md, or else measured if they are installed."""

import re
from pathlib import Path

from experiments.benchmarks.examples import Examples
from experiments.benchmarks.rounds import measure
from experiments.benchmarks.rows import Row
from experiments.benchmarks.systems.system import JAX_SCAN, NNCLI, TORCH

PEERS = (TORCH, JAX_SCAN)
ROUNDS = 3
RESULTS = Path(__file__).parent / "RESULTS.md"

Ratios = dict[str, dict[str, float]]
"""Name of a row -> name of a peer -> nncli's seconds / the peer's."""


def ratios(rows: list[Row], examples: Examples) -> tuple[Ratios, str]:
    """Return the ratios that are known, and where they come from."""
    names = {row.name for row in rows}
    page = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    published = parse(page)
    if names <= set(published):
        return {
            name: published[name] for name in names
        }, f"the ratios in experiments/benchmarks/RESULTS.md, measured on {measured_on(page)}"
    installed = [each for each in PEERS if each.installed]
    if not installed:
        return {}, "none"
    measured: Ratios = {}
    for each in measure(rows, [NNCLI, *installed], examples, ROUNDS, references=()):
        measured[each.row.name] = {peer.name: value for peer in installed if (value := each.ratio(peer.name))}
    return measured, "measured with the rest"


def measured_on(page: str) -> str:
    """Return the date of the ratios; theirs is the first section of RESULTS.md."""
    found = re.search(r"^- date: (.+)$", page, re.MULTILINE)
    return found[1] if found else "an unknown date"


def parse(page: str) -> Ratios:
    """Read the ratios of PEERS from the table of RESULTS.md; empty if it has none."""
    found: Ratios = {}
    head: list[str] = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells[:3] == ["network", "batch", "optimizer"] or not cells:
            head = cells
        elif any(f"/ {peer.name}" in head for peer in PEERS) and cells[1].isdecimal():
            row, named = f"{cells[0]}, batch {cells[1]}, {cells[2]}", dict(zip(head, cells, strict=True))
            values = {peer.name: named.get(f"/ {peer.name}", "") for peer in PEERS}
            found[row] = {name: float(value) for name, value in values.items() if value.replace(".", "").isdecimal()}
    return found
