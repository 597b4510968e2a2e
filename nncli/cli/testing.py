"""Open several runs and evaluate each on its test images, for a command."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from nncli.cli.console import status, warn
from nncli.cli.loading import data_dir_of_run, load_by_name
from nncli.data.dataset import Dataset
from nncli.errors import DataError, RunError
from nncli.runs import measurement
from nncli.runs.groups import Run, labels, load
from nncli.runs.outcome import measure
from nncli.runs.trained import open_trained


def open_and_test(
    paths: Sequence[Path], data_dir: Path | None, *, offline: bool, console: Console, tested: bool = True
) -> list[Run]:
    """Return runs with the predictions of their best checkpoints on the test images.

    If the images are not available, a warning says why, and the run has no predictions, as without `tested`.

    Raises:
        RunError: a run cannot be read, or is given twice.
    """
    places = [path.absolute() for path in paths]
    if twice := next((path for path, place in zip(paths, places, strict=True) if places.count(place) > 1), None):
        raise RunError(f"{twice}: given twice; name each run once")
    opened = [open_trained(path) for path in paths]
    splits: dict[tuple[str, Path | None], Dataset | None] = {}
    runs = []
    for label, path, (file, trained) in zip(labels(paths), paths, opened, strict=True):
        data = None
        if tested:
            source = trained.inputs.dataset, data_dir_of_run(trained.config.data.dir, data_dir)
            if source not in splits:
                splits[source] = _load(*source, offline=offline, console=console)
            data = splits[source]
        with status(console, f"evaluating {label}"):
            found = measure(file, trained, data) if data else None
        if found:
            measurement.record(path, file, found)
        runs.append(load(label, path, trained, found))
    return runs


def _load(name: str, folder: Path | None, *, offline: bool, console: Console) -> Dataset | None:
    """Return a test split, or None with a warning if it is not available."""
    try:
        return load_by_name(name, "test", folder, offline=offline, console=console)
    except DataError as error:
        warn(f"warning: no test errors for runs on {name}: {error}")
        return None
