"""Check the graph of the layers: names, inputs, no cycle, and one output layer of ten units."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from nncli.config.locations import Location, closest, shown
from nncli.data.dataset import CLASSES
from nncli.nn.network import INPUT

if TYPE_CHECKING:
    from nncli.config.layers import LayerConfig

MAX_LAYERS = 200

BrokenRule = tuple[Location, str]


def problems(layers: object) -> Iterator[BrokenRule]:
    """Yield each broken rule, as a location within `layers` and a message.

    `layers` may have any YAML values; those of the wrong type are ignored here, and reported by their own validation.
    """
    if not isinstance(layers, list) or len(layers) > MAX_LAYERS:  # checking very many takes long
        return
    if not layers:
        yield (), f"a network needs at least one layer; the smallest is [{{units: {CLASSES}}}]"
        return
    yield from _output_problems(len(layers) - 1, layers[-1])
    mappings = {index: layer for index, layer in enumerate(layers) if isinstance(layer, Mapping)}
    names = {index: layer["name"] for index, layer in mappings.items() if isinstance(layer["name"], str)}
    if len(mappings) < len(layers) or len(names) < len(layers):
        return
    if broken := list(_name_problems(names)):
        yield from broken
        return  # which layer an input means is not known
    inputs = {index: _input_names(layer) for index, layer in mappings.items()}
    yield from _input_problems(names, inputs)
    yield from _cycle_problems(names, inputs)


def window_problems(layers: "Sequence[LayerConfig]", side: int) -> Iterator[BrokenRule]:
    """Yield each broken rule about the windows of locally connected layers; `side` is that of the image."""
    sides = {INPUT: side} | {layer.name: layer.local.grid for layer in layers if layer.local}
    for index, layer in enumerate(layers):
        if not layer.local:
            continue
        grid, window = layer.local.grid, layer.local.window
        below = sides.get(layer.inputs[0])
        if below is None or len(layer.inputs) > 1:
            text = "a locally connected layer must read the input or one other locally connected layer"
            yield (index, "inputs"), f"{text}, not {', '.join(map(shown, layer.inputs[:10]))}"
        elif window > below:
            text = f"{window} is larger than the plane below, which has {below} rows and columns"
            yield (index, "local", "window"), text
        elif grid > below - window + 1:
            text = f"at most {below - window + 1} different windows of {window} fit in a row of {below}"
            yield (index, "local", "grid"), f"{text}, not {grid}"
        if layer.units % grid**2:
            text = f"{layer.units} units cannot be divided among {grid}x{grid} windows"
            yield (index, "units"), f"{text}; use a multiple of {grid**2}"


def _input_names(layer: Mapping[str, Any]) -> list[str]:
    given = layer["inputs"]
    return [name for name in given if isinstance(name, str)] if isinstance(given, list | tuple) else []


def _name_problems(names: Mapping[int, str]) -> Iterator[BrokenRule]:
    first: dict[str, int] = {}
    for index, name in names.items():
        if name == INPUT:
            yield (index, "name"), f"{shown(name)} is reserved; choose another name"
        elif name in first:
            yield (index, "name"), f"{shown(name)} is already the name of layers[{first[name]}]; names must be unique"
        first.setdefault(name, index)


def _input_problems(names: Mapping[int, str], inputs: Mapping[int, list[str]]) -> Iterator[BrokenRule]:
    known = [INPUT, *names.values()]
    output = names[max(names)]
    for index, sources in inputs.items():
        if not sources:
            yield (index, "inputs"), "empty; name at least one layer, or omit inputs to read the previous layer"
        if len(sources) > len(known):  # checking very many takes long
            yield (index, "inputs"), f"{len(sources)} names, but there are only {len(known)} layers to choose from"
            continue
        for place, source in enumerate(sources):
            where: Location = (index, "inputs", place)
            if source not in known:
                close = closest(source, known)
                hint = f"did you mean {close!r}?" if close else f"the layers are {', '.join(map(shown, known[:10]))}"
                yield where, f"no layer is named {shown(source)}; {hint}"
            elif source in sources[:place]:
                yield where, f"{shown(source)} is listed twice"
            elif source == output:
                yield where, f"{shown(source)} is the output layer (the last one listed), which no layer may read"
    used = {source for sources in inputs.values() for source in sources} | {output}
    for index, name in names.items():
        if name not in used:
            yield (index,), f"no layer reads {shown(name)}; name it in the inputs of another layer, or remove it"


def _cycle_problems(names: Mapping[int, str], inputs: Mapping[int, list[str]]) -> Iterator[BrokenRule]:
    graph = {names[index]: sources for index, sources in inputs.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        index = next(index for index, name in names.items() if name == cycle[0])
        yield (
            (index, "inputs"),
            f"the layers form a cycle: {' -> '.join(name[:64] for name in cycle[:10])}; cycles are not allowed",
        )


def _output_problems(index: int, output: object) -> Iterator[BrokenRule]:
    if not isinstance(output, Mapping):
        return
    units, dropped = output.get("units"), output.get("dropout_probability")
    if isinstance(units, int) and not isinstance(units, bool) and units != CLASSES:
        yield (index, "units"), f"the output layer (the last one) must have {CLASSES} units, not {units}"
    if dropped and isinstance(dropped, int | float):
        yield (index, "dropout_probability"), "the output layer cannot have dropout; remove this key"
