"""What a network costs, layer by layer, counted from its training graph; and its picture as Graphviz text."""

from dataclasses import dataclass

from nncli.nn.network import INPUT, Network, NetworkGraph


@dataclass(frozen=True)
class LayerSummary:
    """One layer: its shape and what it costs.

    Attributes:
        inputs: the layers it reads.
        shape: of its weight matrix, (units, inputs).
        parameters: weights and biases.
        forward: multiply-adds an example in the forward pass.
        backward: multiply-adds an example in the backward pass.
        memory: bytes of values, error signals and workspaces at the batch size bound.
    """

    name: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    activation: str
    parameters: int
    forward: int
    backward: int
    memory: int


def summarize(network: Network, graph: NetworkGraph, batch_size: int) -> list[LayerSummary]:
    """Count parameters, multiply-adds and memory of each layer of a graph, in topological order."""
    graph.graph.bind(batch_size)
    rows = []
    for layer in network.layers:
        nodes = [node for node in graph.graph.nodes if node.name.startswith(f"{layer.name}.")]
        costs = [node.multiply_adds() for node in nodes]
        shape = network.parameters.shapes[layer.weights]
        rows.append(
            LayerSummary(
                name=layer.name,
                inputs=layer.inputs,
                shape=shape,
                activation=layer.activation,
                parameters=shape[0] * shape[1] + shape[0],
                forward=sum(forward for forward, _ in costs),
                backward=sum(backward for _, backward in costs),
                memory=sum(node.nbytes() for node in nodes),
            )
        )
    return rows


def to_dot(network: Network, title: str) -> str:
    """Draw the layers and who reads whom, in Graphviz' language; layer names hold no quotes."""
    lines = [f'digraph "{title}" {{', "  rankdir=BT;", '  node [shape=box, fontname="sans-serif"];']
    lines.append(f'  "{INPUT}" [label="{INPUT}\\n{network.input_units}"];')
    for layer in network.layers:
        lines.append(f'  "{layer.name}" [label="{layer.name}\\n{layer.units} {layer.activation}"];')
        lines += [f'  "{source}" -> "{layer.name}";' for source in layer.inputs]
    return "\n".join([*lines, "}"])
