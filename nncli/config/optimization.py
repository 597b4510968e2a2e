"""The sections on optimization, made from the optimizers and the learning-rate schedules themselves."""

from typing import TYPE_CHECKING, Union

from nncli.config.variants import Variant, sections, settings
from nncli.optim.optimizers import OPTIMIZERS
from nncli.optim.schedules import SCHEDULES, warmup

DEFAULT_OPTIMIZER, DEFAULT_SCHEDULE = "adam", "constant"

OPTIMIZER_SECTIONS = sections(OPTIMIZERS, DEFAULT_OPTIMIZER)
SCHEDULE_SECTIONS = sections(SCHEDULES, DEFAULT_SCHEDULE, shared=settings(warmup))

if TYPE_CHECKING:

    class OptimizerConfig(Variant):
        """What every optimizer's section has."""

        learning_rate: float

    class ScheduleConfig(Variant):
        """What every schedule's section has."""

        warmup_epochs: float

else:
    OptimizerConfig = Union[tuple(OPTIMIZER_SECTIONS.values())]  # noqa: UP007 - of a tuple
    ScheduleConfig = Union[tuple(SCHEDULE_SECTIONS.values())]  # noqa: UP007
