"""The sections on optimization: the optimizers and the learning-rate schedules."""

from typing import Annotated, Literal

from pydantic import Field

from nncli.config.sections import Probability, Real, Section, Whole

LearningRate = Annotated[Real, Field(gt=0)]
_RATE = "Learning rate, the length of a step along the negative gradient; above 0."
_MOMENTUM = (
    "Share of the last step that is carried into the next; at least 0, below 1. The velocity includes the learning "
    "rate (Sutskever et al., 2013), so that steps differ from PyTorch's where a schedule changes the rate."
)


class SgdConfig(Section):
    """Stochastic gradient descent."""

    name: Literal["sgd"] = Field(description="Stochastic gradient descent.")
    learning_rate: LearningRate = Field(0.1, description=_RATE)


class MomentumConfig(Section):
    """Gradient descent with momentum (Polyak, 1964)."""

    name: Literal["momentum"] = Field(description="Gradient descent with momentum.")
    learning_rate: LearningRate = Field(0.05, description=_RATE)
    momentum: Probability = Field(0.9, description=_MOMENTUM)


class NesterovConfig(Section):
    """Gradient descent with Nesterov's momentum (Sutskever et al., 2013)."""

    name: Literal["nesterov"] = Field(description="Gradient descent with Nesterov's momentum.")
    learning_rate: LearningRate = Field(0.05, description=_RATE)
    momentum: Probability = Field(0.9, description=_MOMENTUM)


class _AdamParameters(Section):
    """The parameters that Adam and AdamW share."""

    name: str
    learning_rate: LearningRate = Field(0.001, description=_RATE)
    beta1: Probability = Field(0.9, description="Decay of the running mean of the gradient.")
    beta2: Probability = Field(0.999, description="Decay of the running mean of the squared gradient.")
    epsilon: Annotated[Real, Field(gt=0)] = Field(1e-8, description="Added to the denominator; above 0.")


class AdamConfig(_AdamParameters):
    """Adam (Kingma and Ba, 2015); the optimizer of a configuration that names none."""

    name: Literal["adam"] = Field("adam", description="Adam: a step size for each weight.")


class AdamWConfig(_AdamParameters):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    name: Literal["adamw"] = Field(description="Adam with decoupled weight decay.")
    weight_decay: Annotated[Real, Field(ge=0)] = Field(
        0.01, description="Share of each weight (times the learning rate) taken away in a step."
    )


OptimizerConfig = SgdConfig | MomentumConfig | NesterovConfig | AdamConfig | AdamWConfig


class _Schedule(Section):
    """What all schedules share: the warm-up."""

    name: str
    warmup_epochs: Annotated[Real, Field(ge=0)] = Field(
        0.0, description="Epochs (fractions allowed) over which the rate rises linearly from 0; 0 is none."
    )


class ConstantConfig(_Schedule):
    """The same learning rate throughout; the schedule of a configuration that names none."""

    name: Literal["constant"] = Field("constant", description="The same learning rate throughout.")


class StepConfig(_Schedule):
    """The rate is multiplied by `factor` every `every` epochs."""

    name: Literal["step"] = Field(description="The rate falls in steps.")
    every: Annotated[Whole, Field(ge=1)] = Field(10, description="Epochs between two steps; at least 1.")
    factor: Annotated[Real, Field(gt=0, le=1)] = Field(
        0.1, description="What a step multiplies the rate by; above 0, at most 1."
    )


class ExponentialConfig(_Schedule):
    """The rate is multiplied by `decay` each epoch."""

    name: Literal["exponential"] = Field(description="The rate falls by the same factor each epoch.")
    decay: Annotated[Real, Field(gt=0, le=1)] = Field(
        0.95, description="What an epoch multiplies the rate by; above 0, at most 1."
    )


class CosineConfig(_Schedule):
    """The rate falls along half a cosine (Loshchilov and Hutter, 2017)."""

    name: Literal["cosine"] = Field(description="The rate falls along half a cosine.")
    final: Annotated[Real, Field(ge=0, le=1)] = Field(
        0.0, description="The rate at the end as a fraction of the learning rate; 0 to 1."
    )


ScheduleConfig = ConstantConfig | StepConfig | ExponentialConfig | CosineConfig
