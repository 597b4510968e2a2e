"""RESULTS.md: a page with one section for each part, measured together or one at a time."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from experiments.benchmarks.parts.part import PARTS

HEAD = """\
# Speed

Written by `make bench`. Each section states its machine, versions, date and command; `bench.py --only PART` measures
one part again and keeps the others.
"""


def write(
    names: Sequence[str], measure: Callable[[str], str], facts: Callable[[], str], path: Path, *, keep: bool
) -> None:
    """Measure parts, and write the page after each.

    Args:
        names: the parts to measure.
        measure: returns the text of a part's section.
        facts: returns the machine, versions, date and command as a list in Markdown.
        path: the page.
        keep: whether to keep the other sections of the page.
    """
    head, sections = parse(path.read_text(encoding="utf-8")) if keep and path.exists() else (HEAD, {})
    for name in names:
        heading, known = PARTS[name].heading, facts()
        sections[heading] = f"## {heading}\n\n{known}\n{measure(name)}"
        path.write_text(page(head, sections), encoding="utf-8")


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Split a page into its head and its sections by heading."""
    head, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return head, {each.partition("\n")[0].removeprefix("## "): each for each in sections}


def page(head: str, sections: dict[str, str]) -> str:
    """Return a page with the sections in the order of PARTS."""
    order = [part.heading for part in PARTS.values()]
    ordered = sorted(sections, key=lambda heading: order.index(heading) if heading in order else len(order))
    return "\n\n".join(each.rstrip("\n") for each in [head, *(sections[heading] for heading in ordered)]) + "\n"
