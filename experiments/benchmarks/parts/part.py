"""The parts of the benchmark, each a section of RESULTS.md; nothing here imports NumPy."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """How to measure a part.

    Attributes:
        quick: whether to leave out what takes long; the section then says what.
        rounds: the number of rounds.
        data_dir: the folder of MNIST's files; None for nncli's cache or a download.
        folder: the folder for pictures.
    """

    quick: bool
    rounds: int
    data_dir: Path | None
    folder: Path


@dataclass(frozen=True)
class Part:
    """A section of RESULTS.md, measured by the function `section` of the module with the part's name."""

    heading: str
    rounds: int
    quick_rounds: int


PARTS = {
    "epochs": Part("Seconds per epoch", rounds=5, quick_rounds=3),
    "evaluation": Part("Evaluation", rounds=11, quick_rounds=3),
    "commands": Part("Whole commands", rounds=5, quick_rounds=1),
    "company": Part("Shared processors", rounds=10, quick_rounds=2),
    "images": Part("Images per second", rounds=5, quick_rounds=3),
}


def measure(name: str, *, quick: bool, rounds: int | None, data_dir: Path | None, folder: Path) -> str:
    """Measure a part and return the text of its section."""
    part = PARTS[name]
    count = rounds or (part.quick_rounds if quick else part.rounds)
    text: str = import_module(f"experiments.benchmarks.parts.{name}").section(Plan(quick, count, data_dir, folder))
    return text


def left_out(name: str, plan: Plan, *omissions: str) -> str:
    """Return a paragraph that says what a quick or shortened measurement leaves out; empty for a full one."""
    usual = PARTS[name].rounds
    fewer = [f"{plan.rounds} of {usual} rounds"] if plan.rounds < usual else []
    said = [*(each for each in omissions if each), *fewer]
    return f"**Shortened measurement**: {'; '.join(said)}.\n\n" if said else ""


def bullets(notes: list[str]) -> str:
    """Return remarks as a list in Markdown, after an empty line; nothing for none."""
    return "\n" + "".join(f"- {note}\n" for note in notes) if notes else ""
