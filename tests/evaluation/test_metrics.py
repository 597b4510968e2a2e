"""Scores agree with hand calculation, with SciPy and with scikit-learn."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.errors import DivergedError
from nncli.evaluation.metrics import (
    calibrate,
    confusion_matrix,
    no_better_than_chance,
    score_classes,
    summarize,
    wilson_interval,
)


def one_hot(predicted, classes):
    return np.eye(classes)[:, predicted]


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),  # scipy.stats.binomtest(…).proportion_ci(method="wilson")
    [
        (0, 10, (0.0, 0.27753279986288926)),
        (1, 10, (0.017876213095072896, 0.4041500267952385)),
        (170, 10000, (0.014645511303266186, 0.019725431122807408)),
        (10, 10, (0.7224672001371109, 1.0)),
        (3, 7, (0.1582198552514697, 0.7495416354723428)),
        (5000, 10000, (0.49020206181540477, 0.5097979381845952)),
    ],
)
def test_wilson_interval_agrees_with_scipy(successes, trials, expected):
    assert wilson_interval(successes, trials) == pytest.approx(expected, rel=1e-13)


@given(st.integers(1, 10**6).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_interval_holds_the_share_and_is_symmetric(case):
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    mirrored = wilson_interval(trials - successes, trials)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-12)


@pytest.mark.parametrize(
    ("error", "examples", "chance"),
    [
        (0.9, 10_000, True),
        (0.895, 10_000, True),  # within the interval of guessing
        (0.95, 10_000, True),
        (0.89, 10_000, False),
        (0.5, 10_000, False),
        (0.8, 20, True),  # too few examples to tell
        (0.5, 20, False),
    ],
)
def test_chance_is_an_error_not_below_that_of_the_most_frequent_class(error, examples, chance):
    assert no_better_than_chance(error, np.resize(np.arange(10), examples)) == chance
    assert no_better_than_chance(0.3, np.repeat([0, 1], [7000, 3000]))


def test_confusion_and_scores_agree_with_scikit_learn():
    labels = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2], np.uint8)
    predicted = np.array([0, 0, 0, 1, 2, 1, 1, 1, 0, 2, 0, 3])
    confusion = confusion_matrix(predicted, labels, 4)
    assert confusion.tolist() == [[3, 1, 1, 0], [1, 3, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]]
    # sklearn.metrics.precision_recall_fscore_support(labels, predicted, labels=range(4), zero_division=0)
    scores = score_classes(confusion)
    assert [one.precision for one in scores] == pytest.approx([0.6, 0.75, 0.5, 0.0])
    assert [one.recall for one in scores] == pytest.approx([0.6, 0.75, 1 / 3, 0.0])
    assert [one.f1 for one in scores] == pytest.approx([0.6, 0.75, 0.4, 0.0])
    assert [one.support for one in scores] == [5, 4, 3, 0]
    assert [one.label for one in scores] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("confidences", "correct", "bins", "expected"),
    [
        pytest.param([1.0, 1.0], [True, True], 15, 0.0, id="sure and right"),
        pytest.param([1.0, 1.0], [False, False], 15, 1.0, id="sure and wrong"),
        pytest.param([0.8] * 5, [True] * 4 + [False], 15, 0.0, id="right as often as said"),
        # bins (0.5, 0.75] and (0.75, 1]: |1 - 1.3| + |1 - 0.9| over 3 examples
        pytest.param([0.6, 0.7, 0.9], [True, False, True], 4, 0.4 / 3, id="two bins"),
        # an edge belongs to the bin below: 0.5 with 0.3, apart from 0.6
        pytest.param([0.3, 0.5, 0.6], [True, False, True], 2, (0.2 + 0.4) / 3, id="edge"),
        pytest.param([0.0], [False], 3, 0.0, id="no confidence at all"),
    ],
)
def test_calibration_error_by_hand(confidences, correct, bins, expected):
    assert calibrate(np.array(confidences), np.array(correct), bins).error == pytest.approx(expected)


def test_calibration_error_follows_the_definition():
    generator = np.random.default_rng(3)
    confidences = generator.uniform(0.1, 1, 500)
    correct = generator.uniform(size=500) < confidences**2
    expected = 0.0
    for low, high in zip(np.linspace(0, 1, 16)[:-1], np.linspace(0, 1, 16)[1:], strict=True):
        inside = (confidences > low) & (confidences <= high)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidences[inside].mean())
    assert expected > 0.05
    assert calibrate(confidences, correct).error == pytest.approx(expected)


def test_calibration_error_takes_float32_confidences_a_hair_above_one():
    confidences = np.full(4, np.nextafter(np.float32(1), np.float32(2)))
    assert calibrate(confidences, np.ones(4, bool)).error == pytest.approx(0, abs=1e-6)


def test_summarize_a_small_set():
    labels = np.array([0, 1, 2, 1], np.uint8)
    summary = summarize(one_hot([0, 1, 0, 2], 3), labels)
    assert summary.examples == 4
    assert (summary.error, summary.accuracy) == (0.5, 0.5)
    assert summary.halves == (0.0, 1.0)
    assert summary.interval == wilson_interval(2, 4)
    assert summary.confusion.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 0]]
    assert summary.calibration_error == pytest.approx(0.5)


def test_halves_of_an_odd_set_and_of_one_example():
    labels = np.array([0, 0, 0], np.uint8)
    assert summarize(one_hot([0, 1, 1], 2), labels).halves == (0.5, 1.0)
    assert summarize(one_hot([1], 2), labels[:1]).halves == (1.0,)


def test_equal_probabilities_count_as_the_first_class():
    summary = summarize(np.full((10, 2), 0.1), np.array([0, 9], np.uint8))
    assert summary.confusion[:, 0].sum() == 2
    assert summary.error == 0.5


def test_to_dict_is_plain_json():
    summary = summarize(one_hot([0, 1, 1], 3).astype(np.float32), np.array([0, 1, 2], np.uint8))
    document = json.loads(json.dumps(summary.to_dict(), allow_nan=False))
    assert list(document) == [
        "examples", "error", "accuracy", "interval", "halves", "confusion", "per_class", "calibration_error",
    ]  # fmt: skip
    assert document["confusion"] == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert document["per_class"][1] == {
        "label": 1, "precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1,
    }  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60))
def test_the_parts_of_a_summary_agree(pairs):
    labels, predicted = np.array(pairs).T
    summary = summarize(one_hot(predicted, 10), labels.astype(np.uint8))
    assert summary.confusion.sum() == summary.examples == len(pairs)
    assert summary.accuracy == pytest.approx(np.trace(summary.confusion) / len(pairs))
    assert summary.error + summary.accuracy == pytest.approx(1)
    assert sum(one.recall * one.support for one in summary.per_class) == pytest.approx(summary.accuracy * len(pairs))


def test_probabilities_that_are_not_finite_are_refused():
    with pytest.raises(DivergedError, match="not finite"):
        summarize(np.full((3, 1), np.nan), np.array([0], np.uint8))
