"""The notebook runs from top to bottom, here on a few generated digits; `make notebook` runs it with Jupyter."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

NOTEBOOK = Path(__file__).parents[1] / "examples" / "notebook.ipynb"
CELLS = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def test_it_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("nncli.data.load.SYNTHETIC_SIZES", {"train": (300, 1), "test": (60, 2)})
    monkeypatch.delenv("NNCLI_DATA_DIR", raising=False)
    monkeypatch.setenv("NNCLI_OFFLINE", "1")
    for kind in ("CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    monkeypatch.chdir(tmp_path)
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    namespace: dict[str, object] = {}
    with plt.rc_context({"backend": "agg"}):
        for number, cell in enumerate(CELLS, start=1):
            exec(compile("".join(cell["source"]), f"code cell {number}", "exec"), namespace)
    plt.close("all")
    assert len(shown) == 4
    assert "notebook-perceptron: test error" in capsys.readouterr().out


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_committed_without_outputs(cell):
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
