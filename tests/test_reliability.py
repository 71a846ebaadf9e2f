"""Calibration error and Brier score against what they are by definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.modeling.reliability import Reliability, measure_reliability
from stanceml.stances import STANCES


def simulated(n_rows: int, gap: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities that promise `gap` too much."""
    random = np.random.default_rng(seed)
    sure = random.uniform(0.5, 0.95, n_rows)
    right = random.random(n_rows) < sure - gap
    rest = (1 - sure) / 2
    return np.where(right, "against", "favor"), np.column_stack([sure, rest, rest])


def measured(n_rows: int, gap: float, seed: int = 0) -> Reliability:
    truth, probabilities = simulated(n_rows, gap, seed)
    return measure_reliability(
        truth, probabilities, STANCES, np.arange(n_rows), n_bootstraps=100, random_state=seed
    )


def test_too_much_promised_is_measured() -> None:
    found = measured(6000, 0.2)
    assert found.calibration_error.value == pytest.approx(0.2, abs=0.02)
    assert found.calibration_error_by_chance < 0.03
    for part in found.bins:
        assert part.confidence - part.accuracy.value == pytest.approx(0.2, abs=0.08)


def test_faultless_probabilities_show_what_chance_shows() -> None:
    found = [measured(600, 0.0, seed) for seed in range(20)]
    mean = np.mean([one.calibration_error.value for one in found])
    assert mean == pytest.approx(found[0].calibration_error_by_chance, abs=0.008)


def test_the_interval_holds_the_fault_more_often_than_not() -> None:
    faults = [measured(400, 0.08, seed).calibration_error for seed in range(40)]
    assert np.mean([one.low <= 0.08 <= one.high for one in faults]) > 0.8
    assert all(0 <= one.low <= one.value <= one.high for one in faults)


def test_brier_score_by_hand() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    found = measure_reliability(
        np.array(["against", "favor"]), probabilities, STANCES, np.arange(2), n_bootstraps=100
    )
    first, second = 0.3**2 + 0.2**2 + 0.1**2, 0.1**2 + 0.9**2 + 0.8**2
    assert found.brier.value == pytest.approx((first + second) / 2)
    assert (found.brier.low, found.brier.high) == pytest.approx((first, second))
    assert found.brier_of_shares == pytest.approx(0.5)


def test_always_giving_the_shares_has_their_brier_score() -> None:
    truth = np.array(["against"] * 60 + ["favor"] * 40)
    shares = np.tile([0.6, 0.4], (100, 1))
    found = measure_reliability(truth, shares, ["against", "favor"], np.arange(100))
    assert found.brier.value == pytest.approx(found.brier_of_shares)
    assert found.calibration_error.value == pytest.approx(0.0)
    # Equal probabilities are never put apart.
    assert [part.share for part in found.bins] == [1.0]


def test_intervals_are_wider_when_rows_of_a_group_agree() -> None:
    truth, probabilities = simulated(900, 0.1)
    order = np.argsort(truth, kind="stable")
    widths = []
    for groups in (np.arange(900), np.arange(900) // 30):
        brier = measure_reliability(truth[order], probabilities[order], STANCES, groups).brier
        widths.append(brier.high - brier.low)
    assert widths[1] > 2 * widths[0]


def test_repeats_are_averaged() -> None:
    truth, probabilities = simulated(400, 0.1)
    groups = np.arange(400) // 2
    once = measure_reliability(truth, probabilities, STANCES, groups, n_bootstraps=200)
    thrice = measure_reliability(
        truth, np.stack([probabilities] * 3), STANCES, groups, n_bootstraps=200
    )
    assert thrice.calibration_error.value == pytest.approx(once.calibration_error.value)
    assert thrice.brier.low == pytest.approx(once.brier.low)
    assert len(thrice.bins) == len(once.bins)


@settings(max_examples=30)
@given(st.integers(1, 70), st.integers(0, 1000))
def test_whatever_the_rows_are(n_rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.choice(STANCES, n_rows)
    probabilities = random.dirichlet([1, 1, 1], n_rows).round(1)
    order = random.permutation(n_rows)
    groups = random.integers(0, 5, n_rows)
    found, shuffled = (
        measure_reliability(truth[o], probabilities[o], STANCES, groups[o], n_bootstraps=100)
        for o in (np.arange(n_rows), order)
    )
    assert found.calibration_error.value == pytest.approx(shuffled.calibration_error.value)
    assert sum(part.share for part in found.bins) == pytest.approx(1)
    assert 0 <= found.calibration_error.value <= 1
    assert 0 <= found.brier.low <= found.brier.high <= 2.5
    assert len(found.bins) <= max(1, n_rows // 20)
