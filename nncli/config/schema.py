"""The configuration of a run: frozen, validated models; every default and description is written here."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from nncli.config.layers import Activation, Initializer, InitializerConfig, LayerConfig, ModelConfig
from nncli.config.optimization import (
    DEFAULT_OPTIMIZER,
    DEFAULT_SCHEDULE,
    OPTIMIZER_SECTIONS,
    SCHEDULE_SECTIONS,
    OptimizerConfig,
    ScheduleConfig,
)
from nncli.config.sections import Real, Section, Whole
from nncli.config.variants import listed
from nncli.nn.credit import RULES
from nncli.nn.losses import LOSSES

__all__ = [
    "Activation",
    "Config",
    "DataConfig",
    "EarlyStoppingConfig",
    "Initializer",
    "InitializerConfig",
    "LayerConfig",
    "ModelConfig",
    "OptimizerConfig",
    "RegularizationConfig",
    "ScheduleConfig",
    "TrainingConfig",
]

if TYPE_CHECKING:
    LossName: TypeAlias = str
    Rule: TypeAlias = str
else:
    LossName, Rule = Literal[tuple(LOSSES)], Literal[tuple(RULES)]

NonNegative = Annotated[Real, Field(ge=0)]
Positive = Annotated[Real, Field(gt=0)]
Count = Annotated[Whole, Field(ge=1, le=1_000_000_000)]
_LOSSES = listed(f"{name} ({each.brief})" for name, each in LOSSES.items())
_MAX_SEED = 2**63 - 1


class DataConfig(Section):
    """Which images to train on, and how they reach the network."""

    name: Literal["mnist", "fashion-mnist", "synthetic-digits", "idx"] = Field(
        "mnist",
        description="mnist, fashion-mnist, synthetic-digits (drawn by nncli) or idx (your own four files).",
    )
    dir: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Folder with the four IDX files; without it, the cache and then a download."
    )
    fallback: Literal["synthetic-digits"] | None = Field(
        None, description="What to train on where the data cannot be had; without it, that is an error."
    )
    validation: Annotated[Whole, Field(ge=0, le=1_000_000_000)] = Field(
        10_000, description="Training examples set apart for validation, the same share of each class."
    )
    batch_size: Count = Field(128, description="Examples in a mini-batch; at least 1.")
    scale: Literal["unit", "standardize"] = Field(
        "unit", description="unit: pixels from 0 to 1; standardize: zero mean and unit variance overall."
    )


class RegularizationConfig(Section):
    """Penalties and bounds on the weights; biases are left alone."""

    l2: NonNegative = Field(0.0, description="lambda of the penalty lambda/2 times the squared norm.")
    l1: NonNegative = Field(0.0, description="lambda of the penalty lambda times the sum of magnitudes.")
    max_norm: Positive | None = Field(
        None, description="Bound on the norm of each unit's incoming weights; without it, none."
    )


class EarlyStoppingConfig(Section):
    """When to stop before the last epoch."""

    metric: Literal["validation_error", "validation_loss"] = Field(
        "validation_error", description="What must improve: validation_error or validation_loss."
    )
    patience: Count = Field(5, description="Evaluations without an improvement after which to stop.")


class TrainingConfig(Section):
    """How long to train, and what happens between the epochs."""

    epochs: Count = Field(20, description="Passes over the training examples; at least 1.")
    early_stopping: EarlyStoppingConfig | None = Field(
        None, description="Stop when validation no longer improves; without it, train every epoch."
    )
    evaluate_every: Count = Field(1, description="Epochs between two evaluations on the validation set.")
    average_weights: Annotated[Whole, Field(ge=0)] = Field(
        0, description="Average the weights over the last so many epochs; 0 is off."
    )
    credit: Rule = Field(
        "backprop",
        description="How error signals reach the hidden layers: backprop (the chain rule), or through fixed random "
        "matrices layer by layer (feedback_alignment) or from the output to each (direct_feedback_alignment).",
    )
    checkpoint_every_steps: Count | None = Field(
        None, description="Steps between two checkpoints within an epoch; without it, one an epoch."
    )

    @model_validator(mode="after")
    def _average_fits(self) -> Self:
        if self.average_weights > self.epochs:
            raise PydanticCustomError(
                "average", f"average_weights is {self.average_weights}, more than the {self.epochs} epochs"
            )
        return self


def _named(default: str, raw: object) -> object:
    """Give a raw section that names no variant the default one."""
    return raw if not isinstance(raw, dict) or raw.get("name") is not None else {**raw, "name": default}


class Config(Section):
    """Everything that decides the outcome of a training run."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=100)] = Field(  # \w{0,99} takes 60 ms to compile
        "run",
        description="Name of the run: letters and digits of any script, ., _ and -; left out, the file's name.",
        json_schema_extra={"pattern": r"^[^\s./-][^\s/]*$"},  # an editor's \w may know ASCII alone
    )
    seed: Annotated[Whole, Field(ge=0, le=_MAX_SEED)] = Field(
        1, description="Seed of every random choice: split, initial weights, order, dropout; at least 0."
    )
    dtype: Literal["float32", "float64"] = Field("float32", description="Type of all numbers of the network.")
    data: DataConfig = Field(DataConfig(), description=DataConfig.__doc__)
    model: ModelConfig = Field(description=ModelConfig.__doc__)
    loss: LossName = Field(
        "cross_entropy",
        description=listed(f"{name} ({each.brief})" for name, each in LOSSES.items())
        + ", averaged over the mini-batch.",
    )
    regularization: RegularizationConfig = Field(RegularizationConfig(), description=RegularizationConfig.__doc__)
    optimizer: Annotated[OptimizerConfig, Field(discriminator="name")] = Field(
        OPTIMIZER_SECTIONS[DEFAULT_OPTIMIZER](),
        description=f"How the weights follow the gradient: {listed(OPTIMIZER_SECTIONS)}.",
    )
    schedule: Annotated[ScheduleConfig, Field(discriminator="name")] = Field(
        SCHEDULE_SECTIONS[DEFAULT_SCHEDULE](),
        description=f"How the learning rate changes: {listed(SCHEDULE_SECTIONS)}, after a warm-up.",
    )
    clip_norm: Positive | None = Field(None, description="Bound on the norm of the whole gradient; without it, none.")
    training: TrainingConfig = Field(TrainingConfig(), description=TrainingConfig.__doc__)

    @field_validator("optimizer", mode="before")
    @classmethod
    def _default_optimizer(cls, raw: Any) -> Any:  # noqa: ANN401 - anything a file may hold
        return _named(DEFAULT_OPTIMIZER, raw)

    @field_validator("schedule", mode="before")
    @classmethod
    def _default_schedule(cls, raw: Any) -> Any:  # noqa: ANN401 - anything a file may hold
        return _named(DEFAULT_SCHEDULE, raw)

    @model_validator(mode="after")
    def _early_stopping_has_data(self) -> Self:
        if self.training.early_stopping and not self.data.validation:
            problem = PydanticCustomError("early_stopping", "needs data.validation above 0; set that, or remove this")
            located = InitErrorDetails(type=problem, loc=("training", "early_stopping"), input=None)
            raise ValidationError.from_exception_data("early_stopping", [located])
        return self
