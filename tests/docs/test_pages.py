"""What the pages link to and name exists: files, headings, make targets, and what is in the files."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from nncli.training.events import EpochFinished, Finished, Started, StepFinished

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / page
    for page in (
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/cli.md",
        "docs/performance.md",
        "docs/python.md",
    )
]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    for link, anchor in re.findall(r"\]\((?!https:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|    )make ([a-z]+)", text):
        assert f"\n{target}: " in (ROOT / "Makefile").read_text(encoding="utf-8"), target
    for path, name in re.findall(r"`((?:nncli|tests|docs|experiments)/[\w/.-]+)(?::([\w.]+))?`", text):
        if "NAME" not in path and f"```python\n# {path}\n" not in text:  # a recipe's file need not exist
            assert (ROOT / path).exists(), path
        for part in filter(None, name.split(".")):
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^\s*(class |def )?{part}\b", source, re.MULTILINE), f"{path}:{name}"


@pytest.mark.parametrize("event", [Started, StepFinished, EpochFinished, Finished])
def test_an_event_is_described_with_all_its_attributes(event: type) -> None:
    names = ", ".join(f"`{each.name}`" for each in fields(event))
    assert f"| `nncli.{event.__name__}` | {names} |" in (ROOT / "docs/python.md").read_text(encoding="utf-8")
