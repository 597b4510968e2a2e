"""The demonstrations by name, each with its lecture slide; none of them is imported."""

import tomllib
from pathlib import Path
from typing import NamedTuple


class Demonstration(NamedTuple):
    """The title or opening words of a demonstration's lecture slide, and what it shows."""

    slide: str
    summary: str


_LISTED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
DEMONSTRATIONS = {name: Demonstration(**each) for name, each in _LISTED.items()}
"""In the order of the slides in README.md; the module of each is `nncli.lab.<name>`, with underscores for hyphens."""
