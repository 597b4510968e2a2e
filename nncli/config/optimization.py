"""The sections `optimizer` and `schedule`, made from the optimizers and the learning-rate schedules themselves."""

from typing import TYPE_CHECKING, Union

from nncli.config.sections import Variant, variants
from nncli.optim.optimizers import OPTIMIZERS
from nncli.optim.schedules import SCHEDULES, warmup

OPTIMIZER_SECTIONS = variants(OPTIMIZERS, default="adam")
SCHEDULE_SECTIONS = variants(SCHEDULES, default="constant", shared=warmup)

if TYPE_CHECKING:

    class OptimizerConfig(Variant):
        """The fields that all optimizers share."""

        learning_rate: float

    class ScheduleConfig(Variant):
        """The fields that all schedules share."""

        warmup_epochs: float

else:
    OptimizerConfig = Union[tuple(OPTIMIZER_SECTIONS.values())]  # noqa: UP007 - of a tuple
    ScheduleConfig = Union[tuple(SCHEDULE_SECTIONS.values())]  # noqa: UP007
