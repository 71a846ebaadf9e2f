"""The fits of an examination leave out what they say they leave out."""

import numpy as np
import pandas as pd
import pytest

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.corpus.units import Unit, read_units
from stanceml.examination import probing
from stanceml.examination.alterations import entity_key, named_in_sentences
from stanceml.examination.probing import MET, SHARES, UNSEEN, USUAL, Probed, fit_probes, share_name
from stanceml.exceptions import DataError
from stanceml.modeling.evaluation import cross_validate

pytestmark = pytest.mark.slow

ACTORS = ["Moscow", "Kyiv", "Washington", "Beijing", "Ankara", "Cairo", "Lima", "Quito", "the UN"]
VERBS = {"favor": "hails", "against": "condemns", "neutral": "meets"}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    random = np.random.default_rng(0)
    rows = []
    for number in range(60):
        holder, target = random.choice(ACTORS, 2, replace=False)
        stance = ["favor", "against", "neutral"][number % 3]
        text = f"{holder} {VERBS[stance]} {target} on day {number}."
        common = {"text": text, "sentence_id": f"s{number}", "document_id": f"d{number // 5}"}
        rows.append(common | {"holder": "", "target": "", "stance": stance})
        rows.append(common | {"holder": holder, "target": target, "stance": stance})
    path = tmp_path_factory.mktemp("probing") / "rows.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return load_dataset(path)


def codes(dataset: Dataset) -> np.ndarray:
    return np.searchsorted(dataset.classes, dataset.y)


@pytest.fixture(scope="module")
def units(dataset: Dataset) -> list[Unit]:
    return read_units(dataset.X)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment.model_validate(
        {
            "name": "words",
            "features": [{"source": "marked", "kind": "word", "orders": (1, 1)}],
            "classifier": {"kind": "ridge"},
            "evaluation": {"n_splits": 3, "n_repeats": 2, "n_bootstraps": 100, "n_permutations": 0},
        }
    )


@pytest.fixture(scope="module")
def probed(experiment: Experiment, dataset: Dataset, units: list[Unit]) -> Probed:
    return fit_probes(experiment, dataset, units, n_jobs=1)


def test_the_usual_fits_are_those_of_training(
    probed: Probed, experiment: Experiment, dataset: Dataset
) -> None:
    (trained,) = cross_validate([experiment], dataset, n_jobs=1)
    columns = [f"probability_{label}" for label in dataset.classes]
    expected = trained.predictions[columns].to_numpy().reshape(2, len(dataset.y), 3)
    assert probed.of(USUAL) == pytest.approx(expected, abs=1e-12)


def test_every_row_is_answered_by_every_fit(probed: Probed, dataset: Dataset) -> None:
    assert probed.masked.sum(axis=2) == pytest.approx(1.0)
    assert probed.swapped.sum(axis=2) == pytest.approx(1.0)
    assert probed.swapped.shape[1] == len(probed.swappable) == dataset.is_pair.sum()
    for name in ("holder_only", "target_only", *map(share_name, SHARES)):
        assert probed.of(name).sum(axis=2) == pytest.approx(1.0)
    for part, split in probed.unseen.items():
        answered = probed.of(UNSEEN[part]).sum(axis=2)[0] > 0
        assert np.flatnonzero(answered).tolist() == split.rows.tolist()


def test_no_training_sentence_names_what_is_tested(
    experiment: Experiment, dataset: Dataset, units: list[Unit]
) -> None:
    splits, fits = probing._unseen(experiment, dataset, units)
    named = named_in_sentences(units, dataset.sentences.tolist())
    assert set(splits) == {"holder", "target"}
    for part, name in UNSEEN.items():
        chosen = [fit for fit in fits if fit.name == name]
        tested = np.concatenate([fit.test for fit in chosen])
        assert sorted(tested) == np.flatnonzero(dataset.is_pair).tolist()
        for fit in chosen:
            out = {entity_key(getattr(units[row], part)) for row in fit.test}
            assert len(fit.train)
            for row in fit.train:
                assert not named[dataset.sentences[row]] & out
                assert not any(
                    actor in units[row].text for actor in ACTORS if entity_key(actor) in out
                )


def test_beside_it_stands_a_fit_on_as_many_rows(
    experiment: Experiment, dataset: Dataset, units: list[Unit]
) -> None:
    splits, fits = probing._unseen(experiment, dataset, units)
    for part, split in splits.items():
        chosen = [fit for fit in fits if fit.name == MET[part]]
        assert sorted(np.concatenate([fit.test for fit in chosen])) == split.rows.tolist()
        for fit in chosen:
            assert len(set(fit.train)) == pytest.approx(split.train_share * len(units), abs=1)
            assert not set(dataset.sentences[fit.train]) & set(dataset.sentences[fit.test])
            tested = {entity_key(getattr(units[row], part)) for row in fit.test}
            assert tested <= {entity_key(getattr(units[row], part)) for row in fit.train}


