"""Build networks, training loops and datasets from a configuration: the only module that knows both sides."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nncli import records
from nncli.config.load import from_mapping
from nncli.config.schema import Config
from nncli.data.augment import Augmentation, Elastic
from nncli.data.batches import Batches
from nncli.data.dataset import SIDE, Dataset, Indices, Split
from nncli.data.load import load
from nncli.data.preparation import Preparation
from nncli.data.scaling import UNIT, Scaling
from nncli.data.sources import differing
from nncli.data.splits import stratified
from nncli.engine.parameters import Parameters, check_fit
from nncli.errors import AbsentDataError, CheckpointError, ConfigError, DataError, GraphError
from nncli.evaluation.probabilities import evaluate
from nncli.filenames import as_path, as_text
from nncli.nn.adversarial import ADVERSARIES, Adversary
from nncli.nn.credit import RULES
from nncli.nn.local import Windows
from nncli.nn.network import Layer, Network, NetworkGraph, parameter_shapes, statistic_shapes
from nncli.optim import schedules
from nncli.optim.optimizers import OPTIMIZERS, Optimizer
from nncli.randomness import generator
from nncli.runs.checkpoint import Checkpoint, Context
from nncli.training.landing import landing_of
from nncli.training.loop import Training
from nncli.training.snapshot import progress_of

EVALUATION_BATCH = 500
"""Examples per evaluation batch; it limits memory use, and affects results only by rounding."""


def dataset(
    config: Config,
    split: Split,
    *,
    offline: bool = False,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> tuple[Dataset, str | None]:
    """Load a split of the configured dataset, or of its fallback if that is not available.

    Returns:
        The dataset, and the reason for the fallback (None without one).

    Raises:
        DataError: neither is available, or the data is corrupt.
    """
    data = config.data
    try:
        return load(data.name, split, directory=data_folder(config), offline=offline, on_progress=on_progress), None
    except AbsentDataError as error:
        if data.fallback is None:
            advice = "or set data.fallback: synthetic-digits to train on generated digits"
            raise type(error)(f"{error}, {advice}") from error
        return load(data.fallback, split), str(error)


def data_folder(config: Config) -> Path | None:
    """Return the folder of the data; None for the cache or a download."""
    return as_path(config.data.dir) if config.data.dir else None


def as_read(config: Config, data: Dataset) -> Config:
    """Return a configuration with the folder that its data was read from; None for the cache and generated digits."""
    from_folder = config.data.dir is not None and data.name != "synthetic-digits"
    return reading_from(config, as_text(str(Path(data.origin).absolute())) if from_folder else None)


def reading_from(config: Config, folder: str | None) -> Config:
    """Return a configuration with a different data folder; None for the cache or a download."""
    return config.model_copy(update={"data": config.data.model_copy(update={"dir": folder})})


def layers(config: Config) -> list[Layer]:
    """Return the layers of a configuration."""
    return [
        Layer(
            **vars(layer)
            | {"initializer": layer.initializer.name, "scale": layer.initializer.scale}
            | {"local": layer.local and Windows(**vars(layer.local))}
        )
        for layer in config.model.layers
    ]


def network(config: Config, pixels: int, *, blank: bool = False) -> Network:
    """Return a network with initial weights drawn from the configuration's seed, or with all weights 0 if `blank`."""
    probability = config.model.input_dropout_probability
    built = Network(pixels, layers(config), input_drop_probability=probability, dtype=np.dtype(config.dtype))
    if not blank:
        built.initialize(generator(config.seed, "weights"))
    return built


def training_graph(
    config: Config,
    net: Network,
    noise: np.random.Generator,
    parameters: Parameters | None = None,
    *,
    with_l2: bool = True,
) -> NetworkGraph:
    """Return the training graph of a network; `noise` draws the dropout masks.

    Feedback matrices depend on the seed only, so a resumed run has the same ones.
    """
    return NetworkGraph(
        net,
        config.loss,
        rng=noise,
        l2=config.regularization.l2 if with_l2 else 0.0,
        l1=config.regularization.l1,
        parameters=parameters,
        credit=RULES[config.training.credit](generator(config.seed, "feedback")),
    )


