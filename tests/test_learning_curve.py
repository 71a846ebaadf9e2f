"""Samples grow, keep sentences whole and groups in; points of the curve add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.examination.comparing import Judge
from stanceml.examination.learning_curve import SHARES, curve_point, nested_samples

# Sentences of each group, and rows of each sentence.
shapes = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=30), min_size=1, max_size=12)


@given(shapes, st.integers(0, 100))
def test_samples_are_nested_and_split_no_sentence(shape: list[list[int]], seed: int) -> None:
    sizes = [size for group in shape for size in group]
    sentences = np.repeat(np.arange(len(sizes)), sizes)
    of_sentence = np.repeat(np.arange(len(shape)), [len(group) for group in shape])
    groups = of_sentence[sentences].astype(str)
    order = np.random.default_rng(seed).permutation(len(sentences))
    groups, sentences = groups[order], sentences[order]
    samples = nested_samples(groups, sentences, SHARES, seed)
    several = {str(number) for number, group in enumerate(shape) if len(group) > 1}
    for share, rows, more in zip(SHARES, samples, [*samples[1:], samples[-1]], strict=True):
        assert set(rows) <= set(more)
        assert not set(sentences[rows]) & set(np.delete(sentences, rows))
        assert several <= set(groups[rows])
        n_drawn = len(set(sentences[rows]))
        wanted = int(np.ceil(share * len(sizes)))
        assert wanted <= n_drawn <= wanted + len(several)
    assert samples[-1].tolist() == list(range(len(sentences)))


def test_all_groups_give_alike() -> None:
    groups = np.repeat(["a", "b", "c"], [400, 200, 100])
    for share, rows in zip(SHARES, nested_samples(groups, np.arange(700), SHARES, 0), strict=True):
        drawn = np.unique_counts(groups[rows]).counts
        assert np.abs(drawn - share * np.array([400, 200, 100])).max() <= 2


def test_groups_of_one_sentence_are_drawn_themselves() -> None:
    names = np.arange(200)
    first, *_ = nested_samples(names, names, SHARES, 0)
    assert len(first) == 20


def test_the_seed_tells_the_sample() -> None:
    groups, sentences = np.repeat(np.arange(5), 40), np.arange(200)
    once, again, other = (nested_samples(groups, sentences, [0.2], seed)[0] for seed in (1, 1, 2))
    assert once.tolist() == again.tolist() != other.tolist()


@pytest.fixture
def judge() -> Judge:
    """Forty rows in twenty groups."""
    truth = np.random.default_rng(0).integers(0, 2, size=40)
    return Judge(truth, np.arange(40) // 2, ["against", "favor"], 300, 0)


def test_values_of_a_column_share_the_rows_out(judge: Judge) -> None:
    predicted = np.where(np.arange(40) % 4 == 0, 1 - judge.truth, judge.truth)
    by = pd.Series(np.repeat(["protest", "aid", "rare"], [20, 16, 4]))
    point = curve_point(0.4, np.array(["s1", "s2", "s2"]), judge, predicted, 3, by)
    assert (point.share, point.n_sentences, point.n_train, point.n_elsewhere) == (0.4, 2, 3, 3)
    assert list(point.by) == ["aid", "protest", "rare"]
    assert [part.n_rows for part in point.by.values()] == [16, 20, 4]
    assert sum(part.n_right for part in point.by.values()) == (predicted == judge.truth).sum()
    told = point.by["protest"].accuracy
    assert told is not None
    assert told.value == pytest.approx(0.75)
    assert 0.4 < told.low < 0.75 < told.high <= 1
    assert point.by["rare"].accuracy is None  # two groups


def test_without_a_column_there_are_no_parts(judge: Judge) -> None:
    assert curve_point(1.0, np.array(["s1"]), judge, judge.truth, 0).by == {}
