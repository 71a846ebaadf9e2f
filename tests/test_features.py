"""The text transformer: a battery of what scikit-learn expects of any transformer."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer

from stanceml.corpus.datasets import Dataset
from stanceml.modeling.features import NgramFeatures

SPACES = [
    NgramFeatures("marked", "word", (1, 2)),
    NgramFeatures("marked", "char", (2, 4), min_df=2),
    NgramFeatures("text", "word", (1, 3), sublinear_tf=False),
    NgramFeatures("target", "char", (2, 3)),
    NgramFeatures("holder", "word", (1, 1)),
]
every_space = pytest.mark.parametrize("features", SPACES, ids=lambda f: f.space.name)


@every_space
def test_clone_and_parameters(features: NgramFeatures) -> None:
    copy = clone(features)
    assert copy is not features
    assert copy.get_params() == features.get_params()
    assert copy.set_params(min_df=3).get_params()["min_df"] == 3


@every_space
def test_fit_transform_equals_fit_then_transform(features: NgramFeatures, dataset: Dataset) -> None:
    at_once = clone(features).fit_transform(dataset.X)
    in_turn = clone(features).fit(dataset.X).transform(dataset.X)
    assert abs(at_once - in_turn).max() == 0


@every_space
def test_neither_order_nor_company_matters(features: NgramFeatures, dataset: Dataset) -> None:
    fitted = clone(features).fit(dataset.X)
    whole = fitted.transform(dataset.X).toarray()
    order = np.random.default_rng(0).permutation(len(dataset.X))
    assert (fitted.transform(dataset.X.iloc[order]).toarray() == whole[order]).all()
    assert (fitted.transform(dataset.X.iloc[[3]]).toarray() == whole[[3]]).all()


@every_space
def test_input_stays_as_it_was(features: NgramFeatures, dataset: Dataset) -> None:
    before = dataset.X.copy(deep=True)
    clone(features).fit(dataset.X).transform(dataset.X)
    pd.testing.assert_frame_equal(dataset.X, before)


@every_space
def test_rows_have_length_one_and_columns_have_names(
    features: NgramFeatures, dataset: Dataset
) -> None:
    fitted = clone(features)
    rows = fitted.fit_transform(dataset.X).toarray()
    lengths = np.linalg.norm(rows, axis=1)
    assert ((np.abs(lengths - 1) < 1e-12) | (lengths == 0)).all()
    assert len(fitted.get_feature_names_out()) == rows.shape[1] == len(fitted.idf_)


@every_space
def test_pickles(features: NgramFeatures, dataset: Dataset) -> None:
    fitted = clone(features).fit(dataset.X)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 -- our own, just made
    assert abs(again.transform(dataset.X) - fitted.transform(dataset.X)).max() == 0


def test_unfitted() -> None:
    with pytest.raises(NotFittedError):
        NgramFeatures().transform(pd.DataFrame({"text": ["NATO backs Kyiv."]}))


def test_a_text_without_known_ngrams_is_a_row_of_zeros() -> None:
    fitted = NgramFeatures("text", "word", (1, 1)).fit(pd.DataFrame({"text": ["NATO backs Kyiv."]}))
    assert fitted.transform(pd.DataFrame({"text": ["你好 🕊️"]})).nnz == 0


def test_weights_are_scikit_learns() -> None:
    texts = ["peace talks talks", "talks fail", "sanctions and peace"]
    X = pd.DataFrame({"text": texts})
    ours = NgramFeatures("text", "word", (1, 2)).fit_transform(X)
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    assert abs(ours - theirs).max() < 1e-15


def test_a_missing_mention_is_a_feature_of_its_own() -> None:
    X = pd.DataFrame({"text": ["a", "b"], "target": ["Kyiv", None]})
    assert NgramFeatures("target", "word", (1, 1)).fit_transform(X).toarray().sum(axis=1).all()
