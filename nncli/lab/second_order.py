"""A second-order method on the same gradients: SciPy's L-BFGS against gradient descent, full batch.

The lecture says that "even optimization algorithms much fancier than gradient descent (e.g. second-order methods) use
backprop to compute the gradients". To such a method a network is a function from a weight vector to a loss and its
gradient. Here the whole training set is one batch, in float64, and both methods evaluate the same function: L-BFGS,
which estimates the curvature from its last gradients (Liu & Nocedal, 1989), and gradient descent at the best of several
learning rates. They are compared by the number of evaluations, which take nearly all of the time.
"""

from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize

from nncli import build
from nncli.data.dataset import Dataset
from nncli.engine.graph import Array
from nncli.figures.curves import Curve, Panel, draw
from nncli.lab.demonstration import DataDir, HiddenLayers, Illustrated, Option, Part, Seed, Table, count_until
from nncli.lab.digits import batches, load_digits, perceptron_config
from nncli.nn.network import Network, NetworkGraph
from nncli.optim.optimizers import SGD

EXAMPLES = 1_500
RATES = (0.1, 0.3, 1.0, 3.0)
L2 = 1e-3

_SHOWN = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # evaluations that get a row, in addition to the last


def run(
    evaluations: Annotated[
        int, Option("Number of gradient evaluations for each method.", minimum=2, maximum=10_000)
    ] = 120,
    units: HiddenLayers = (30,),
    data_dir: DataDir = None,
    seed: Seed = 1,
) -> Illustrated:
    """Allow each method the same number of gradient evaluations.

    Example:
      nncli lab second-order --output second-order.png
      nncli lab second-order --evaluations 300 --units 50
    """
    data = load_digits("train", data_dir, EXAMPLES)
    objective = Objective(data, units, seed)
    descents = [lbfgs(objective, evaluations), *(gradient_descent(objective, evaluations, rate) for rate in RATES)]
    values = {
        "dataset": data.name,
        "examples": len(data.labels),
        "parameters": objective.start.size,
        "evaluations": evaluations,
        "descents": descents,
        "best_gradient_descent": min(descents[1:], key=lambda each: each["losses"][-1])["method"],
    }
    return Illustrated(_parts(values), values, draw=lambda: _draw(values))


class Objective:
    """The regularized loss of a network on all examples at once, as a function of its weight vector.

    Args:
        data: the examples.
        hidden: the number of tanh units of each hidden layer; they are smooth, as second-order methods assume.
        seed: the seed for the initial weights, `start`.
    """

    def __init__(self, data: Dataset, hidden: tuple[int, ...], seed: int) -> None:
        self.x, self.targets = next(batches(data, batch_size=len(data.labels), dtype=np.float64).epoch())
        layers = build.layers(perceptron_config(hidden, activation="tanh"))
        self.network = Network(len(self.x), layers, dtype=np.float64)
        self.network.initialize(np.random.default_rng(seed))
        self.start = self.network.parameters.values.copy()
        self._graph = NetworkGraph(self.network, "cross_entropy", rng=np.random.default_rng(seed), l2=L2)
        self.losses: list[float] = []

    def __call__(self, weights: Array) -> tuple[float, Array]:
        """Return the loss and its gradient at a point of the weight space, and record the lowest loss so far."""
        self.network.parameters.values[...] = weights
        self._graph.forward(self.x, self.targets)
        self._graph.backward()
        loss = float(self._graph.objective.value)
        self.losses.append(min(loss, self.losses[-1]) if self.losses else loss)
        return loss, self.network.parameters.errors.copy()

    def error(self, weights: Array) -> float:
        """Return the fraction of examples misclassified at a point of the weight space."""
        self.network.parameters.values[...] = weights
        self._graph.forward(self.x, self.targets)
        return float(np.mean(self._graph.outputs.value.argmax(axis=0) != self.targets.argmax(axis=0)))


def lbfgs(objective: Objective, evaluations: int) -> dict[str, Any]:
    """Minimize by SciPy's L-BFGS-B, without bounds.

    Returns:
        The method, the lowest regularized loss after each evaluation of the gradient (the first at the start), and the
        fraction of training examples misclassified at the end.
    """
    objective.losses.clear()
    options = {"maxfun": evaluations, "maxiter": evaluations, "ftol": 0.0, "gtol": 1e-9}
    found = minimize(objective, objective.start, jac=True, method="L-BFGS-B", options=options)
    return {"method": "L-BFGS", "losses": objective.losses[:evaluations], "error": objective.error(found.x)}


def gradient_descent(objective: Objective, evaluations: int, rate: float) -> dict[str, Any]:
    """Minimize by w ← w - α g, as training does, and return what `lbfgs` does; stop if the loss is not finite."""
    objective.losses.clear()
    weights = objective.start.copy()
    optimizer = SGD(weights.size, np.float64)
    with np.errstate(all="ignore"):
        for _ in range(evaluations):
            loss, gradient = objective(weights)
            if not np.isfinite(loss):
                break
            optimizer.step(weights, gradient, rate)
        losses = [loss for loss in objective.losses if np.isfinite(loss)]
        return {"method": f"gradient descent, rate {rate:g}", "losses": losses, "error": objective.error(weights)}


def _parts(values: dict[str, Any]) -> list[Part]:
    counts = [*(count for count in _SHOWN if count < values["evaluations"]), values["evaluations"]]
    losses = {each["method"]: each["losses"] for each in values["descents"]}
    columns = {
        each["method"].replace("gradient descent", "descent"): [
            *(f"{each['losses'][count - 1]:.4f}" if count <= len(each["losses"]) else "-" for count in counts),
            f"{each['error']:.2%}",
        ]
        for each in values["descents"]
    }
    best = values["best_gradient_descent"]
    needed = count_until(losses["L-BFGS"], losses[best][-1])
    conclusion = (
        f"Lowest loss with {best}: {losses[best][-1]:.4f} after {len(losses[best])} evaluations; "
        f"L-BFGS {f'reaches this loss after {needed}' if needed else 'never reaches this loss'}."
    )
    table = Table.of_numbers("evaluations", [*counts, "error"], columns, "Lowest loss so far")
    return [_setting(values), table, conclusion]


def _setting(values: dict[str, Any]) -> str:
    examples, parameters = values["examples"], values["parameters"]
    return f"{values['dataset']}: {examples:,} training examples in one batch, {parameters:,} weights and biases"


def _draw(values: dict[str, Any]) -> Figure:
    curves = [Curve(each["method"], range(1, len(each["losses"]) + 1), each["losses"]) for each in values["descents"]]
    panel = Panel(curves, x_label="gradient evaluations", y_label="lowest loss so far", y_log=True)
    return draw([panel], title="L-BFGS and gradient descent", caption=_setting(values), zoom=1.8)
