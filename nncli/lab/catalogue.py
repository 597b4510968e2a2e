"""The demonstrations by name, each with its lecture slide; none of them is imported."""

from typing import NamedTuple


class Demonstration(NamedTuple):
    """The title or opening words of a demonstration's lecture slide, and what it shows."""

    slide: str
    summary: str


DEMONSTRATIONS = {
    "neuron": Demonstration("Inspiration: The Brain", "A single logistic unit is logistic regression."),
    "activations": Demonstration(
        "Some activation functions", "Values and derivatives of the six activation functions."
    ),
    "xor": Demonstration(
        "Designing a network to compute XOR", "XOR by design and by gradient descent, and why one unit is not enough."
    ),
    "linear-collapse": Demonstration(
        "Any sequence of linear layers", "A deep linear network equals a single matrix, and learns no more than one."
    ),
    "universality": Demonstration(
        "Universality for binary inputs and targets", "Any Boolean function as a network with one hidden layer."
    ),
    "threshold-limit": Demonstration(
        "What about the logistic activation function?", "Logistic units with large weights approximate hard thresholds."
    ),
    "circuit": Demonstration("Limits of universality", "A Boolean circuit as a compact network of AND, OR and NOT."),
    "backprop": Demonstration("Full backpropagation algorithm", "The forward and backward passes, step by step."),
    "cost": Demonstration("Computational Cost", "The cost of both passes: counted multiply-adds and measured times."),
    "features": Demonstration("Feature Learning", "What the first hidden layer learns, epoch by epoch."),
    "plausibility": Demonstration(
        "Backprop is believed to be neurally implausible", "Feedback alignment compared with backpropagation."
    ),
    "second-order": Demonstration(
        "Second-order methods use backprop as well", "L-BFGS compared with gradient descent on the same gradients."
    ),
}
"""In the lecture's order; the module of each is `nncli.lab.<name>`, with underscores for hyphens."""
