"""`make torture`: run the torture tests in their long form and write experiments/RELIABILITY.md.

    python tests/torture/report.py [--part 0.1] [ITEM ...]

Each item's tests are those in tests/torture/test_<item>_*.py; conftest.py says how they count their rounds. Items run
in lanes side by side. What the long form recorded is kept in runs/torture, so that items may be run a few at a time;
the page is drawn from all of it, once every item has been run. With --part the table of these items is only printed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import nncli
from nncli.runs.manifest import Environment

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLE = ROOT / "experiments" / "RELIABILITY.md"
KEPT = ROOT / "runs" / "torture"
LANES = ((17,), (1, 2, 3, 4, 5, 6), (7, 8, 9, 10, 11, 12, 13, 14, 15, 16))  # about as long as each other on two cores

ITEMS = {
    1: "kill -9 at random moments: the last checkpoint opens, no acknowledged one is lost, leftovers are cleaned",
    2: "`--resume` after a kill, and after every single step: the same bytes as without",
    3: "every system call of a write fails or is the last one; what was not fsynced is dropped",
    4: "a full disk, a read-only folder, a folder removed under a training",
    5: "SIGINT and SIGTERM at random moments, download included",
    6: "not-finite numbers in loss, gradient and weights",
    7: "checkpoints: every bit flipped, every truncation, bytes appended",
    8: "pickles and forged headers",
    9: "IDX and gzip that lie",
    10: "hostile YAML",
    11: "hostile pictures",
    12: "fuzzing: only nncli's own exceptions",
    13: "a hostile HTTP server",
    14: "many processes on one cache, one run folder; readers beside a writer",
    15: "ten runs, identical bytes; another environment is said at `--resume`",
    16: "odd names, links, closed pipes, no HOME, no terminal, a narrow one, LANG=C",
    17: "an hour in one process; ten thousand epochs",
}

HEAD = """\
# Reliability

What `make torture` found, several items at a time; it wrote this page. `make test` tries a few rounds of each item,
and `make fuzz` continues item 12, guided by coverage.

"""


def main() -> int:
    """Run, print the table, write it if it is whole; 0 where nothing failed and nothing was skipped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("items", nargs="*", type=int, metavar="ITEM")
    parser.add_argument("--part", type=float, default=1.0, help="part of the long form's rounds, such as 0.1")
    given = parser.parse_args()
    items = given.items or list(ITEMS)
    if unknown := set(items) - set(ITEMS):
        parser.error(f"there is no item {unknown}; they are numbered from 1 to {len(ITEMS)}")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        kept = KEPT if given.part == 1 else Path(folder)
        lanes = [[item for item in lane if item in items] for lane in LANES]
        list(pool.map(lambda lane: run(lane, given.part, kept), filter(None, lanes)))
        records = [record for item in ITEMS for record in recorded(kept, item)]
    seen = {record["item"] for record in records}
    table = HEAD + "\n".join(rows(seen, records)) + "\n\n" + machine() + "\n"
    sys.stdout.write(table)
    if given.part == 1 and seen == set(ITEMS):
        TABLE.write_text(table, encoding="utf-8")
    return int(any(record["outcome"] == "failed" for record in records))


def run(items: list[int], part: float, kept: Path) -> None:
    """Run the tests of some items one after the other; each item's records replace those it had."""
    kept.mkdir(parents=True, exist_ok=True)
    for item in items:
        record = kept / f"{item}.jsonl"
        record.unlink(missing_ok=True)
        environment = os.environ | {
            "NNCLI_TORTURE": str(part),
            "NNCLI_TORTURE_RECORD": str(record),
            "OMP_NUM_THREADS": "1",
        }
        files = [str(file) for file in sorted(HERE.glob(f"test_{item:02}_*.py"))]
        command = [sys.executable, "-m", "pytest", "-v", "--timeout=7200", "-p", "no:cacheprovider", *files]
        subprocess.run(command, env=environment, cwd=ROOT, check=False)


def recorded(kept: Path, item: int) -> list[dict[str, Any]]:
    """Give what the tests of an item left, one record a test."""
    record = kept / f"{item}.jsonl"
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()] if record.exists() else []


def rows(items: Collection[int], records: list[dict[str, Any]]) -> Iterator[str]:
    """Draw the table, one row an item."""
    yield "| | what is done | rounds | failures | minutes | measured | command |"
    yield "|---:|---|---:|---:|---:|---|---|"
    for item in sorted(items):
        mine = [record for record in records if record["item"] == item]
        failures = sum(record["outcome"] == "failed" for record in mine)
        figures = [f"{name} {value}" for name, value in merged([record["figures"] for record in mine]).items()]
        skips = [f"skipped: {record['reason']}" for record in mine if record["outcome"] == "skipped"]
        minutes = sum(record["seconds"] for record in mine) / 60
        rounds = sum(record["rounds"] for record in mine)
        yield (
            f"| {item} | {ITEMS[item]} | {rounds:,} | {failures} | {minutes:.1f} | "
            f"{'; '.join([*figures, *skips])} | `make torture ITEMS={item}` |"
        )


def merged(figures: list[dict[str, Any]]) -> dict[str, str]:
    """Put the figures of several tests together: counts add up; of what has a unit, the greatest stands."""
    result: dict[str, Any] = {}
    for name, value in (item for each in figures for item in each.items()):
        before = result.get(name)
        if before is None:
            result[name] = value
        elif isinstance(value, int):
            result[name] = before + value
        else:
            result[name] = max(before, value, key=lambda text: float(text.split()[0].replace(",", "")))
    return {name: f"{value:,}" if isinstance(value, int) else value for name, value in result.items()}


def machine() -> str:
    """Say on what, and when."""
    environment = Environment.current()
    blas = environment.blas
    cpu = next((line.partition(":")[2].strip() for line in _cpu_info() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, on {cpu or platform.processor()}, {os.cpu_count()} "
        f"cores, {memory:.0f} GiB, {environment.platform}; nncli {nncli.__version__}, Python {environment.python}, "
        f"NumPy {np.__version__}, {f'{blas.name} {blas.version} ({blas.architecture})' if blas else 'no BLAS found'}."
    )


def _cpu_info() -> list[str]:
    info = Path("/proc/cpuinfo")
    return info.read_text(encoding="utf-8").splitlines() if info.exists() else []


if __name__ == "__main__":
    sys.exit(main())