def adversary(config: Config, net: Network, noise: np.random.Generator) -> Adversary | None:
    """Return what makes adversarial copies of the mini-batches, or None."""
    if config.training.adversarial is None:
        return None
    settings = config.training.adversarial.model_dump(exclude={"name"})
    return ADVERSARIES[config.training.adversarial.name](net, config.loss, noise, **settings)


def optimizer(config: Config, size: int) -> Optimizer:
    """Return the optimizer for a weight space of this dimension."""
    settings = config.optimizer.model_dump(exclude={"name", "learning_rate"})
    return OPTIMIZERS[config.optimizer.name](size, np.dtype(config.dtype), **settings)


def learning_rate(config: Config) -> Callable[[float], float]:
    """Return the learning rate as a function of the time in epochs."""
    settings = config.schedule.model_dump(exclude={"name", "warmup_epochs"})
    schedule = schedules.SCHEDULES[config.schedule.name]
    if schedules.spans_training(schedule):
        settings["epochs"] = config.training.epochs
    factor = partial(schedule, **settings)
    warmup = partial(schedules.warmup, warmup_epochs=config.schedule.warmup_epochs)
    return lambda epoch: config.optimizer.learning_rate * warmup(epoch) * factor(epoch)


def scaling(config: Config, images: npt.NDArray[np.uint8], train_indices: Indices | None = None) -> Scaling:
    """Return the scaling of the inputs; `standardize` measures the images at `train_indices`, or all images."""
    return Scaling.standardize(images, train_indices) if config.data.scale == "standardize" else UNIT


