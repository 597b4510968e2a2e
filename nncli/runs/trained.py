"""The trained networks of run folders: a single one, or the members of an ensemble."""

import filecmp
from collections.abc import Sequence
from pathlib import Path

from nncli import build
from nncli.build import Trained
from nncli.data.sources import differing
from nncli.errors import RunError
from nncli.runs import checkpoint
from nncli.runs.folder import Which, resolve


def open_trained(run: Path, which: Which = "best") -> tuple[Path, Trained]:
    """Return the path of a checkpoint and its network.

    Raises:
        RunError: the run or checkpoint does not exist.
        CheckpointError: the checkpoint is corrupt or inconsistent.
    """
    path = resolve(run, which)
    return path, build.trained(checkpoint.load(path), str(path))


def open_ensemble(runs: Sequence[Path], which: Which = "best") -> dict[Path, Trained]:
    """Return one or several networks for the same task by the path of their checkpoint, in the given order.

    Each member may prepare and scale its images in its own way.

    Raises:
        RunError: as in `open_trained`; or two checkpoints are the same, or a network was trained on other data than
            the first one's.
        CheckpointError: as in `open_trained`.
    """
    members: dict[Path, Trained] = {}
    for run in runs:
        path, member = open_trained(run, which)
        if twin := next((other for other in members if filecmp.cmp(path, other, shallow=False)), None):
            raise RunError(f"{path}: the same checkpoint as {twin}; name each member of an ensemble once")
        if members:
            _check_data(path, member, *next(iter(members.items())))
        members[path] = member
    return members


def _check_data(path: Path, member: Trained, first_path: Path, first: Trained) -> None:
    """Raise RunError if two networks were trained on different data; digests that are not recorded count as equal."""
    advice = "the members of an ensemble must be trained on the same data"
    own, others = member.inputs, first.inputs
    if own.dataset != others.dataset:
        raise RunError(f"{path}: trained on {own.dataset}, but {first_path} on {others.dataset}; {advice}")
    if own.sha256 and others.sha256 and (changed := differing(others.sha256, own.sha256)):
        raise RunError(f"{path}: trained on other files than {first_path} ({', '.join(changed)}); {advice}")
