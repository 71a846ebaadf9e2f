"""Folds keep groups together and meet every row once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.exceptions import DataError
from stanceml.modeling.splits import folds


@given(
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from("abc")), min_size=20, max_size=60),
    st.integers(2, 4),
    st.integers(0, 100),
)
def test_groups_stay_together(rows: list[tuple[int, str]], n_splits: int, seed: int) -> None:
    groups = np.array([group for group, _ in rows])
    y = np.array([label for _, label in rows])
    if len(set(groups)) < n_splits:
        return
    tested: list[int] = []
    for train, test in folds(y, groups, n_splits, seed):
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(len(y)))
        tested += test.tolist()
    assert sorted(tested) == list(range(len(y)))


def test_a_rare_class_is_no_cause_for_alarm() -> None:
    y = np.array(["a"] * 18 + ["b"] * 2)
    assert len(list(folds(y, np.arange(20), 5, random_state=0))) == 5


def test_fewer_groups_than_folds() -> None:
    with pytest.raises(DataError, match=r"2 groups \(by sentence_id\) for 5 folds"):
        list(folds(np.array(["a", "b"]), np.array([0, 1]), 5, 0, "sentence_id"))
