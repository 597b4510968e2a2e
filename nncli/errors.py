"""The exceptions of nncli, each with the exit code of the process.

    NncliError                     1  any error that is not listed below
    ├── GraphError                 1  a computation graph that cannot be built or differentiated
    ├── ExportError                1  a network that a format cannot express
    ├── MissingExtraError          1  an optional package that is not installed
    ├── StorageError               1  a database of a sweep that cannot be used
    ├── OptionError                2  invalid options for a demonstration
    ├── ExpressionError            2  a Boolean expression with a syntax error
    ├── ConfigError                3  an invalid configuration; every problem is listed
    ├── DataError                  4  data that is missing, corrupt or unsuitable
    │   ├── IdxError               4  an invalid IDX file
    │   ├── AbsentDataError        4  data that is not available on this machine and cannot be downloaded
    │   │   └── DownloadError      4  a file that could not be downloaded from any mirror
    │   └── PictureError           4  an image that cannot be read as a digit
    ├── WriteError                 5  a file that cannot be written: a full disk, a missing folder, no permission
    ├── RunError                   5  a run folder that cannot be used
    │   └── CheckpointError        5  a checkpoint that is corrupt or does not match
    ├── DivergedError              6  training that diverged: a number is not finite
    └── ThresholdError             7  a network with an error above the limit of `nncli evaluate --max-error`

The command-line parser also exits with code 2 (usage), SIGINT leads to 130 and SIGTERM to 143.
"""

from collections.abc import Iterable, Sequence


class NncliError(Exception):
    """An error that is reported in one line: where the problem is, what it is, and what to do next."""

    exit_code = 1


class GraphError(NncliError):
    """A computation graph that cannot be built, bound to a batch or differentiated."""


class ExportError(NncliError):
    """A network that a format cannot express."""


class StorageError(NncliError):
    """A database of a sweep that cannot be used."""


class MissingExtraError(NncliError):
    """An optional package that is not installed."""


class OptionError(NncliError):
    """Invalid options for a demonstration; `option` names one that is invalid by itself."""

    exit_code = 2

    def __init__(self, message: str, option: str = "") -> None:
        super().__init__(message)
        self.option = option


class ExpressionError(NncliError):
    """A Boolean expression with a syntax error; `lines` has the reason, the expression, and a caret under the place."""

    exit_code = 2

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


class ConfigError(NncliError):
    """An invalid configuration; `problems` has one line for each problem."""

    exit_code = 3

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class DataError(NncliError):
    """Data that is missing, corrupt or unsuitable."""

    exit_code = 4


class IdxError(DataError):
    """An invalid IDX file."""


class AbsentDataError(DataError):
    """Data that is not available on this machine and cannot be downloaded; a fallback may replace it."""


class DownloadError(AbsentDataError):
    """A file that could not be downloaded from any mirror."""


class PictureError(DataError):
    """An image that cannot be read as a digit."""


class WriteError(NncliError):
    """A file that cannot be written; an earlier version is unchanged."""

    exit_code = 5


class RunError(NncliError):
    """A run folder that cannot be used."""

    exit_code = 5


class CheckpointError(RunError):
    """A checkpoint that is corrupt or does not match the configuration."""


class DivergedError(NncliError):
    """A loss, gradient or weight that is not finite."""

    exit_code = 6


class ThresholdError(NncliError):
    """A network with an error above the limit."""

    exit_code = 7


def listed(names: Iterable[str], conjunction: str = "or") -> str:
    """Return names as a phrase: "a, b or c"."""
    *most, last = names
    return f"{', '.join(most)} {conjunction} {last}" if most else last
