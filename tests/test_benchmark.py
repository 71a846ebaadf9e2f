"""The benchmark command: it trains, then opens the test rows, then looks at their labels."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
from sklearn.metrics import f1_score
from typer.testing import CliRunner

from stanceml.cli.benchmark import EXAMPLES
from stanceml.cli.benchmark import benchmark as command
from stanceml.config import Experiment, read_experiment, read_experiments
from stanceml.corpus.benchmarks import BENCHMARKS, read_training_rows
from stanceml.corpus.units import Unit
from stanceml.exceptions import ConfigError, DataError, UsageError
from stanceml.modeling.pipeline import build_pipeline
from stanceml.workflows import benchmark as workflow
from stanceml.workflows.benchmark import as_json, benchmark, fit, training_dataset
from stanceml.workflows.labelled import LabelledFile

ROOT = Path(__file__).parents[1]

HEADER = "ID\tTarget\tTweet\tStance\n"
FOR = ("what a fine idea", "about time, well done", "I vote for this", "good for all of us")
AGAINST = ("a disgrace for us all", "stop this nonsense", "I vote against it", "nobody wants that")
NEITHER = ("lunch was late today", "rain until Friday", "my train is here", "who won last night")

FEATURES = """
features:
  - {source: text, kind: word, orders: [1, 1]}
  - {source: target, kind: word, orders: [1, 1]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny benchmark in the format of the real one: two targets, three labels."""
    folder = tmp_path / "semeval2016"
    folder.mkdir()
    texts = [(text, "FAVOR") for text in FOR]
    texts += [(text, "AGAINST") for text in AGAINST]
    texts += [(text, "NONE") for text in NEITHER]

    def lines(place: str) -> list[str]:
        return [
            f"{number}\t{target}\t{text} {place} #SemST\t{label}\n"
            for target in ("Road Pricing", "Night Trains")
            for number, (text, label) in enumerate(texts)
        ]

    files = {"trialdata": lines("here")[::3], "trainingdata": lines("now") + lines("again")}
    for name, found in (files | {"testdata-taskA": lines("there")}).items():
        (folder / f"{name}-all-annotations.txt").write_text(HEADER + "".join(found))
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "quick.yaml"
    path.write_text(f"name: quick{FEATURES}classifier: {{kind: ridge}}\n")
    return path


def test_the_test_rows_are_opened_when_the_model_is_fitted(
    folder: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real_open = Path.read_bytes

    def opened(path: Path) -> bytes:
        if path.parent == folder:
            order.append(path.name.partition("-")[0])
        return real_open(path)

    def fitted(*arguments: Any) -> Any:
        model = fit(*arguments)
        order.append("fitted")
        return model

    monkeypatch.setattr(Path, "read_bytes", opened)
    monkeypatch.setattr(workflow, "fit", fitted)
    benchmark("semeval2016", folder, config)
    assert order.count("testdata") == 1
    assert order.index("testdata") > order.index("fitted")
    assert set(order[: order.index("fitted")]) == {"trialdata", "trainingdata"}


@pytest.mark.mistakes
def test_a_missing_test_file_is_told_before_training(
    folder: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("trained all the same")

    monkeypatch.setattr(workflow, "fit", never)
    (folder / "testdata-taskA-all-annotations.txt").unlink()
    with pytest.raises(DataError, match=r"testdata-taskA-all-annotations\.txt: no such file"):
        benchmark("semeval2016", folder, config)


def test_changed_test_labels_change_the_score_and_not_the_model(folder: Path, config: Path) -> None:
    before = benchmark("semeval2016", folder, config)
    path = folder / "testdata-taskA-all-annotations.txt"
    path.write_text(path.read_text().replace("FAVOR", "NONE"))
    after = benchmark("semeval2016", folder, config)
    assert after.scores[0].score.value < before.scores[0].score.value
    coefficients = [result.fitted.pipeline[-1].estimator_.coef_ for result in (before, after)]
    np.testing.assert_array_equal(*coefficients)


def test_scores_are_the_official_ones_overall_and_for_each_target(
    folder: Path, config: Path
) -> None:
    path = folder / "testdata-taskA-all-annotations.txt"
    rows = [line.split("\t") for line in path.read_text().splitlines()[1:]]
    for row in rows[::5]:
        row[3] = "NONE" if row[3] == "FAVOR" else "FAVOR"
    path.write_text(HEADER + "".join("\t".join(row) + "\n" for row in rows))
    result = benchmark("semeval2016", folder, config)
    labels = [BENCHMARKS["semeval2016"].labels[row[3]] for row in rows]
    predicted = result.fitted.predict(
        Unit(row[2].removesuffix(" #SemST"), target=row[1]) for row in rows
    )

    def official(kept: Sequence[int]) -> float:
        truth, guess = ([column[i] for i in kept] for column in (labels, predicted))
        return float(np.mean(f1_score(truth, guess, labels=["against", "favor"], average=None)))

    found = {score.name: score for score in result.scores}
    everything = range(len(rows))
    parts = {"semeval2016": list(everything)} | {
        f"semeval2016/{target}": [i for i in everything if rows[i][1] == target]
        for target in ("Night Trains", "Road Pricing")
    }
    assert list(found) == list(parts)
    for name, kept in parts.items():
        score = found[name]
        assert score.score.value == pytest.approx(official(kept))
        assert score.score.low <= score.score.value <= score.score.high
        assert score.n_rows == len(kept)
    assert 0 < found["semeval2016"].score.value < 1
    # The same tweet stands under both targets: it is drawn with both of its rows.
    assert found["semeval2016"].n_groups == len(rows) // 2


def test_mentions_are_scored_part_by_part(tmp_path: Path, config: Path) -> None:
    words = {1: "praised", -1: "blamed", 0: "met"}
    for name, days in (("train", "Mon Tue Wed"), ("dev_rw", "Thu"), ("dev_mt", "Fri Sat")):
        rows = [
            {"sentence": f"They {word} Bo on {day}.", "mention": "Bo", "polarity": polarity,
             "from": 6 + len(word), "to": 8 + len(word)}
            for day in days.split() for polarity, word in words.items()
        ]  # fmt: skip
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = benchmark("newsmtsc", tmp_path, config)
    assert [(found.name, found.n_rows) for found in result.scores] == [
        ("newsmtsc/dev_rw", 3), ("newsmtsc/dev_mt", 6)
    ]  # fmt: skip
    assert {row["metric"] for row in as_json(result)} == {"macro_f1"}
    assert result.fitted.predict([Unit("They praised Bo.", target="Bo")]) == ["favor"]


def test_users_rows_give_the_same_model(folder: Path, config: Path, tmp_path: Path) -> None:
    rows = read_training_rows(BENCHMARKS["semeval2016"], folder)
    csv = tmp_path / "rows.csv"
    columns = {
        "text": [unit.text for unit in rows.units],
        "target": [unit.target for unit in rows.units],
        "stance": rows.labels,
    }
    pd.DataFrame(columns).to_csv(csv, index=False)
    ours = training_dataset("semeval2016", rows)
    theirs = LabelledFile(csv).load(min_groups=5)
    pd.testing.assert_frame_equal(ours.X, theirs.X)
    assert ours.groups.tolist() == theirs.groups.tolist()
    assert (ours.group_kind, ours.classes) == (theirs.group_kind, theirs.classes)
    experiment = read_experiment(config)
    mine = fit([experiment], ours, "favor_against_f1").pipeline
    pipeline = build_pipeline(experiment)
    pipeline.fit(theirs.X, theirs.y.to_numpy(), classifier__groups=theirs.groups.to_numpy())
    np.testing.assert_array_equal(mine.predict_proba(ours.X), pipeline.predict_proba(theirs.X))


@pytest.mark.slow
def test_the_train_command_gives_the_same_model(
    folder: Path, config: Path, tmp_path: Path, store_uri: str
) -> None:
    from stanceml.inference.sealed import load_model
    from stanceml.workflows.train import train

    rows = read_training_rows(BENCHMARKS["semeval2016"], folder)
    csv = tmp_path / "rows.csv"
    pd.DataFrame(
        {
            "text": [unit.text for unit in rows.units],
            "target": [unit.target for unit in rows.units],
            "stance": rows.labels,
        }
    ).to_csv(csv, index=False)
    train(config, LabelledFile(csv), tmp_path / "model", store_uri, folder=tmp_path, n_jobs=1)
    fitted = benchmark("semeval2016", folder, config).fitted
    X = training_dataset("semeval2016", rows).X
    np.testing.assert_allclose(
        load_model(tmp_path / "model").predict_proba(X), fitted.pipeline.predict_proba(X), atol=1e-6
    )


def test_of_several_experiments_cross_validation_chooses(folder: Path, tmp_path: Path) -> None:
    configs = tmp_path / "configs"
    configs.mkdir()
    measured = "evaluation: {n_splits: 3, n_repeats: 1, n_bootstraps: 100, n_permutations: 0}\n"
    (configs / "a.yaml").write_text(f"name: a\nclassifier: {{kind: most_frequent}}\n{measured}")
    (configs / "b.yaml").write_text(f"name: b{FEATURES}classifier: {{kind: ridge}}\n{measured}")
    rows = read_training_rows(BENCHMARKS["semeval2016"], folder)
    dataset = training_dataset("semeval2016", rows)
    fitted = fit(read_experiments(configs), dataset, "favor_against_f1", n_jobs=1)
    assert fitted.experiment.name == "b"


def test_shared_texts_are_told(folder: Path, config: Path) -> None:
    test_file = folder / "testdata-taskA-all-annotations.txt"
    training = (folder / "trainingdata-all-annotations.txt").read_text().splitlines()
    with test_file.open("a") as file:
        file.write(training[1].replace(FOR[0], FOR[0].upper() + "!") + "\n")
    said: list[str] = []
    benchmark("semeval2016", folder, config, say=said.append)
    assert f"{test_file}: 1 of 25 texts are among the training rows too" in said


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_projects_own_configs_are_valid(name: str) -> None:
    experiment: Experiment = read_experiment(ROOT / "configs" / "benchmarks" / f"{name}.yaml")
    assert experiment.name == name
    assert not experiment.is_baseline


@pytest.mark.mistakes
def test_unknown_names_and_missing_configs_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'semeval' \(did you mean 'semeval2016'\?\)"):
        benchmark("semeval", folder)
    with pytest.raises(ConfigError, match=r"nothing.yaml: no such file"):
        benchmark("semeval2016", folder, tmp_path / "nothing.yaml")


app = typer.Typer()
app.command(epilog=EXAMPLES)(command)


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_json_is_a_list_of_scores_on_stdout(folder: Path, config: Path) -> None:
    done = run("semeval2016", "--data-dir", folder, "--configs", config, "--format", "json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == [
        "semeval2016", "semeval2016/Night Trains", "semeval2016/Road Pricing"
    ]  # fmt: skip
    for row in rows:
        assert list(row) == ["name", "metric", "score", "low", "high", "train_seconds"]
        assert 0 <= row["low"] <= row["score"] <= row["high"] <= 1
        assert row["train_seconds"] > 0
    assert "training rows in" in done.stderr


def test_the_table_stands_beside_what_is_published(folder: Path, config: Path) -> None:
    done = run("semeval2016", "--data-dir", folder.parent, "--configs", config)
    assert "* stanceml, quick" in done.stdout
    for other in BENCHMARKS["semeval2016"].published:
        assert f"{other.score:.3f}" in done.stdout
    assert "Night Trains" in done.stdout
    words = f"stanceml benchmark semeval2016 --data-dir {folder.parent} --configs {config}"
    assert words in done.stdout


@pytest.mark.parametrize("jobs", [0, -2])
def test_jobs_must_be_a_number_of_processes(folder: Path, jobs: int) -> None:
    done = run("semeval2016", "--data-dir", folder, "--jobs", jobs)
    assert isinstance(done.exception, UsageError)


@pytest.mark.slow
@pytest.mark.skipif(
    "STANCEML_BENCHMARKS" not in os.environ,
    reason="STANCEML_BENCHMARKS names no folder with copies of the public benchmarks",
)
def test_the_real_benchmark_beats_the_most_frequent_label() -> None:
    configs = ROOT / "configs" / "benchmarks" / "semeval2016.yaml"
    result = benchmark("semeval2016", Path(os.environ["STANCEML_BENCHMARKS"]), configs)
    assert result.scores[0].score.value > 0.652
    assert result.fitted.train_seconds < 300
