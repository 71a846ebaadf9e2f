"""The command line as people use it: results on stdout, talk on stderr, honest exit statuses."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stanceml import load_model
from stanceml.cli.commands import app

COMMANDS = [
    *([command.name] for command in app.registered_commands),
    ["data", "build"],
    ["data", "card"],
]
SENTENCE = "NATO expresses its support for Ukraine."


def one_line(done: "subprocess.CompletedProcess[str]", status: int) -> str:
    """Check that a mistake was told in one line, and give the line."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("stanceml: ")
    return lines[0]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_a_sentence_and_two_examples(command: list[str], stanceml: Any) -> None:
    done = stanceml(*command, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    usage, sentence = done.stdout.strip().split("\n\n")[:2]
    assert usage.startswith("Usage: ")
    assert sentence.strip().endswith(".")
    examples = done.stdout.split("Examples:")[1]
    assert examples.count(f"stanceml {' '.join(command)}") == 2


def test_help_names_every_command(stanceml: Any) -> None:
    told = stanceml("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command[0]} " in told


def test_a_pair(stanceml: Any, model_folder: Path) -> None:
    done = stanceml("predict", SENTENCE, "--holder", "NATO", "--target", "Ukraine",
                    "--model", model_folder, "--format", "jsonl")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    row = json.loads(done.stdout)
    unit = {"text": SENTENCE, "holder": "NATO", "target": "Ukraine"}
    probabilities = load_model(model_folder).predict_proba([unit])[0]
    assert row["probabilities"] == dict(
        zip(["against", "favor", "neutral"], probabilities.tolist(), strict=True)
    )
    assert row["probability"] == max(row["probabilities"].values())
    assert row["probabilities"][row["stance"]] == row["probability"]


def test_a_text_gets_its_sentences_and_what_they_name(stanceml: Any, model_folder: Path) -> None:
    text = "Moscow, the Kremlin said, rejects a truce. China waits."
    done = stanceml("predict", text, "--model", model_folder, "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["text"], row["target"], row["entity"]) for row in rows] == [
        ("Moscow, the Kremlin said, rejects a truce.", "", ""),
        ("Moscow, the Kremlin said, rejects a truce.", "Moscow", "Russia"),
        ("Moscow, the Kremlin said, rejects a truce.", "truce", "ceasefire"),
        ("China waits.", "", ""),
        ("China waits.", "China", "China"),
    ]


def test_a_table_for_people(stanceml: Any, model_folder: Path) -> None:
    done = stanceml("predict", SENTENCE, "[again]", "--model", model_folder)
    assert SENTENCE in done.stdout
    assert "[again]" in done.stdout
    assert "p(favor)" in done.stdout


def test_a_target_that_the_text_does_not_name_is_said(stanceml: Any, model_folder: Path) -> None:
    done = stanceml("predict", SENTENCE, "--target", "Iran", "--model", model_folder)
    assert done.returncode == 0
    assert "does not name 'Iran'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "txt"])
def test_one_row_in_one_row_out(
    kind: str, stanceml: Any, model_folder: Path, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            "n": ["1", "2", "3"],
            "text": [SENTENCE, "Moscow waits.", "Kyiv, too."],
            "target": ["Ukraine", "", "Kyiv"],
        }
    )
    path = tmp_path / f"rows.{kind}"
    match kind:
        case "csv":
            frame.to_csv(path, index=False, encoding="utf-8-sig")
        case "tsv":
            frame.to_csv(path, index=False, sep="\t")
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case "parquet":
            frame.to_parquet(path)
        case "txt":
            path.write_text("\n".join(frame["text"]) + "\n")
    done = stanceml("predict", "--input", path, "--model", model_folder, "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["text"] for row in rows] == frame["text"].tolist()
    if kind != "txt":
        assert [row["n"] for row in rows] == ["1", "2", "3"]
    units = frame[["text"]] if kind == "txt" else frame[["text", "target"]]
    assert [row["stance"] for row in rows] == load_model(model_folder).predict(units).tolist()


def test_standard_input_and_rows_that_cannot_be_judged(stanceml: Any, model_folder: Path) -> None:
    done = stanceml("predict", "--input", "-", "--model", model_folder, "--format", "jsonl",
                    input=f"{SENTENCE}\n\nMoscow waits.\n")  # fmt: skip
    assert done.returncode == 3
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row.get("error") for row in rows] == [
        None,
        "line 2: blank text; expected a sentence",
        None,
    ]
    assert rows[1]["stance"] is None
    assert "1 row could not be judged" in done.stderr


def test_other_columns_and_clashing_names_are_kept(
    stanceml: Any, model_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text('satz,ziel,stance,"a, b"\nNATO backs Kyiv.,Kyiv,pro,x\n')
    done = stanceml("predict", "--input", "rows.csv", "--text-column", "satz", "--target-column",
                    "ziel", "--model", model_folder, "--format", "csv")  # fmt: skip
    assert done.returncode == 0
    assert "kept as 'input_stance'" in done.stderr
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert list(row) == [
        "satz",
        "ziel",
        "input_stance",
        "a, b",
        "stance",
        "probability",
        "probability_against",
        "probability_favor",
        "probability_neutral",
        "error",
    ]
    assert (row["satz"], row["input_stance"], row["a, b"]) == ("NATO backs Kyiv.", "pro", "x")
    assert float(row["probability"]) == max(
        float(row[name]) for name in row if name.startswith("probability_")
    )


def test_output_goes_to_a_file_whole(stanceml: Any, model_folder: Path, tmp_path: Path) -> None:
    done = stanceml("predict", SENTENCE, "--model", model_folder, "-o", "out/rows.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out" / "rows.csv").read_text().startswith("text,holder,target,")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rows.csv"]


@pytest.mark.slow
def test_closed_output_is_no_mistake(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("Moscow waits.\n" * 5000)
    words = f"predict --input rows.txt --format jsonl --model '{model_folder}'"
    command = f"{sys.executable} -m stanceml.cli {words} | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert json.loads(done.stdout)["text"] == "Moscow waits."
    assert done.stderr == ""


@pytest.mark.slow
def test_evaluate(stanceml: Any, model_folder: Path, seed_rows: Path) -> None:
    data = seed_rows
    done = stanceml("evaluate", model_folder, data, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    scores = json.loads(done.stdout)
    assert {"macro_f1", "favor_against_f1", "balanced_accuracy", "f1_against"} <= set(scores)
    assert scores["macro_f1"]["low"] <= scores["macro_f1"]["value"] <= scores["macro_f1"]["high"]
    assert scores["n_rows"] == 44
    assert scores["pair_rows"]["n_rows"] == 29
    table = stanceml("evaluate", model_folder, data).stdout
    assert f"{scores['macro_f1']['value']:.3f}" in table


@pytest.mark.mistakes
@pytest.mark.slow
def test_evaluate_among_some_labels(stanceml: Any, model_folder: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    lines = "NATO backs Kyiv.,favor\nMoscow rejects talks.,against\n" * 9
    rows.write_text(f"text,stance\n{lines}")
    words = ("evaluate", model_folder, rows, "--among", "favor", "--among", "against")
    scores = json.loads(stanceml(*words, "--format", "json").stdout)
    assert scores["classes"] == ["against", "favor"]
    assert "f1_neutral" not in scores
    assert 0 <= scores["n_elsewhere"] <= 18
    assert f"gives {scores['n_elsewhere']} rows another label" in stanceml(*words).stdout
    for labels, message in (
        (["pro"], "--among 'pro': no label of the model (known: against, favor, neutral)"),
        (["favor"], "--among 'favor': nothing to choose; expected two labels or more"),
    ):
        done = stanceml("evaluate", model_folder, rows, "--among", *labels)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr


@pytest.mark.slow
def test_a_strangers_rows(stanceml: Any, quick_configs: Path, tmp_path: Path) -> None:
    verbs = {"pro": ("welcomes", "hails", "backs"), "con": ("rejects", "condemns", "opposes")}
    who_and_what = [("minister", "treaty"), ("envoy", "plan")] * 6
    rows = [
        {
            "sid": f"s{number}",
            "Sentence": f"The {who} {verb} the {what} on day {number}.",
            "towards": what,
            "opinion": label,
            "at": len(f"The {who} {verb} the "),
        }
        for number, (who, what) in enumerate(who_and_what)
        for label in verbs
        for verb in verbs[label]
    ]
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "mine.tsv", sep="\t", index=False)
    frame.head(30).to_json(tmp_path / "test.jsonl", orient="records", lines=True)
    columns = ["--text-column", "Sentence", "--target-column", "towards"]
    columns += ["--target-start-column", "at", "--label-column", "opinion"]
    columns += ["--group-column", "sid", "--label-map", "pro=favor"]
    done = stanceml("train", "--data", "mine.tsv", *columns, "--test", "test.jsonl",
                    "--configs", quick_configs, "-o", "models/mine", "--jobs", "1")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "30 of 30 test rows have a text that is among the training rows too" in done.stderr
    assert "72 rows in 12 groups (by sid)" in done.stderr
    assert "ridge" in done.stdout
    assert "is saved in models/mine" in done.stdout
    scored = stanceml("evaluate", "models/mine", "test.jsonl", *columns, "--format", "json")
    assert json.loads(scored.stdout)["macro_f1"]["value"] > 0.9
    assert load_model(tmp_path / "models/mine").classes_.tolist() == ["con", "favor"]


MISTAKES: list[tuple[list[str], int, str]] = [
    (["predict"], 2, "either a text or --input"),
    (["predict", "a", "--input", "b.txt"], 2, "either a text or --input"),
    (["predict", "--input", "b.txt", "--target", "x"], 2, "name theirs in columns"),
    (["predict", "a", "--modle", "b"], 2, "No such option: --modle"),
    (["predict", "a", "--format", "xml"], 2, "'xml' is not one of"),
    (["predict", "a", "--model", "nowhere"], 1, "nowhere: no model folder"),
    (["predict", "", "--model", "MODEL"], 1, "blank text"),
    (["predict", "--input", "none.csv", "--model", "MODEL"], 1, "none.csv: no such file"),
    (["predict", "--input", "folder.csv", "--model", "MODEL"], 1, "is a folder"),
    (["predict", "--input", "rows", "--model", "MODEL"], 1, "does not tell the format"),
    (["predict", "--input", "empty.csv", "--model", "MODEL"], 1, "is empty"),
    (["predict", "--input", "header.csv", "--model", "MODEL"], 1, "holds no rows"),
    (["predict", "--input", "utf16.csv", "--model", "MODEL"], 1, "not UTF-8"),
    (["predict", "--input", "ragged.csv", "--model", "MODEL"], 1, "line 3: 1 fields; expected 2"),
    (["predict", "--input", "quote.csv", "--model", "MODEL"], 1, "quotes"),
    (["predict", "--input", "twice.csv", "--model", "MODEL"], 1, "stands twice"),
    (["predict", "--input", "txet.csv", "--model", "MODEL"], 1, "did you mean 'txet'?"),
    (
        ["predict", "--input", "list.jsonl", "--model", "MODEL"],
        1,
        "line 1: '[1]' is no JSON object",
    ),
    (["predict", "--input", "broken.jsonl", "--model", "MODEL"], 1, "line 1: no JSON"),
    (["predict", "--input", "fake.parquet", "--model", "MODEL"], 1, "no readable Parquet file"),
    (["predict", "a", "--model", "MODEL", "-o", "folder.csv"], 1, "folder.csv: cannot be written"),
    (["evaluate", "MODEL"], 2, "Missing argument"),
    (["evaluate", "MODEL", "txet.csv"], 1, "no column 'text'"),
    (["evaluate", "MODEL", "labels.csv"], 1, "line 2: unknown label 'agree'"),
    (["evaluate", "MODEL", "span.csv"], 1, "line 2: target span [3:99] lies outside the text"),
    (["evaluate", "MODEL", "labels.csv", "--label-map", "agree"], 2, "expected OLD=NEW"),
    (["train", "--data", "labels.csv", "--jobs", "0"], 2, "--jobs 0"),
    (["train", "--data", "labels.csv"], 1, "every row of 'stance' has the label 'agree'"),
    (["train", "--data", "blank.csv"], 1, "line 2: stance is blank"),
    (["train", "--data", "two.csv"], 1, "2 groups (by text) for 3 folds"),
    (["train", "--data", "two.csv", "--label-map", "favour=favor"], 1, "did you mean 'favor'?"),
    (["train", "--data", "two.csv", "--configs", "none"], 1, "none: no such file"),
    (["train", "--data", "two.csv", "--configs", "bad.yaml"], 1, "did you mean 'classifier'?"),
    (["train", "--data", "two.csv", "--tracking-uri", "http://127.0.0.1:9"], 1, "no MLflow server"),
    (["train", "--data", "two.csv", "--tracking-uri", "mlruns"], 1, "no longer writes to folders"),
    (["train", "--data", "two.csv", "-o", "."], 1, "holds other files"),
    (["train", "--data", "two.csv", "--tracking-uri", "http://[::1"], 1, "no address"),
    (["train", "--data", "two.csv", "--tracking-uri", "http://a:b"], 1, "no address"),
    (
        ["train", "--data", "two.csv", "--tracking-uri", "sqlite:///:memory:"],
        1,
        "no place for runs",
    ),
    (["train", "--data", "half.jsonl"], 1, "line 1: '\\ud83d' is half of a character"),
    (["data", "build", "--folder", "nowhere"], 1, "nowhere/raw: no *.txt"),
    (["data", "biuld"], 2, "biuld"),
    (["ui"], 1, "no runs yet"),
    (["trian"], 2, "No such command 'trian'"),
]


@pytest.fixture
def littered(tmp_path: Path) -> Path:
    """A folder full of files that are wrong."""
    (tmp_path / "folder.csv").mkdir()
    files = {
        "rows": "text\na\n",
        "empty.csv": "",
        "header.csv": "text,target\n",
        "ragged.csv": "text,target\na,b\nc\n",
        "quote.csv": 'text,target\n"a,b\n',
        "twice.csv": "text,text\na,b\n",
        "txet.csv": "txet,stance\nNATO backs Kyiv.,favor\n",
        "list.jsonl": "[1]\n",
        "broken.jsonl": '{"text": \n',
        "fake.parquet": "PAR1 not really",
        "labels.csv": "text,stance\nNATO backs Kyiv.,agree\n",
        "span.csv": "text,target,target_start,target_end,stance\nNATO,x,3,99,favor\n",
        "blank.csv": "text,stance\nNATO backs Kyiv.,\n",
        "two.csv": "text,stance\nNATO backs Kyiv.,favor\nMoscow objects.,against\n",
        "half.jsonl": '{"text": "\\ud83d", "stance": "favor"}\n',
        "bad.yaml": "name: x\nclasifier: {kind: ridge}\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "utf16.csv").write_bytes("text\nа\n".encode("utf-16"))
    return tmp_path


@pytest.mark.mistakes
@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        # Commands with heavy imports take their time to complain.
        pytest.param(*case, marks=[pytest.mark.slow] if case[0][0] in ("train", "evaluate") else [])
        for case in MISTAKES
    ],
    ids=lambda x: str(x)[:60],
)
def test_a_mistake_is_one_clear_line(
    words: list[str],
    status: int,
    told: str,
    littered: Path,
    stanceml: Any,
    model_folder: Path,
    quick_configs: Path,
    store_template: Path,
) -> None:
    before = {path.name for path in littered.iterdir()}
    words = [str(model_folder) if word == "MODEL" else word for word in words]
    if words[0] == "train":
        words += [] if "--configs" in words else ["--configs", str(quick_configs)]
        if "--tracking-uri" not in words:
            words += ["--tracking-uri", f"sqlite:///{store_template}"]
    line = one_line(stanceml(*words), status)
    assert told in line
    assert {path.name for path in littered.iterdir()} == before


def test_interrupted(model_folder: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "stanceml.cli", "predict", "--input", "-"),
            *("-o", "out.jsonl", "--model", str(model_folder)),
        ],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write("Moscow waits.\n" * 2000)
    process.stdin.flush()
    while not any(path.name.startswith(".out.jsonl") for path in tmp_path.iterdir()):
        assert process.poll() is None
    os.kill(process.pid, 2)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "stanceml: interrupted\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.mistakes
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "content"),
    [("csv", "id,text\n1,NATO\n"), ("tsv", "text\tb\na\tb\n"), ("jsonl", '{"text": "NATO"}\n')],
)
def test_a_table_on_standard_input_is_not_taken_for_sentences(
    kind: str, content: str, stanceml: Any, model_folder: Path
) -> None:
    words = ["predict", "--input", "-", "--model", str(model_folder)]
    assert f"--input-format {kind}" in one_line(stanceml(*words, input=content), 1)
    assert stanceml(*words, "--input-format", kind, input=content).returncode == 0
