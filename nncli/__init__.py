"""Train and evaluate MNIST classifiers with a backpropagation engine in NumPy."""

__version__ = "0.1.0.dev0"