def test_shares_are_nested_and_take_from_all_groups(
    experiment: Experiment, dataset: Dataset
) -> None:
    fits = probing._usual(experiment, dataset, np.arange(len(dataset.y)))
    sentences, groups = dataset.sentences.to_numpy(), dataset.groups.to_numpy()
    for usual in (fit for fit in fits if fit.name == USUAL):
        smaller: set[int] = set()
        for share in SHARES:
            (fit,) = [
                fit
                for fit in fits
                if fit.name == share_name(share)
                and fit.repeat == usual.repeat
                and fit.test.tolist() == usual.test.tolist()
            ]
            assert smaller <= set(fit.train) <= set(usual.train)
            taken, all_of_them = set(sentences[fit.train]), set(sentences[usual.train])
            assert len(taken) == np.ceil(share * len(all_of_them))
            assert len(fit.train) == np.isin(sentences, list(taken)).sum()
            if share >= 0.4:
                assert set(groups[fit.train]) == set(groups[usual.train])
            smaller = set(fit.train)


def test_labels_do_not_need_calibration(
    experiment: Experiment, dataset: Dataset, units: list[Unit], probed: Probed
) -> None:
    (usual, *_) = probing._usual(experiment, dataset, np.arange(len(dataset.y)))
    counts = probing._count(dataset.X, [experiment], n_jobs=1)
    y, groups = codes(dataset), dataset.groups.to_numpy()
    labels = [
        probing._fit(0, probing._Fit(name, 0, experiment, usual.train, usual.test),
                     counts, y, groups, 3)[1].argmax(axis=1)
        for name in (USUAL, "anything else")
    ]  # fmt: skip
    assert labels[0].tolist() == labels[1].tolist()


@pytest.mark.parametrize("n_seen", [0, 1])
def test_a_fold_with_no_choice(
    n_seen: int, experiment: Experiment, dataset: Dataset, units: list[Unit]
) -> None:
    favor = np.flatnonzero(dataset.y == "favor")[: n_seen * 3]
    fit = probing._Fit(USUAL, 0, experiment, favor, np.arange(4))
    counts = probing._count(dataset.X, [experiment], n_jobs=1)
    _, told = probing._fit(0, fit, counts, codes(dataset), dataset.groups.to_numpy(), 3)
    assert told.argmax(axis=1).tolist() == [n_seen] * 4


def test_progress_counts_all_fits(
    experiment: Experiment, dataset: Dataset, units: list[Unit]
) -> None:
    told: list[tuple[int, int]] = []
    quick = experiment.model_copy(
        update={"evaluation": experiment.evaluation.model_copy(update={"n_repeats": 1})}
    )
    fit_probes(quick, dataset, units, 1, lambda done, total: told.append((done, total)))
    n_fits = 3 * (1 + len(SHARES) + 2) + len(probing._unseen(quick, dataset, units)[1])
    assert told == [(number, n_fits) for number in range(n_fits + 1)]


def test_fewer_groups_than_folds(
    experiment: Experiment, dataset: Dataset, units: list[Unit]
) -> None:
    many = experiment.evaluation.model_copy(update={"n_splits": 13})
    with pytest.raises(DataError, match=r"12 groups \(by document_id\) for 13 folds"):
        fit_probes(experiment.model_copy(update={"evaluation": many}), dataset, units, n_jobs=1)


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(
    experiment: Experiment, dataset: Dataset, units: list[Unit], probed: Probed
) -> None:
    again = fit_probes(experiment, dataset, units, n_jobs=2)
    for name, probabilities in probed.probabilities.items():
        assert (again.probabilities[name] == probabilities).all()


def test_tuned_thresholds_stay_tuned(dataset: Dataset, units: list[Unit]) -> None:
    tuned = Experiment.model_validate(
        {
            "name": "tuned",
            "features": [{"source": "marked", "kind": "word", "orders": (1, 1)}],
            "classifier": {"kind": "ridge", "tune_thresholds": True},
            "evaluation": {"n_splits": 3, "n_repeats": 1},
        }
    )
    counts = probing._count(dataset.X, [tuned], n_jobs=1)
    y, groups = codes(dataset), dataset.groups.to_numpy()
    train, test = np.arange(0, 60), np.arange(60, 120)
    told = [
        probing._fit(0, probing._Fit(name, 0, tuned, train, test), counts, y, groups, 3)[1]
        for name in (USUAL, UNSEEN["target"])
    ]
    assert (told[0] == told[1]).all()
