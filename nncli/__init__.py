"""Train and evaluate MNIST classifiers with a backpropagation engine in NumPy.

The names in `__all__` are the interface for Python (docs/python.md). They are imported when they are first used, so
that `import nncli` is quick.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0.dev0"

__all__ = ["EpochFinished", "Finished", "Model", "Started", "StepFinished", "load", "load_dataset", "train"]

if TYPE_CHECKING:
    from nncli.api import EpochFinished, Finished, Model, Started, StepFinished, load, load_dataset, train


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("nncli.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
