"""nncli trains and evaluates MNIST classifiers with its own NumPy backpropagation engine."""

__version__ = "0.1.0.dev0"
