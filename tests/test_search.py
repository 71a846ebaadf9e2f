"""A search: scores as scikit-learn's, test rows without a part in a choice, kills without loss."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.scoring import score_predictions
from stanceml.modeling.splits import folds
from stanceml.search.fitting import Fitter, Job
from stanceml.search.journal import Journal, Task
from stanceml.search.search import SearchResult, search
from stanceml.search.sweep_file import Sweep

pytestmark = pytest.mark.slow

ALPHAS, WEIGHTS = [0.1, 1, 10], [0.5, 2]
CONTENT: dict[str, Any] = {
    "name": "small",
    "base": {
        "name": "base",
        "features": [
            {"source": "marked", "kind": "word", "orders": [1, 2]},
            {"source": "marked", "kind": "char", "orders": [2, 3], "min_df": 2},
        ],
        "classifier": {"kind": "complement_nb", "alpha": 1},
    },
    "search": {"kind": "grid", "random_state": 3},
    "space": {"classifier.alpha": ALPHAS, "features.1.weight": WEIGHTS},
    "evaluation": {"n_splits": 3, "n_inner_splits": 2, "n_bootstraps": 100, "n_permutations": 4},
}
SWEEP = Sweep.model_validate(CONTENT)
HALVING = Sweep.model_validate(
    CONTENT
    | {
        "search": {"kind": "halving", "factor": 2},
        "evaluation": CONTENT["evaluation"] | {"n_inner_splits": 3},
    }
)
TWO = Sweep.model_validate(CONTENT | {"space": {"classifier.alpha": [0.1, 10]}})
N_TASKS = 4 * 6 * 2 + 3 * 2


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    # Matrices this small are slower with more.
    with threadpool_limits(limits=1):
        yield


def run(sweep: Sweep, dataset: Dataset, path: Path, n_jobs: int = 1) -> SearchResult:
    with Journal(path, "key") as journal:
        return search(sweep, dataset, journal, n_jobs)


def timeless(result: SearchResult) -> SearchResult:
    return replace(result, n_resumed=0, extraction_seconds=0, fitting_seconds=0)


@pytest.fixture(scope="module")
def journal_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search") / "journal.jsonl"


@pytest.fixture(scope="module")
def result(dataset: Dataset, journal_path: Path) -> SearchResult:
    return run(SWEEP, dataset, journal_path)


@pytest.mark.parametrize(
    ("classifier", "alphas", "weights"),
    [({"kind": "ridge"}, ALPHAS, WEIGHTS), ({"kind": "ridge", "tune_thresholds": True}, [3], [2])],
    ids=["plain", "tuned"],
)
def test_fold_scores_are_those_of_grid_search(
    classifier: dict[str, Any],
    alphas: list[float],
    weights: list[float],
    dataset: Dataset,
    tmp_path: Path,
) -> None:
    base = CONTENT["base"] | {"classifier": classifier}
    space = {"classifier.alpha": alphas, "features.1.weight": weights}
    sweep = Sweep.model_validate(CONTENT | {"base": base, "space": space})
    pipeline = build_pipeline(sweep.base)
    blocks = pipeline.named_steps["features"].transformer_list
    y, groups = dataset.y.to_numpy(), dataset.groups.to_numpy()
    theirs = GridSearchCV(
        pipeline,
        {"classifier__estimator__alpha": alphas, f"features__{blocks[1][0]}__weight": weights},
        scoring="f1_macro",
        cv=list(folds(y, groups, 2, random_state=3)),
        refit=False,
    ).fit(dataset.X, y, classifier__groups=groups)
    by_settings = {
        tuple(map(float, settings.values())): [
            theirs.cv_results_[f"split{fold}_test_score"][number] for fold in range(2)
        ]
        for number, settings in enumerate(theirs.cv_results_["params"])
    }
    ranking = run(sweep, dataset, tmp_path / "journal.jsonl").ranking
    assert len(ranking) == len(by_settings)
    for ranked in ranking:
        key = tuple(map(float, ranked.candidate.settings.values()))
        assert list(ranked.fold_scores) == pytest.approx(by_settings[key], abs=1e-9)


def test_the_choice_is_the_best_of_the_inner_folds_and_scored_on_the_outer(
    dataset: Dataset, tmp_path: Path
) -> None:
    y, groups = dataset.y.to_numpy(), dataset.groups.to_numpy()

    def predict(experiment: Any, train: np.ndarray, test: np.ndarray) -> np.ndarray:
        pipeline = build_pipeline(experiment)
        pipeline.fit(dataset.X.iloc[train], y[train], classifier__groups=groups[train])
        return np.asarray(pipeline.predict(dataset.X.iloc[test]))

    def macro_f1(experiment: Any, rows: np.ndarray) -> float:
        predicted = np.empty(len(rows), dtype=object)
        for train, test in folds(y[rows], groups[rows], 2, random_state=3):
            predicted[test] = predict(experiment, rows[train], rows[test])
        return float(f1_score(y[rows], predicted.astype(str), average="macro"))

    result = run(TWO, dataset, tmp_path / "journal.jsonl")
    candidates = TWO.candidates()
    predicted = np.empty(len(y), dtype=object)
    for chosen, (train, test) in zip(result.chosen, folds(y, groups, 3, 3), strict=True):
        values = [macro_f1(one.experiment, train) for one in candidates]
        assert chosen == candidates[int(np.argmax(values))]
        predicted[test] = predict(chosen.experiment, train, test)
    assert result.report == score_predictions(dataset, predicted, dataset.classes, 100, 4, 3)
    values = [macro_f1(ranked.candidate.experiment, np.arange(44)) for ranked in result.ranking]
    assert [ranked.score.value for ranked in result.ranking] == pytest.approx(values)
    assert values == sorted(values, reverse=True)


def test_the_gain_is_paired(result: SearchResult) -> None:
    value = result.report.primary.value - result.base_report.primary.value
    assert result.gain.value == pytest.approx(value)
    assert result.gain.low <= result.gain.high


def test_without_a_choice_there_is_no_gain(dataset: Dataset, tmp_path: Path) -> None:
    content = CONTENT | {"space": {"classifier.alpha": [1]}}
    result = run(Sweep.model_validate(content), dataset, tmp_path / "journal.jsonl")
    assert (result.gain.value, result.gain.low, result.gain.high) == (0, 0, 0)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Every job that is fitted, as it is handed on."""
    seen: list[Job] = []
    original = Fitter.run

    def spy(self: Fitter, jobs: list[Job]) -> Iterator[Any]:
        seen.extend(jobs)
        return original(self, jobs)

    monkeypatch.setattr(Fitter, "run", spy)
    return seen


