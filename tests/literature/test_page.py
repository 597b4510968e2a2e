"""The page has a line for each row, computed from records, which cannot be changed unnoticed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nncli.errors import RunError
from nncli.literature import result, table
from nncli.literature.configurations import recorded
from nncli.literature.page import page
from nncli.literature.result import Result
from nncli.literature.table import Row
from nncli.runs.manifest import Environment

ROWS = {
    name: Row(
        name=name,
        network="784-10",
        recipe="softmax",
        published=7.6,
        source="someone",
        inputs="images",
        configuration="a.yaml",
        changes="ReLU" if name == "two" else "",
    )
    for name in ("one", "two")
}


def made(error, seed=1, seconds=60.0, processor_seconds=90.0):
    return Result(
        row="one",
        seed=seed,
        configuration={"seed": seed},
        error=error,
        loss=0.5,
        examples=10_000,
        epochs=3,
        seconds=seconds,
        processor_seconds=processor_seconds,
        weights="0" * 64,
        environment=Environment.current(),
        finished=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_line_has_mean_spread_interval_and_cost():
    lines = page(ROWS, {"one": [made(0.07, 1), made(0.08, 2, seconds=120.0)]}, "a.png").splitlines()
    (one,) = [line for line in lines if "| softmax | none |" in line]
    assert one == "| 784-10 | softmax | none | 7.60 | **7.50** ± 0.71 | 2 | 7.00 to 8.03 | 3 | 1.5 | 1.5 | someone |"
    (two,) = [line for line in lines if "| softmax | ReLU | 7.60 |" in line]
    assert two.count("–") == 6
    assert "Configurations of this project" not in "".join(lines)


def test_a_committee_of_this_project_has_its_members_in_place_of_a_configuration():
    row = Row(name="own", network="3 networks", recipe="x | y", inputs="images", members={"one": 2, "two": 1}, copies=5)
    (line,) = [line for line in page({"own": row}, {}, "a.png").splitlines() if line.startswith("| 3 networks")]
    assert line.startswith(r"| 3 networks | x \| y | ")
    assert line.endswith(" | 2 x one, 1 x two, 5 copies |")


def test_a_network_of_this_project_has_no_published_error():
    rows = {"own": Row(name="own", network="784-10", recipe="softmax", inputs="images", configuration="a.yaml")}
    *_, line, _, machine = page(rows, {"own": [made(0.07)]}, "a.png").splitlines()
    assert line == "| 784-10 | softmax | **7.00** | 1 | 6.52 to 7.52 | 3 | 1.0 | 1.5 | `a.yaml` |"
    assert machine.startswith("- trained on ")


def test_the_projects_page_is_that_of_its_records():
    experiments = Path(__file__).parents[2] / "experiments"
    rows = table.read(experiments / "literature.yaml")
    written = (experiments / "RESULTS.md").read_text(encoding="utf-8")
    assert page(rows, recorded(experiments, rows), "RESULTS.png") == written  # `nncli reproduce NAME` writes it again


def test_a_record_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "one-1.json"
    result.write(path, made(0.07))
    assert result.read(path) == made(0.07).signed()


@pytest.mark.parametrize(
    ("key", "value"), [("error", 0.01), ("configuration", {"seed": 2}), ("digest", "0" * 64), ("seed", 2)]
)
def test_a_changed_record_is_refused(key, value, tmp_path):
    path = tmp_path / "one-1.json"
    result.write(path, made(0.07))
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | {key: value}), encoding="utf-8")
    with pytest.raises(RunError, match="was changed after the run"):
        result.read(path)


@pytest.mark.parametrize("text", ["", "{}", "[1]"])
def test_what_is_no_record_is_refused(text, tmp_path):
    path = tmp_path / "one-1.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match="cannot be read as a record"):
        result.read(path)
