"""What a search tells of its candidates: their order, their intervals, and what each value did."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.resampling import Score, drawn_sums
from stanceml.modeling.scoring import PRIMARY
from stanceml.search.candidates import Candidate

__all__ = ["Draws", "RankedCandidate", "Trial", "ValueScore", "rank", "value_scores"]

# Numbers in the counts, or in the drawn sums, of predictions that are drawn together.
_BATCH: Final = 8_000_000


@dataclass(frozen=True)
class Trial:
    """One candidate on the inner folds.

    Attributes
    ----------
    candidate : int
        Position among the candidates.
    share : float
        Of the training groups; 1 but for the lower rungs of halving.
    value : float
        Macro-F1 over the test rows of all inner folds together: what candidates are chosen by.
    fold_scores : tuple of float
        Macro-F1 of each inner fold.
    predicted : ndarray of shape (n_rows,)
        Labels, as positions among the classes.
    """

    candidate: int
    share: float
    value: float
    fold_scores: tuple[float, ...]
    predicted: np.ndarray


@dataclass(frozen=True)
class RankedCandidate:
    """A candidate, and its macro-F1 on the inner folds of all rows."""

    candidate: Candidate
    share: float
    score: Score
    fold_scores: tuple[float, ...]


@dataclass(frozen=True)
class ValueScore:
    """The mean macro-F1 of the candidates that have one value of one field."""

    field: str
    value: Any
    n_candidates: int
    score: Score


@dataclass(frozen=True)
class Draws:
    """Macro-F1 of predictions on draws of groups, the same draws for all of them.

    Parameters
    ----------
    y, groups : ndarray of int, shape (n_rows,)
        Positions of labels and of groups, from 0.
    classes : sequence of str
    n_bootstraps, random_state : int

    Examples
    --------
    >>> y, groups = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    >>> draws = Draws(y, groups, ["against", "favor"], n_bootstraps=3, random_state=0)
    >>> [on_draws.tolist() for on_draws in draws.of([y, y[::-1]])]
    [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    """

    y: np.ndarray
    groups: np.ndarray
    classes: Sequence[str]
    n_bootstraps: int
    random_state: int

    def of(self, predictions: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        """Give macro-F1 on every draw, of shape (n_bootstraps,), for one prediction after another.

        Drawing takes longer than adding up: as many as the memory allows are drawn together.
        """
        labels = range(len(self.classes))
        n_rows = max(int(self.groups.max()) + 1, self.n_bootstraps)
        size = max(1, _BATCH // (n_rows * len(labels) ** 2))
        for start in range(0, len(predictions), size):
            counts = [
                confusion_counts(self.y, predicted, labels, self.groups)
                for predicted in predictions[start : start + size]
            ]
            drawn = drawn_sums(np.stack(counts, axis=1), self.n_bootstraps, self.random_state)
            yield from metric_values(drawn, self.classes)[PRIMARY].T


def rank(
    trials: Iterable[Trial], candidates: Sequence[Candidate], draws: Draws
) -> list[RankedCandidate]:
    """Order candidates, each by its last trial: the largest share first, then the best score.

    Parameters
    ----------
    trials : iterable of Trial
        Of all rows; the later ones of a candidate on larger shares.
    candidates : sequence of Candidate
    draws : Draws

    Returns
    -------
    list of RankedCandidate
        Equal ones stay in the order of the candidates.
    """
    last = {trial.candidate: trial for trial in trials}
    ordered = sorted(last.values(), key=lambda trial: (-trial.share, -trial.value, trial.candidate))
    drawn = draws.of([trial.predicted for trial in ordered])
    return [
        RankedCandidate(
            candidates[trial.candidate],
            trial.share,
            Score.on_draws(trial.value, on_draws),
            trial.fold_scores,
        )
        for trial, on_draws in zip(ordered, drawn, strict=True)
    ]


def value_scores(
    trials: Sequence[Trial],
    candidates: Sequence[Candidate],
    space: Mapping[str, Sequence[Any]],
    draws: Draws,
) -> list[ValueScore]:
    """Average the candidates that share a value, field by field and value by value.

    Parameters
    ----------
    trials : sequence of Trial
        One of each candidate, all on one share.
    candidates : sequence of Candidate
    space : mapping of str to sequence
    draws : Draws

    Returns
    -------
    list of ValueScore
        In the order of the space; values that no candidate has are left out.
    """
    drawn: dict[tuple[str, int], Any] = {}
    values: dict[tuple[str, int], list[float]] = {}
    on_all = draws.of([trial.predicted for trial in trials])
    for trial, on_draws in zip(trials, on_all, strict=True):
        for field, value in candidates[trial.candidate].settings.items():
            place = (field, list(space[field]).index(value))
            drawn[place] = drawn.get(place, 0.0) + on_draws
            values.setdefault(place, []).append(trial.value)
    return [
        ValueScore(
            field,
            space[field][number],
            len(values[place]),
            Score.on_draws(float(np.mean(values[place])), drawn[place] / len(values[place])),
        )
        for field in space
        for number in range(len(space[field]))
        if (place := (field, number)) in values
    ]
