"""Intervals and permutations against what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.resampling import (
    Score,
    bootstrap_interval,
    permuted_labels,
    score_by_groups,
    scores_by_groups,
    sums_by_group,
)


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


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        truth = random.choice(["a", "b"], size=120)
        predicted = np.where(random.random(120) < 0.8, truth, np.where(truth == "a", "b", "a"))
        groups = np.arange(120) // 2
        counts = confusion_counts(truth, predicted, ["a", "b"], groups)[np.newaxis]
        low, high = bootstrap_interval(counts, ["a", "b"], 300, trial)["macro_f1"]
        covered += low <= 0.8 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_interval_is_wider_when_rows_of_a_group_agree() -> None:
    random = np.random.default_rng(1)
    right = np.repeat(random.random(40) < 0.7, 5)
    truth = np.array(["a", "b"] * 100)
    predicted = np.where(right, truth, np.where(truth == "a", "b", "a"))
    widths = []
    for groups in (np.arange(200), np.repeat(np.arange(40), 5)):
        counts = confusion_counts(truth, predicted, ["a", "b"], groups)[np.newaxis]
        low, high = bootstrap_interval(counts, ["a", "b"], 500, 0)["macro_f1"]
        widths.append(high - low)
    assert widths[1] > 1.5 * widths[0]


@given(st.lists(st.integers(1, 4), min_size=2, max_size=8), st.integers(0, 1000))
def test_permuting_keeps_what_belongs_together(sizes: list[int], seed: int) -> None:
    # Each sentence's rows bear the sentence's own label: after dealing, labels still come in runs.
    sentences = np.repeat(np.arange(len(sizes)), [size + 1 for size in sizes])
    is_pair = np.concatenate([[False] + [True] * size for size in sizes])
    y = sentences.astype(str)
    permuted = permuted_labels(y, sentences, is_pair, np.random.default_rng(seed))
    for kind in (False, True):
        assert sorted(permuted[is_pair == kind]) == sorted(y[is_pair == kind])
    runs = permuted[is_pair]
    assert (runs[1:] != runs[:-1]).sum() == len(sizes) - 1
    assert list(permuted[~is_pair]) == list(dict.fromkeys(runs))


def test_a_draw_without_a_class_says_nothing_of_it() -> None:
    truth = np.array(["a", "b", "b", "c", "c", "c"])
    counts = confusion_counts(truth, truth, ["a", "b", "c"], np.arange(6))[np.newaxis]
    intervals = bootstrap_interval(counts, ["a", "b", "c"], 200, 0)
    assert set(intervals.values()) == {(1.0, 1.0)}


def test_a_score_in_words() -> None:
    score = Score(-0.1234, -0.2, 0.0, 0.5)
    assert f"{score}" == str(score) == "-0.123 [-0.200, 0.000]"
    assert f"{score:+.3f}" == "-0.123 [-0.200, +0.000]"
    assert f"{score:.1%}" == "-12.3% [-20.0%, 0.0%]"
    assert score.as_dict() == {"value": -0.1234, "low": -0.2, "high": 0.0}
