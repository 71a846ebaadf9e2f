"""Candidates in order, with the intervals that the project's scores have."""

from typing import Any

import numpy as np
import pytest

from stanceml.config import Experiment
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.resampling import bootstrap_interval, drawn_sums
from stanceml.search import ranking
from stanceml.search.candidates import Candidate, span
from stanceml.search.ranking import Draws, Trial, rank, value_scores

CLASSES = ["against", "favor", "neutral"]
RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 3, 60)
GROUPS = RANDOM.permutation(np.arange(60) % 12)
SPACE: dict[str, list[Any]] = {"classifier.alpha": [1, 3], "features.1": [None, "CHARS"]}


@pytest.fixture(scope="module")
def candidates() -> list[Candidate]:
    words = {"source": "marked", "kind": "word", "orders": (1, 2)}
    SPACE["features.1"][1] = {"source": "marked", "kind": "char", "orders": [2, 3]}
    base = Experiment(name="x", features=[words], classifier={"kind": "ridge"})  # type: ignore[arg-type, list-item]
    return span(base, SPACE)


@pytest.fixture(scope="module")
def draws() -> Draws:
    return Draws(Y, GROUPS, CLASSES, n_bootstraps=300, random_state=4)


def confusion(predicted: np.ndarray) -> np.ndarray:
    return confusion_counts(Y, predicted, range(3), GROUPS)


def trial(candidate: int, share: float, n_right: int) -> Trial:
    predicted = np.where(np.arange(60) < n_right, Y, (Y + 1) % 3)
    value = metric_values(confusion(predicted).sum(axis=0), CLASSES)["macro_f1"]
    return Trial(candidate, share, float(value), (float(value),) * 2, predicted)


def test_intervals_are_those_of_the_projects_scores(
    candidates: list[Candidate], draws: Draws
) -> None:
    trials = [trial(0, 1.0, 30), trial(1, 1.0, 45)]
    for ranked, one in zip(rank(trials, candidates, draws), reversed(trials), strict=True):
        expected = bootstrap_interval(confusion(one.predicted)[None], CLASSES, 300, 4)["macro_f1"]
        assert (ranked.score.low, ranked.score.high) == pytest.approx(expected, abs=1e-12)
        assert ranked.score.value == one.value
        assert ranked.fold_scores == one.fold_scores


def test_the_last_trial_counts_and_a_larger_share_comes_first(
    candidates: list[Candidate], draws: Draws
) -> None:
    trials = [trial(0, 0.5, 50), trial(1, 0.5, 55), trial(2, 0.5, 50), trial(3, 0.5, 20)]
    trials += [trial(1, 1.0, 10), trial(2, 1.0, 40)]
    ranked = rank(trials, candidates, draws)
    assert [candidates.index(one.candidate) for one in ranked] == [2, 1, 0, 3]
    assert [one.share for one in ranked] == [1.0, 1.0, 0.5, 0.5]


def test_equal_candidates_stay_in_their_order(candidates: list[Candidate], draws: Draws) -> None:
    trials = [trial(number, 1.0, 30) for number in (2, 0, 3, 1)]
    ranked = rank(trials, candidates, draws)
    assert [candidates.index(one.candidate) for one in ranked] == [0, 1, 2, 3]


def test_a_value_is_the_mean_of_its_candidates(candidates: list[Candidate], draws: Draws) -> None:
    trials = [trial(0, 1.0, 20), trial(1, 1.0, 30), trial(2, 1.0, 40), trial(3, 1.0, 50)]
    found = value_scores(trials, candidates, SPACE, draws)
    assert [(one.field, one.value, one.n_candidates) for one in found] == [
        ("classifier.alpha", 1, 2),
        ("classifier.alpha", 3, 2),
        ("features.1", None, 2),
        ("features.1", SPACE["features.1"][1], 2),
    ]
    for one, (first, second) in zip(found, [(0, 1), (2, 3), (0, 2), (1, 3)], strict=True):
        both = [trials[first], trials[second]]
        assert one.score.value == pytest.approx(np.mean([t.value for t in both]))
        stacked = np.stack([confusion(t.predicted) for t in both])
        expected = bootstrap_interval(stacked, CLASSES, 300, 4)["macro_f1"]
        assert (one.score.low, one.score.high) == pytest.approx(expected, abs=1e-12)


def test_a_value_without_a_candidate_is_left_out(candidates: list[Candidate], draws: Draws) -> None:
    found = value_scores([trial(1, 1.0, 20)], candidates, SPACE, draws)
    assert [(one.field, one.value) for one in found] == [
        ("classifier.alpha", 1),
        ("features.1", SPACE["features.1"][1]),
    ]


def test_draws_in_blocks_are_the_same(draws: Draws, monkeypatch: pytest.MonkeyPatch) -> None:
    predictions = [trial(0, 1.0, n_right).predicted for n_right in range(0, 60, 10)]
    whole = np.stack(list(draws.of(predictions)))
    sizes = []

    def spied(sums: np.ndarray, *settings: int) -> Any:
        sizes.append(sums.shape[1])
        return drawn_sums(sums, *settings)

    monkeypatch.setattr(ranking, "drawn_sums", spied)
    monkeypatch.setattr(ranking, "_BATCH", 4 * 9 * 300)
    monkeypatch.setattr("stanceml.modeling.resampling._BLOCK", 12 * 7)
    assert (np.stack(list(draws.of(predictions))) == whole).all()
    assert sizes == [4, 2]
