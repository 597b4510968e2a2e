"""The recorder: writes the metrics, checkpoints and manifest of a training to its run folder."""

import time
from pathlib import Path
from typing import Any, Self

from nncli.errors import DivergedError
from nncli.runs import manifest, metrics
from nncli.runs.checkpoint import Checkpoint, Context, save
from nncli.runs.folder import RunFolder
from nncli.runs.manifest import Manifest
from nncli.training import events, snapshot
from nncli.training.loop import Training


class Recorder:
    """Records one training, whose loop runs in a `with` block; its end sets the status in the manifest.

    Args:
        folder: run folder, locked by this process.
        training: training whose snapshots become checkpoints.
        manifest: manifest of the run as it starts or resumes.
        config: configuration for the checkpoints, as plain JSON values.
        context: inputs of the network, for the checkpoints.
        every_steps: number of steps between checkpoints within an epoch; None for none.
    """

    def __init__(
        self,
        folder: RunFolder,
        training: Training,
        manifest: Manifest,
        config: dict[str, Any],
        context: Context,
        every_steps: int | None = None,
    ) -> None:
        self.folder, self.training, self.manifest = folder, training, manifest
        self.config, self.context, self.every_steps = config, context, every_steps
        self.interrupted = False

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        finished = self.training.progress.epoch * len(self.training.batches)  # steps of whole epochs
        metrics.truncate(self.folder.metrics, step=finished)  # before the manifest, in case they are damaged
        manifest.write(self.folder.manifest, self.manifest)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.manifest = self._now().ended(self._status(error))
        manifest.write(self.folder.manifest, self.manifest)

    def _status(self, error: BaseException | None) -> manifest.Status:
        if isinstance(error, DivergedError):
            return "diverged"
        if isinstance(error, KeyboardInterrupt) or self.interrupted:
            return "interrupted"
        return "failed" if error else "completed"

    def _now(self) -> Manifest:
        return self.manifest.later(time.perf_counter() - self._began, self.best)

    @property
    def best(self) -> dict[str, int | float | None]:
        """The best epoch so far and its validation error; None without a validation split."""
        progress = self.training.progress
        return {"epoch": progress.best_epoch, "validation_error": progress.best_error}

    def handle(self, event: events.Event) -> None:
        """Write the files that an event changes; WriteError if one cannot be written."""
        match event:
            case events.StepFinished(step=step) if self.every_steps and step % self.every_steps == 0:
                self._save_last()
            case events.EpochFinished():
                metrics.append(self.folder.metrics, event)
                if event.improved:
                    self._save(self.folder.best)
                self._save_last()
            case events.Finished(reason=reason):
                self.interrupted = reason == events.INTERRUPTED
                if self.interrupted:
                    self._save_last()

    def _save_last(self) -> None:
        """Save the last checkpoint, and then the training time in the manifest, in case the process is killed."""
        self._save(self.folder.last, previous=self.folder.previous)
        manifest.write(self.folder.manifest, self._now())

    def _save(self, path: Path, previous: Path | None = None) -> None:
        taken = snapshot.take(self.training)
        checkpoint = Checkpoint(taken.tensors, self.config, taken.state | self.context.model_dump())
        save(path, checkpoint, previous=previous)