def prepared(config: Config, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return images as the network reads them, before scaling.

    Raises:
        DataError: they are larger than the configured frame.
    """
    _, rows, columns = images.shape
    size = config.data.size
    if size is not None and size < max(rows, columns):
        raise DataError(f"the images are {rows}x{columns}, larger than data.size {size}; increase or omit data.size")
    return Preparation(config.data.deskew, size).apply(images)


def augmentation(config: Config) -> Augmentation | None:
    """Return the distortions of the training images, or None."""
    if config.data.augment is None:
        return None
    settings = config.data.augment.model_dump(exclude={"elastic"})
    elastic = config.data.augment.elastic
    return Augmentation(**settings, elastic=Elastic(**elastic.model_dump()) if elastic else None)


def split_indices(config: Config, data: Dataset) -> tuple[Indices, Indices]:
    """Return the indices of the training and validation examples of a training set."""
    return stratified(data.labels, config.data.validation, config.seed)


def training(config: Config, data: Dataset) -> Training:
    """Return a training loop before its first step.

    Raises:
        ConfigError: the network has the activation hard_threshold, which cannot be trained.
        DataError: too few examples to hold some out.
    """
    refuse_hard_threshold(config)
    train_indices, validation_indices = split_indices(config, data)
    images = prepared(config, data.images)
    scale = scaling(config, images, train_indices)
    batches = partial(Batches, images, data.labels, scaling=scale, dtype=np.dtype(config.dtype))
    net = network(config, images[0].size)
    noise = generator(config.seed, "dropout")
    landing = landing_of(config.optimizer.name, clipped=config.clip_norm is not None, l1=config.regularization.l1)
    graph = training_graph(config, net, noise, with_l2=not landing.takes_l2)
    return Training(
        net,
        graph,
        landing(optimizer(config, net.parameters.size), net.parameters, graph.leaves, config.regularization.l2),
        batches(
            train_indices,
            batch_size=config.data.batch_size,
            augment=augmentation(config),
            smoothing=config.training.label_smoothing,
        ),
        batches(validation_indices, batch_size=EVALUATION_BATCH) if len(validation_indices) else None,
        config,
        learning_rate(config),
        noise,
        adversary(config, net, noise),
    )


def refuse_hard_threshold(config: Config, origins: Mapping[str, str] | None = None) -> None:
    """Raise ConfigError if a layer has the activation hard_threshold; `origins` maps keys to where they were set."""
    problems = []
    for i, layer in enumerate(config.model.layers):
        if layer.activation == "hard_threshold":
            key = f"model.layers[{i}].activation"
            where = f"{origins[key]}: {key}" if origins else key
            problems.append(
                f"{where}: layer '{layer.name}' has the activation hard_threshold, whose derivative is 0 almost "
                "everywhere: no error signal reaches its weights or those of earlier layers; "
                "use logistic or tanh instead"
            )
    if problems:
        raise ConfigError(problems)


@dataclass(frozen=True)
class Trained:
    """A network from a checkpoint, with its evaluation graph; `epoch` is the number of epochs of training."""

    config: Config
    network: Network
    graph: NetworkGraph
    inputs: Context
    epoch: int

    @property
    def image_shape(self) -> tuple[int, int]:
        """The (rows, columns) of the images it was trained on, before they were framed.

        With `data.size`, which fits images of any smaller shape, it is MNIST's.
        """
        return self.inputs.shape if self.config.data.size is None else (SIDE, SIDE)

    def predict(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
        """Return the class probabilities of images, (classes, n).

        Raises:
            DataError: as in `batches`.
        """
        unknown = np.zeros(len(images), np.uint8)  # labels matter only for the loss
        return evaluate(self.graph, self.batches(images, unknown))[1]

    def batches(
        self, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], indices: Indices | None = None
    ) -> Batches:
        """Return the examples at `indices`, or all of them, in batches, prepared and scaled for this network.

        Raises:
            DataError: the images do not have the shape of those it was trained on.
        """
        images = prepared(self.config, images)
        if images.shape[1:] != self.inputs.shape:
            rows, columns = self.inputs.shape
            raise DataError(
                f"the images are {images.shape[1]}x{images.shape[2]}, but the network expects {rows}x{columns}; "
                "use data of the same shape as in training"
            )
        dtype = self.network.parameters.values.dtype
        indices = np.arange(len(images)) if indices is None else indices
        return Batches(images, labels, indices, batch_size=EVALUATION_BATCH, scaling=self.inputs.scaling, dtype=dtype)

    def split(self, data: Dataset) -> tuple[Indices, Indices]:
        """Return the indices of the examples that it was trained and validated on.

        Raises:
            DataError: it was trained on different data.
        """
        if self.inputs.sha256 and (changed := differing(self.inputs.sha256, data.sha256)):
            raise DataError(
                f"{data.origin}: not the files that the network was trained on (changed: {', '.join(changed)}), so the "
                "validation examples are unknown; use --data-dir to specify the original files, or --split test"
            )
        return split_indices(self.config, data)


def context(training: Training, data: Dataset) -> Context:
    """Return the description of a network's inputs for its checkpoints."""
    fallback = data.name != training.config.data.name
    shape, scaling = training.batches.shape, training.batches.scaling
    return Context(dataset=data.name, sha256=data.sha256, fallback=fallback, shape=shape, scaling=scaling)


def trained(checkpoint: Checkpoint, name: str) -> Trained:
    """Return the network of a checkpoint; errors begin with `name`.

    Raises:
        CheckpointError: the tensors do not match the configuration, or a part is missing or invalid.
    """
    try:
        config, inputs = from_mapping(checkpoint.config), records.read(Context, checkpoint.state, "state")
        epoch, pixels = progress_of(checkpoint.state).epoch, math.prod(inputs.shape)
        if inputs.dataset not in (config.data.name, config.data.fallback):
            raise ValueError(f"it was trained on {inputs.dataset!r:.60}, which is not in its configuration")
        shapes = parameter_shapes(pixels, layers(config)) | statistic_shapes(layers(config))
        check_fit(checkpoint.tensors, shapes, config.dtype)  # before allocating
        net = network(config, pixels, blank=True)
        net.parameters.assign(checkpoint.tensors)
    except (ConfigError, GraphError, ValueError) as error:
        reason = error.problems[0] if isinstance(error, ConfigError) else error
        raise CheckpointError(
            f"{name}: does not contain the network described in its metadata ({reason}); "
            "use another checkpoint, or train again"
        ) from error
    return Trained(config, net, NetworkGraph(net, config.loss), inputs, epoch)
