"""Train on MNIST with scikit-learn's MLPClassifier: the work of `nncli train`, but without a schedule."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from task import MOMENTUM, parse, read_mnist, save, scaled


def main() -> None:
    """Train, and write the weights."""
    arguments = parse()
    images, labels = read_mnist(arguments.data, "train")
    nesterov = arguments.optimizer == "nesterov"
    model = MLPClassifier(
        arguments.hidden,
        solver="sgd",
        learning_rate_init=arguments.rate,
        momentum=MOMENTUM if nesterov else 0.0,
        nesterovs_momentum=nesterov,
        alpha=0.0,
        batch_size=arguments.batch,
        max_iter=arguments.epochs,
        n_iter_no_change=arguments.epochs + 1,
        random_state=arguments.seed,
    )
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is given
    model.fit(scaled(images, arguments.scale), labels)
    save(arguments.weights, list(zip(model.coefs_, model.intercepts_, strict=True)))


if __name__ == "__main__":
    main()
