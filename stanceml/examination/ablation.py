"""What each block of an experiment's features is worth: the same rows with it and without it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.examination.comparing import Judge
from stanceml.examination.learning_curve import SHARES, CurvePoint, curve_point, nested_samples
from stanceml.examination.variants import Blocks, Split, Variant, fit_variants, variants
from stanceml.modeling.counting import count_ngrams
from stanceml.modeling.pipeline import check_features
from stanceml.modeling.resampling import Score, scores_by_groups
from stanceml.modeling.splits import folds

__all__ = ["Ablation", "HeldOutRows", "OnHeldOut", "Slice", "Worth", "ablate_experiment"]


@dataclass(frozen=True)
class HeldOutRows:
    """Labelled rows that nothing is trained on.

    Attributes
    ----------
    dataset : Dataset
    among : list of str
        The labels to choose from, in alphabetical order.
    by : Series of shape (n_rows,), optional
        By whose values accuracy is told.
    """

    dataset: Dataset
    among: list[str]
    by: "pd.Series[str] | None" = None


@dataclass(frozen=True)
class Worth:
    """Macro-F1 of a variant, and what it has more than the whole on the same draws of groups.

    What has all the blocks has no difference.
    """

    macro_f1: Score
    difference: Score | None


@dataclass(frozen=True)
class Slice:
    """What every variant does on some of the rows, in the order of the variants."""

    n_rows: int
    n_groups: int
    worths: list[Worth]


@dataclass(frozen=True)
class OnHeldOut:
    """What the variants do on held-out rows after training on all others.

    `n_elsewhere` says of how many rows each variant, free to choose, gives another label than those
    that were to choose from.
    """

    slices: dict[str, Slice]
    n_elsewhere: list[int]
    curve: list[CurvePoint]


@dataclass(frozen=True)
class Ablation:
    """All that was measured; `n_ngrams` is how many each variant finds in the training rows."""

    variants: list[Variant]
    n_ngrams: list[int]
    cross_validated: dict[str, Slice]
    held_out: OnHeldOut | None


def ablate_experiment(
    experiment: Experiment,
    dataset: Dataset,
    held_out: HeldOutRows | None = None,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Ablation:
    """Measure an experiment without each of its blocks, with each alone, and block upon block.

    The folds are those of training's first repeat; out-of-fold predictions are pooled. Intervals
    draw groups, and a difference sees the same draws on both sides. They tell what other rows would
    change, not what other training rows would.

    Parameters
    ----------
    experiment : Experiment
        With two blocks or more.
    dataset : Dataset
    held_out : HeldOutRows, optional
        Rows to score every variant on that was fitted on all rows of the dataset, and the whole on
        growing shares of them.
    n_jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Called with the number of finished and of all fits.

    Returns
    -------
    Ablation

    Raises
    ------
    DataError
        When there are fewer groups than folds, or nothing can be trained on the rows.
    """
    tried = variants(experiment.features)
    wanted = list(dict.fromkeys(variant.features for variant in tried))
    y, groups = dataset.y.to_numpy(), dataset.groups.to_numpy()
    n_splits, seed = experiment.evaluation.n_splits, experiment.random_state
    splits = [
        Split(train, test, wanted)
        for train, test in folds(y, groups, n_splits, seed, dataset.group_kind)
    ]
    X, samples = dataset.X, []
    if held_out:
        X = pd.concat([X, held_out.dataset.X], ignore_index=True)
        beyond = np.arange(len(y), len(X))
        # The last sample is all rows: the curve ends with the whole, which is among the variants.
        samples = nested_samples(groups, dataset.sentences.to_numpy(), SHARES, seed)
        splits += [Split(rows, beyond, [experiment.features]) for rows in samples[:-1]]
        splits += [Split(samples[-1], beyond, wanted)]
    counts = count_ngrams(X, experiment.features)
    check_features([experiment], counts, len(y))
    numbers = np.searchsorted(dataset.classes, y)
    scores = fit_variants(
        experiment, counts, splits, numbers, groups, len(dataset.classes), n_jobs, progress
    )
    predicted = np.empty((len(tried), len(y)), dtype=int)
    for split, found in zip(splits[:n_splits], scores[:n_splits], strict=True):
        for number, variant in enumerate(tried):
            predicted[number, split.test] = found[variant.features].argmax(axis=1)
    judge = Judge.of(experiment, dataset, dataset.classes)
    sizes = {block: counts.n_ngrams(block, len(y)) for block in experiment.features}
    return Ablation(
        tried,
        [sum(sizes[block] for block in variant.features) for variant in tried],
        _slices(judge, dataset, tried, predicted),
        _on_held_out(experiment, dataset, held_out, tried, scores[n_splits:], samples)
        if held_out
        else None,
    )


def _on_held_out(
    experiment: Experiment,
    dataset: Dataset,
    held_out: HeldOutRows,
    tried: list[Variant],
    scores: list[dict[Blocks, np.ndarray]],
    samples: list[np.ndarray],
) -> OnHeldOut:
    columns = np.searchsorted(dataset.classes, held_out.among)
    judge = Judge.of(experiment, held_out.dataset, held_out.among)

    def chosen(found: np.ndarray) -> np.ndarray:
        return np.asarray(found[:, columns].argmax(axis=1))

    def n_elsewhere(found: np.ndarray) -> int:
        return int((~np.isin(found.argmax(axis=1), columns)).sum())

    of_variants = [scores[-1][variant.features] for variant in tried]
    of_whole = [found[experiment.features] for found in scores]
    sentences = dataset.sentences.to_numpy()
    return OnHeldOut(
        _slices(judge, held_out.dataset, tried, np.stack([chosen(one) for one in of_variants])),
        [n_elsewhere(found) for found in of_variants],
        [
            curve_point(
                share, sentences[rows], judge, chosen(found), n_elsewhere(found), held_out.by
            )
            for share, rows, found in zip(SHARES, samples, of_whole, strict=True)
        ],
    )


def _slices(
    judge: Judge, dataset: Dataset, tried: list[Variant], predicted: np.ndarray
) -> dict[str, Slice]:
    is_pair = dataset.is_pair.to_numpy()
    slices = {"all": _slice(judge, tried, predicted, np.arange(len(is_pair)))}
    # Where all rows are of one kind, another slice would say the same again.
    if 0 < is_pair.sum() < len(is_pair):
        slices["pair_rows"] = _slice(judge, tried, predicted, np.flatnonzero(is_pair))
    return slices


def _slice(judge: Judge, tried: list[Variant], predicted: np.ndarray, rows: np.ndarray) -> Slice:
    def statistics(drawn: np.ndarray) -> np.ndarray:
        values = judge.macro(drawn)
        return np.hstack([values, values - values[:, :1]])

    # All variants at once: the draws, which are many where groups are, are made once.
    sums = judge.confusions(predicted, rows)
    scores = scores_by_groups(sums, statistics, judge.n_bootstraps, judge.random_state)
    macro_f1, differences = scores[: len(tried)], scores[len(tried) :]
    whole = tried[0].features
    worths = [
        Worth(score, None if variant.features == whole else difference)
        for variant, score, difference in zip(tried, macro_f1, differences, strict=True)
    ]
    return Slice(len(rows), len(sums), worths)
