"""Parts of vectors cover every coordinate once, and give the same bits on any number of threads."""

import numpy as np
import pytest

from nncli.optim import parts
from nncli.optim.optimizers import OPTIMIZERS
from nncli.optim.parts import BLOCK, WORTH_A_THREAD, Parts


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 7, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
def test_every_coordinate_is_in_one_block(size, threads):
    seen = np.zeros(size, int)

    def count(block, work):
        seen[block] += 1
        assert len(work) == block.stop - block.start <= BLOCK

    Parts(size, np.float32, threads).each(count)
    assert (seen == 1).all()


def test_a_short_vector_is_not_divided():
    blocks = []
    Parts(2 * WORTH_A_THREAD - 1, np.float32, 8).each(lambda block, work: blocks.append(block))
    assert blocks == [slice(0, 2 * WORTH_A_THREAD - 1)]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_number_of_threads_changes_no_bit(name, monkeypatch):
    monkeypatch.setattr(parts, "WORTH_A_THREAD", 10)
    monkeypatch.setattr(parts, "BLOCK", 64)
    results = []
    for threads in (1, 2, 3):
        monkeypatch.setattr("nncli.engine.blas.count_threads", lambda threads=threads: threads)
        rng = np.random.default_rng(1)
        optimizer, weights = OPTIMIZERS[name](1000), rng.standard_normal(1000, np.float32)
        for _ in range(3):
            optimizer.step(weights, rng.standard_normal(1000, np.float32), 0.01)
        results.append(np.concatenate([weights, *optimizer.slots.values()]).tobytes())
    assert len(set(results)) == 1


def test_a_failure_on_another_thread_is_raised(monkeypatch):
    monkeypatch.setattr(parts, "WORTH_A_THREAD", 1)

    def fail(block, work):
        if block.start:
            raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        Parts(10, np.float32, 2).each(fail)
