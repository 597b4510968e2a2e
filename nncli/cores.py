"""The number of processor cores available to a training run, given other runs and other processes."""

import os
import time
from pathlib import Path
from typing import Self
from uuid import uuid4

import platformdirs
from filelock import BaseFileLock, FileLock, Timeout

MEASURED = 0.1
"""Minimum time over which the idle time of the processors is measured, in seconds; their clock ticks every 10 ms."""

_STATISTICS = Path("/proc/stat")


class Cores:
    """In a `with` block, registers this process as a training run, and detects others.

    Every run locks a file of its own; the system releases the lock when the process ends. Other work is measured as the
    time that the processors have been busy since the block began; only Linux reports it.
    """

    def __init__(self) -> None:
        self.folder = platformdirs.user_state_path("nncli") / "trainings"
        self._lock: BaseFileLock = FileLock(self.folder / f"{uuid4().hex}.lock", thread_local=False)

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except OSError:  # such as a read-only home folder: other runs do not see this one
            pass
        self._began, self._busy = time.perf_counter(), _busy_elsewhere()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._lock.is_locked:
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def free(self) -> tuple[int, str]:
        """Return how many cores this training should use, at least 1, and why not all; "" if all.

        This is an equal share if other runs are training, and otherwise the number of idle cores.
        """
        total = usable()
        if others := self._others():
            running = "another run is" if others == 1 else f"{others} other runs are"
            return max(1, total // (1 + others)), f"{running} training"
        if self._busy is None:
            return total, ""
        time.sleep(max(0.0, MEASURED - (time.perf_counter() - self._began)))
        busy = ((_busy_elsewhere() or 0.0) - self._busy) / (time.perf_counter() - self._began)
        free = max(1, total - round(busy))
        return free, f"other processes keep {busy:.1f} cores busy" if free < total else ""

    def _others(self) -> int:
        """Count the other runs, and remove the files of those that were killed."""
        count = 0
        for path in self.folder.glob("*.lock"):
            if path == Path(self._lock.lock_file):
                continue
            lock = FileLock(path)
            try:
                with lock.acquire(blocking=False):
                    path.unlink(missing_ok=True)
            except Timeout:
                count += 1
            except OSError:
                continue
        return count


def usable() -> int:
    """Return the number of cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _busy_elsewhere() -> float | None:
    """Return the seconds that all processors together have worked for other processes; None if unknown."""
    try:
        fields = _STATISTICS.read_text(encoding="ascii").split(maxsplit=9)[1:9]
        user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, fields)
    except (OSError, ValueError):
        return None
    ticks = user + nice + system + sum(interrupts_and_stolen)
    return ticks / os.sysconf("SC_CLK_TCK") - time.process_time()
