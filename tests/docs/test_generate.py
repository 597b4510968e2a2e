"""The pages are those that `make docs` writes: the reference is complete, and what is quoted is the source."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))


@pytest.mark.parametrize("columns", ["40", "200"])
def test_the_pages_are_up_to_date_however_wide_the_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for path, text in GENERATE["pages"]().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date; run: make docs"


def test_the_reference_has_defaults_variables_and_exit_codes() -> None:
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for part in ("### nncli lab backprop\n", "[default: best]", "[env var: NNCLI_DATA_DIR]", "| 143 | terminated |"):
        assert part in reference


def test_a_quotation_is_replaced_by_the_source() -> None:
    stale = "before\n\n```python\n# nncli/engine/graph.py: Graph.forward\nold\n```\n\nafter\n"
    assert GENERATE["with_quotes"](stale) == (
        "before\n\n```python\n# nncli/engine/graph.py: Graph.forward\n"
        "def forward(self) -> None:\n"
        '    """Compute every node from its parents, in topological order."""\n'
        "    for node in self.nodes:\n"
        "        node.forward()\n"
        "```\n\nafter\n"
    )
