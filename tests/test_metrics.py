"""Metrics against scikit-learn, intervals and permutations against what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_fscore_support

from stanceml.modeling.metrics import (
    bootstrap_interval,
    confusion_counts,
    metric_values,
    permuted_labels,
)
from stanceml.stances import STANCES

labels = st.lists(st.tuples(st.sampled_from(STANCES), st.sampled_from(STANCES)), min_size=1)


@given(labels)
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true:UserWarning")
@pytest.mark.filterwarnings("ignore:A single label was found in:UserWarning")
def test_metrics_equal_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    truth, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    together = np.zeros(len(pairs), dtype=int)
    values = metric_values(confusion_counts(truth, predicted, STANCES, together)[0], STANCES)
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, labels=list(STANCES), zero_division=0
    )
    occurs = np.isin(STANCES, [*truth, *predicted])
    assert values["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    if occurs[:2].any():
        assert values["favor_against_f1"] == pytest.approx(f1[:2][occurs[:2]].mean())
    assert values["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, predicted))
    for number, label in enumerate(STANCES):
        if not occurs[number]:
            assert np.isnan(values[f"f1_{label}"])
            continue
        assert values[f"precision_{label}"] == pytest.approx(precision[number])
        assert values[f"recall_{label}"] == pytest.approx(recall[number])
        assert values[f"f1_{label}"] == pytest.approx(f1[number])


def test_other_labels_have_no_favor_against_f1() -> None:
    assert "favor_against_f1" not in metric_values(np.eye(2), ["no", "yes"])


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        truth = random.choice(["a", "b"], size=120)
        predicted = np.where(random.random(120) < 0.8, truth, np.where(truth == "a", "b", "a"))
        groups = np.arange(120) // 2
        counts = confusion_counts(truth, predicted, ["a", "b"], groups)[np.newaxis]
        low, high = bootstrap_interval(counts, ["a", "b"], 300, trial)["macro_f1"]
        covered += low <= 0.8 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_interval_is_wider_when_rows_of_a_group_agree() -> None:
    random = np.random.default_rng(1)
    right = np.repeat(random.random(40) < 0.7, 5)
    truth = np.array(["a", "b"] * 100)
    predicted = np.where(right, truth, np.where(truth == "a", "b", "a"))
    widths = []
    for groups in (np.arange(200), np.repeat(np.arange(40), 5)):
        counts = confusion_counts(truth, predicted, ["a", "b"], groups)[np.newaxis]
        low, high = bootstrap_interval(counts, ["a", "b"], 500, 0)["macro_f1"]
        widths.append(high - low)
    assert widths[1] > 1.5 * widths[0]


@given(st.lists(st.integers(1, 4), min_size=2, max_size=8), st.integers(0, 1000))
def test_permuting_keeps_what_belongs_together(sizes: list[int], seed: int) -> None:
    # Each sentence's rows bear the sentence's own label: after dealing, labels still come in runs.
    sentences = np.repeat(np.arange(len(sizes)), [size + 1 for size in sizes])
    is_pair = np.concatenate([[False] + [True] * size for size in sizes])
    y = sentences.astype(str)
    permuted = permuted_labels(y, sentences, is_pair, np.random.default_rng(seed))
    for kind in (False, True):
        assert sorted(permuted[is_pair == kind]) == sorted(y[is_pair == kind])
    runs = permuted[is_pair]
    assert (runs[1:] != runs[:-1]).sum() == len(sizes) - 1
    assert list(permuted[~is_pair]) == list(dict.fromkeys(runs))


def test_a_draw_without_a_class_says_nothing_of_it() -> None:
    truth = np.array(["a", "b", "b", "c", "c", "c"])
    counts = confusion_counts(truth, truth, ["a", "b", "c"], np.arange(6))[np.newaxis]
    intervals = bootstrap_interval(counts, ["a", "b", "c"], 200, 0)
    assert set(intervals.values()) == {(1.0, 1.0)}
