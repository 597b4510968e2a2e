"""The interface for Python: train a network, or load a trained one. `import nncli` makes it available.

    import nncli

    for event in nncli.train("experiments/mlp.yaml"):
        if isinstance(event, nncli.EpochFinished):
            print(event.epoch, event.validation_error)
    model = nncli.load("runs/mlp")
    digits = model.predict(images)

It prints nothing, and raises the errors in `nncli.errors`.
"""

import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from nncli import build
from nncli.build import Trained
from nncli.config.load import from_mapping
from nncli.config.load import load as load_config
from nncli.config.schema import Config
from nncli.cores import Cores
from nncli.data.arrays import as_labels, as_pixels
from nncli.data.dataset import CLASSES, Dataset, Split
from nncli.data.load import load as load_data
from nncli.engine import blas
from nncli.errors import AbsentDataError, DataError, RunError
from nncli.evaluation.metrics import Summary, summarize
from nncli.filenames import as_path, as_text
from nncli.runs import loggers
from nncli.runs.checkpoint import Context
from nncli.runs.folder import RunFolder, Which
from nncli.runs.manifest import Data, Manifest
from nncli.runs.recorder import Recorder
from nncli.runs.trained import open_trained
from nncli.training.events import EpochFinished, Event, Finished, Started, StepFinished
from nncli.training.loop import Training
from nncli.training.threads import choose

__all__ = ["EpochFinished", "Finished", "Model", "Started", "StepFinished", "load", "load_dataset", "train"]

PathLike: TypeAlias = str | os.PathLike[str]
Images: TypeAlias = npt.ArrayLike
"""(n, 28, 28) or (n, 784); uint8 from 0 (background) to 255 (ink), or floats from 0 to 1."""


def load(run: PathLike, checkpoint: Which = "best") -> "Model":
    """Return the trained network of a run folder, or of a checkpoint file.

    Raises:
        RunError: the run or the checkpoint does not exist.
        CheckpointError: the checkpoint is corrupt or inconsistent.
    """
    if checkpoint not in get_args(Which):
        raise RunError(f"{run}: unknown checkpoint {checkpoint!r}; use 'best' or 'last'")
    _, trained = open_trained(Path(run), checkpoint)
    return Model(trained)


def load_dataset(
    name: str,
    split: Split,
    *,
    data_dir: PathLike | None = None,
    offline: bool | None = None,
    fallback: Literal["synthetic-digits"] | None = None,
) -> Dataset:
    """Return a split of a dataset: `images`, uint8 (n, rows, columns), and `labels`, uint8 (n,).

    Args:
        name: a name for `data.name` in a configuration, such as "mnist".
        split: "train" or "test".
        data_dir: the folder of the files; by default, that in NNCLI_DATA_DIR, or else the user's cache, to which
            missing files are downloaded.
        offline: whether not to download; by default, whether NNCLI_OFFLINE is 1.
        fallback: the dataset to return if this one is not available; `name` of the result tells which it is.

    Raises:
        DataError: the data is missing or corrupt.
    """
    try:
        return load_data(name, split, directory=_folder(data_dir), offline=_is_offline(offline))
    except AbsentDataError:
        if fallback is None:
            raise
        return load_data(fallback, split)


def train(
    config: Mapping[str, Any] | PathLike,
    *,
    run_dir: PathLike | None = None,
    mode: Literal["new", "unique", "force"] = "new",
    data_dir: PathLike | None = None,
    offline: bool | None = None,
) -> Iterator[Event]:
    """Prepare a training, and return an iterator that trains and yields an event after each step and epoch.

    Checks of the configuration, the data and the run folder happen in this call, the training while the events are
    read. If the iteration ends early, the run is interrupted, and `nncli train --resume` can continue it.

    Args:
        config: a configuration as a mapping, such as {"model": {"layers": [{"units": 10}]}}, or a YAML file.
        run_dir: the run folder; by default, runs/NAME, where NAME is the configuration's.
        mode: what to do if the run folder is not empty: raise an error, use the first free one of NAME-2, NAME-3, …,
            or replace the run in it.
        data_dir: as in `load_dataset`; it takes precedence over `data.dir`.
        offline: as in `load_dataset`.

    Yields:
        Started, then StepFinished after every step and EpochFinished after every epoch, then Finished.

    Raises:
        ConfigError: the configuration is invalid.
        MissingExtraError: a package for `training.loggers` is not installed.
        DataError: the data is missing or corrupt.
        RunError, WriteError: the run folder cannot be used.
        DivergedError: a loss or a weight is not finite (while the events are read).
    """
    resolved = from_mapping(config) if isinstance(config, Mapping) else load_config(Path(config)).config
    build.refuse_hard_threshold(resolved)
    loggers.check(resolved)
    if (folder := _folder(data_dir)) is not None:
        resolved = build.reading_from(resolved, as_text(str(folder)))
    run = Path(run_dir) if run_dir is not None else "runs" / as_path(resolved.name)
    if mode not in ("new", "unique", "force"):
        raise RunError(f"{run}: unknown mode {mode!r}; use 'new', 'unique' or 'force'")
    RunFolder.check(run, mode)
    data, reason = build.dataset(resolved, "train", offline=_is_offline(offline))
    if reason is not None:
        warnings.warn(f"{resolved.data.name} is not available, so {data.name} is used: {reason}", stacklevel=2)
    training = build.training(build.as_read(resolved, data), data)
    context = build.context(training, data)
    return _record(training, context, run, mode)


