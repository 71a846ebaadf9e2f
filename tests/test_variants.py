"""Variants are what their names say, and are fitted as the experiment itself would be."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.config import Experiment, Features
from stanceml.corpus.datasets import Dataset
from stanceml.examination import variants as module
from stanceml.examination.variants import Split, fit_variants, variants
from stanceml.exceptions import DataError
from stanceml.modeling.counting import count_ngrams
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.splits import folds

WORDS = Features(source="marked", kind="word", orders=(1, 2))
CHARACTERS = Features(source="marked", kind="char", orders=(2, 3), min_df=2, weight=0.5)
POLARITY = Features(source="polarity", kind="word", orders=(1, 1))
NOWHERE = Features(source="marked", kind="word", orders=(9, 9), min_df=10)


def experiment(*blocks: Features, **classifier: Any) -> Experiment:
    settings = {"kind": "ridge"} | classifier
    return Experiment(name="small", features=blocks, classifier=settings)  # type: ignore[arg-type]


def splits_of(dataset: Dataset, *wanted: tuple[Features, ...]) -> list[Split]:
    found = folds(dataset.y.to_numpy(), dataset.groups.to_numpy(), 3, random_state=0)
    return [Split(train, test, list(wanted)) for train, test in found]


def fitted(tried: Experiment, dataset: Dataset, splits: list[Split], n_jobs: int = 1) -> Any:
    counts = count_ngrams(dataset.X, tried.features)
    y = np.searchsorted(dataset.classes, dataset.y)
    groups = dataset.groups.to_numpy()
    return fit_variants(tried, counts, splits, y, groups, len(dataset.classes), n_jobs)


@given(st.lists(st.sampled_from([WORDS, CHARACTERS, POLARITY]), min_size=2, max_size=8))
def test_every_block_is_left_out_kept_and_added_once(blocks: list[Features]) -> None:
    found = variants(blocks)
    of_kind = {
        kind: [variant for variant in found if variant.kind == kind]
        for kind in ("whole", "without", "alone", "up_to")
    }
    assert [variant.features for variant in of_kind["whole"]] == [tuple(blocks)]
    for at, block in enumerate(blocks):
        assert of_kind["alone"][at].features == (block,)
        rest = list(of_kind["without"][at].features)
        assert [*rest[:at], block, *rest[at:]] == blocks
        assert of_kind["up_to"][at].features == tuple(blocks[: at + 1])
    names = [variant.block for variant in of_kind["alone"]]
    assert len(set(names)) == len(blocks)
    for kind in ("without", "up_to"):
        assert [variant.block for variant in of_kind[kind]] == names
    assert len(found) == 1 + 3 * len(blocks)


@pytest.mark.parametrize(
    "classifier",
    [
        {"kind": "ridge", "alpha": 2},
        {"kind": "complement_nb"},
        {"kind": "logistic_regression", "tune_thresholds": True},
    ],
    ids=lambda settings: str(settings["kind"]),
)
def test_labels_are_those_of_the_pipeline(classifier: dict[str, Any], dataset: Dataset) -> None:
    tried = experiment(WORDS, CHARACTERS, POLARITY, **classifier)
    wanted = (tried.features, (POLARITY,))
    y, groups = dataset.y.to_numpy(), dataset.groups.to_numpy()
    (split, *_) = splits_of(dataset, *wanted)
    (scores,) = fitted(tried, dataset, [split])
    for blocks in wanted:
        model = build_pipeline(tried.model_copy(update={"features": blocks}))
        train, test = split.train, split.test
        model.fit(dataset.X.iloc[train], y[train], classifier__groups=groups[train])
        ours = np.asarray(dataset.classes)[scores[blocks].argmax(axis=1)]
        assert ours.tolist() == model.predict(dataset.X.iloc[test]).tolist()


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(dataset: Dataset) -> None:
    tried = experiment(WORDS, POLARITY)
    splits = splits_of(dataset, tried.features, (WORDS,), (POLARITY,))
    for one, other in zip(
        fitted(tried, dataset, splits), fitted(tried, dataset, splits, n_jobs=2), strict=True
    ):
        assert list(one) == [tried.features, (WORDS,), (POLARITY,)]
        assert {blocks: scores.tolist() for blocks, scores in one.items()} == {
            blocks: scores.tolist() for blocks, scores in other.items()
        }


def test_a_block_is_weighted_once_a_split(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighted = []
    plain = module.FoldFeatures._of_one

    def spied(self: Any, block: Features) -> Any:
        known = set(self._weighted)
        pair = plain(self, block)
        weighted.extend(set(self._weighted) - known)
        return pair

    monkeypatch.setattr(module.FoldFeatures, "_of_one", spied)
    tried = experiment(WORDS, CHARACTERS, POLARITY)
    wanted = list(dict.fromkeys(variant.features for variant in variants(tried.features)))
    fitted(tried, dataset, splits_of(dataset, *wanted))
    assert len(weighted) == 3 * 3


def test_without_any_ngram_the_most_frequent_label_wins(dataset: Dataset) -> None:
    tried = experiment(WORDS, NOWHERE)
    splits = splits_of(dataset, (NOWHERE,))
    for split, scores in zip(splits, fitted(tried, dataset, splits), strict=True):
        best = dataset.y.iloc[split.train].value_counts().idxmax()
        told = np.asarray(dataset.classes)[scores[(NOWHERE,)].argmax(axis=1)]
        assert set(told) == {best}


def test_labels_that_were_never_trained_on_come_last(dataset: Dataset) -> None:
    y = dataset.y.to_numpy()
    tried = experiment(WORDS, POLARITY)
    everything = np.arange(len(y))
    two, one = (np.flatnonzero(np.isin(y, kept)) for kept in (["favor", "neutral"], ["neutral"]))
    splits = [Split(rows, everything, [tried.features]) for rows in (two, one)]
    of_two, of_one = (found[tried.features] for found in fitted(tried, dataset, splits))
    assert np.isneginf(of_two[:, 0]).all()
    assert np.isfinite(of_two[:, 1:]).all()
    assert np.isneginf(of_one[:, :2]).all()
    assert np.isfinite(of_one[:, 2]).all()


def test_what_scikit_learn_refuses_is_told_with_the_blocks(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, X: Any, y: Any) -> None:
        raise ValueError("too few rows")

    monkeypatch.setattr("sklearn.linear_model.RidgeClassifier.fit", refuse)
    tried = experiment(WORDS, POLARITY)
    with pytest.raises(
        DataError,
        match=r"'small' with the features polarity-word-1-1 and .* cannot .*: too few rows;",
    ):
        fitted(tried, dataset, splits_of(dataset, (POLARITY,)))
