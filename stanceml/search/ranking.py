"""What a search tells of its candidates: their order, their intervals, and what each value did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stanceml.modeling.metrics import Score, confusion_counts, metric_values, percentile_interval
from stanceml.modeling.scoring import PRIMARY
from stanceml.search.candidates import Candidate

__all__ = ["Draws", "RankedCandidate", "Trial", "ValueScore", "interval", "rank", "value_scores"]


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


class Draws:
    """Macro-F1 of predictions on 2,000 or so draws of groups, the same draws for all of them.

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
    >>> draws.of(y).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        y: np.ndarray,
        groups: np.ndarray,
        classes: Sequence[str],
        n_bootstraps: int,
        random_state: int,
    ) -> None:
        self.y, self.groups, self.classes = y, groups, classes
        n_groups = int(groups.max()) + 1
        random = np.random.default_rng(random_state)
        # As `bootstrap_interval` draws them: one interval, whoever computes it.
        shares = np.full(n_groups, 1 / n_groups)
        self._drawn = random.multinomial(n_groups, shares, size=n_bootstraps).astype(float)

    def of(self, predicted: np.ndarray) -> np.ndarray:
        """Give macro-F1 on every draw, of shape (n_bootstraps,)."""
        labels = range(len(self.classes))
        confusion = confusion_counts(self.y, predicted, labels, self.groups)
        drawn = self._drawn @ confusion.reshape(len(confusion), -1)
        return metric_values(drawn.reshape(-1, *confusion.shape[1:]), self.classes)[PRIMARY]


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
    return [
        RankedCandidate(
            candidates[trial.candidate],
            trial.share,
            interval(trial.value, draws.of(trial.predicted)),
            trial.fold_scores,
        )
        for trial in ordered
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
    for trial in trials:
        on_draws = draws.of(trial.predicted)
        for field, value in candidates[trial.candidate].settings.items():
            place = (field, list(space[field]).index(value))
            drawn[place] = drawn.get(place, 0.0) + on_draws
            values.setdefault(place, []).append(trial.value)
    return [
        ValueScore(
            field,
            space[field][number],
            len(values[place]),
            interval(float(np.mean(values[place])), drawn[place] / len(values[place])),
        )
        for field in space
        for number in range(len(space[field]))
        if (place := (field, number)) in values
    ]


def interval(value: float, on_draws: np.ndarray) -> Score:
    """Give a value the 95% interval of what it is on draws.

    Examples
    --------
    >>> interval(1.4, np.repeat([1.0, 2.0], 50))
    Score(value=1.4, low=1.0, high=2.0, p_value=None)
    """
    return Score(value, *percentile_interval(on_draws))
