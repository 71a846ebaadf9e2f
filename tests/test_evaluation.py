"""Cross-validation: reproducible to the digit, blind to nothing it should see."""

import numpy as np
import pytest

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError
from stanceml.modeling.evaluation import CrossValidation, cross_validate
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.splits import folds

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured(experiments: list[Experiment], dataset: Dataset) -> dict[str, CrossValidation]:
    results = cross_validate(experiments, dataset, n_jobs=2)
    return {result.experiment.name: result for result in results}


def test_the_number_of_processes_changes_nothing(
    experiments: list[Experiment], dataset: Dataset, measured: dict[str, CrossValidation]
) -> None:
    for again in cross_validate(experiments, dataset, n_jobs=1):
        assert again.report == measured[again.experiment.name].report


def test_out_of_fold_predictions_are_those_of_models_that_never_saw_the_sentence(
    experiments: list[Experiment], dataset: Dataset, measured: dict[str, CrossValidation]
) -> None:
    ridge = next(experiment for experiment in experiments if experiment.name == "ridge")
    told = measured["ridge"].predictions
    columns = [f"probability_{label}" for label in dataset.classes]
    y, groups = dataset.y.to_numpy(), dataset.groups.to_numpy()
    for repeat in range(ridge.evaluation.repeats(len(y))):
        rows = told[told["repeat"] == repeat].reset_index(drop=True)
        for train, test in folds(y, groups, ridge.evaluation.n_splits, repeat):
            assert not set(dataset.sentences[train]) & set(dataset.sentences[test])
            model = build_pipeline(ridge)
            model.fit(dataset.X.iloc[train], y[train], classifier__groups=groups[train])
            expected = model.predict_proba(dataset.X.iloc[test])
            assert rows.loc[test, columns].to_numpy() == pytest.approx(expected, abs=1e-12)
        best = rows[columns].to_numpy().argmax(axis=1)
        assert (rows["predicted"] == np.array(dataset.classes)[best]).all()


def test_reliability_is_that_of_the_out_of_fold_probabilities(
    dataset: Dataset, measured: dict[str, CrossValidation]
) -> None:
    for result in measured.values():
        told = result.predictions
        probabilities = told[[f"probability_{label}" for label in dataset.classes]].to_numpy()
        came_true = told["stance"].to_numpy()[:, np.newaxis] == np.array(dataset.classes)
        brier = ((probabilities - came_true) ** 2).sum(axis=1).mean()
        reliability = result.report.reliability
        assert reliability
        assert reliability.brier.value == pytest.approx(brier)
        assert reliability.n_rows == len(dataset.y)


def test_slices_and_intervals(measured: dict[str, CrossValidation]) -> None:
    for result in measured.values():
        parts = result.report.slices
        assert (parts["all"].n_rows, parts["sentence_rows"].n_rows, parts["pair_rows"].n_rows) == (
            44,
            15,
            29,
        )
        for part in parts.values():
            for score in part.scores.values():
                assert 0 <= score.low <= score.high <= 1
                assert 0 < (score.p_value or 0) <= 1
            assert sum(map(sum, part.confusion)) == pytest.approx(part.n_rows)


def test_the_most_frequent_class_is_all_that_its_baseline_says(
    measured: dict[str, CrossValidation],
) -> None:
    assert set(measured["most-frequent"].predictions["predicted"]) <= {"favor", "against"}
    assert measured["most-frequent"].experiment.is_baseline
    assert measured["target-only"].experiment.is_baseline
    assert measured["holder-only"].experiment.is_baseline
    assert not measured["ridge"].experiment.is_baseline


def test_fewer_groups_than_folds(experiments: list[Experiment], dataset: Dataset) -> None:
    many = experiments[0].evaluation.model_copy(update={"n_splits": 16})
    with pytest.raises(DataError, match=r"15 groups \(by sentence_id\) for 16 folds"):
        cross_validate([experiments[0].model_copy(update={"evaluation": many})], dataset)
