"""The train/validation split: disjoint, complete, stratified, and decided by the seed alone."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncli.data.splits import stratified
from nncli.errors import DataError

LABELS = np.repeat(np.arange(10, dtype=np.uint8), range(100, 200, 10))


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=200).map(lambda labels: np.array(labels, np.uint8)),
    st.data(),
)
def test_the_parts_share_nothing_and_each_class_in_proportion(labels, data):
    validation = data.draw(st.integers(0, len(labels) - 1))
    kept, held_out = stratified(labels, validation, data.draw(st.integers(0, 2**63)))
    assert len(held_out) == validation
    assert sorted([*kept, *held_out]) == list(range(len(labels)))
    assert list(kept) == sorted(kept)
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        exact = count * validation / len(labels)
        assert abs(np.sum(labels[held_out] == label) - exact) < 1


def test_the_seed_decides():
    first, again, other = (stratified(LABELS, 300, seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.int64


@pytest.mark.parametrize("validation", [-1, len(LABELS), len(LABELS) + 1])
def test_a_split_that_leaves_nothing_to_train_on_is_refused(validation):
    with pytest.raises(DataError, match=f"choose at most {len(LABELS) - 1:,}"):
        stratified(LABELS, validation, 1)


def test_nothing_held_out():
    kept, held_out = stratified(LABELS, 0, 1)
    assert len(kept) == len(LABELS)
    assert len(held_out) == 0


@pytest.mark.parametrize(
    ("seed", "digest"), [(1, "b1b2818c471b6f3d2d583987e9766bb0"), (2026, "15836989d73babdbf36b6e20930ea9a2")]
)
def test_a_split_stays_what_it_is_from_version_to_version(seed, digest):
    held_out = stratified(LABELS, 300, seed)[1]
    assert hashlib.sha256(held_out.astype("<i8").tobytes()).hexdigest()[:32] == digest
