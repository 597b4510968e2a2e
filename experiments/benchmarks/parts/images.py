"""Images per second: generating digits, fetching mini-batches and distorting them; and the memory of distortions."""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt

from experiments.benchmarks.parts.part import Plan, bullets, left_out
from experiments.benchmarks.process import ROOT, CommandError, mnist_folder, run
from experiments.benchmarks.tables import table
from experiments.benchmarks.tasks import Attempt, peak_megabytes
from nncli import build
from nncli.config.load import load
from nncli.data import synthetic
from nncli.data.augment import Augmentation
from nncli.data.batches import Batches
from nncli.data.scaling import UNIT
from nncli.errors import DataError

GENERATED, FETCHED, DISTORTED, BATCH = 5_000, 50_000, 20_000, 128
CONFIG = ROOT / "experiments" / "literature" / "simard-800-elastic.yaml"
TRAININGS = {
    "without distortions": ["--set", "data.augment=null"],
    "with affine and elastic distortions": [],
}

SECTION = """\
{left_out}\
Medians; rounds: {rounds}. The distortions are those of
`{config}`; a training computes them in one thread.

{table}
{memory}{notes}"""


def section(plan: Plan) -> str:
    """Measure each path, and the memory of a training with and without distortions."""
    rows = [[name, f"{count / _median_seconds(path, plan.rounds):,.0f}"] for name, count, path in _paths()]
    memory, notes = "", []
    try:
        memory = _memory(mnist_folder(plan.data_dir))
    except (CommandError, DataError) as error:
        notes.append(f"the memory of a training is not measured: {error}")
    return SECTION.format(
        left_out=left_out("images", plan),
        rounds=plan.rounds,
        config=CONFIG.relative_to(ROOT),
        table=table(["path", "images per second"], rows),
        memory=memory,
        notes=bullets(notes),
    )


def _paths() -> list[tuple[str, int, Callable[[], object]]]:
    """Return each path's name, the number of its images, and a function that runs it."""
    images, labels = synthetic.generate(2_000, 1)
    chosen = np.arange(FETCHED) % len(images)
    batches = Batches(images[chosen], labels[chosen], np.arange(FETCHED), batch_size=BATCH, scaling=UNIT)
    augmentation = build.augmentation(load(CONFIG).config) or Augmentation()
    originals, threads = images[np.arange(DISTORTED) % len(images)], int(os.environ["OMP_NUM_THREADS"])
    paths: list[tuple[str, int, Callable[[], object]]] = [
        ("generating synthetic-digits", GENERATED, lambda: synthetic.generate(GENERATED, 1)),
        (f"shuffled mini-batches of {BATCH}", FETCHED, lambda: _exhaust(batches)),
        ("affine and elastic distortions, one thread", DISTORTED, lambda: _distort(augmentation, originals, 1)),
    ]
    if threads > 1:
        name = f"affine and elastic distortions, {threads} threads"
        paths.append((name, DISTORTED, lambda: _distort(augmentation, originals, threads)))
    return paths


def _exhaust(batches: Batches) -> None:
    for _ in batches.epoch(np.random.default_rng(0)):
        pass


def _distort(augmentation: Augmentation, images: npt.NDArray[np.uint8], threads: int) -> None:
    """Distort images in parts, each in a thread of its own."""
    with ThreadPoolExecutor(threads) as pool:
        parts = np.array_split(images, threads)
        list(pool.map(augmentation.apply, parts, map(np.random.default_rng, range(threads))))


def _median_seconds(run: Callable[[], object], rounds: int) -> float:
    run()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return median(times)


def _memory(data: Path) -> str:
    """Return a table of the peak memory of a training for one epoch, with and without distortions.

    Raises:
        CommandError: a training failed.
    """
    with tempfile.TemporaryDirectory() as name:
        peaks = {what: peak_megabytes([_train(data, Path(name), extra)]) for what, extra in TRAININGS.items()}
    rows = [[what, f"{peak:.0f}"] for what, peak in peaks.items()]
    return table(["one epoch of 784-800-10", "peak MB"], rows)


def _train(data: Path, folder: Path, extra: list[str]) -> Attempt:
    """Train for one epoch in a process of its own."""
    command = ["-m", "nncli", "train", CONFIG, "--set", "training.epochs=1", *extra, "--data-dir", data]
    return run([*command, "-q", "--force", "--run-dir", "run"], folder)[0]
