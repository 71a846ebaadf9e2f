"""A sweep beside scikit-learn's GridSearchCV: the same candidates, folds and scores."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion

from stanceml.corpus.datasets import Dataset
from stanceml.modeling.counting import FoldFeatures
from stanceml.modeling.pipeline import build_pipeline
from stanceml.search import fitting
from stanceml.search.journal import Journal
from stanceml.search.search import _Work
from stanceml.search.sweep_file import Sweep
from tests.bench.ratios import Ratio, Stopwatch, one_core, ratio

SWEEP: Final = Sweep.model_validate(
    {
        "name": "bench",
        "base": {
            "name": "words-and-characters",
            "features": [
                {"source": "text", "kind": "word", "orders": [1, 2]},
                {"source": "text", "kind": "char", "orders": [3, 4], "min_df": 2},
            ],
            "classifier": {"kind": "ridge"},
        },
        "search": {"kind": "grid"},
        "space": {
            "classifier.alpha": [1, 2, 4],
            "features.0.weight": [1, 2],
            "features.1.min_df": [2, 3],
        },
    }
)

Scores = dict[tuple[Any, ...], np.ndarray]


@dataclass(frozen=True)
class _Search:
    """The macro-F1 of every candidate on each fold, and the time of this process that it took."""

    scores: Scores
    seconds: float
    extraction: float


def sweep_and_grid_search(dataset: Dataset, folder: Path, n_rounds: int) -> list[Ratio]:
    """Compare one choice among twelve settings, on one core.

    A sweep makes several such choices, within its outer folds and on all rows; GridSearchCV makes
    one. Both get the folds ready, fit without calibration, and keep what they fit on to themselves:
    vocabulary and idf of each fold are those of its training rows. GridSearchCV is as it comes,
    without a cache and without a last fit. On both sides a stopwatch runs while features are made,
    in the functions that make them; all else is fitting, predicting and scoring.
    """
    ours, theirs = [], []
    with one_core():
        for number in range(n_rounds):
            with Journal(folder / f"journal-{number}.jsonl", "bench") as journal:
                # What a sweep has at hand for each of its choices; the folds are made here.
                work = _Work(SWEEP, dataset, journal, 1, lambda done, total: None)
                ours.append(_swept(work))
                theirs.append(_grid_searched(SWEEP, dataset, work.y, work.inner[-1]))
            _check_equal(ours[-1].scores, theirs[-1].scores)
    name = f"(c) {len(ours[0].scores)} settings, {len(dataset.y):,} rows: GridSearchCV / sweep"
    both = list(zip(theirs, ours, strict=True))
    times = [
        ("making features", [(t.extraction, o.extraction) for t, o in both], 20.0),
        ("fitting and scoring", [(t.seconds - t.extraction, o.seconds - o.extraction)
                                 for t, o in both], None),
        ("the whole", [(t.seconds, o.seconds) for t, o in both], 2.0),
    ]  # fmt: skip
    return [
        ratio(f"{name}, {what}", "times the time, one core", [above for above, _ in pairs],
              [below for _, below in pairs], at_least=bar)
        for what, pairs, bar in times
    ]  # fmt: skip


def _swept(work: _Work) -> _Search:
    watch, start = Stopwatch(), time.process_time()
    with (
        patch.object(fitting, "count_ngrams", watch.over(fitting.count_ngrams)),
        patch.object(FoldFeatures, "of", watch.over(FoldFeatures.of)),
    ):
        (trials,) = work.try_all(len(work.outer))
    seconds = time.process_time() - start
    scores = {
        tuple(work.candidates[trial.candidate].settings.values()): np.array(trial.fold_scores)
        for trial in trials
    }
    return _Search(scores, seconds, watch.seconds)


def _grid_searched(
    sweep: Sweep, dataset: Dataset, y: np.ndarray, inner: list[tuple[np.ndarray, np.ndarray]]
) -> _Search:
    pipeline = build_pipeline(sweep.base).set_params(classifier__n_splits=1)
    blocks = [name for name, _ in pipeline.named_steps["features"].transformer_list]
    grid = {_parameter(path, blocks): list(values) for path, values in sweep.space.items()}
    search = GridSearchCV(
        pipeline, grid, scoring=make_scorer(f1_score, average="macro"), cv=inner, refit=False
    )
    watch, start = Stopwatch(), time.process_time()
    with (
        patch.object(FeatureUnion, "fit_transform", watch.over(FeatureUnion.fit_transform)),
        patch.object(FeatureUnion, "transform", watch.over(FeatureUnion.transform)),
    ):
        search.fit(dataset.X, y)
    seconds = time.process_time() - start
    found = search.cv_results_
    by_fold = np.column_stack([found[f"split{fold}_test_score"] for fold in range(len(inner))])
    scores = {
        tuple(settings[name] for name in grid): by_fold[number]
        for number, settings in enumerate(found["params"])
    }
    return _Search(scores, seconds, watch.seconds)


def _parameter(path: str, blocks: list[str]) -> str:
    """Give scikit-learn's name of a field of an experiment."""
    where, *rest = path.split(".")
    if where == "classifier":
        return f"classifier__estimator__{rest[0]}"
    return f"features__{blocks[int(rest[0])]}__{rest[1]}"


def _check_equal(ours: Scores, theirs: Scores) -> None:
    if set(ours) != set(theirs):
        sys.exit("sweep and GridSearchCV: not the same candidates")
    distance = max(float(np.abs(ours[key] - theirs[key]).max()) for key in ours)
    if not distance < 1e-9:
        sys.exit(f"sweep and GridSearchCV: the scores differ by {distance:.1e}")
