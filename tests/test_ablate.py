"""`stanceml ablate` as people use it: what it prints and writes, and what it says of mistakes."""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from stanceml.cli.ablate import EXAMPLES, ablate
from stanceml.config import read_experiment
from stanceml.exceptions import ConfigError, DataError, StancemlError, UsageError
from stanceml.tables.tables import read_rows
from stanceml.workflows.ablate import ablate as run_ablate
from stanceml.workflows.labelled import LabelledFile

pytestmark = pytest.mark.slow

CONFIG = """\
name: two-blocks
features:
  - {source: marked, kind: word, orders: [1, 1]}
  - {source: polarity, kind: word, orders: [1, 1]}
classifier: {kind: ridge}
evaluation: {n_splits: 3, n_bootstraps: 100}
"""
TEST = [
    ("Norway praised the accord with Sweden.", "Norway", "Sweden", "favor", "praise"),
    ("Chile condemned the raid by Peru.", "Chile", "Peru", "against", "blame"),
    ("Ghana thanked Togo for its aid.", "Ghana", "Togo", "favor", "praise"),
    ("Mali rejected the terms of Niger.", "Mali", "Niger", "against", "blame"),
    ("Oman welcomed the visit of Qatar's envoy.", "Oman", "Qatar", "favor", ""),
    ("Laos protested against the dam of Vietnam.", "Laos", "Vietnam", "against", "blame"),
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "two-blocks.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.jsonl"
    names = ("text", "holder", "target", "stance", "event")
    rows = [json.dumps(dict(zip(names, row, strict=True))) for row in TEST]
    path.write_text("\n".join(rows) + "\n")
    return path


def called(*words: object) -> Any:
    app = typer.Typer(rich_markup_mode=None)
    app.command(epilog=EXAMPLES)(ablate)
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [*map(str, words), "--jobs", "1"])


def mistake(result: Any, kind: type[StancemlError]) -> str:
    assert isinstance(result.exception, kind), result.output
    assert result.stdout == ""
    told = str(result.exception)
    assert "\n" not in told
    return told


@pytest.fixture
def usual(config: Path, seed_rows: Path, elsewhere: Path) -> list[object]:
    """A command line with everything."""
    sides = ["--among", "favor", "--among", "against"]
    return [config, "--data", seed_rows, "--test", elsewhere, *sides, "--by", "event"]


def test_help_has_a_sentence_and_two_examples() -> None:
    told = called("--help").stdout
    assert "Tell what each block of features is worth: the score" in told
    assert told.split("Examples:")[1].count("stanceml ablate") == 2


def test_tables_for_people(usual: list[object]) -> None:
    done = called(*usual)
    assert done.exit_code == 0, done.exception
    for words in (
        "two-blocks, cross-validated on stances: macro-F1 [95% interval], all rows, 44 rows in 15 "
        "groups (by sentence_id)",
        "pair rows, 29 rows",
        "two-blocks trained on stances, on elsewhere: macro-F1 [95% interval], all rows, 6 rows in "
        "6 groups (by text)",
        "without polarity-word-1-1",
        "polarity-word-1-1 alone",
        "up to polarity-word-1-1",
        "more than the whole",
        "something else",
        "after training on a share of the sentences",
        "by event after training on a share",
        "(blank)",
    ):
        assert words in " ".join(done.stdout.split()), words
    assert "44 rows in 15 groups (by sentence_id), 16 fits" in done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 120


def test_json_has_every_number(usual: list[object], config: Path) -> None:
    told = json.loads(called(*usual, "--format", "json").stdout)
    assert told["config_digest"] == read_experiment(config).digest
    assert (told["data"]["n_rows"], told["test"]["n_rows"]) == (44, 6)
    assert told["test"]["among"] == ["against", "favor"]
    kinds = [variant["kind"] for variant in told["variants"]]
    assert kinds == ["whole", "without", "without", "alone", "alone", "up_to", "up_to"]
    for variant in told["variants"]:
        parts = [*variant["cross_validated"].values(), variant["test"]["all"]]
        assert len(parts) == 3
        for part in parts:
            assert 0 <= part["macro_f1"]["low"] <= part["macro_f1"]["high"] <= 1
            whole = variant["kind"] == "whole" or (
                variant["kind"] == "up_to" and variant["block"] == "polarity-word-1-1"
            )
            assert (part["difference"] is None) == whole
        assert 0 <= variant["test"]["n_elsewhere"] <= 6
    assert [point["share"] for point in told["learning_curve"]] == [0.1, 0.2, 0.4, 0.8, 1.0]
    for point in told["learning_curve"]:
        by = point["by"]
        assert {value: part["n_rows"] for value, part in by.items()} == {
            "(blank)": 1,
            "blame": 3,
            "praise": 2,
        }
        assert all(part["accuracy"] is None for part in by.values())


def test_markdown_begins_with_the_command(
    usual: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["stanceml", "ablate", "a b.yaml", "--by", "event"])
    path = tmp_path / "out" / "ablation.md"
    done = called(*usual, "-o", path)
    assert (done.exit_code, done.stdout) == (0, "")
    lines = path.read_text().splitlines()
    assert lines[0] == "    stanceml ablate 'a b.yaml' --by event"
    assert "| features | n-grams | macro-F1 | more than the whole |" in lines
    assert sum(line.startswith("| whole |") for line in lines) == 3
    assert list(path.parent.iterdir()) == [path]


