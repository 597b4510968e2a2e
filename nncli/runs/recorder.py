"""The recorder: writes the metrics, checkpoints and manifest of a training to its run folder."""

import time
from pathlib import Path
from typing import Self

from nncli.config.load import to_mapping
from nncli.errors import DivergedError
from nncli.runs import manifest, metrics
from nncli.runs.checkpoint import Checkpoint, Context, save
from nncli.runs.folder import RunFolder
from nncli.runs.loggers import Logger, open_loggers
from nncli.runs.manifest import Manifest
from nncli.training import events, snapshot
from nncli.training.loop import Training


class Recorder:
    """Records one training, whose loop runs in a `with` block; its end sets the status in the manifest.

    Args:
        folder: run folder, locked by this process.
        training: training whose snapshots become checkpoints.
        manifest: manifest of the run as it starts or resumes.
        context: inputs of the network, for the checkpoints.
    """

    def __init__(self, folder: RunFolder, training: Training, manifest: Manifest, context: Context) -> None:
        self.folder, self.training, self.manifest, self.context = folder, training, manifest, context
        self.interrupted = self.pruned = False
        self.loggers: list[Logger] = []

    def __enter__(self) -> Self:
        self._began, self._processor = time.perf_counter(), time.process_time()
        finished = self.training.progress.epoch * len(self.training.batches)  # steps of whole epochs
        metrics.truncate(self.folder.metrics, step=finished)  # before the manifest, in case they are damaged
        manifest.write(self.folder.manifest, self.manifest)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.manifest = self._now().ended(self._status(error))
        manifest.write(self.folder.manifest, self.manifest)
        for logger in self.loggers:
            logger.close()

    def _status(self, error: BaseException | None) -> manifest.Status:
        if isinstance(error, DivergedError):
            return "diverged"
        if isinstance(error, KeyboardInterrupt | GeneratorExit) or self.interrupted:
            return "interrupted"
        if error:
            return "failed"
        return "pruned" if self.pruned else "completed"

    def _now(self) -> Manifest:
        seconds, processor_seconds = time.perf_counter() - self._began, time.process_time() - self._processor
        return self.manifest.later(seconds, processor_seconds, self.best)

    @property
    def best(self) -> dict[str, int | float | None]:
        """The best epoch so far and its validation error; None without a validation split."""
        progress = self.training.progress
        return {"epoch": progress.best_epoch, "validation_error": progress.best_error}

    def handle(self, event: events.Event) -> None:
        """Write the files that an event changes; WriteError if one cannot be written."""
        every = self.training.config.training.checkpoint_every_steps
        match event:
            case events.Started():
                self.loggers = open_loggers(self.folder, self.training, self.context.shape)
            case events.StepFinished(step=step) if every and step % every == 0:
                self._save_last()
            case events.EpochFinished():
                metrics.append(self.folder.metrics, event)
                for logger in self.loggers:  # before the checkpoint: no epoch is missing if the process is killed
                    logger.log(event)
                if event.improved:
                    self._save(self.folder.best)
                self._save_last()
            case events.Finished(reason=reason):
                self.interrupted, self.pruned = reason == events.INTERRUPTED, reason == events.PRUNED
                if self.interrupted:
                    self._save_last()

    def _save_last(self) -> None:
        """Save the last checkpoint, and then the training time in the manifest, in case the process is killed."""
        self._save(self.folder.last, previous=self.folder.previous)
        manifest.write(self.folder.manifest, self._now())

    def _save(self, path: Path, previous: Path | None = None) -> None:
        taken = snapshot.take(self.training)
        config, state = to_mapping(self.training.config), taken.state | self.context.model_dump()
        save(path, Checkpoint(taken.tensors, config, state), previous=previous)
