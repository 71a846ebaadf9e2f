"""The audit as a whole: what it looks at, how it prints, and how it ends."""

import csv
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from stanceml.cli import audit as command
from stanceml.exceptions import DataError, StancemlError
from stanceml.stances import FLAGS, STANCES
from stanceml.workflows.audit import Audit, as_json, audit
from stanceml.workflows.labelled import LabelledFile

pytestmark = pytest.mark.slow

NAMES = ("Lima", "Quito", "Oslo", "Bern", "Accra", "Tunis", "Hanoi", "Riga")
LEFT = "Nothing was said of the harbour tax before the port council met again."


@pytest.fixture(scope="module")
def seed_audit(seed_rows: Path) -> Audit:
    return audit(LabelledFile(seed_rows), n_permutations=5)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Sentences without a pair: all that can be checked of them is fine."""
    path = tmp_path / "clean.csv"
    rows = [(LEFT, "neutral"), ("The envoy of Oslo thanked Riga.", "favor")]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "stance"), *rows])
    return path


def run(*words: str | Path) -> Result:
    app = typer.Typer()
    app.command("audit", epilog=command.EXAMPLES)(command.audit)
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "120"})


def test_every_kind_of_check_is_there(seed_audit: Audit) -> None:
    sections = dict.fromkeys(check.section for check in seed_audit.checks)
    assert list(sections) == [
        "duplicates", "units", "spans", "labels", "size", "templates", "cues",
        "text-blind baselines",
    ]  # fmt: skip
    names = [(check.section, check.name) for check in seed_audit.checks]
    assert len(set(names)) == len(names)


def test_everything_can_be_written_as_json(seed_audit: Audit) -> None:
    plain = json.loads(json.dumps(as_json(seed_audit), allow_nan=False))
    assert (plain["rows"], plain["groups"], plain["group_kind"]) == (44, 15, "sentence_id")
    assert plain["passed"] is not any(check["passed"] is False for check in plain["checks"])
    for check in plain["checks"]:
        assert (check["passed"] is None) or check["bar"]
        assert len({tuple(row) for row in check["details"]}) <= 1


def test_progress_ends_where_it_should(seed_rows: Path) -> None:
    told: list[tuple[int, int]] = []
    audit(LabelledFile(seed_rows), n_permutations=2, progress=lambda *step: told.append(step))
    total = told[0][1]
    assert told == [(done, total) for done in range(total + 1)]


def test_a_clean_file_ends_with_status_0(clean: Path) -> None:
    done = run(clean)
    assert done.exit_code == 0, done.output
    assert "MISSED" not in done.stdout
    # What cannot be measured without pair rows is said, and not called fine.
    assert done.stdout.count("not measured ") == 5
    assert done.stderr == "0 of 14 bars missed, 5 not measured in 2 rows, 2 groups (by text)\n"


def test_a_fault_is_printed_with_its_row_and_ends_with_status_1(clean: Path) -> None:
    marked = "The envoy thanked [bold]Riga[/bold]."
    with clean.open("a", newline="") as file:
        csv.writer(file).writerows([(marked, "favor"), (marked, "against")])
    done = run(clean)
    assert done.exit_code == 1
    assert "MISSED" in done.stdout
    details = done.stdout.split("\nunits: units with two labels\n")[1]
    assert "4, 5" in details.splitlines()[3]
    assert "favor, against" in details.splitlines()[3]
    # What looks like markup is text.
    assert marked in details.splitlines()[3]
    assert done.stderr.startswith("1 of 14 bars missed")


def test_json_holds_what_the_table_cuts_off(clean: Path) -> None:
    with clean.open("a", newline="") as file:
        for number in range(30):
            row = (f"Sentence of its own, word {number * 'x'} and more", "favor")
            csv.writer(file).writerows([row, row])
    done = run(clean, "--format", "json")
    assert done.exit_code == 1
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert len(found["units that repeat"]["details"]) == 30
    assert "and 5 more; --format json has them all" in run(clean).stdout


def test_a_test_file_that_shares_a_sentence(clean: Path, tmp_path: Path) -> None:
    test = tmp_path / "held.csv"
    test.write_text(f"text,stance\n{LEFT.upper()},neutral\nBern waits.,favor\n")
    done = run(clean, "--test", test)
    assert done.exit_code == 1
    assert "test file: exact copies in held" in done.stdout
    test.write_text("text,stance\nBern waits.,favor\n")
    assert run(clean, "--test", test).exit_code == 0


def corpus_rows(path: Path, flags: tuple[str, ...], batch: str = "b1") -> None:
    rows = []
    for number in range(24):
        holder, target = NAMES[number % 8], NAMES[(number + 3) % 8]
        text = f"{holder} met {target} on day {number}."
        row: dict[str, Any] = {"text": text, "holder": holder, "target": target, "batch": batch}
        rows.append({**row, "stance": STANCES[number % 3], **dict.fromkeys(flags, 0)})
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_shares_are_checked_where_their_columns_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"

    def has_shares(**settings: Any) -> bool:
        result = audit(LabelledFile(path), n_permutations=2, **settings)
        return any(check.section == "shares" for check in result.checks)

    corpus_rows(path, FLAGS)
    assert has_shares()
    assert not has_shares(shares=False)
    corpus_rows(path, FLAGS, batch="")
    assert not has_shares()
    corpus_rows(path, FLAGS[1:])
    assert not has_shares()


@pytest.mark.mistakes
def test_shares_that_cannot_be_checked_are_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    corpus_rows(path, FLAGS[1:])
    with pytest.raises(DataError, match=rf"rows\.csv: no column '{FLAGS[0]}' of 1 and 0"):
        audit(LabelledFile(path), shares=True)
    corpus_rows(path, FLAGS, batch="")
    with pytest.raises(DataError, match="no pair row has a batch"):
        audit(LabelledFile(path), shares=True)


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none.csv"], "no such file"),
        (["clean.csv", "--text-column", "txt"], "did you mean 'text'"),
        (["clean.csv", "--test", "none.csv"], "none.csv: no such file"),
        (["clean.csv", "--label-map", "favor"], "expected OLD=NEW"),
        (["clean.csv", "--shares"], "no column 'negated'"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], told: str, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clean.parent)
    done = run(*words)
    assert isinstance(done.exception, StancemlError)
    assert told in str(done.exception)
    assert "\n" not in str(done.exception)
    assert done.stdout == ""


def test_a_pipe_is_read_once(clean: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(clean.read_bytes(),), daemon=True)
    writer.start()
    assert len(audit(LabelledFile(pipe), n_permutations=5).dataset.y) == 2
    writer.join(5)


def test_columns_of_other_names(clean: Path) -> None:
    clean.write_text(clean.read_text().replace("text,stance", "satz,label"))
    done = run(clean, "--text-column", "satz", "--label-column", "label",
               "--label-map", "favor=pro", "--format", "json")  # fmt: skip
    assert done.exit_code == 0
    tables = {check["name"]: check["details"] for check in json.loads(done.stdout)["checks"]}
    (row,) = tables["labels by kind of row"]
    assert row == {"of": "sentence rows", "rows": 2, "neutral": 0.5, "pro": 0.5}


def test_help_has_a_sentence_and_two_examples() -> None:
    done = run("--help")
    assert "Look whether labelled rows can be trusted" in done.stdout
    assert done.stdout.split("Examples:")[1].count("stanceml audit") == 2
