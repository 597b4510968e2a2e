"""`make searches`: compare TPE with a grid, and one worker with two, on MNIST; write experiments/sweeps/RESULTS.md.

    python experiments/sweeps/measure.py [--repetitions 3] [--epochs 10] [--only search|workers]

Finished sweeps in runs/searches are not repeated, so the command can be stopped and repeated.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

from nncli.cores import usable
from nncli.runs import manifest
from nncli.sweep.rows import objective
from nncli.sweep.storage import connect, in_folder
from nncli.sweep.study import RESULT
from nncli.sweep.summary import load

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "runs" / "searches"
PAGE = HERE / "RESULTS.md"

HEAD = """\
# Measurements of sweeps

`make searches` writes this page.
"""

SEARCH = """
## TPE with median pruning against a grid

`shallow-grid.yaml` and `shallow-tpe.yaml` on MNIST, with {epochs} epochs and a seed of its own for each repetition.
Best is the lowest {objective}. The columns of TPE have the number of trials, and the best, after half of the grid's
processor time.

| seed | grid: trials | grid: best | grid: processor time | TPE: trials | TPE: best | at least as good |
|---|---|---|---|---|---|---|
{rows}
"""

WORKERS = """
## One worker and two

784-128-10 on MNIST, {epochs} epochs per trial, {trials} trials per measurement, on {cores} cores (load average
{load:.1f} before the measurement). The settings take turns; each is measured {repetitions} times.

| workers x threads | trials per hour | against one worker with one thread |
|---|---|---|
{rows}
"""


def sweep(name: str, text: dict[str, Any], base: dict[str, Any], *options: str, threads: int = 1) -> float:
    """Run a sweep in runs/searches/NAME; return the seconds that it took."""
    RUNS.mkdir(parents=True, exist_ok=True)
    (RUNS / f"{name}-base.yaml").write_text(yaml.safe_dump(base), encoding="utf-8")
    (RUNS / f"{name}.yaml").write_text(yaml.safe_dump(text | {"base": f"{name}-base.yaml"}), encoding="utf-8")
    command = [sys.executable, "-m", "nncli", "sweep", str(RUNS / f"{name}.yaml"), "--sweep-dir", str(RUNS / name)]
    began = time.perf_counter()
    subprocess.run([*command, *options], check=True, env=os.environ | {"NNCLI_THREADS": str(threads)})
    return time.perf_counter() - began


def trials(name: str) -> list[tuple[float | None, float]]:
    """Return the objective, and the processor time in seconds, of each trial, in the order in which they finished."""
    storage = connect(in_folder(RUNS / name))
    found = [each for each in load(storage).get_trials() if RESULT in each.user_attrs]
    found.sort(key=lambda each: str(each.datetime_complete))
    storage.close()
    results = [each.user_attrs[RESULT] for each in found]
    records = [manifest.read(Path(each["folder"]) / "manifest.json") for each in results]
    spent = [record.processor_seconds or record.seconds for record in records]
    values = [mean(each["values"]) if each["status"] == "completed" else None for each in results]
    return list(zip(values, spent, strict=True))


def read(name: str) -> dict[str, Any]:
    """Return a file of this folder."""
    content: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return content


def compare_searches(repetitions: int, epochs: int) -> str:
    """Run the grid and TPE with each seed; return the section of the page."""
    rows, name = [], read("shallow-grid.yaml")["objective"]
    for seed in range(1, repetitions + 1):
        base = read("bases/shallow.yaml") | {"seed": seed, "training": {"epochs": epochs}}
        for kind in ("grid", "tpe"):
            sweep(f"{kind}-{epochs}-{seed}", read(f"shallow-{kind}.yaml"), base)
        grid, tpe = trials(f"grid-{epochs}-{seed}"), trials(f"tpe-{epochs}-{seed}")
        spent, best = sum(seconds for _, seconds in grid), min(value for value, _ in grid if value is not None)
        within, used = [], 0.0
        for value, seconds in tpe:
            used += seconds
            if used <= spent / 2:
                within.append(value)
        found = min((value for value in within if value is not None), default=math.inf)
        grid_cells = f"{len(grid)} | {objective(name, best)} | {spent:.0f} s"
        tpe_cells = f"{len(within)} | {objective(name, found)} | {'yes' if found <= best else 'no'}"
        rows.append(f"| {seed} | {grid_cells} | {tpe_cells} |")
    return SEARCH.format(epochs=epochs, objective=name.replace("_", " "), rows="\n".join(rows))


def compare_workers(repetitions: int, epochs: int, count: int = 6) -> str:
    """Measure trials per hour with 1 x 1, 1 x 2 and 2 x 1 workers and threads; return the section of the page."""
    rates: dict[tuple[int, int], list[float]] = {(1, 1): [], (1, 2): [], (2, 1): []}
    base = read("bases/shallow.yaml") | {"training": {"epochs": epochs}}
    space = {"space": {"seed": {"choices": list(range(1, count + 1))}}}
    busy = os.getloadavg()[0]
    for repetition in range(repetitions):
        for (workers, threads), found in rates.items():
            name = f"workers-{os.getpid()}-{workers}x{threads}-{repetition}"
            seconds = sweep(name, space, base, "--workers", str(workers), threads=threads)
            found.append(3600 * count / seconds)
    alone = mean(rates[1, 1])
    rows = [
        f"| {workers} x {threads} | {mean(found):.0f} | {mean(found) / alone:.2f} |"
        for (workers, threads), found in rates.items()
    ]
    return WORKERS.format(
        epochs=epochs, trials=count, cores=usable(), load=busy, repetitions=repetitions, rows="\n".join(rows)
    )


def main() -> None:
    """Measure, and write the page; sections that are not measured are kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--only", choices=["search", "workers"])
    given = parser.parse_args()
    measured = {}
    if given.only != "workers":
        measured["search"] = compare_searches(given.repetitions, given.epochs)
    if given.only != "search":
        measured["workers"] = compare_workers(given.repetitions, given.epochs)
    kept = RUNS / "sections.json"
    sections = (json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}) | measured
    kept.write_text(json.dumps(sections), encoding="utf-8")
    PAGE.write_text(HEAD + "".join(sections[key] for key in ("search", "workers") if key in sections), encoding="utf-8")


if __name__ == "__main__":
    main()
