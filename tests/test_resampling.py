"""Intervals of anything that is computed from sums over groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.modeling.metrics import bootstrap_interval, confusion_counts, metric_values
from stanceml.modeling.resampling import score_by_groups, scores_by_groups, sums_by_group


def test_draws_are_those_of_the_other_intervals() -> None:
    random = np.random.default_rng(0)
    truth, predicted = random.choice(["a", "b"], (2, 90))
    counts = confusion_counts(truth, predicted, ["a", "b"], np.arange(90) // 3)
    low, high = bootstrap_interval(counts[np.newaxis], ["a", "b"], 300, 7)["macro_f1"]
    score = score_by_groups(counts, lambda s: metric_values(s, ["a", "b"])["macro_f1"], 300, 7)
    assert (score.low, score.high) == pytest.approx((low, high), abs=1e-12)


def test_the_interval_of_a_mean_covers_it() -> None:
    covered = 0
    for trial in range(100):
        values = np.random.default_rng(trial).normal(3.0, 1.0, 60)
        score = score_by_groups(values[:, None], lambda sums: sums[:, 0] / 60, 300, trial)
        covered += score.low <= 3.0 <= score.high
    assert 0.88 <= covered / 100 <= 0.99


def test_a_draw_that_says_nothing_is_left_out() -> None:
    sums = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])

    def ratio(drawn: np.ndarray) -> np.ndarray:
        return np.where(drawn[:, 1] > 0, drawn[:, 0] / np.maximum(drawn[:, 1], 1), np.nan)

    score = score_by_groups(sums, ratio)
    assert (score.value, score.low, score.high) == (1.0, 1.0, 1.0)
    assert np.isnan(score_by_groups(sums[1:], ratio).low)


def test_several_statistics_see_the_same_draws() -> None:
    values = np.random.default_rng(0).random((30, 1))
    first, twice = scores_by_groups(values, lambda sums: np.column_stack([sums, 2 * sums]))
    assert twice.low == pytest.approx(2 * first.low)
    assert twice.high == pytest.approx(2 * first.high)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 5)), min_size=1))
def test_sums(rows: list[tuple[str, int]]) -> None:
    groups, values = (np.array(column) for column in zip(*rows, strict=True))
    expected = [sum(v for g, v in rows if g == name) for name in sorted(set(groups))]
    assert sums_by_group(values, groups).tolist() == expected
