"""What the training loop says while it runs; displays and the run folder listen."""

from dataclasses import dataclass
from typing import TypeAlias

from nncli.records import Count, Flag, Number


@dataclass(frozen=True)
class Started:
    """Training begins, or resumes after `epoch` whole epochs and `step` steps in all."""

    epoch: int
    step: int
    epochs: int
    steps_per_epoch: int
    examples: int


@dataclass(frozen=True)
class StepFinished:
    """One mini-batch of an epoch (counted from 1) is done; `loss` is its data loss."""

    epoch: int
    step: int
    step_of_epoch: int
    loss: float
    examples: int


@dataclass(frozen=True)
class EpochFinished:
    """One epoch is done: a line of metrics.jsonl.

    Losses are means over the examples, errors fractions of them. The training figures are taken while the weights
    move, with dropout on; the validation figures after the epoch, and None where there was no evaluation.
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
    """The loop ends: every epoch done, no improvement for too long, or asked to stop."""

    reason: str
    epoch: int
    step: int


COMPLETED, EARLY, INTERRUPTED = "completed", "early_stopping", "interrupted"

Event: TypeAlias = Started | StepFinished | EpochFinished | Finished
