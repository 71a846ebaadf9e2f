"""When to abstain, and which labels to keep open: thresholds and conformal sets."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from stanceml.modeling.resampling import Score

__all__ = [
    "Abstention",
    "LabelSets",
    "confidence_threshold",
    "conformal_quantile",
    "label_sets",
    "measure_abstention",
    "measure_label_sets",
]

_N_HALVES = 100


@dataclass(frozen=True)
class Abstention:
    """Answering only where the highest probability reaches a threshold.

    Attributes
    ----------
    wanted : float
        The precision that was asked for: the share of right answers among the answers.
    threshold : float or None
        Chosen on all rows; None where no threshold reaches that precision.
    chosen_precision, chosen_coverage : float or None
        On the very rows that the threshold was chosen on, hence too good.
    precision, coverage : Score
        Chosen on one half of the groups and measured on the other: the mean and the middle 95% over
        many halves. They tell what a new batch of the same size would show, not how well the means
        are known. Halves without an answer have coverage 0, and no precision.
    reached : float
        In which share of the halves the precision was reached on the other half.
    """

    wanted: float
    threshold: float | None
    chosen_precision: float | None
    chosen_coverage: float | None
    precision: Score | None
    coverage: Score
    reached: float


@dataclass(frozen=True)
class LabelSets:
    """Sets of labels that hold the true one about as often as wanted.

    Attributes
    ----------
    wanted : float
        The coverage that was asked for: how often the true label is in the set.
    quantile : float
        From all rows: a label is in the set unless its probability is below 1 less this.
    coverage, size, single : Score
        Quantile from one half of the groups, measured on the other: how often the set holds the
        true label, how many labels it has, and how often it is a single one. Mean and middle 95%
        over many halves.
    """

    wanted: float
    quantile: float
    coverage: Score
    size: Score
    single: Score


def confidence_threshold(confidence: np.ndarray, right: np.ndarray, precision: float) -> float:
    """Choose the threshold that leaves most answers while enough of them are right.

    Parameters
    ----------
    confidence : ndarray of shape (n_rows,)
        The highest probability of each row.
    right : ndarray of bool, shape (n_rows,)
        Whether its label is the true one.
    precision : float
        The share of right answers that is wanted.

    Returns
    -------
    float
        Answer where the confidence is at least this; infinite where no threshold will do.

    References
    ----------
    El-Yaniv and Wiener, "On the foundations of noise-free selective classification", Journal of
    Machine Learning Research 11, 2010, sec. 2.

    Examples
    --------
    >>> confidence_threshold(np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 1, 0, 0]), 0.6)
    0.7
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence = confidence[order]
    share_right = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Rows of one confidence are answered together or not at all.
    is_last = np.append(sorted_confidence[1:] != sorted_confidence[:-1], True)
    enough = np.flatnonzero(is_last & (share_right >= precision))
    return float(sorted_confidence[enough[-1]]) if len(enough) else np.inf


def conformal_quantile(probabilities_of_truth: np.ndarray, coverage: float) -> float:
    """Tell how improbable a label may be and still be kept in the set.

    Parameters
    ----------
    probabilities_of_truth : ndarray of shape (n_rows,)
        What the true labels of calibration rows, which the model has not seen, were given.
    coverage : float
        How often the set of a new row is to hold its true label.

    Returns
    -------
    float
        The `ceil((n_rows + 1) * coverage)`-th smallest of `1 - p`; infinite, so that sets hold
        every label, where that is more than there are rows.

    References
    ----------
    Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005, ch. 4 (inductive
    conformal predictors). Angelopoulos and Bates, "Conformal prediction: a gentle introduction",
    Foundations and Trends in Machine Learning 16, 2023, sec. 1.

    Examples
    --------
    >>> conformal_quantile(np.array([0.75, 0.5, 0.25]), 0.5), conformal_quantile(np.ones(3), 0.9)
    (0.5, inf)
    """
    scores = np.sort(1 - probabilities_of_truth)
    # Less a hair, as 0.9 times ten may come out above nine.
    rank = int(np.ceil((len(scores) + 1) * coverage - 1e-9))
    return float(scores[max(rank, 1) - 1]) if rank <= len(scores) else np.inf