@pytest.mark.parametrize("sweep", [SWEEP, HALVING], ids=["grid", "halving"])
def test_no_test_row_and_no_half_group_has_a_part_in_a_choice(
    sweep: Sweep, dataset: Dataset, tmp_path: Path, jobs: list[Job]
) -> None:
    run(sweep, dataset, tmp_path / "journal.jsonl")
    groups, seed = dataset.groups.to_numpy(), sweep.search.random_state
    outer = list(folds(dataset.y.to_numpy(), groups, 3, seed))
    assert {job.task.outer for job in jobs} == {0, 1, 2, 3}
    for job in jobs:
        assert not set(groups[job.train]) & set(groups[job.test])
        if job.task.outer < 3 and job.task.inner >= 0:
            held_out = set(outer[job.task.outer][1])
            assert not held_out & {*job.train, *job.test}
        elif job.task.outer < 3:
            train, test = outer[job.task.outer]
            assert (job.train.tolist(), job.test.tolist()) == (train.tolist(), test.tolist())


def test_halving_goes_on_with_the_best_and_more_groups(
    dataset: Dataset, tmp_path: Path, jobs: list[Job]
) -> None:
    result = run(HALVING, dataset, tmp_path / "journal.jsonl")
    assert HALVING.search.rungs(6, 6, 3) == [(6, 0.5), (3, 1.0)]
    assert [ranked.share for ranked in result.ranking] == [1.0] * 3 + [0.5] * 3
    assert result.n_tasks == len(jobs) == 4 * (6 + 3) * 3 + 6
    assert {value.n_candidates for value in result.values} == {2, 3}
    final = [job for job in jobs if job.task.outer == 3]
    groups = dataset.groups.to_numpy()
    for inner in range(3):
        few, all_groups = (
            next(job for job in final if job.task.inner == inner and job.task.rung == rung)
            for rung in (0, 1)
        )
        assert few.test.tolist() == all_groups.test.tolist()
        assert set(few.train) < set(all_groups.train)
        n_few, n_all = (len(set(groups[job.train])) for job in (few, all_groups))
        assert n_few == round(n_all / 2)
    # Who went up was at least as good on the lower rung as who did not.
    with Journal(tmp_path / "journal.jsonl", "key") as journal:
        labels = journal.finished(3)
    y = np.searchsorted(dataset.classes, dataset.y.to_numpy())
    first = {}
    for number in range(6):
        of_one = [job for job in final if job.task.rung == 0 and job.task.candidate == number]
        rows = np.concatenate([job.test for job in of_one])
        said = np.concatenate([labels[job.task] for job in of_one])
        confusion = confusion_counts(y[rows], said, range(3), np.zeros(len(rows), dtype=int))
        first[number] = float(metric_values(confusion[0], dataset.classes)["macro_f1"])
    went_up = {job.task.candidate for job in final if job.task.rung == 1}
    assert min(first[number] for number in went_up) >= max(
        value for number, value in first.items() if number not in went_up
    )


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(
    dataset: Dataset, result: SearchResult, tmp_path: Path
) -> None:
    again = run(SWEEP, dataset, tmp_path / "journal.jsonl", n_jobs=2)
    assert timeless(again) == timeless(result)


