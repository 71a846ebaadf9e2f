"""Counted once: the same features as a pipeline that was fitted on the fold's own rows."""

import numpy as np
import pytest

from stanceml.config import Experiment, Features
from stanceml.corpus.datasets import Dataset
from stanceml.modeling.counting import count_ngrams, space_of
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.splits import folds


def test_equal_to_the_pipeline(experiments: list[Experiment], dataset: Dataset) -> None:
    counts = count_ngrams(dataset.X, [block for e in experiments for block in e.features])
    groups = dataset.groups.to_numpy()
    for experiment in experiments:
        if not experiment.features:
            continue
        for train, test in folds(dataset.y.to_numpy(), groups, 3, random_state=1):
            ours = counts.features(experiment.features, train, test)
            features = build_pipeline(experiment).named_steps["features"]
            theirs = features.fit_transform(dataset.X.iloc[train])
            assert ours[0].shape == theirs.shape
            assert abs(ours[0] - theirs).max() < 1e-12
            assert abs(ours[1] - features.transform(dataset.X.iloc[test])).max() < 1e-12


def test_a_space_is_counted_once(dataset: Dataset) -> None:
    blocks = [
        Features(source="text", kind="word", orders=(1, 2)),
        Features(source="text", kind="word", orders=(1, 2), min_df=3, weight=2.0),
    ]
    counts = count_ngrams(dataset.X, blocks)
    assert list(counts.spaces) == [space_of(blocks[0])]
    rows = np.arange(len(dataset.y))
    rare, frequent = (counts.features([block], rows, rows)[0] for block in blocks)
    assert frequent.shape[1] < rare.shape[1]
    assert np.sqrt(frequent.multiply(frequent).sum(axis=1)).max() == pytest.approx(2.0)


def test_a_space_without_ngrams_is_no_column(dataset: Dataset) -> None:
    whole = dataset.X[~dataset.is_pair]
    block = Features(source="between", kind="word", orders=(1, 2))
    rows = np.arange(len(whole))
    train, test = count_ngrams(whole, [block]).features([block], rows, rows[:2])
    assert (train.shape, test.shape) == ((len(whole), 0), (2, 0))
