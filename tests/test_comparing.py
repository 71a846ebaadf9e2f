"""Scores over chosen rows, and paired differences."""

import numpy as np
import pytest

from stanceml.examination.comparing import Judge

CLASSES = ["against", "favor", "neutral"]


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 3, 240)


@pytest.fixture
def judge(truth: np.ndarray) -> Judge:
    return Judge(truth, np.arange(240) // 4, CLASSES, 500, 0)


def blurred(truth: np.ndarray, share: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.where(random.random(len(truth)) < share, (truth + 1) % 3, truth)[np.newaxis]


def test_nothing_differs_from_itself(judge: Judge, truth: np.ndarray) -> None:
    predicted = blurred(truth, 0.3, 1)
    found = judge.compare(predicted, np.repeat(predicted, 3, axis=0), np.arange(240))
    assert (found.difference.value, found.difference.low, found.difference.high) == pytest.approx(
        (0, 0, 0), abs=1e-12
    )
    assert found.usual == judge.macro_f1(predicted, np.arange(240))
    assert (found.n_rows, found.n_groups) == (240, 60)


def test_a_fall_is_told_with_its_sign(judge: Judge, truth: np.ndarray) -> None:
    found = judge.compare(blurred(truth, 0.1, 1), blurred(truth, 0.5, 2), np.arange(240))
    assert found.difference.value == pytest.approx(found.other.value - found.usual.value)
    assert found.difference.high < 0


def test_a_paired_interval_is_narrower(judge: Judge, truth: np.ndarray) -> None:
    usual = blurred(truth, 0.4, 1)
    other = usual.copy()
    other[0, :6] = truth[:6]
    found = judge.compare(usual, other, np.arange(240))
    alone = found.usual.high - found.usual.low
    assert found.difference.high - found.difference.low < alone / 2


def test_only_the_chosen_rows_count(judge: Judge, truth: np.ndarray) -> None:
    predicted = truth[np.newaxis].copy()
    predicted[0, 100:] = (truth[100:] + 1) % 3
    assert judge.macro_f1(predicted, np.arange(100)).value == 1.0
    assert judge.macro_f1(predicted, np.arange(100, 240)).value == 0.0


def test_shares(judge: Judge) -> None:
    holds = np.array([[True, False, True, True], [True, False, True, False]])
    assert judge.share(holds, np.array([0, 5, 9, 13])).value == pytest.approx(0.625)


def test_too_few_groups_for_an_interval(judge: Judge) -> None:
    assert not judge.has_interval(np.arange(16))
    assert judge.has_interval(np.arange(17))
    assert not judge.has_interval(np.array([], dtype=int))
