"""The diagram has a box for each layer and a path for each connection, none of which crosses a box."""

from nncli.nn.local import Windows
from nncli.nn.network import Layer, Network
from nncli.report.diagram import diagram


def test_a_skip_connection_passes_by_the_layers_between():
    layers = [
        Layer("first", 8, dropout_probability=0.5, local=Windows(2, 20)),
        Layer("second", 6, "tanh", ("first",), batch_norm=True),
        Layer("output", 10, "linear", ("first", "second", "input")),
    ]
    drawn = diagram(Network(784, layers), (28, 28))
    assert [(box.title, box.subtitle) for box in drawn.boxes] == [
        ("input", "28 x 28 = 784 pixels"),
        ("first", "8 relu, 2x2 windows, dropout 0.5"),
        ("second", "6 tanh, batch norm"),
        ("output", "10 linear"),
    ]
    assert len(drawn.paths) == 5
    assert [path for path in drawn.paths if path.startswith(f"M{1 + drawn.box_width} ")] == [
        drawn.paths[2],
        drawn.paths[4],
    ]
    assert drawn.width > drawn.box_width + 2
    assert drawn.height == drawn.boxes[-1].y + drawn.box_height + 1
