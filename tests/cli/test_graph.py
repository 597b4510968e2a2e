"""`nncli graph`: the table, its JSON, and the picture for Graphviz."""

import json

import pytest

SKIP = {
    "layers": [
        {"name": "a", "units": 5},
        {"name": "b", "units": 7, "activation": "tanh", "dropout_probability": 0.5},
        {"units": 10, "inputs": ["a", "b", "input"]},
    ]
}


@pytest.fixture
def network_file(config_file):
    """A configuration on MNIST, of which nothing has to be there to show the network."""
    return lambda **changes: config_file(data={"name": "mnist"}, **changes)


def rows(text):
    """Give the cells of each line of the table."""
    return [line.split() for line in text.splitlines() if line.strip(" ─")]


def test_the_tables_have_a_row_a_layer_and_the_costs_a_total(nncli, network_file):
    ended = nncli("graph", network_file(model=SKIP))
    assert (ended.code, ended.err) == (0, "")
    title, heading, *layers, caption, cost_heading, first, _, _, total = rows(ended.out)
    assert " ".join(title) == "small: 784 input units"
    assert heading == ["layer", "inputs", "shape", "activation"]
    assert layers == [
        ["a", "input", "5", "x", "784", "relu"],
        ["b", "a", "7", "x", "5", "tanh"],
        ["output", "a,", "b,", "input", "10", "x", "796", "linear"],
    ]
    assert " ".join(caption).endswith("memory: values and error signals for a mini-batch of 64")
    assert cost_heading == ["layer", "parameters", "forward", "backward", "memory"]
    assert first[:4] == ["a", "3,925", "3,920", "3,920"]
    assert total[:4] == ["total", "11,937", "11,915", "19,910"]


@pytest.mark.parametrize(("width", "shape"), [(80, " 5 x 784 "), (40, "shape: 5 x 784"), (20, "shape: 5 x 784")])
def test_nothing_is_cut_where_the_screen_is_narrow(width, shape, nncli, network_file, monkeypatch):
    monkeypatch.setattr("nncli.cli.console._WIDTH_OFF_TERMINAL", width)
    out = nncli("graph", network_file(model=SKIP)).out
    assert max(map(len, out.splitlines())) <= width
    assert "…" not in out
    for whole in (shape, "activation", "parameters", "backward", "11,937", "19,910"):
        assert whole in out


def test_json_is_one_document_with_the_same_numbers(nncli, network_file):
    document = json.loads(nncli("graph", network_file(model=SKIP), "--json").out)
    assert (document["name"], document["input_units"], document["batch_size"]) == ("small", 784, 64)
    names = [layer["name"] for layer in document["layers"]]
    assert names == ["a", "b", "output"]
    assert document["layers"][2]["inputs"] == ["a", "b", "input"]
    for count, total in document["total"].items():
        assert total == sum(layer[count] for layer in document["layers"]) > 0


def test_overrides_change_the_network(nncli, network_file):
    path = network_file()
    ended = nncli("graph", path, "--json", "--set", "model.layers[0].units=3", "--set", "data.batch_size=2")
    document = json.loads(ended.out)
    assert document["layers"][0]["shape"] == [3, 784]
    assert document["batch_size"] == 2


def test_dot_prints_graphviz_text(nncli, network_file):
    ended = nncli("graph", network_file(model=SKIP), "--dot")
    assert ended.code == 0
    assert ended.out.startswith('digraph "small" {\n')
    assert '  "b" -> "output";\n' in ended.out


def test_a_network_that_cannot_be_trained_can_be_shown(nncli, network_file):
    layers = [{"units": 5, "activation": "hard_threshold"}, {"units": 10}]
    ended = nncli("graph", network_file(model={"layers": layers}))
    assert ended.code == 0
    assert "hard_threshold" in ended.out


def test_only_own_files_are_read_for_the_size_of_an_image(nncli, config_file, digits_dir):
    path = config_file()
    ended = nncli("graph", path, "--data-dir", digits_dir, "--json")
    assert json.loads(ended.out)["input_units"] == 784
    missing = nncli("graph", path)
    assert (missing.code, missing.out) == (4, "")
    assert missing.err.startswith("error: data.name: idx requires a folder of files")


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--dot", "--json"], 2), (["--set", "model.layers[0].units=none"], 3)]
)
def test_what_is_wrong_is_said(arguments, code, nncli, network_file):
    ended = nncli("graph", network_file(), *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("error: ")
