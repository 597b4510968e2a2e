"""`nncli lab`: the list of demonstrations, and what each command prints, writes and refuses."""

import json

import pytest

from nncli.cli.main import main
from nncli.lab.catalogue import DEMONSTRATIONS


def test_lab_lists_every_demonstration_with_its_slide(capsys):
    assert main(["lab", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {each["name"]: each["slide"] for each in listed} == {n: d.slide for n, d in DEMONSTRATIONS.items()}
    assert main(["lab"]) == 0
    shown = capsys.readouterr().out
    assert len(DEMONSTRATIONS) == 12
    assert all(name in shown for name in DEMONSTRATIONS)


def test_activations_prints_values_and_derivatives(capsys):
    assert main(["lab", "activations", "--at", "0.5", "--json"]) == 0
    by_name = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert by_name["relu"] == {"name": "relu", "formula": "y = max(0, z)", "z": [0.5], "y": [0.5], "dy_dz": [1.0]}
    assert main(["lab", "activations", "--at", "0.5"]) == 0
    assert "0.6225" in capsys.readouterr().out  # σ(1/2)


@pytest.mark.parametrize("number", ["nan", "inf", "1e9", "x"])
def test_activations_refuses_what_is_no_point(number, capsys):
    assert main(["lab", "activations", "--at", number]) == 2
    assert "--at" in capsys.readouterr().err


QUICK = {
    "neuron": ["--examples", "200", "--l2", "1"],
    "xor": ["--seeds", "2", "--steps", "20"],
    "linear-collapse": ["--epochs", "1", "--hidden-units", "8", "--hidden-layers", "1"],
    "universality": [],
    "threshold-limit": [],
    "circuit": [],
    "activations": [],
}
PICTURES = ("activations", "neuron", "threshold-limit")


@pytest.fixture
def no_mnist(tmp_path, monkeypatch):
    monkeypatch.delenv("NNCLI_DATA_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path / "cache")
    monkeypatch.setattr("nncli.data.load.SYNTHETIC_DRAWS", {"train": (1000, 1), "test": (200, 2)})
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", QUICK)
def test_each_prints_text_with_its_slide_or_one_json_document(name, no_mnist, capsys):
    assert main(["lab", name, *QUICK[name]]) == 0
    assert f'Lecture slide: "{DEMONSTRATIONS[name].slide}"' in capsys.readouterr().out
    assert main(["lab", name, *QUICK[name], "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)
    assert captured.err == ""


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_png_files_and_the_same_each_time(name, no_mnist, tmp_path, capsys):
    for file in ("a.png", "b.png"):
        assert main(["lab", name, *QUICK[name], "--output", file]) == 0
        assert f"{file} written" in capsys.readouterr().err
    first = (tmp_path / "a.png").read_bytes()
    assert first.startswith(b"\x89PNG\r\n\x1a\n")
    assert first == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("name", [*PICTURES, "circuit"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_is_saved_is_there_even_if_nobody_reads_the_rest(name, form, no_mnist, tmp_path, monkeypatch):
    option, file = ("--save", "a.safetensors") if name == "circuit" else ("--output", "a.png")

    def gone(*_arguments, **_options):
        raise BrokenPipeError

    monkeypatch.setattr("nncli.cli.pipes.Results.print", gone)
    monkeypatch.setattr("nncli.cli.console.print_json", gone)
    assert main(["lab", name, *QUICK[name], option, file, *form]) == 0
    assert (tmp_path / file).stat().st_size > 100


def test_xor_shows_the_lectures_truth_table(capsys):
    assert main(["lab", "xor", "--seeds", "1", "--steps", "5", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)["table"]
    assert [row["y"] for row in table] == [0, 1, 1, 0]


def test_a_wrong_expression_is_pointed_at(capsys):
    for name in ("circuit", "universality", "threshold-limit"):
        assert main(["lab", name, "a and ?"]) == 3
        assert capsys.readouterr().err.splitlines() == [
            "error: expression, character 7: '?' has no meaning here; see nncli lab circuit --help",
            "error:   a and ?",
            "error:         ^",
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["universality", "a", "--bits", "01"], 2, "give one of them"),
        (["circuit", "--bits", "011"], 3, "3 outputs"),
        (["circuit", "--table", "none.txt"], 4, "none.txt: cannot be read"),
        (["circuit", "a", "--open", "x"], 2, "give no function"),
        (["circuit", "--open", "none.safetensors"], 5, "none.safetensors: cannot be read"),
        (["circuit", "a", "--save", "no/such/x"], 5, "no/such/x"),
        (["threshold-limit", "--scale", "0"], 2, "--scale"),
        (["circuit", "--open", "."], 5, "error: .: is a folder; name a file that nncli lab circuit --save"),
        (["activations", "--output", "a.jpg"], 2, "'a.jpg' must end in .png, .svg or .pdf"),
        (["neuron", "--output", "a"], 2, "'a' must end in .png"),
        (["neuron", "--digits", "3", "3"], 2, "choose two that differ"),
        (["neuron", "--data-dir", "nowhere"], 4, "nowhere"),
        (["linear-collapse", "--checkpoint", "nowhere"], 5, "nowhere"),
    ],
)
def test_refusals(arguments, code, says, no_mnist, capsys):
    assert main(["lab", *arguments]) == code
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_circuit_is_saved_and_opened_again(no_mnist, capsys):
    assert main(["lab", "circuit", "xor(p, q, r)", "--save", "parity.safetensors"]) == 0
    assert "nncli lab circuit --open parity.safetensors" in capsys.readouterr().err
    assert main(["lab", "circuit", "--open", "parity.safetensors", "--json"]) == 0
    opened = json.loads(capsys.readouterr().out)
    assert (opened["variables"], opened["outputs"]) == (["p", "q", "r"], "01101001")
    assert main(["lab", "circuit", "--open", "parity.safetensors"]) == 0
    assert "true for 4 of 8 inputs" in capsys.readouterr().out
    assert main(["evaluate", "parity.safetensors"]) == 5
    assert "nncli lab circuit --open parity.safetensors" in capsys.readouterr().err


def test_no_number_is_broken_where_the_screen_is_narrow(monkeypatch, no_mnist, capsys):
    monkeypatch.setattr("nncli.cli.console._WIDTH_OFF_TERMINAL", 40)
    assert main(["lab", "xor", "--seeds", "1", "--steps", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40
    assert "right from step: never" in lines
