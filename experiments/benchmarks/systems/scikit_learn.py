"""scikit-learn's MLPClassifier in float32, an epoch as one `partial_fit`."""

import numpy as np
import numpy.typing as npt
from sklearn.neural_network import MLPClassifier

from experiments.benchmarks.examples import SEED, Examples
from experiments.benchmarks.rows import CLASSES, Row


class Trainer:
    """Shuffles by itself; a round shorter than an epoch is an epoch of the first examples."""

    def __init__(self, row: Row, examples: Examples, weights: list[npt.NDArray[np.float32]]) -> None:
        self.batch = row.batch
        self.x, self.y = examples.numbers(), examples.labels
        self.model = classifier(row.hidden, row.batch, row.optimizer, row.rate)
        self.model.partial_fit(self.x[: row.batch], self.y[: row.batch], classes=range(CLASSES))
        self.model.coefs_ = [np.ascontiguousarray(W.T) for W in weights]  # (inputs, outputs)
        self.model.intercepts_ = [np.zeros(len(W), np.float32) for W in weights]
        del self.model._optimizer  # it refers to the model's own weights, and has taken a step

    def losses(self, batches: npt.NDArray[np.int64]) -> list[float]:
        """Take the first steps, each an epoch of one mini-batch."""
        losses = []
        for chosen in batches:
            self.model.partial_fit(self.x[chosen], self.y[chosen])
            losses.append(float(self.model.loss_))
        return losses

    def train(self, steps: int) -> int:
        """Take the first steps of an epoch."""
        seen = min(len(self.x), steps * self.batch)
        self.model.partial_fit(self.x[:seen], self.y[:seen])
        return seen


def classifier(hidden: tuple[int, ...], batch: int, optimizer: str, rate: float, epochs: int = 1) -> MLPClassifier:
    """Return a classifier that does the work of the other systems: no penalty, no early stopping."""
    return MLPClassifier(
        hidden,
        solver="adam" if optimizer == "adam" else "sgd",
        learning_rate_init=rate,
        momentum=0.9 if optimizer == "momentum" else 0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=batch,
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        random_state=SEED,
    )
