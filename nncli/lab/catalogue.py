"""The demonstrations by name, with the lecture slide each belongs to; imports none of them."""

from typing import NamedTuple


class Demonstration(NamedTuple):
    """One demonstration: the lecture slide it belongs to (its title or opening words), and what it shows."""

    slide: str
    summary: str


DEMONSTRATIONS = {
    "neuron": Demonstration("Inspiration: The Brain", "One unit with the logistic activation is logistic regression."),
    "activations": Demonstration(
        "Some activation functions", "The six activation functions, their values and derivatives."
    ),
    "xor": Demonstration(
        "Designing a network to compute XOR", "XOR by design and by gradient descent; one unit cannot."
    ),
    "linear-collapse": Demonstration(
        "Any sequence of linear layers", "A deep linear network is one matrix, and learns no more than one."
    ),
    "universality": Demonstration(
        "Universality for binary inputs and targets", "Any Boolean function as one hidden layer of hard thresholds."
    ),
    "threshold-limit": Demonstration(
        "What about the logistic activation function?", "Scaled up, logistic units become hard thresholds."
    ),
    "circuit": Demonstration("Limits of universality", "A Boolean circuit as a compact network of AND, OR and NOT."),
    "backprop": Demonstration("Full backpropagation algorithm", "The forward and the backward pass, step by step."),
    "cost": Demonstration("Computational Cost", "Multiply-adds counted, and times measured beside them."),
    "features": Demonstration("Feature Learning", "What the first hidden layer learns, epoch by epoch."),
    "plausibility": Demonstration(
        "Backprop is believed to be neurally implausible", "Feedback alignment against backpropagation."
    ),
    "second-order": Demonstration(
        "Second-order methods use backprop as well", "L-BFGS against gradient descent, with the same gradients."
    ),
}
"""In the order of the lecture's argument; `nncli.lab.<name>` holds each, with underscores for hyphens."""
