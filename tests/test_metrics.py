"""Metrics against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_fscore_support

from stanceml.modeling.metrics import confusion_counts, metric_values
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