def _record(
    training: Training, context: Context, run: Path, mode: Literal["new", "unique", "force"]
) -> Iterator[Event]:
    """Train, and write the run folder."""
    with Cores() as cores:
        count, _ = choose(training, cores)
        with blas.threads(count), RunFolder.create(run, mode) as folder:
            data = Data(name=context.dataset, sha256=context.sha256, fallback=context.fallback)
            manifest = Manifest(command=["nncli.train"], seed=training.config.seed, data=data)
            with Recorder(folder, training, manifest, context) as recorder:
                folder.write_config(training.config)
                for event in training.run():
                    recorder.handle(event)
                    yield event


class Model:
    """A trained network; made by `nncli.load`.

    Attributes:
        config: the configuration that it was trained with.
        epoch: the number of epochs of training.
    """

    def __init__(self, trained: Trained) -> None:
        self._trained = trained
        self.config: Config = trained.config
        self.epoch = trained.epoch

    def __repr__(self) -> str:
        trained = self._trained
        units = "-".join(str(layer.units) for layer in trained.network.layers)
        name, inputs = self.config.name, trained.network.input_units
        return f"<nncli.Model {name}: {inputs}-{units}, trained on {trained.inputs.dataset}, epoch {self.epoch}>"

    @property
    def weights(self) -> dict[str, npt.NDArray[np.floating]]:
        """Copies of the parameters by name: `hidden1.weights` (outputs, inputs), `hidden1.bias` (outputs,), ….

        Batch normalization adds its gain, shift, running_mean and running_variance.
        """
        parameters = self._trained.network.parameters
        values = {name: parameters.value(name) for name in parameters} | parameters.statistics
        return {name: value.copy() for name, value in values.items()}

    def predict(self, images: Images) -> npt.NDArray[np.int64]:
        """Return the most probable digit of each image, (n,).

        Args:
            images: (n, 28, 28) or (n, 784), uint8 from 0 (background) to 255 (ink), or floats from 0 to 1. They are
                prepared and scaled as in training. Digits should be centred as in MNIST.

        Raises:
            DataError: the shape, the dtype or a value is different.
        """
        return np.asarray(self.predict_proba(images).argmax(axis=1), np.int64)

    def predict_proba(self, images: Images) -> npt.NDArray[np.floating]:
        """Return the probabilities of the ten digits for each image, (n, 10); the images are those of `predict`."""
        pixels = as_pixels(images, self._trained.image_shape)
        if not len(pixels):
            return np.empty((0, CLASSES), self._trained.network.parameters.values.dtype)
        return self._trained.predict(pixels).T

    def evaluate(
        self,
        dataset: Literal["test", "validation", "train"] | Dataset | tuple[Images, npt.ArrayLike] = "test",
        *,
        data_dir: PathLike | None = None,
        offline: bool | None = None,
    ) -> Summary:
        """Return the error with its 95% interval, the accuracy, the confusion matrix and more.

        Args:
            dataset: a split of the data that the network was trained on, a dataset from `nncli.load_dataset`, or
                images and labels; labels are integers from 0 to 9.
            data_dir: the folder of the split's files; by default, the one read in training, if it still exists.
            offline: as in `load_dataset`.

        Raises:
            DataError: the data is missing, corrupt, empty or of another shape.
            DivergedError: a probability is not finite.
        """
        if isinstance(dataset, str):
            images, labels = self._split(dataset, data_dir, offline=_is_offline(offline))
        elif isinstance(dataset, Dataset):
            images, labels = dataset.images, dataset.labels
        else:
            images = as_pixels(dataset[0], self._trained.image_shape)
            labels = as_labels(dataset[1], len(images))
        if not len(labels):
            raise DataError("there are no examples to evaluate; use another split, or images and labels")
        return summarize(self.predict_proba(images).T, labels)

    def _split(
        self, name: str, data_dir: PathLike | None, *, offline: bool
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Return the images and labels of a split."""
        files: dict[str, Split] = {"test": "test", "validation": "train", "train": "train"}
        if name not in files:
            raise DataError(f"unknown split {name!r}; use {', '.join(files)}, a dataset, or images and labels")
        recorded = build.data_folder(self.config)
        if data_dir is not None or recorded is None or not recorded.is_dir():
            recorded = _folder(data_dir)
        data = load_data(self._trained.inputs.dataset, files[name], directory=recorded, offline=offline)
        if name == "test":
            return data.images, data.labels
        indices = self._trained.split(data)[name == "validation"]
        return data.images[indices], data.labels[indices]


def _folder(data_dir: PathLike | None) -> Path | None:
    """Return the folder to read data from; None means the cache or a download."""
    folder = data_dir if data_dir is not None else os.environ.get("NNCLI_DATA_DIR")
    return Path(folder) if folder else None


def _is_offline(offline: bool | None) -> bool:
    """Return the argument; by default, the value of NNCLI_OFFLINE, which the command line reads in the same way."""
    if offline is None:
        return os.environ.get("NNCLI_OFFLINE", "").strip().lower() not in {"", "0", "f", "false", "n", "no", "off"}
    return offline