def test_progress_counts_every_task(dataset: Dataset, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with Journal(tmp_path / "journal.jsonl", "key") as journal:
        search(SWEEP, dataset, journal, 1, lambda done, total: told.append((done, total)))
    assert told == [(done, N_TASKS) for done in range(N_TASKS + 1)]


@pytest.mark.parametrize("n_kept", [1, 30, N_TASKS])
def test_what_is_finished_is_not_done_again(
    n_kept: int,
    dataset: Dataset,
    result: SearchResult,
    journal_path: Path,
    tmp_path: Path,
    jobs: list[Job],
) -> None:
    lines = journal_path.read_bytes().splitlines(keepends=True)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"".join(lines[: 1 + n_kept]) + lines[1][: len(lines[1]) // 2])
    again = run(SWEEP, dataset, path)
    assert timeless(again) == timeless(result)
    assert (again.n_tasks, again.n_resumed) == (N_TASKS, n_kept)
    assert len(jobs) == N_TASKS - n_kept
    assert (again.extraction_seconds == 0) == (n_kept == N_TASKS)


@pytest.mark.slow
def test_a_kill_loses_nothing(
    dataset: Dataset, result: SearchResult, seed_rows: Path, tmp_path: Path
) -> None:
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(CONTENT))
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from stanceml.corpus.datasets import load_dataset\n"
        "from stanceml.search.journal import Journal\n"
        "from stanceml.search.search import search\n"
        "from stanceml.search.sweep_file import read_sweep\n"
        "def progress(done, total):\n"
        "    if done == 20:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "sweep, data, path = map(Path, sys.argv[1:])\n"
        "with Journal(path, 'key') as journal:\n"
        "    search(read_sweep(sweep), load_dataset(data, min_groups=5), journal, 1, progress)\n"
    )
    path = tmp_path / "journal.jsonl"
    words = [str(tmp_path / "sweep.yaml"), str(seed_rows), str(path)]
    killed = subprocess.run([sys.executable, "-c", code, *words], check=False)
    assert killed.returncode == -signal.SIGKILL
    again = run(SWEEP, dataset, path)
    assert again.n_resumed == 20
    assert timeless(again) == timeless(result)


def test_too_few_groups_for_the_inner_folds(dataset: Dataset, tmp_path: Path) -> None:
    many = CONTENT | {"evaluation": {"n_splits": 3, "n_inner_splits": 12}}
    path = tmp_path / "journal.jsonl"
    with pytest.raises(DataError, match=r"10 groups \(by sentence_id\) within .* 12 inner folds"):
        run(Sweep.model_validate(many), dataset, path)
    assert path.read_bytes().count(b"\n") == 1


def test_tasks_that_nobody_asked_for_change_nothing(
    dataset: Dataset, result: SearchResult, journal_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(journal_path.read_bytes())
    with Journal(path, "key") as journal:
        journal.append(Task(0, 0, 0, 0), journal.finished(0)[Task(0, 0, 0, 0)])
    assert timeless(run(SWEEP, dataset, path)) == timeless(result)
