"""One exception tree; each class knows the exit code of the process that it ends.

    NncliError                     1  anything nncli reports without a traceback
    ├── GraphError                 1  a computation graph that cannot be built or differentiated
    ├── MissingExtraError          1  a command that needs an optional dependency
    ├── OptionError                2  a demonstration's options that are wrong, or do not go together
    ├── ConfigError                3  a configuration that is wrong, every problem at once
    ├── DataError                  4  data that is missing, damaged or not what it should be
    │   ├── IdxError               4  bytes that are not a valid IDX file
    │   ├── AbsentDataError        4  data that is not on this machine and cannot be fetched
    │   │   └── DownloadError      4  no mirror gave the right bytes
    │   └── PictureError           4  a picture that cannot be read as a digit
    ├── WriteError                 5  a file that cannot be written: a full disk, a missing folder, no permission
    ├── RunError                   5  a run folder that cannot be used
    │   └── CheckpointError        5  a checkpoint that is damaged or does not fit
    ├── DivergedError              6  training met a number that is not finite
    └── ThresholdError             7  a network whose error is above the limit of `nncli evaluate --max-error`

Exit code 2 (usage) is the command-line parser's too, 130 to SIGINT and 143 to SIGTERM.
"""

from collections.abc import Sequence


class NncliError(Exception):
    """An error nncli reports in one clear message: where, what, and what to do next."""

    exit_code = 1


class GraphError(NncliError):
    """A computation graph that cannot be built, bound to a batch or differentiated."""


class MissingExtraError(NncliError):
    """A command needs an optional dependency that is not installed."""


class OptionError(NncliError):
    """A demonstration's options that are wrong or do not go together; `option` names one that is wrong by itself."""

    exit_code = 2

    def __init__(self, message: str, option: str = "") -> None:
        super().__init__(message)
        self.option = option


class ConfigError(NncliError):
    """A configuration that is wrong; carries every problem found, one line each."""

    exit_code = 3

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class DataError(NncliError):
    """Data that is missing, damaged or not what it should be."""

    exit_code = 4


class IdxError(DataError):
    """Bytes that are not a valid IDX file."""


class AbsentDataError(DataError):
    """Data that is not on this machine and cannot be fetched: a fallback may take its place."""


class DownloadError(AbsentDataError):
    """No mirror gave the right bytes."""


class PictureError(DataError):
    """A picture that cannot be read as a digit."""


class WriteError(NncliError):
    """A file that cannot be written; an earlier version of it is unchanged."""

    exit_code = 5


class RunError(NncliError):
    """A run folder that cannot be used."""

    exit_code = 5


class CheckpointError(RunError):
    """A checkpoint that is damaged or does not fit."""


class DivergedError(NncliError):
    """Training met a loss, gradient or weight that is not finite."""

    exit_code = 6


class ThresholdError(NncliError):
    """A network's error is above the limit that was set for it."""

    exit_code = 7
