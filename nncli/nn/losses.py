"""The losses L(y, t), averaged over the batch; the cross-entropies include the softmax and the logistic function.

Targets t are columns (units, batch), one-hot for classes. `predictions` converts a network's outputs to class
probabilities; it belongs to the loss because the softmax and the logistic function do.
"""

import numpy as np
import numpy.typing as npt

from nncli.engine.graph import Array, Node
from nncli.errors import GraphError


class Loss(Node):
    """A scalar that compares a network's outputs (units, batch) with targets of the same shape.

    A subclass is an entry of LOSSES; `brief` describes it in the documentation of the configuration.
    """

    brief: str

    def __init__(self, outputs: Node, targets: Node) -> None:
        if outputs.shape != targets.shape:
            raise GraphError(
                f"a loss needs outputs and targets of the same shape, not {outputs.shape} and {targets.shape}"
            )
        if targets.needs_error:
            raise GraphError("the targets of a loss cannot be differentiated")
        super().__init__(outputs, targets, shape=())
        self.outputs, self.targets = outputs, targets

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a workspace of the outputs' shape."""
        super().bind(batch_size, dtype)
        self.work = self.buffer("work", self.outputs.bound_shape(batch_size), dtype)  # (units, batch)
        self.batch_size = batch_size

    def predictions(self) -> Array:
        """Return the class probabilities of the last forward pass, (units, batch)."""
        raise NotImplementedError

    def own_targets(self) -> Array:
        """Return the targets (units, batch) that make the loss of the last outputs lowest."""
        return self.predictions()


class SquaredError(Loss):
    """L = 1/(2N) Σ ‖y - t‖² (slide "Multilayer Perceptron (multiple outputs)")."""

    formula = "½ ‖y - t‖²"
    brief = "half the squared distance"

    def forward(self) -> None:
        """L = 1/(2N) Σ ‖y - t‖²."""
        np.subtract(self.outputs.value, self.targets.value, out=self.work)
        residual = self.work.reshape(-1)
        self.value[...] = np.dot(residual, residual) / (2 * self.batch_size)

    def backward(self) -> None:
        """ȳ = L̄ (y - t) / N."""
        np.multiply(self.work, self.error / self.batch_size, out=self.d_parents[0])

    def predictions(self) -> Array:
        """Return the outputs clipped between 0 and 1 and scaled to sum 1: least squares does not bound them."""
        clipped = np.clip(self.outputs.value, 1e-12, 1)
        return np.asarray(clipped / clipped.sum(axis=0))

    def own_targets(self) -> Array:
        """Return the outputs."""
        return self.outputs.value


class CrossEntropy(Loss):
    """Softmax and cross-entropy (slide "Softmax regression"): y = softmax(z), L = -1/N Σ_k t_k log y_k.

    The targets of each example sum to 1, hence L = log Σ_l e^{z_l} - Σ_k t_k z_k.
    """

    formula = "-Σ t log softmax(z)"
    brief = "softmax"

    def bind(self, batch_size: int, dtype: npt.DTypeLike) -> None:
        """Allocate a workspace of one row."""
        super().bind(batch_size, dtype)
        self.row = self.buffer("row", (1, batch_size), dtype)

    def forward(self) -> None:
        """L = log Σ_l e^{z_l} - Σ_k t_k z_k, with the largest logit subtracted first (log-sum-exp)."""
        logits, y, total = self.outputs.value, self.work, self.row
        np.maximum.reduce(logits, axis=0, keepdims=True, out=total)
        np.subtract(logits, total, out=y)
        of_targets = np.vdot(self.targets.value, y)
        np.exp(y, out=y)
        np.add.reduce(y, axis=0, keepdims=True, out=total)
        np.divide(y, total, out=y)
        np.log(total, out=total)
        self.value[...] = (np.add.reduce(total, axis=None) - of_targets) / self.batch_size

    def backward(self) -> None:
        """z̄ = L̄ (y - t) / N."""
        (d_logits, _) = self.d_parents
        np.subtract(self.work, self.targets.value, out=d_logits)
        np.multiply(d_logits, self.error / self.batch_size, out=d_logits)

    def predictions(self) -> Array:
        """Return the softmax y."""
        return self.work


class LogisticCrossEntropy(Loss):
    """One logistic regression per class: y = σ(z), L = -1/N Σ_k t_k log y_k + (1 - t_k) log(1 - y_k)."""

    formula = "-Σ t log σ(z) + (1 - t) log(1 - σ(z))"
    brief = "one logistic unit per class"

    def forward(self) -> None:
        """L = Σ_k ([z > 0] - t) z + log(1 + e^{-|z|}), without overflow, cancellation or log 0."""
        z, t = self.outputs.value, self.targets.value
        np.abs(z, out=self.work)
        np.negative(self.work, out=self.work)
        np.exp(self.work, out=self.work)
        np.log1p(self.work, out=self.work)
        softplus = np.add.reduce(self.work, axis=None)
        np.greater(z, 0, out=self.work, casting="unsafe")
        np.subtract(self.work, t, out=self.work)
        self.value[...] = (np.vdot(self.work, z) + softplus) / self.batch_size

    def backward(self) -> None:
        """z̄ = L̄ (σ(z) - t) / N, with σ(z) as in the Logistic activation."""
        (d_logits, _) = self.d_parents
        np.negative(self.outputs.value, out=self.work)
        with np.errstate(over="ignore"):
            np.exp(self.work, out=self.work)
        np.add(self.work, 1, out=self.work)
        np.reciprocal(self.work, out=d_logits)
        np.subtract(d_logits, self.targets.value, out=d_logits)
        np.multiply(d_logits, self.error / self.batch_size, out=d_logits)

    def predictions(self) -> Array:
        """Return σ(z) scaled to sum 1, as the softmax of log σ(z): every σ(z) may underflow."""
        log_y = self._log_outputs()
        scaled = np.exp(log_y - log_y.max(axis=0))
        return np.asarray(scaled / scaled.sum(axis=0))

    def own_targets(self) -> Array:
        """Return σ(z)."""
        return np.asarray(np.exp(self._log_outputs()))

    def _log_outputs(self) -> Array:
        """Return log σ(z), which is finite for every z."""
        return np.asarray(-np.logaddexp(0, -self.outputs.value))


LOSSES: dict[str, type[Loss]] = {
    "cross_entropy": CrossEntropy,
    "logistic_cross_entropy": LogisticCrossEntropy,
    "squared_error": SquaredError,
}
