"""Reports on predictions that are known to be perfect, or useless."""

import numpy as np
import pytest

from stanceml.corpus.datasets import Dataset
from stanceml.modeling.scoring import score_predictions


def test_perfect_and_useless_predictions(dataset: Dataset) -> None:
    perfect = score_predictions(dataset, dataset.y.to_numpy(), dataset.classes)
    assert perfect.primary.value == perfect.primary.low == perfect.primary.high == 1.0
    assert perfect.primary.p_value == pytest.approx(1 / 201)
    useless = score_predictions(dataset, np.full(len(dataset.y), "favor"), dataset.classes)
    assert useless.slices["all"].scores["balanced_accuracy"].value == pytest.approx(1 / 3)
    assert useless.primary.p_value == 1.0
