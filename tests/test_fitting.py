"""Fits that share features say what the pipeline says, and share what can be shared."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel
from threadpoolctl import threadpool_limits

from stanceml.config import Experiment, Features
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError
from stanceml.modeling import counting, parallel
from stanceml.modeling.counting import FoldFeatures, count_ngrams, fit_weights
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.splits import folds
from stanceml.search.fitting import Fitter, Job
from stanceml.search.journal import Task

pytestmark = pytest.mark.slow

WORDS = Features(source="marked", kind="word", orders=(1, 2))
CHARS = Features(source="marked", kind="char", orders=(2, 3), min_df=2)

CLASSIFIERS: list[dict[str, Any]] = [
    {"kind": "ridge", "alpha": 0.3},
    {"kind": "ridge", "tune_thresholds": True},
    {"kind": "linear_svm", "class_weight": "balanced"},
    {"kind": "logistic_regression", "log_count_ratio": True},
    {"kind": "sgd"},
    {"kind": "complement_nb"},
    {"kind": "average", "members": [{"kind": "ridge"}, {"kind": "complement_nb"}]},
]


def experiment(classifier: dict[str, Any], *blocks: Features) -> Experiment:
    return Experiment(name="x", features=blocks or (WORDS, CHARS), classifier=classifier)  # type: ignore[arg-type]


def codes(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    y = np.searchsorted(dataset.classes, dataset.y.to_numpy())
    return y, np.unique(dataset.groups.to_numpy(), return_inverse=True)[1]


def jobs_of(dataset: Dataset, experiments: list[Experiment]) -> list[Job]:
    y, groups = codes(dataset)
    return [
        Job(Task(0, 0, inner, number), one, train, test)
        for inner, (train, test) in enumerate(folds(y, groups, 2, random_state=0))
        for number, one in enumerate(experiments)
    ]


def run(dataset: Dataset, jobs: list[Job], n_jobs: int = 1) -> dict[Task, list[int]]:
    fitter = Fitter(dataset.X, [job.experiment for job in jobs], *codes(dataset), n_jobs)
    return {task: predicted.tolist() for task, predicted in fitter.run(jobs)}


@pytest.fixture(scope="module")
def jobs(dataset: Dataset) -> list[Job]:
    return jobs_of(dataset, [experiment(classifier) for classifier in CLASSIFIERS])


@pytest.fixture(scope="module")
def predicted(dataset: Dataset, jobs: list[Job]) -> dict[Task, list[int]]:
    return run(dataset, jobs)


def test_labels_are_those_of_the_pipeline(
    dataset: Dataset, jobs: list[Job], predicted: dict[Task, list[int]]
) -> None:
    y, groups = dataset.y.to_numpy(), dataset.groups.to_numpy()
    for job in jobs:
        pipeline = build_pipeline(job.experiment)
        with threadpool_limits(limits=1):
            pipeline.fit(
                dataset.X.iloc[job.train], y[job.train], classifier__groups=groups[job.train]
            )
        expected = pipeline.predict(dataset.X.iloc[job.test])
        assert [dataset.classes[label] for label in predicted[job.task]] == expected.tolist()


@pytest.mark.slow
def test_processes_that_share_matrices_say_the_same(
    dataset: Dataset,
    jobs: list[Job],
    predicted: dict[Task, list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # However small, matrices are shared and not copied.
    monkeypatch.setattr(parallel, "Parallel", partial(Parallel, max_nbytes=1))
    assert run(dataset, jobs, n_jobs=2) == predicted


def test_features_are_those_of_the_pipeline_to_the_last_bit(dataset: Dataset) -> None:
    heavy = CHARS.model_copy(update={"weight": 0.7})
    counts = count_ngrams(dataset.X, [WORDS, CHARS])
    train, test = np.arange(30), np.arange(30, 44)
    shared = FoldFeatures(counts, train, test)
    for blocks in ([WORDS, CHARS], [heavy, WORDS], [CHARS], [heavy, CHARS]):
        fitted = build_pipeline(experiment({"kind": "ridge"}, *blocks)).named_steps["features"]
        theirs = fitted.fit_transform(dataset.X.iloc[train]), fitted.transform(dataset.X.iloc[test])
        for one, other in zip(shared.of(blocks), theirs, strict=True):
            assert one.shape == other.shape
            assert (one != other).nnz == 0
    assert [matrix.shape for matrix in shared.of([])] == [(30, 0), (14, 0)]


def test_a_block_is_weighted_once_a_fold(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    weighted: list[int] = []

    def spy(counts: Any, sublinear_tf: bool) -> Any:
        weighted.append(counts.shape[0])
        return fit_weights(counts, sublinear_tf)

    monkeypatch.setattr(counting, "fit_weights", spy)
    experiments = [
        experiment({"kind": "ridge", "alpha": alpha}, WORDS, CHARS.model_copy(update=weight))
        for alpha in (1, 2, 3)
        for weight in ({"weight": 1.0}, {"weight": 2.0})
    ]
    jobs = jobs_of(dataset, experiments)
    run(dataset, jobs)
    assert weighted == [len(jobs[0].train)] * 2 + [len(jobs[-1].train)] * 2


def test_without_anything_to_go_by_the_most_frequent_label_is_said(dataset: Dataset) -> None:
    y, _ = codes(dataset)
    # There are such n-grams in all rows, but none in the fold's.
    rare = experiment({"kind": "ridge"}, WORDS.model_copy(update={"min_df": 12}))
    one_label = np.flatnonzero(y == 2)
    jobs = [
        Job(Task(0, 0, 0, 0), rare, np.arange(11), np.arange(11, 44)),
        Job(Task(0, 0, 1, 0), experiment({"kind": "ridge"}), one_label, np.arange(5)),
    ]
    said = run(dataset, jobs)
    assert said[Task(0, 0, 0, 0)] == [int(np.bincount(y[:11]).argmax())] * 33
    assert said[Task(0, 0, 1, 0)] == [2] * 5


def test_a_candidate_that_finds_nothing_is_refused_before_any_fit(dataset: Dataset) -> None:
    rare = experiment({"kind": "ridge"}, WORDS.model_copy(update={"min_df": 1000}))
    jobs = jobs_of(dataset, [experiment({"kind": "ridge"}), rare])
    fitter = Fitter(dataset.X, [job.experiment for job in jobs], *codes(dataset), 1)
    with pytest.raises(DataError, match=r"marked-word-1-2 \(min_df 1000\) is .*; lower min_df"):
        next(fitter.run(jobs))
    assert fitter.fitting_seconds == 0


def test_the_most_frequent_class_needs_no_features(dataset: Dataset) -> None:
    y, _ = codes(dataset)
    baseline = Experiment(name="x", classifier={"kind": "most_frequent"})  # type: ignore[arg-type]
    job = Job(Task(0, 0, 0, 0), baseline, np.arange(30), np.arange(30, 44))
    assert set(run(dataset, [job])[job.task]) == {int(np.bincount(y[:30]).argmax())}


def test_seconds_are_counted_and_nothing_is_counted_for_nothing(dataset: Dataset) -> None:
    fitter = Fitter(dataset.X, [experiment({"kind": "ridge"})], *codes(dataset), 1)
    assert list(fitter.run([])) == []
    assert (fitter.extraction_seconds, fitter.fitting_seconds) == (0, 0)
    assert len(list(fitter.run(jobs_of(dataset, [experiment({"kind": "ridge"})])))) == 2
    assert fitter.extraction_seconds > 0
    assert fitter.fitting_seconds > 0


def test_what_scikit_learn_refuses_is_told_with_its_classifier(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, X: Any, y: Any) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr("sklearn.linear_model.RidgeClassifier.fit", refuse)
    with pytest.raises(DataError, match=r"'alpha': 7\.0.* cannot be trained .*: no such thing"):
        run(dataset, jobs_of(dataset, [experiment({"kind": "ridge", "alpha": 7})]))


def test_rows_stay_as_they_are(dataset: Dataset, jobs: list[Job]) -> None:
    before = dataset.X.copy()
    run(dataset, jobs[:2])
    pd.testing.assert_frame_equal(dataset.X, before)
