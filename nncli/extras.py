"""Imports of optional packages, with an error that says how to install them."""

from importlib import import_module
from typing import Any

from nncli.errors import MissingExtraError


def require(module: str, extra: str) -> Any:  # noqa: ANN401 - a module
    """Return an optional module.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtraError(f"{package} is not installed ({error}); run: pip install 'nncli[{extra}]'") from error
