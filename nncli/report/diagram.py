"""The network as a diagram: the layers from top to bottom in order of computation, with their connections."""

from dataclasses import dataclass

from nncli.nn.network import INPUT, Layer, Network

WIDTH, HEIGHT, GAP = 240, 54, 34  # of a box, and between two
LANE = 22  # between the connections that pass by layers


@dataclass(frozen=True)
class Box:
    """A layer in the diagram; `y` is its upper edge."""

    title: str
    subtitle: str
    y: int


@dataclass(frozen=True)
class Diagram:
    """Boxes of WIDTH x HEIGHT at x = 1, the SVG paths of their connections, and the size of the whole."""

    boxes: list[Box]
    paths: list[str]
    width: int
    height: int
    box_width: int = WIDTH
    box_height: int = HEIGHT


def diagram(network: Network, image: tuple[int, int]) -> Diagram:
    """Lay out the diagram of a network; `image` is the shape of its input, (rows, columns)."""
    rows, columns = image
    boxes = [Box(INPUT, f"{rows} x {columns} = {network.input_units:,} pixels", 1)]
    place = {INPUT: 0}
    paths, lanes = [], 0
    for number, layer in enumerate(network.layers, start=1):
        place[layer.name] = number
        boxes.append(Box(layer.name, _describe(layer), 1 + number * (HEIGHT + GAP)))
        for name in layer.inputs:
            passing = number - place[name] > 1
            lanes += passing
            paths.append(_path(boxes[place[name]].y, boxes[number].y, lanes * LANE if passing else 0))
    return Diagram(boxes, paths, WIDTH + 2 + (lanes + 1) * LANE * (lanes > 0), boxes[-1].y + HEIGHT + 1)


def _path(source: int, target: int, lane: int) -> str:
    """Return the path from the box at one height to another, straight down or around the boxes in between."""
    if not lane:
        return f"M{1 + WIDTH // 2} {source + HEIGHT}V{target - 2}"
    side, leave, enter = 1 + WIDTH, source + HEIGHT // 2, target + HEIGHT // 2
    return f"M{side} {leave}h{lane - 8}q8 0 8 8V{enter - 8}q0 8 -8 8H{side + 2}"


def _describe(layer: Layer) -> str:
    parts = [f"{layer.units:,} {layer.activation}"]
    parts += [f"{layer.local.grid}x{layer.local.grid} windows"] if layer.local else []
    parts += ["batch norm"] * layer.batch_norm
    parts += [f"dropout {layer.dropout_probability:g}"] * bool(layer.dropout_probability)
    return ", ".join(parts)
