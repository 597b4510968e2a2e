"""`nncli report` writes one page and prints where it is."""

import pytest


def test_it_writes_the_page_into_the_run_folder(lamp_run, lamps, nncli):
    ended = nncli("report", lamp_run, "--data-dir", lamps)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{lamp_run / 'report.html'}\n"
    page = (lamp_run / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "lamps" in page


def test_a_checkpoint_file_and_another_output(lamp_run, lamps, nncli, tmp_path, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    checkpoint = lamp_run / "checkpoints" / "best.safetensors"
    ended = nncli("report", checkpoint, "--data-dir", lamps, "--output", "lamps.html", "--open")
    assert (ended.code, ended.out) == (0, "lamps.html\n")
    assert opened == ["lamps.html"]
    assert (tmp_path / "lamps.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["nothing"], 5, "no such run or checkpoint"),
        (["run", "--output", "page.pdf"], 2, "must end in .html or .htm"),
        (["run", "--data-dir", "nowhere"], 4, "nowhere"),
    ],
)
def test_what_cannot_be_reported_is_said(arguments, code, reason, lamp_run, nncli):
    ended = nncli("report", *arguments)
    assert ended.code == code
    assert reason in ended.err
    assert not list(lamp_run.glob("*.html"))
