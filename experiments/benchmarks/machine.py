"""The machine, the versions and the threads, on which the numbers depend."""

import argparse
import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import nncli

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TUNING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
PACKAGES = ("numpy", "torch", "jax", "jaxlib", "scikit-learn")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add --threads and --data-dir."""
    parser.add_argument("--threads", type=int, help="the number of threads of every system (default: all processors)")
    folder = os.environ.get("NNCLI_DATA_DIR")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=Path(folder) if folder else None,
        help="folder of the MNIST files [NNCLI_DATA_DIR]",
    )


def confine(threads: int | None) -> int:
    """Limit this process and its children to a number of threads and processors; call it before NumPy is imported.

    JAX counts the processors that it may use; the others read environment variables.
    """
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    threads = min(threads or len(usable), len(usable))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(usable[:threads]))
    for variable in THREADS:
        os.environ[variable] = str(threads)
    for variable in TUNING:
        os.environ.pop(variable, None)
    return threads


def describe(threads: int, command: str) -> str:
    """Return the machine, versions, date and command as a list in Markdown."""
    facts = {
        "machine": f"{_processor()}, {threads} of {os.cpu_count()} processors, {platform.system()}",
        "versions": ", ".join([f"Python {platform.python_version()}", f"nncli {nncli.__version__}", *_versions()]),
        "BLAS": _blas(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": f"`{command}`",
    }
    return "\n".join(f"- {name}: {fact}" for name, fact in facts.items()) + "\n"


def _versions() -> list[str]:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _blas() -> str:
    import scipy.linalg.blas  # noqa: F401  (threadpoolctl knows only the libraries that are loaded)
    from threadpoolctl import threadpool_info

    libraries = sorted(
        (each for each in threadpool_info() if each["user_api"] == "blas"), key=lambda each: str(each["filepath"])
    )
    return ", ".join(
        f"{each['internal_api']} {each['version']} ({each.get('architecture')}{_owner(each['filepath'])})"
        for each in libraries
    )


def _owner(path: str) -> str:
    """Return the package that brought a library, if it lies in one."""
    return next((f", {name}'s" for name in ("NumPy", "SciPy") if f"{name.lower()}.libs" in path), "")
