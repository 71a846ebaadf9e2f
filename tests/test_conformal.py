"""Thresholds and label sets keep what they promise, on groups that they were not chosen on."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.examination.conformal import (
    confidence_threshold,
    conformal_quantile,
    label_sets,
    measure_abstention,
    measure_label_sets,
)

answers = st.lists(st.tuples(st.integers(1, 10), st.booleans()), min_size=1, max_size=30)


@given(answers, st.sampled_from([0.5, 0.75, 0.9, 1.0]))
def test_no_other_threshold_answers_more_rows(
    rows: list[tuple[int, bool]], precision: float
) -> None:
    confidence = np.array([sure / 10 for sure, _ in rows])
    right = np.array([is_right for _, is_right in rows])
    found = confidence_threshold(confidence, right, precision)
    good = [t for t in set(confidence) if right[confidence >= t].mean() >= precision]
    assert found == min(good, default=np.inf)


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=40, unique=True),
    st.integers(1, 19),
)
def test_quantile_is_the_one_of_the_books(thousandths: list[int], twentieths: int) -> None:
    coverage = Fraction(twentieths, 20)
    rank = -(-(len(thousandths) + 1) * coverage // 1)  # rounded up, exactly
    found = conformal_quantile(np.array(thousandths) / 1000, float(coverage))
    if rank > len(thousandths):
        assert found == np.inf
    else:
        scores = sorted(1 - value / 1000 for value in thousandths)
        assert found == pytest.approx(scores[int(rank) - 1])


def test_few_rows_keep_every_label_open() -> None:
    quantile = conformal_quantile(np.array([0.9] * 8), 0.9)
    assert label_sets(np.array([[1.0, 0.0, 0.0]]), quantile).tolist() == [[True] * 3]
    assert conformal_quantile(np.array([0.9] * 9), 0.9) == pytest.approx(0.1)


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_cover_as_often_as_promised(coverage: float) -> None:
    random = np.random.default_rng(3)
    held = []
    for _ in range(400):
        probabilities = random.dirichlet([2, 1, 0.5], 60)
        truth = random.integers(0, 3, 60)  # the probabilities are wrong, and it does not matter
        quantile = conformal_quantile(probabilities[np.arange(50), truth[:50]], coverage)
        sets = label_sets(probabilities[50:], quantile)
        held.append(sets[np.arange(10), truth[50:]].mean())
    assert np.mean(held) == pytest.approx(coverage + 0.01, abs=0.025)


def rows_in_groups(spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, probabilities and groups, each group harder or easier than the others."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 40)
    skill = np.clip(0.7 + spread * random.normal(size=20), 0.05, 0.95)[groups]
    sure = random.uniform(0.4, 1.0, 800)
    truth = random.integers(0, 3, 800)
    guessed = np.where(random.random(800) < skill * sure, truth, (truth + 1) % 3)
    probabilities = np.repeat((1 - sure[:, None]) / 2, 3, axis=1)
    probabilities[np.arange(800), guessed] = sure
    return truth, probabilities, groups


def test_sets_are_measured_on_other_groups() -> None:
    truth, probabilities, groups = rows_in_groups(0.0)
    alike = measure_label_sets(truth, probabilities, groups, 0.8)
    assert alike.coverage.value == pytest.approx(0.8, abs=0.02)
    assert alike.coverage.low <= alike.coverage.value <= alike.coverage.high
    assert 1 <= alike.size.value <= 3
    truth, probabilities, groups = rows_in_groups(0.3)
    unlike = measure_label_sets(truth, probabilities, groups, 0.8)
    as_if_alone = measure_label_sets(truth, probabilities, np.arange(800), 0.8)
    assert _width(unlike.coverage) > 1.5 * _width(as_if_alone.coverage)


def test_a_threshold_is_worth_less_than_it_looks() -> None:
    # Confidence says nothing here: whatever was chosen was chosen by luck.
    looks, worth = [], []
    for seed in range(12):
        random = np.random.default_rng(seed)
        confidence, right = random.random(200), random.random(200) < 0.6
        found = measure_abstention(confidence, right, np.arange(200) // 4, 0.8)
        if found.chosen_precision is not None and found.precision is not None:
            looks.append(found.chosen_precision)
            worth.append(found.precision.value)
    assert min(looks) >= 0.8
    assert np.mean(worth) < np.mean(looks) - 0.05


def test_a_threshold_that_is_worth_its_promise() -> None:
    random = np.random.default_rng(1)
    confidence = random.uniform(0.3, 1.0, 2000)
    right = random.random(2000) < confidence
    found = measure_abstention(confidence, right, np.arange(2000) // 10, 0.8)
    # Where everything above t is right (1 + t) / 2 of the time, t is 0.6.
    assert found.threshold == pytest.approx(0.6, abs=0.05)
    assert found.precision is not None
    assert found.precision.value == pytest.approx(0.8, abs=0.02)
    assert found.coverage.value == pytest.approx(4 / 7, abs=0.05)


def test_a_precision_that_nothing_reaches() -> None:
    found = measure_abstention(np.full(40, 0.5), np.zeros(40, dtype=bool), np.arange(40), 0.8)
    assert (found.threshold, found.chosen_precision, found.chosen_coverage) == (None, None, None)
    assert (found.precision, found.coverage.value, found.reached) == (None, 0.0, 0.0)


def _width(score: object) -> float:
    return score.high - score.low  # type: ignore[attr-defined,no-any-return]
