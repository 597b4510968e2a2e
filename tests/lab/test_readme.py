"""The map of the lecture is honest: it covers every slide, and every module, test and command in it exists."""

import ast
import shlex
from pathlib import Path

import click
import pytest

from nncli.cli.main import group
from nncli.lab.catalogue import DEMONSTRATIONS

ROOT = Path(__file__).parents[2]
README = ROOT / "nncli" / "lab" / "README.md"

# The titles of the lecture's slides, in its order; a slide without one by its opening words.
SLIDES = [
    "CSC 411 Lecture 10: Neural Networks",
    "Inspiration: The Brain",
    "We can connect lots of units together into a directed acyclic graph",
    "Each layer connects N input units to M output units",
    "Some activation functions",
    "Designing a network to compute XOR",
    "Each layer computes a function, so the network computes a composition of functions",
    "Feature Learning",
    "Any sequence of linear layers can be equivalently represented with a single linear layer",
    "Multilayer feed-forward neural nets with nonlinear activation functions are universal function approximators",
    "Universality for binary inputs and targets",
    "What about the logistic activation function?",
    "Limits of universality",
    "Training neural networks with backpropagation",
    "Recap: Gradient Descent",
    "Recall: Univariate logistic least squares model",
    "How you would have done it in calculus class",
    "A more structured way to do it",
    "Computing the loss",
    "Computing the derivatives",
    "We can diagram out the computations using a computation graph",
    "A slightly more convenient notation",
    "Multivariate Chain Rule",
    "L2-Regularized regression",
    "Softmax regression",
    "Multivariable Chain Rule",
    "Full backpropagation algorithm",
    "Example: univariate logistic least squares regression",
    "Forward pass",
    "Backward pass",
    "Multilayer Perceptron (multiple outputs)",
    "In vectorized form",
    "Computational Cost",
    "Backprop is used to train the overwhelming majority of neural nets today",
    "Backprop is believed to be neurally implausible",
]


def entries(text):
    """Return the cells of each row of the map: slide, module, test, and one command or several."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[1:]]


ENTRIES = entries(README.read_text(encoding="utf-8"))
COMMANDS = sorted({command for *_, cell in ENTRIES for command in cell.split("`, `")})


def test_every_slide_is_covered_once_and_in_order():
    assert [slide for slide, *_ in ENTRIES] == SLIDES


@pytest.mark.parametrize("module", sorted({module for _, module, _, _ in ENTRIES}))
def test_every_module_exists(module):
    assert (ROOT / module).is_file()


@pytest.mark.parametrize("test", sorted({test for _, _, test, _ in ENTRIES}))
def test_every_test_exists(test):
    path, _, function = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert function in names if function else any(name.startswith("test_") for name in names)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_and_takes_what_it_is_given(line):
    name, *arguments = shlex.split(line)
    assert name == "nncli"
    command: click.Command = group
    context = click.Context(group)
    while isinstance(command, click.Group) and arguments:
        found = command.get_command(context, arguments[0])
        assert found is not None, f"{line}: no command {arguments[0]}"
        command, arguments = found, arguments[1:]
    command.make_context(line, arguments)  # parses and checks; runs nothing
    for argument in arguments:
        if argument.endswith(".yaml"):
            assert (ROOT / argument).is_file()


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_every_demonstration_is_in_the_row_of_its_slide(name):
    slide = DEMONSTRATIONS[name].slide
    shown = [cell.split("`, `") for title, *_, cell in ENTRIES if title.startswith(slide)]
    assert len(shown) == 1, f"{README} has {len(shown)} slides that begin with {slide!r}, the slide of {name}"
    found = any(command.split()[:3] == ["nncli", "lab", name] for command in shown[0])
    assert found, f"in {README}, write `nncli lab {name}` into the last column of {slide!r}"


def test_the_catalogue_is_in_the_order_of_the_map():
    def row(name):
        return next(i for i, title in enumerate(SLIDES) if title.startswith(DEMONSTRATIONS[name].slide))

    assert list(DEMONSTRATIONS) == sorted(DEMONSTRATIONS, key=row)
