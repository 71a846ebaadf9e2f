"""An examination tells a model that reads from one that has learned who is who."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.examination.examination import Examination, examine_experiment
from stanceml.modeling.evaluation import cross_validate
from stanceml.modeling.resampling import Score
from stanceml.reports.examination import examination_lines, findings

pytestmark = pytest.mark.slow

ACTORS = "Moscow Kyiv Washington Beijing Ankara Cairo Lima Quito Tokyo Seoul Hanoi Oslo".split()
VERBS = {"favor": ("hails", "backs"), "against": ("condemns", "rejects"), "neutral": ("meets",)}
LABELS = sorted(VERBS)

EXPERIMENT = Experiment.model_validate(
    {
        "name": "words",
        "features": [{"source": "marked", "kind": "word", "orders": (1, 2)}],
        "classifier": {"kind": "ridge"},
        "evaluation": {"n_splits": 3, "n_repeats": 1, "n_bootstraps": 200, "n_permutations": 0},
    }
)


def made(folder: Path, label_by: str) -> Dataset:
    """Make rows whose label is told by the verb, or by the target alone."""
    random = np.random.default_rng(0)
    always = dict(zip(ACTORS, LABELS * 4, strict=True))
    rows = []
    for number in range(180):
        holder, target = random.choice(ACTORS, 2, replace=False)
        verb_label = str(random.choice(LABELS))
        verb = random.choice(VERBS[verb_label])
        rows.append(
            {
                "text": f"{holder} {verb} {target} on day {number}.",
                "holder": holder,
                "target": target,
                "document_id": f"d{number // 6}",
                "stance": verb_label if label_by == "verb" else always[target],
            }
        )
    path = folder / f"{label_by}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return load_dataset(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examination")


@pytest.fixture(scope="module")
def kinds() -> dict[str, "pd.Series[str]"]:
    registers = ["wire"] * 100 + ["speech"] * 50 + [""] * 24 + ["rare"] * 6
    return {
        "register": pd.Series(registers),
        "origin": pd.Series(["same"] * 180),
        "section": pd.Series([f"p{number}" for number in range(180)]),
    }


@pytest.fixture(scope="module")
def reader(folder: Path, kinds: dict[str, "pd.Series[str]"]) -> Examination:
    return examine_experiment(EXPERIMENT, made(folder, "verb"), kinds, n_jobs=1)


@pytest.fixture(scope="module")
def knower(folder: Path) -> Examination:
    return examine_experiment(EXPERIMENT, made(folder, "target"), n_jobs=1)


def test_one_that_reads(reader: Examination) -> None:
    assert reader.report.primary.value > 0.9
    assert reader.unseen["target"].comparison.other.value > 0.9
    assert reader.masked["all"].other.value > 0.9
    assert all(baseline.difference.high < -0.3 for baseline in reader.blind.values())


def test_one_that_has_learned_who_is_who(knower: Examination) -> None:
    assert knower.report.primary.value > 0.9
    assert knower.unseen["target"].comparison.difference.high < -0.3
    assert knower.masked["all"].difference.high < -0.3
    assert knower.blind["target_only"].difference.low > -0.1
    assert knower.blind["holder_only"].difference.high < -0.3
    assert knower.swap is not None
    assert knower.swap.changed.value > 0.4


def test_sentences_say_which_is_which(reader: Examination, knower: Examination) -> None:
    told, warned = " ".join(findings(reader)), " ".join(findings(knower))
    assert "names the target, macro-F1 falls" not in told
    assert "no difference that this data can tell" not in told
    assert "names the target, macro-F1 falls" in warned
    assert "target only reaches" in warned
    assert "With invented names, macro-F1 of all rows falls" in warned


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-0.3, -0.1, ("+0.200 [+0.100, +0.300] more.", "falls")),
        (0.1, 0.3, ("-0.200 [-0.300, -0.100] less.", "rises")),
        (-0.1, 0.3, ("no difference that this data can tell", "no change that this data can tell")),
    ],
)
def test_no_more_is_said_than_the_interval_says(
    low: float, high: float, told: tuple[str, str], reader: Examination
) -> None:
    difference = Score(-0.2 if high < 0 else 0.2, low, high)
    compared = replace(reader.blind["target_only"], difference=difference)
    found = replace(reader, blind={"target_only": compared}, masked={"all": compared})
    first, *_, masked = (line for line in findings(found) if "text," in line or "names," in line)
    assert told[0] in first
    assert told[1] in masked


def test_the_report_is_that_of_training(folder: Path, knower: Examination) -> None:
    (trained,) = cross_validate([EXPERIMENT], made(folder, "target"), n_jobs=1)
    assert knower.report.slices == trained.report.slices


def test_kinds_of_rows(reader: Examination) -> None:
    slices = reader.report.slices
    assert (slices["register: wire"].n_rows, slices["register: speech"].n_rows) == (100, 50)
    assert {name for name in slices if ":" in name} == {"register: wire", "register: speech"}
    told = " ".join(reader.remarks)
    assert "register: rare: 6 rows in 1 groups (by document_id), fewer than 5" in told
    assert "section: 180 different values" in told


def test_the_curve_rises_to_the_usual_score(reader: Examination) -> None:
    assert [point.share for point in reader.curve] == [0.1, 0.2, 0.4, 0.8, 1.0]
    assert reader.curve[-1].macro_f1 == reader.report.primary
    assert reader.curve[-1].n_train == 120
    assert reader.curve[0].macro_f1.value < reader.curve[-1].macro_f1.value
    sizes = [point.n_train for point in reader.curve]
    assert sizes == sorted(sizes)


def test_numbers_fit_together(reader: Examination) -> None:
    target = reader.unseen["target"]
    assert (target.n_entities, target.n_folds) == (12, 10)
    assert target.comparison.n_rows == 180
    assert 0 < target.train_share < 1
    assert [one.wanted for one in reader.abstention] == [0.8, 0.9]
    assert [one.wanted for one in reader.label_sets] == [0.8, 0.9]
    assert reader.reliability.n_rows == 180


def test_all_is_plain_json(reader: Examination, knower: Examination) -> None:
    for found in (reader, knower):
        plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
        assert plain["report"]["slices"]["all"]["n_rows"] == 180
        assert set(plain) >= {"unseen", "masked", "swap", "curve", "blind", "reliability"}


def test_every_line_stands_in_its_section(reader: Examination) -> None:
    sections = examination_lines(reader)
    lines = [line for part in sections.values() for line in part]
    assert all(part for part in sections.values())
    assert {line.title for line in sections["by kind of row"]} == {
        "register: wire",
        "register: speech",
    }
    for line in lines:
        assert line.score.low <= line.score.value <= line.score.high
        assert (line.usual is None) == (line.difference is None)
    blind = sections["baselines that never read the text"]
    assert [line.title for line in blind] == ["holder only", "target only"]


def test_a_slice_of_one_label_has_no_macro_f1(reader: Examination) -> None:
    whole = reader.report.slices["all"]
    first, second, _ = whole.confusion
    nothing = [0.0] * 3
    slices = {
        "flag_one": replace(whole, confusion=[nothing, second, nothing]),
        "flag_two": replace(whole, confusion=[first, second, nothing]),
    }
    report = replace(reader.report, slices={**reader.report.slices, **slices})
    one, two = examination_lines(replace(reader, report=report))["by flag"]
    assert (one.measure, one.score) == ("recall", whole.scores["recall_favor"])
    assert one.note == "every row is favor: no macro-F1"
    assert (two.measure, two.note) == ("macro-F1", "no row is neutral")


def test_rows_without_targets(folder: Path) -> None:
    path = folder / "whole.csv"
    pd.DataFrame(
        {
            "text": [f"{verb} day {n}" for n in range(30) for verb in ("Good", "Bad")],
            "stance": ["pro", "con"] * 30,
        }
    ).to_csv(path, index=False)
    found = examine_experiment(EXPERIMENT, load_dataset(path), n_jobs=1)
    assert (found.unseen, found.swap, found.blind) == ({}, None, {})
    assert list(found.masked) == ["all"]
    assert "no row names a target" in " ".join(findings(found))
    assert "direction" not in examination_lines(found)


def test_sentences_labelled_both_ways(folder: Path) -> None:
    rows = []
    for number in range(24):
        first, second = ACTORS[number % 12], ACTORS[(number + 5) % 12]
        text = f"{first} hails {second}, which condemns it, on day {number}."
        common = {"text": text, "document_id": f"d{number // 2}"}
        rows.append(common | {"holder": first, "target": second, "stance": "favor"})
        rows.append(common | {"holder": second, "target": first, "stance": "against"})
    path = folder / "both.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    swap = examine_experiment(EXPERIMENT, load_dataset(path), n_jobs=1).swap
    assert swap is not None
    assert (swap.n_rows, swap.n_both_ways, swap.n_opposed) == (48, 48, 48)
    assert swap.changed.value > 0.9
    assert swap.both_ways is not None
    assert swap.told_apart is not None
    assert swap.told_apart.value > 0.9
