"""The predictions of a network on a test split, and how they are ranked."""

import numpy as np

from nncli.evaluation.metrics import summarize
from nncli.runs.outcome import Outcome


def test_the_worst_are_the_most_confident(digits):
    data = digits["test"]
    probabilities = np.full((10, len(data.labels)), 0.05)
    predicted = data.labels.astype(int)
    predicted[[3, 8]] = (predicted[[3, 8]] + 1) % 10
    probabilities[predicted, np.arange(len(predicted))] = 0.55
    probabilities[predicted[8], 8] = 0.6
    tested = Outcome(data, 0.0, probabilities, summarize(probabilities, data.labels))
    assert tested.worst(5).tolist() == [8, 3]
    assert tested.worst(1).tolist() == [8]
    assert tested.predictions.tolist() == predicted.tolist()
    assert tested.confidences[[8, 3]].tolist() == [0.6, 0.55]
