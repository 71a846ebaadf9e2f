"""Codings: what is read of either form, what is refused, and which pairs are the same."""

import json
from pathlib import Path

import pandas as pd
import pytest

from stanceml.corpus.codings import (
    CodedMention,
    CodedPair,
    CodedSentence,
    read_coding,
)
from stanceml.exceptions import DataError

ROOT = Path(__file__).parents[1]
TEXT = "Oslo praised the fish pact, but Riga called the pact a mistake."
ROWS = [
    {"sentence_id": "x1", "text": TEXT, "stance": "neutral", "document_id": "x"},
    {
        **{"sentence_id": "x1", "text": TEXT, "stance": "favor", "document_id": "x", "act": 0},
        **{"holder": "Oslo", "holder_start": 0, "holder_end": 4},
        **{"target": "fish pact", "target_start": 17, "target_end": 26},
    },
    {
        **{"sentence_id": "x1", "text": TEXT, "stance": "against", "document_id": "x", "act": 1},
        **{"holder": "Riga", "holder_start": 32, "holder_end": 36},
        **{"target": "pact", "target_start": 48, "target_end": 52},
    },
]
LINE = {
    "id": "x1",
    "stance": "neutral",
    "pairs": [
        {"holder": "Oslo", "target": "fish pact", "stance": "favor"},
        {"holder": "Riga", "target": "pact", "target_nth": 2, "stance": "against"},
    ],
}


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_tables(kind: str, tmp_path: Path) -> None:
    frame, path = pd.DataFrame(ROWS), tmp_path / f"rows.{kind}"
    match kind:
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case "parquet":
            frame.to_parquet(path)
        case _:
            frame.to_csv(path, index=False, sep="," if kind == "csv" else "\t")
    (sentence,) = read_coding(path).sentences.values()
    assert sentence == CodedSentence(
        "x1",
        "neutral",
        (
            CodedPair(CodedMention("Oslo", (0, 4)), CodedMention("fish pact", (17, 26)), "favor"),
            CodedPair(
                CodedMention("Riga", (32, 36)), CodedMention("pact", (48, 52)), "against", ("act",)
            ),
        ),
        TEXT,
        "x",
    )


def test_lines(tmp_path: Path) -> None:
    second = {"cell": "x2", "text": "Riga waits.", "document_id": "y", "pairs": []}
    coding = read_coding(written(tmp_path / "a.jsonl", LINE, second))
    assert list(coding.sentences) == ["x1", "x2"]
    assert coding.sentences["x1"].stance == "neutral"
    assert [p.stance for p in coding.sentences["x1"].pairs] == ["favor", "against"]
    assert coding.sentences["x1"].pairs[0].target == CodedMention("fish pact")
    assert coding.sentences["x1"].pairs[1].target == CodedMention("pact", nth=2)
    assert coding.sentences["x2"] == CodedSentence("x2", None, (), "Riga waits.", "y")


def test_the_batch_is_the_document_where_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,stance,batch,document_id\n1,favor,b3,\n2,favor,b3,d\n")
    found = read_coding(path).sentences
    assert [sentence.document_id for sentence in found.values()] == ["b3", "d"]


def test_a_column_that_bears_a_flags_name_by_chance_is_no_flag(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,target,stance,quote,act\n1,pact,favor,He said so.,1\n")
    assert read_coding(path).sentences["1"].pairs[0].flags == ("act",)


def test_offsets_without_a_text_are_said_to_be_unused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,target,target_start,stance\n1,pact,4,favor\n")
    coding = read_coding(path)
    assert coding.sentences["1"].pairs[0].target == CodedMention("pact")
    assert "offsets without a text, compared by their words, in 1 of 1 rows" in coding.remarks[0]


HEAD = "sentence_id,text,holder,target,target_start,stance\n"
PAIR = {"holder": "Oslo", "target": "pact", "stance": "favor"}
MISTAKES: list[tuple[str, str, str]] = [
    ("a.csv", "stance\nfavor\n", "no column 'sentence_id'"),
    ("a.csv", "id,stnace\n1,favor\n", "no column 'stance' (did you mean 'stnace'?)"),
    ("a.csv", HEAD + "1,,,,,favour\n", "line 2: stance is 'favour' (did you mean 'favor'?)"),
    ("a.csv", HEAD + "1,,,,,\n", "line 2: stance is ''"),
    ("a.csv", HEAD + ",,,,,favor\n", "line 2: sentence_id is blank"),
    ("a.csv", HEAD + "1,,,,,favor\n1,,,,,favor\n", "line 3: sentence '1' has two rows without"),
    ("a.csv", HEAD + "1,,Oslo,,,favor\n", "line 2: holder 'Oslo' without a target"),
    ("a.csv", HEAD + "1,,a,b,,favor\n1,,a,b,,against\n", "line 3: the pair 'a', 'b' is coded"),
    ("a.csv", HEAD + "1,One.,,,,favor\n1,Two.,,b,,favor\n", "line 3: sentence '1' has another"),
    ("a.csv", HEAD + "1,One.,,b,9,favor\n", "line 2: target span [9:10] lies outside the text"),
    ("a.txt", "One.\n", "plain text holds no coding"),
    ("-", "", "standard input holds no coding"),
    ("a.jsonl", json.dumps({"pairs": []}), "line 1: expected either an id or a cell, found 'none'"),
    ("a.jsonl", json.dumps({"id": "1", "cell": "2", "pairs": []}), "either an id or a cell"),
    ("a.jsonl", json.dumps(LINE | {"stance": "pro"}), "line 1: stance: Input should be"),
    ("a.jsonl", json.dumps(LINE | {"stnace": "favor"}), "line 1: stnace: Extra inputs"),
    (
        "a.jsonl",
        json.dumps(LINE | {"id": 5}),
        "line 1: id: Input should be a valid string, found 5",
    ),
    ("a.jsonl", f"{json.dumps(LINE)}\n{json.dumps(LINE)}", "line 2: sentence 'x1' is coded twice"),
    ("a.jsonl", f'{json.dumps(LINE)}\n{{"id": "x2"}}', "line 2: pairs: Field required"),
    ("a.jsonl", json.dumps(LINE | {"pairs": [PAIR, PAIR]}), "'Oslo', 'pact' is coded twice"),
    ("a.jsonl", json.dumps(LINE | {"pairs": [PAIR | {"target": ""}]}), "pairs.0.target"),
    ("a.jsonl", json.dumps(LINE | {"pairs": [PAIR | {"target": " "}]}), "without a target"),
    ("a.jsonl", json.dumps(LINE | {"pairs": [PAIR | {"target_nth": 0}]}), "pairs.0.target_nth"),
    ("a.jsonl", json.dumps(LINE | {"pairs": [PAIR | {"flags": ["loud"]}]}), "pairs.0.flags.0"),
    ("a.jsonl", json.dumps(LINE | {"text": "\ud83d"}), "is half of a character"),
    ("a.jsonl", json.dumps({"id": "1", "target": "\ud83d", "stance": "favor"}), "half of a char"),
]


@pytest.mark.mistakes
@pytest.mark.parametrize(("name", "content", "told"), MISTAKES, ids=lambda x: str(x)[:40])
def test_a_coding_that_cannot_be_used(name: str, content: str, told: str, tmp_path: Path) -> None:
    path = Path("-") if name == "-" else tmp_path / name
    if name != "-":
        path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_coding(path)
    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "data" / "annotations" / "second-coding").glob("*.jsonl")),
    ids=lambda path: path.stem,
)
def test_the_projects_second_codings_can_be_read(path: Path) -> None:
    assert read_coding(path).sentences
