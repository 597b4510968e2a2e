"""`make torture`: run the full torture tests and write experiments/RELIABILITY.md.

    python tests/torture/report.py [--part 0.1] [ITEM ...]

The tests of each item are in tests/torture/test_<item>_*.py; conftest.py explains how they count their rounds. Items
run in parallel lanes. The results of the full tests are kept in runs/torture, so items can be run a few at a time; the
page is written from all results once every item has been run. With --part, the table is only printed.
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
LANES = ((17,), (1, 2, 3, 4, 5, 6), (7, 8, 9, 10, 11, 12, 13, 14, 15, 16))  # about equally long on two cores

ITEMS = {
    1: "kill -9 at random times: the last checkpoint can be read, no acknowledged checkpoint is lost, "
    "and leftover files are removed",
    2: "`--resume` after a kill, and after every single step: the same bytes as an uninterrupted run",
    3: "each system call of a write fails, or is the last one before a crash; unsynced data is lost",
    4: "a full disk, a read-only folder, a folder removed during training",
    5: "SIGINT and SIGTERM at random times, including during downloads",
    6: "non-finite numbers in the loss, gradient and weights",
    7: "checkpoints: every bit flipped, every truncation, bytes appended",
    8: "pickles and forged headers",
    9: "IDX and gzip files with false headers",
    10: "hostile YAML",
    11: "hostile images",
    12: "fuzzing: only nncli's own exceptions are raised",
    13: "a hostile HTTP server",
    14: "many processes sharing one cache or one run folder; readers alongside a writer",
    15: "ten runs write identical bytes; a different environment is reported on `--resume`",
    16: "unusual names, links, closed pipes, no HOME, no terminal or a narrow one, LANG=C",
    17: "an hour in one process; ten thousand epochs",
}

HEAD = """\
# Reliability

Results of `make torture`, which runs several items at a time and writes this page. `make test` runs a few rounds of
each item, and `make fuzz` runs item 12 for longer, with coverage guidance.

"""


def main() -> int:
    """Run the items, print the table and write it if it is complete; return 1 if a test failed, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("items", nargs="*", type=int, metavar="ITEM")
    parser.add_argument("--part", type=float, default=1.0, help="fraction of the rounds to run, such as 0.1")
    given = parser.parse_args()
    items = given.items or list(ITEMS)
    if unknown := set(items) - set(ITEMS):
        parser.error(f"no such item: {unknown}; items are numbered from 1 to {len(ITEMS)}")
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
    """Run the tests of some items in sequence, replacing the previous records of each."""
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
    """Return the records of an item, one per test."""
    record = kept / f"{item}.jsonl"
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()] if record.exists() else []


def rows(items: Collection[int], records: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the table, one row per item."""
    yield "| | test | rounds | failures | minutes | measured | command |"
    yield "|---:|---|---:|---:|---:|---|---|"
    for item in sorted(items):
        mine = [record for record in records if record["item"] == item]
        failures = sum(record["outcome"] == "failed" for record in mine)
        figures = [f"{name}: {value}" for name, value in merged([record["figures"] for record in mine]).items()]
        skips = [f"skipped: {record['reason']}" for record in mine if record["outcome"] == "skipped"]
        minutes = sum(record["seconds"] for record in mine) / 60
        rounds = sum(record["rounds"] for record in mine)
        yield (
            f"| {item} | {ITEMS[item]} | {rounds:,} | {failures} | {minutes:.1f} | "
            f"{'; '.join([*figures, *skips])} | `make torture ITEMS={item}` |"
        )


def merged(figures: list[dict[str, Any]]) -> dict[str, str]:
    """Merge the figures of several tests: add up the counts, and keep the maximum of figures with a unit."""
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
    """Return the date and a description of the machine."""
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
