"""The events of the training loop, for displays and the run folder."""

from dataclasses import dataclass
from typing import TypeAlias

from nncli.records import Count, Flag, Number


@dataclass(frozen=True)
class Started:
    """Training starts, or resumes after `epoch` complete epochs and `step` steps in total, unless it is `done`."""

    epoch: int
    step: int
    epochs: int
    steps_per_epoch: int
    examples: int
    done: bool = False


@dataclass(frozen=True)
class StepFinished:
    """A step is done; `epoch` and `step_of_epoch` count from 1, and `loss` is the data loss of its mini-batch."""

    epoch: int
    step: int
    step_of_epoch: int
    loss: float
    examples: int
    learning_rate: float


@dataclass(frozen=True)
class EpochFinished:
    """An epoch is done: a line of metrics.jsonl.

    Losses are means over examples, errors are fractions of examples. The training figures are taken during the epoch,
    with dropout; the validation figures after it, and None if the epoch was not evaluated.
    """

    epoch: Count
    step: Count
    train_loss: Number
    train_error: Number
    validation_loss: Number | None
    validation_error: Number | None
    learning_rate: Number
    seconds: Number
    examples_per_second: Number
    improved: Flag


@dataclass(frozen=True)
class Finished:
    """The loop ends: all epochs are done, the metric has not improved for too long, or `stop` was called."""

    reason: str
    epoch: int
    step: int


COMPLETED, EARLY, INTERRUPTED, PRUNED = "completed", "early_stopping", "interrupted", "pruned"

Event: TypeAlias = Started | StepFinished | EpochFinished | Finished