def label_sets(probabilities: np.ndarray, quantile: float) -> np.ndarray:
    """Give each row the labels that are probable enough.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)
    quantile : float
        As `conformal_quantile` gives it.

    Returns
    -------
    ndarray of bool, shape (n_rows, n_classes)
        A row may be empty: no label is probable enough.

    Examples
    --------
    >>> label_sets(np.array([[0.5, 0.25, 0.25], [0.75, 0.25, 0.0]]), 0.5).tolist()
    [[True, False, False], [True, False, False]]
    """
    return np.asarray(1 - probabilities <= quantile)


def measure_abstention(
    confidence: np.ndarray,
    right: np.ndarray,
    groups: np.ndarray,
    wanted: float,
    random_state: int = 0,
) -> Abstention:
    """Choose a threshold on all rows, and measure by halves what such a choice is worth.

    Parameters
    ----------
    confidence, right : ndarray of shape (n_rows,)
        The highest probability of out-of-fold predictions, and whether its label is the true one.
    groups : ndarray of shape (n_rows,)
        Never split between the halves.
    wanted : float
        Precision.
    random_state : int
        Draws the halves.

    Returns
    -------
    Abstention
    """
    threshold = confidence_threshold(confidence, right, wanted)
    answered = confidence >= threshold
    precisions, coverages = [], []
    for one, other in _halves(groups, random_state):
        answers = confidence[other] >= confidence_threshold(confidence[one], right[one], wanted)
        coverages.append(float(answers.mean()))
        if answers.any():
            precisions.append(float(right[other][answers].mean()))
    return Abstention(
        wanted,
        threshold if answered.any() else None,
        float(right[answered].mean()) if answered.any() else None,
        float(answered.mean()) if answered.any() else None,
        _spread(precisions) if precisions else None,
        _spread(coverages),
        sum(precision >= wanted for precision in precisions) / _N_HALVES,
    )


def measure_label_sets(
    truth: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    wanted: float,
    random_state: int = 0,
) -> LabelSets:
    """Fit the quantile on all rows, and measure by halves what the sets hold.

    The coverage is promised for rows drawn one by one. Rows of a group are alike, and out-of-fold
    probabilities come from several models: what is promised is measured here, on other groups.

    Parameters
    ----------
    truth : ndarray of int, shape (n_rows,)
        Column of the true label.
    probabilities : ndarray of shape (n_rows, n_classes)
        Out of fold.
    groups : ndarray of shape (n_rows,)
        Never split between the halves.
    wanted : float
        Coverage.
    random_state : int
        Draws the halves.

    Returns
    -------
    LabelSets
    """
    rows = np.arange(len(truth))
    of_truth = probabilities[rows, truth]
    coverages, sizes, singles = [], [], []
    for one, other in _halves(groups, random_state):
        sets = label_sets(probabilities[other], conformal_quantile(of_truth[one], wanted))
        coverages.append(float(sets[np.arange(len(other)), truth[other]].mean()))
        sizes.append(float(sets.sum(axis=1).mean()))
        singles.append(float((sets.sum(axis=1) == 1).mean()))
    # Infinity is no JSON: a quantile of 1 keeps every label as well.
    quantile = min(conformal_quantile(of_truth, wanted), 1.0)
    return LabelSets(wanted, quantile, _spread(coverages), _spread(sizes), _spread(singles))


def _halves(groups: np.ndarray, random_state: int) -> list[tuple[np.ndarray, np.ndarray]]:
    splitter = GroupShuffleSplit(_N_HALVES, test_size=0.5, random_state=random_state)
    return list(splitter.split(groups, groups=groups))


def _spread(values: list[float]) -> Score:
    return Score.on_draws(float(np.mean(values)), np.array(values))
