"""A small network gets one thread, a large one its share of the cores, and a number that was chosen stays."""

import pytest

from nncli.cores import Cores
from nncli.training import threads


class Free(Cores):
    """Cores of which some are free."""

    def __init__(self, count, why=""):
        super().__init__()
        self.count, self.why = count, why

    def free(self):
        return self.count, self.why


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch):
    monkeypatch.setattr(threads, "usable", lambda: 4)
    for name in threads.SET_BY_USER:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("worth", "setting", "recorded", "environment", "expected"),
    [
        (10**12, "auto", None, {}, 1),
        (1, "auto", None, {}, 3),
        (10**12, 2, 1, {"OMP_NUM_THREADS": "8"}, 2),
        (10**12, "auto", 2, {}, 2),
        (1, "auto", 16, {}, 4),
        (1, "auto", 2, {"OPENBLAS_NUM_THREADS": "2"}, None),
        (10**12, "auto", None, {"OMP_NUM_THREADS": "2"}, None),
        (10**12, "auto", None, {"OMP_NUM_THREADS": ""}, 1),
    ],
)
def test_number_of_threads(small_training, monkeypatch, worth, setting, recorded, environment, expected):
    monkeypatch.setattr(threads, "WORTH_THREADS", worth)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    training = small_training(training={"threads": setting})
    assert threads.choose(training, Free(3), recorded) == (expected, "")


def test_fewer_threads_are_explained(small_training, monkeypatch):
    monkeypatch.setattr(threads, "WORTH_THREADS", 1)
    chosen = threads.choose(small_training(), Free(2, "another run is training"))
    assert chosen == (2, "using 2 of 4 cores, because another run is training")


def test_multiply_adds_of_a_step_by_hand(small_training, monkeypatch):
    training = small_training()
    pixels, hidden, classes, batch = 784, 12, 10, 64
    first, second = pixels * hidden, hidden * classes
    count = (2 * first + 3 * second) * batch
    for limit, expected in ((count, True), (count + 1, False)):
        monkeypatch.setattr(threads, "WORTH_THREADS", limit)
        assert threads.worthwhile(training) is expected
