"""Do the probabilities mean what they say? Calibration error and Brier score, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stanceml.modeling.metrics import ratio
from stanceml.modeling.resampling import N_BOOTSTRAPS, Score, scores_by_groups, sums_by_group

__all__ = ["Bin", "Reliability", "measure_reliability"]

_ROWS_PER_BIN = 20
_SIMULATIONS = 200


@dataclass(frozen=True)
class Bin:
    """Rows whose highest probabilities are alike.

    `share` is their share of all rows, `confidence` the mean of those probabilities, `accuracy` how
    often the label that they belong to was right.
    """

    share: float
    confidence: float
    accuracy: Score


@dataclass(frozen=True)
class Reliability:
    """How far probabilities can be taken at their word.

    Attributes
    ----------
    n_rows, n_groups : int
    calibration_error : Score
        Expected calibration error: the mean distance between confidence and accuracy.
    calibration_error_by_chance : float
        What would be measured of probabilities without any fault: with few rows it is not 0.
    brier : Score
        Mean squared distance between the probabilities and what came true, summed over classes: 0
        is best, 2 worst.
    brier_of_shares : float
        What one gets by always giving the classes' shares.
    bins : tuple of Bin
        For the reliability diagram, the least confident first.
    """

    n_rows: int
    n_groups: int
    calibration_error: Score
    calibration_error_by_chance: float
    brier: Score
    brier_of_shares: float
    bins: tuple[Bin, ...]


def measure_reliability(
    truth: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    groups: np.ndarray,
    n_bins: int = 10,
    n_bootstraps: int = N_BOOTSTRAPS,
    random_state: int = 0,
) -> Reliability:
    """Compare probabilities with what came true.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,)
        Labels.
    probabilities : ndarray of shape (n_rows, n_classes) or (n_repeats, n_rows, n_classes)
        For rows that the model was not trained on. Measures are averaged over repeats.
    classes : sequence of str
        The labels of the columns, in alphabetical order.
    groups : ndarray of shape (n_rows,)
        Drawn for the intervals.
    n_bins : int
        Bins of equally many rows; fewer where they would hold less than 20.
    n_bootstraps, random_state : int

    Returns
    -------
    Reliability

    Notes
    -----
    The calibration error looks at the highest probability of each row only. Distances are never
    negative, so that chance adds to it: read it beside `calibration_error_by_chance`. Drawing
    groups adds chance once more; its interval is therefore the basic one, which takes off what the
    percentile interval has too much, widened where need be so that the value lies in it. The bins
    stay as they are when groups are drawn.

    References
    ----------
    Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78,
    1950, eq. 2. Bins of equal mass: Nguyen and O'Connor, "Posterior calibration and exploratory
    analysis for natural language processing models", EMNLP 2015, sec. 3. Expected calibration
    error: Guo, Pleiss, Sun and Weinberger, ICML 2017, eq. 3. What faultless probabilities show:
    Bröcker and Smith, "Increasing the reliability of reliability diagrams", Weather and Forecasting
    22, 2007, p. 651-661. Basic interval: Davison and Hinkley, "Bootstrap methods and their
    application", 1997, sec. 5.2.

    Examples
    --------
    >>> truth = np.array(["against", "favor"] * 50)
    >>> sure = np.array([[0.9, 0.1], [0.1, 0.9]] * 50)
    >>> measured = measure_reliability(truth, sure, ["against", "favor"], np.arange(100))
    >>> round(measured.calibration_error.value, 3), round(measured.brier.value, 3)
    (0.1, 0.02)
    """
    if probabilities.ndim == 2:
        probabilities = probabilities[np.newaxis]
    n_rows = probabilities.shape[1]
    came_true = np.asarray(truth)[:, np.newaxis] == np.asarray(classes)
    confidence = probabilities.max(axis=2)
    chosen = probabilities.argmax(axis=2)
    right = came_true[np.arange(n_rows), chosen].astype(float)
    n_bins = max(1, min(n_bins, n_rows // _ROWS_PER_BIN))
    places = np.stack([_equal_mass(row, n_bins) for row in confidence])

    # For each row, repeat and bin: whether it lies there, how sure and how right it is.
    inside = np.eye(n_bins)[places]
    told = np.stack([inside, inside * confidence[..., None], inside * right[..., None]], axis=-1)
    by_group = sums_by_group(told.transpose(1, 0, 2, 3), groups)
    squares = ((probabilities - came_true) ** 2).sum(axis=2).mean(axis=0)
    squares_by_group = sums_by_group(np.column_stack([squares, np.ones(n_rows)]), groups)
    flat = np.hstack([by_group.reshape(len(by_group), -1), squares_by_group])

    def statistics(drawn: np.ndarray) -> np.ndarray:
        bins = drawn[:, :-2].reshape(-1, *by_group.shape[1:])
        n_there, _, n_right = np.moveaxis(bins.sum(axis=1), -1, 0)
        accuracies = ratio(n_right, n_there, undefined=np.nan)
        brier = ratio(drawn[:, -2], drawn[:, -1], undefined=np.nan)
        return np.column_stack([_calibration_error(bins), brier, accuracies])

    error, brier, *accuracies = scores_by_groups(flat, statistics, n_bootstraps, random_state)

    random = np.random.default_rng(random_state)
    simulated = random.random((_SIMULATIONS, n_rows)) < confidence[0]
    gaps = (simulated - confidence[0]) @ inside[0]
    shares = came_true.mean(axis=0)
    return Reliability(
        n_rows=n_rows,
        n_groups=len(by_group),
        calibration_error=_reflected(error),
        calibration_error_by_chance=float((np.abs(gaps).sum(axis=1) / n_rows).mean()),
        brier=brier,
        brier_of_shares=float(1 - (shares**2).sum()),
        bins=_bins(by_group.sum(axis=(0, 1)), accuracies),
    )


def _equal_mass(confidence: np.ndarray, n_bins: int) -> np.ndarray:
    # Equal probabilities share a bin: a bin may stay empty, and then counts for nothing.
    edges = np.quantile(confidence, np.linspace(0, 1, n_bins + 1)[1:-1])
    return np.searchsorted(edges, confidence, side="right")


def _calibration_error(sums: np.ndarray) -> np.ndarray:
    """Average over the repeats; sums of shape (n, n_repeats, n_bins, 3)."""
    gaps = np.abs(sums[..., 2] - sums[..., 1]).sum(axis=2)
    return np.asarray((gaps / sums[..., 0].sum(axis=2)).mean(axis=1))


def _reflected(score: Score) -> Score:
    """Turn a percentile interval of what is never negative into the basic one."""
    value = score.value
    return Score(
        value, max(0.0, min(value, 2 * value - score.high)), max(value, 2 * value - score.low)
    )


def _bins(sums: np.ndarray, accuracies: list[Score]) -> tuple[Bin, ...]:
    counts, confidences, _ = sums.T
    return tuple(
        Bin(float(count / counts.sum()), float(confidence / count), accuracy)
        for count, confidence, accuracy in zip(counts, confidences, accuracies, strict=True)
        if count
    )
