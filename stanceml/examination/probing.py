"""The fits behind an examination: the usual folds, and those that leave something out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import softmax

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset, unit_frame
from stanceml.corpus.units import Unit
from stanceml.examination import learning_curve
from stanceml.examination.alterations import (
    entity_key,
    invented_names,
    masked,
    named_in_sentences,
    swapped,
)
from stanceml.features.spaces import NgramSpace
from stanceml.modeling.counting import Counts, count_ngrams, mention_blocks, space_of
from stanceml.modeling.parallel import side_by_side
from stanceml.modeling.pipeline import check_features, fit_fold
from stanceml.modeling.splits import folds
from stanceml.stances import Source

__all__ = [
    "BLIND",
    "MET",
    "SHARES",
    "UNSEEN",
    "USUAL",
    "EntitySplit",
    "Probed",
    "fit_probes",
    "share_name",
]

USUAL: Final = "usual"
#: Shares of the training sentences, for the learning curve; all of them are the usual fit.
SHARES: Final = learning_curve.SHARES[:-1]
#: What is left out of training, and how the predictions of those fits are called.
UNSEEN: Final = {"target": "unseen_target", "holder": "unseen_holder"}
#: The same test rows after training on as many rows of any other sentence.
MET: Final = {"target": "met_target", "holder": "met_holder"}
#: Baselines that never read the text, by the part of a row that they look at.
BLIND: Final[dict[str, Source]] = {"holder_only": "holder", "target_only": "target"}

_ENTITY_FOLDS: Final = 10
_MOST_FOLDS: Final = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class EntitySplit:
    """Folds that leave entities out: the rows that are tested, and how much is left to train on."""

    rows: np.ndarray
    n_entities: int
    n_folds: int
    train_share: float


@dataclass(frozen=True)
class Probed:
    """Probabilities of rows that the models were not trained on.

    Attributes
    ----------
    n_rows : int
    probabilities : dict of str to ndarray of shape (n_repeats, n_table_rows, n_classes)
        Rows that a fit was not asked about are zeros. The table holds the rows, then the rows with
        invented names, then the swappable rows swapped.
    n_train : dict of str to int
        Training rows of a fold, on average.
    swappable : ndarray of int
        Positions of the pair rows with a holder.
    unseen : dict of str to EntitySplit
    """

    n_rows: int
    probabilities: dict[str, np.ndarray]
    n_train: dict[str, int]
    swappable: np.ndarray
    unseen: dict[str, EntitySplit]

    def of(self, name: str) -> np.ndarray:
        """Give what some fits said of the rows as they are."""
        return self.probabilities[name][:, : self.n_rows]

    def labels(self, name: str) -> np.ndarray:
        """Give the labels, as numbers, that some fits gave the rows as they are."""
        return np.asarray(self.of(name).argmax(axis=2))

    @property
    def masked(self) -> np.ndarray:
        """What the usual fits said of the rows with invented names."""
        return self.probabilities[USUAL][:, self.n_rows : 2 * self.n_rows]

    @property
    def swapped(self) -> np.ndarray:
        """What the usual fits said of the swappable rows with holder and target exchanged."""
        return self.probabilities[USUAL][:, 2 * self.n_rows :]


@dataclass(frozen=True)
class _Fit:
    name: str
    repeat: int
    experiment: Experiment
    train: np.ndarray
    test: np.ndarray


def share_name(share: float) -> str:
    """Name the fits on a share of the training sentences.

    Examples
    --------
    >>> share_name(0.1)
    'share_0.1'
    """
    return f"share_{share:g}"


def fit_probes(
    experiment: Experiment,
    dataset: Dataset,
    units: Sequence[Unit],
    n_jobs: int = -1,
    progress: Progress = lambda done, total: None,
) -> Probed:
    """Fit the usual folds and all others, and predict what was held out of each.

    The usual fits also answer for their test rows with invented names, and with holder and target
    exchanged. N-grams are counted once. Only the usual fits are calibrated: the others are asked
    for labels alone, which calibration does not change unless it tunes thresholds.

    Parameters
    ----------
    experiment : Experiment
    dataset : Dataset
    units : sequence of Unit
        The rows of `dataset.X`.
    n_jobs : int
        Processes; -1 for one a core.
    progress : callable
        Called with the number of finished and of all fits.

    Returns
    -------
    Probed

    Raises
    ------
    DataError
        When there are fewer groups than folds, or nothing can be trained on the rows.
    """
    names = invented_names(dataset.X["text"], random_state=experiment.random_state)
    random = np.random.default_rng(experiment.random_state)
    swappable = [row for row, unit in enumerate(units) if unit.holder and unit.target]
    table = unit_frame(
        [
            *units,
            *(masked(unit, names, random) for unit in units),
            *(swapped(units[row]) for row in swappable),
        ]
    )
    original = np.concatenate([np.arange(len(units)), np.arange(len(units)), swappable]).astype(int)
    unseen, unseen_fits = _unseen(experiment, dataset, units)
    fits = [*_usual(experiment, dataset, original), *unseen_fits]
    # The longest first, so that no process is left alone with one at the end.
    fits.sort(key=lambda fit: -len(fit.train) * (1 + 2 * (fit.name == USUAL)))

    y = np.searchsorted(dataset.classes, dataset.y.to_numpy())
    groups, n_classes = dataset.groups.to_numpy(), len(dataset.classes)
    progress(0, len(fits))
    counts = _count(table, [fit.experiment for fit in fits], n_jobs)
    check_features([experiment], counts, len(y))
    shape = (len(table), n_classes)
    found: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(fit.name for fit in fits):
        n_repeats = 1 + max(fit.repeat for fit in fits if fit.name == name)
        found[name] = np.zeros((n_repeats, *shape))
    calls = ((number, fit, counts, y, groups, n_classes) for number, fit in enumerate(fits))
    for done, (number, result) in enumerate(side_by_side(_fit, calls, n_jobs), start=1):
        fit = fits[number]
        found[fit.name][fit.repeat, fit.test] = result
        progress(done, len(fits))
    n_train = {
        name: round(np.mean([len(fit.train) for fit in fits if fit.name == name])) for name in found
    }
    return Probed(len(units), found, n_train, np.array(swappable, dtype=int), unseen)


def _usual(experiment: Experiment, dataset: Dataset, original: np.ndarray) -> list[_Fit]:
    """Plan the folds of training, and on the same folds the learning curve and the baselines."""
    y, groups, sentences = (
        series.to_numpy() for series in (dataset.y, dataset.groups, dataset.sentences)
    )
    # A baseline is of use only where there is something to look at.
    blind = [
        (name, _blind_experiment(experiment, source))
        for name, source in BLIND.items()
        if (dataset.X[source] != "").any()
    ]
    settings, fits = experiment.evaluation, []
    for repeat in range(settings.repeats(len(y))):
        seed = experiment.random_state + repeat
        for train, test in folds(y, groups, settings.n_splits, seed, dataset.group_kind):
            everything = np.flatnonzero(np.isin(original, test))
            fits.append(_Fit(USUAL, repeat, experiment, train, everything))
            fits += [_Fit(name, repeat, other, train, test) for name, other in blind]
            samples = learning_curve.nested_samples(
                groups[train], sentences[train], SHARES, seed, keep_groups=False
            )
            fits += [
                _Fit(share_name(share), repeat, experiment, train[some], test)
                for share, some in zip(SHARES, samples, strict=True)
            ]
    return fits


def _unseen(
    experiment: Experiment, dataset: Dataset, units: Sequence[Unit]
) -> tuple[dict[str, EntitySplit], list[_Fit]]:
    """Plan folds whose training sentences name no entity that is target (or holder) in the test.

    Beside them stand folds of sentences, each trained on as many rows, drawn at random: the two
    differ in what was met, but neither in how much nor in the documents that were learned from.
    """
    y, sentences = dataset.y.to_numpy(), dataset.sentences.to_numpy()
    named = named_in_sentences(units, sentences.tolist())
    seed = experiment.random_state
    in_random_order = np.random.default_rng(seed).permutation(len(y))
    splits, fits = {}, []
    for part, name in UNSEEN.items():
        keys = np.array([entity_key(getattr(unit, part)) for unit in units], dtype=str)
        rows = np.flatnonzero((keys != "") & dataset.is_pair.to_numpy())
        n_entities, n_sentences = len(set(keys[rows])), len(set(sentences[rows]))
        if min(n_entities, n_sentences) < 2:
            continue
        n_folds, n_left = min(_ENTITY_FOLDS, n_entities), []
        for _, places in folds(y[rows], keys[rows], n_folds, seed):
            out = set(keys[rows[places]].tolist())
            left = np.flatnonzero([not named[sentence] & out for sentence in sentences])
            n_left.append(len(left))
            fits.append(_Fit(name, 0, experiment, left, rows[places]))
        share = float(np.mean(n_left) / len(y))
        splits[part] = EntitySplit(rows, n_entities, n_folds, share)
        # As few folds as leave that many rows.
        n_met = min(max(2, math.ceil(1 / (1 - share))), _MOST_FOLDS, n_sentences)
        for _, places in folds(y[rows], sentences[rows], n_met, seed):
            test = rows[places]
            other = in_random_order[~np.isin(sentences[in_random_order], sentences[test])]
            some = np.sort(other[: round(np.mean(n_left))])
            fits.append(_Fit(MET[part], 0, experiment, some, test))
    return splits, fits


def _blind_experiment(experiment: Experiment, source: Source) -> Experiment:
    return Experiment.model_validate(
        {
            "name": f"{source}-only",
            "features": mention_blocks(source),
            "classifier": {"kind": "logistic_regression", "C": 10},
            "evaluation": experiment.evaluation,
            "random_state": experiment.random_state,
        }
    )


def _count(table: pd.DataFrame, experiments: Sequence[Experiment], n_jobs: int) -> Counts:
    blocks = {space_of(block): block for one in experiments for block in one.features}
    spaces: dict[NgramSpace, Any] = {}
    for part in side_by_side(count_ngrams, ((table, [one]) for one in blocks.values()), n_jobs):
        spaces |= part.spaces
    return Counts(spaces)


def _fit(
    number: int, fit: _Fit, counts: Counts, y: np.ndarray, groups: np.ndarray, n_classes: int
) -> tuple[int, np.ndarray]:
    features = counts.features(fit.experiment.features, fit.train, fit.test)
    y, groups = y[fit.train], groups[fit.train]
    is_usual = fit.name == USUAL
    scores = fit_fold(fit.experiment, *features, y, groups, n_classes, calibrated=is_usual)
    return number, np.asarray(softmax(scores, axis=1))