def test_formats_follow_the_name_unless_they_are_given(
    config: Path, seed_rows: Path, tmp_path: Path
) -> None:
    command = [config, "--data", seed_rows]
    called(*command, "-o", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["experiment"] == "two-blocks"
    called(*command, "-o", tmp_path / "b.json", "--format", "table")
    assert "┃ features" in (tmp_path / "b.json").read_text()
    assert "┃ features" in called(*command, "-o", "-").stdout


def test_test_rows_may_lack_the_group_column(
    usual: list[object], seed_rows: Path, tmp_path: Path
) -> None:
    rows = [dict(row.values) for row in read_rows(seed_rows, "csv")]
    for row in rows:
        row["place"] = row["sentence_id"]
    data = tmp_path / "with-place.csv"
    with data.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    usual[2] = data
    told = json.loads(called(*usual, "--group-column", "place", "--format", "json").stdout)
    assert (told["data"]["group_kind"], told["test"]["group_kind"]) == ("place", "text")


def test_texts_that_were_trained_on_are_told(config: Path, seed_rows: Path) -> None:
    said: list[str] = []
    run_ablate(config, LabelledFile(seed_rows), test=seed_rows, n_jobs=1, say=said.append)
    assert any(line.startswith("44 of 44 test rows have a text that is among") for line in said)


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (["--among", "favour", "--among", "against"], UsageError,
         "--among 'favour': no label of .*stances.csv (did you mean 'favor'?)"),
        (["--among", "favor"], UsageError, "--among 'favor': nothing to choose; expected two"),
        (["--among", "favor", "--among", "favor"], UsageError, "--among 'favor': nothing to choo"),
        (["--by", "evnt"], DataError, "elsewhere.jsonl: no column 'evnt' (did you mean 'event'?)"),
        (["--among", "favor", "--among", "neutral"], DataError, "line 2: unknown label 'against'"),
        (["--jobs", "0"], UsageError, "--jobs 0: expected a positive number"),
        (["--label-map", "favor"], UsageError, "--label-map 'favor': expected OLD=NEW"),
    ],
)  # fmt: skip
def test_wrong_options(
    words: list[str],
    kind: type[StancemlError],
    message: str,
    config: Path,
    seed_rows: Path,
    elsewhere: Path,
) -> None:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(ablate)
    command = [config, "--data", seed_rows, "--test", elsewhere, *words]
    done = CliRunner().invoke(app, list(map(str, command)))
    told = mistake(done, kind)
    assert re.search(re.escape(message).replace(r"\.\*", ".*"), told), told


@pytest.mark.parametrize("option", ["among", "by"])
def test_options_about_test_rows_want_some(option: str, config: Path, seed_rows: Path) -> None:
    told = mistake(called(config, "--data", seed_rows, f"--{option}", "favor"), UsageError)
    assert told == f"--{option} is about the rows of --test FILE; name them too"


@pytest.mark.parametrize(
    ("features", "classifier", "number"), [(1, "ridge", "1"), (0, "most_frequent", "no")]
)
def test_a_single_block_cannot_be_left_out(
    features: int, classifier: str, number: str, config: Path, seed_rows: Path
) -> None:
    blocks = CONFIG.splitlines()[2 : 2 + features]
    told = "\n".join(["name: one", f"classifier: {{kind: {classifier}}}"])
    config.write_text(told + ("\nfeatures:\n" + "\n".join(blocks) if blocks else "") + "\n")
    message = mistake(called(config, "--data", seed_rows), ConfigError)
    assert f"{number} block" in message
    assert "expected two or more" in message


def test_a_column_with_too_many_values(
    config: Path, seed_rows: Path, elsewhere: Path, tmp_path: Path
) -> None:
    rows = [{"text": f"Norway praised deal {n}.", "stance": "favor", "n": n} for n in range(51)]
    elsewhere.write_text("\n".join(map(json.dumps, rows)) + "\n")
    told = mistake(called(config, "--data", seed_rows, "--test", elsewhere, "--by", "n"), DataError)
    assert "'n' has 51 different values; --by expects a column with at most 50" in told


def test_missing_files_are_told(config: Path, seed_rows: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for words, kind in (
        ([f"{nowhere}.yaml", "--data", seed_rows], ConfigError),
        ([config, "--data", f"{nowhere}.csv"], DataError),
        ([config, "--data", seed_rows, "--test", f"{nowhere}.csv"], DataError),
    ):
        assert "no such file" in mistake(called(*words), kind)


def test_a_place_that_cannot_be_written_is_told_before_anything_else(
    config: Path, tmp_path: Path
) -> None:
    told = mistake(called(config, "--data", tmp_path / "nowhere.csv", "-o", tmp_path), DataError)
    assert "cannot be written (it is a folder)" in told


def test_a_mistake_leaves_no_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    called(config, "--data", tmp_path / "nowhere.csv", "-o", tmp_path / "out" / "ablation.md")
    assert not list((tmp_path / "out").iterdir())
