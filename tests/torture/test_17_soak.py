"""A training that lasts: memory that does not grow, and metrics that stay whole through ten thousand epochs."""

import os
import time

import numpy as np
import pytest

from nncli.runs import metrics
from nncli.runs.folder import RunFolder

PAGE = os.sysconf("SC_PAGE_SIZE")
KIB = 1024


def resident(pid):
    """Give a process's resident memory, in bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * PAGE


@pytest.mark.long
def test_memory_does_not_grow(rounds, start, config_file, digits_dir, tmp_path):
    path = config_file(
        data={"batch_size": 32},
        model={"layers": [{"units": 30, "dropout_probability": 0.2}, {"units": 10}]},
        optimizer={"name": "adam"},
        training={"epochs": 100_000_000, "checkpoint_every_steps": 50},
    )
    seconds = rounds.length(short=1, long=3600)
    with (tmp_path / "said").open("w") as said:
        process = start("train", path, "--data-dir", digits_dir, "--run-dir", "run", stderr=said, stdout=said)
        while not RunFolder(tmp_path / "run").best.exists():
            assert process.poll() is None
            time.sleep(0.01)
        began, moments, sizes = time.monotonic(), [], []
        while (now := time.monotonic() - began) < seconds:
            moments.append(now)
            sizes.append(resident(process.pid))
            time.sleep(seconds / 300)
        assert process.poll() is None
        process.terminate()
        assert process.wait(60) == 143
    epochs = len(list(metrics.read(RunFolder(tmp_path / "run").metrics)))
    settled = len(sizes) // 3
    slope = np.polyfit(moments[settled:], sizes[settled:], 1)[0] * 3600 / KIB
    assert max(sizes[settled:]) - sizes[settled] < 4 * KIB * KIB
    rounds.count(epochs)
    rounds.measured("epochs in one process", f"{epochs:,}")
    rounds.measured("RSS", f"{sizes[-1] / KIB / KIB:.1f} MiB, growing by {slope:z.0f} KiB per hour")


def test_ten_thousand_epochs_keep_their_metrics_whole(rounds, nncli, config_file, digits_dir, tmp_path):
    epochs = round(rounds.length(short=150, long=10_000))
    path = config_file(model={"layers": [{"units": 10}]}, training={"epochs": epochs})
    assert nncli("train", path, "--data-dir", digits_dir, "--run-dir", "run", "-q").code == 0
    file = RunFolder(tmp_path / "run").metrics
    lines = list(metrics.read(file))
    assert [line.epoch for line in lines] == [*range(1, epochs + 1)]
    assert file.read_bytes().count(b"\n") == epochs
    assert all(np.isfinite(line.train_loss) for line in lines)
    rounds.count(epochs)
