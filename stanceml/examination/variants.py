"""Variants of an experiment with some of its blocks of features, fitted on the same rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from stanceml.config import Experiment, Features
from stanceml.modeling.counting import Counts, FoldFeatures, space_of
from stanceml.modeling.parallel import side_by_side
from stanceml.modeling.pipeline import fit_fold

__all__ = ["Blocks", "Split", "Variant", "fit_variants", "variants"]

Blocks = tuple[Features, ...]
Scores = dict[Blocks, np.ndarray]


@dataclass(frozen=True)
class Variant:
    """Some of an experiment's blocks: all, all but one, one alone, or those up to one."""

    kind: Literal["whole", "without", "alone", "up_to"]
    block: str
    features: Blocks


class Split(NamedTuple):
    """Positions of training and of test rows, and the blocks that are to be fitted on them."""

    train: np.ndarray
    test: np.ndarray
    wanted: list[Blocks]


def variants(features: Sequence[Features]) -> list[Variant]:
    """List the variants of some blocks: the whole, without each, each alone, and up to each.

    A block is called by its space; of several with the same space, the second and further ones
    bear their number.

    Examples
    --------
    >>> words = Features(source="text", kind="word", orders=(1, 2))
    >>> for variant in variants([words, words.model_copy(update={"min_df": 2})]):
    ...     print(variant.kind, variant.block or "-", len(variant.features))
    whole - 2
    without text-word-1-2 1
    without text-word-1-2 (2) 1
    alone text-word-1-2 1
    alone text-word-1-2 (2) 1
    up_to text-word-1-2 1
    up_to text-word-1-2 (2) 2
    """
    blocks, plain = tuple(features), [space_of(block).name for block in features]
    earlier = [plain[:place].count(name) for place, name in enumerate(plain)]
    names = [
        f"{name} ({before + 1})" if before else name
        for name, before in zip(plain, earlier, strict=True)
    ]
    places = list(enumerate(names))
    return [
        Variant("whole", "", blocks),
        *(Variant("without", name, blocks[:at] + blocks[at + 1 :]) for at, name in places),
        *(Variant("alone", name, blocks[at : at + 1]) for at, name in places),
        *(Variant("up_to", name, blocks[: at + 1]) for at, name in places),
    ]


def fit_variants(
    experiment: Experiment,
    counts: Counts,
    splits: Sequence[Split],
    y: np.ndarray,
    groups: np.ndarray,
    n_classes: int,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Scores]:
    """Fit what every split wants, and score its test rows.

    Parameters
    ----------
    experiment : Experiment
        Its classifier is fitted, on the wanted blocks in place of its own.
    counts : Counts
        Of all rows that the splits name.
    splits : sequence of Split
    y : ndarray of int
        Label of each training row as a number, by its position.
    groups : ndarray
        Group of each training row; they matter where thresholds are tuned.
    n_classes : int
    n_jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Called with the number of finished and of all fits.

    Returns
    -------
    list of dict of Blocks to ndarray of shape (n_test, n_classes)
        For each split the scores, as `fit_fold` gives them.

    Raises
    ------
    DataError
        When scikit-learn refuses the rows.
    """
    # The longest first, so that no process is left alone with one at the end.
    order = sorted(
        range(len(splits)), key=lambda at: -len(splits[at].train) * len(splits[at].wanted)
    )
    # Workers put the features together themselves: joblib keeps every matrix that is handed over in
    # shared memory until the end, and these would fill it. The counts are handed over once.
    calls = ((at, experiment, counts, splits[at], y, groups, n_classes) for at in order)
    done, total = 0, sum(len(split.wanted) for split in splits)
    progress(done, total)
    found: dict[int, Scores] = {}
    for at, scores in side_by_side(_fit_split, calls, n_jobs):
        found[at] = scores
        done += len(scores)
        progress(done, total)
    return [found[at] for at in range(len(splits))]


def _fit_split(
    at: int,
    experiment: Experiment,
    counts: Counts,
    split: Split,
    y: np.ndarray,
    groups: np.ndarray,
    n_classes: int,
) -> tuple[int, Scores]:
    # A block is weighted once, and put together with others as often as needed.
    features = FoldFeatures(counts, split.train, split.test)
    y, groups = y[split.train], groups[split.train]
    tried = {blocks: experiment.model_copy(update={"features": blocks}) for blocks in split.wanted}
    return at, {
        blocks: fit_fold(one, *features.of(blocks), y, groups, n_classes, calibrated=False)
        for blocks, one in tried.items()
    }
