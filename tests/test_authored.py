"""Sentences written for the project: their rows, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.authored import authored_rows, occurrence, read_frame
from stanceml.exceptions import DataError
from stanceml.stances import DATASET_COLUMNS, FLAGS

PAIR = {"holder": "Oslo", "target": "Riga", "stance": "favor", "flags": ["act"], "target_nth": 2}
SENTENCE = {"cell": "b1-001", "text": "Riga asks, Oslo aids Riga.", "stance": "favor"}


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "b1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_rows(tmp_path: Path) -> None:
    whole, pair = authored_rows(write(tmp_path, {**SENTENCE, "pairs": [PAIR]}), {"b1-001": "wire"})
    assert set(whole) == set(pair) == set(DATASET_COLUMNS)
    assert (whole["id"], whole["target"], whole["stance"]) == ("b1-001", "", "favor")
    assert (pair["id"], pair["sentence_id"], pair["batch"]) == ("b1-001-p1", "b1-001", "b1")
    assert (pair["target_start"], pair["target_end"]) == (21, 25)
    assert {flag: pair[flag] for flag in FLAGS if pair[flag]} == {"act": 1}
    assert (pair["register"], pair["origin"]) == ("wire", "authored")


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cell": "b1-009"}, "cell 'b1-009' is not in the frame"),
        ({"pairs": [PAIR, PAIR]}, "is coded twice; keep one"),
        ({"pairs": [{**PAIR, "target": "Lima"}]}, "'Lima' stands 0 times in"),
        ({"pairs": [{**PAIR, "target_nth": 3}]}, "'Riga' stands 2 times in"),
        ({"pairs": [{**PAIR, "target": ""}]}, "pairs.0.target: String should have at least"),
        ({"pairs": [{**PAIR, "flags": ["loud"]}]}, "pairs.0.flags.0: Input should be 'negated'"),
        ({"stance": "pro"}, "stance: Input should be 'against', 'favor' or 'neutral', found"),
        ({"colour": 1}, "colour: Extra inputs are not permitted"),
    ],
)
def test_mistakes_are_told_with_their_line(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = write(tmp_path, {**SENTENCE, "pairs": [PAIR], **change})
    with pytest.raises(DataError, match="line 1: ") as caught:
        list(authored_rows(path, {"b1-001": "wire"}))
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.mistakes
def test_a_cell_is_written_once(tmp_path: Path) -> None:
    path = write(tmp_path, *[{**SENTENCE, "pairs": []}] * 2)
    with pytest.raises(DataError, match="line 2: cell 'b1-001' is written twice"):
        list(authored_rows(path, {"b1-001": "wire"}))


def test_frame(tmp_path: Path) -> None:
    path = tmp_path / "frame.jsonl"
    path.write_text('{"cell": "b1-001", "register": "speech", "act": "a vote"}\n')
    assert read_frame(path) == {"b1-001": "speech"}


@given(st.lists(st.sampled_from(["Oslo", "Riga", "Oslonian"]), min_size=1, max_size=6))
def test_the_nth_occurrence_is_a_whole_word(words: list[str]) -> None:
    text = " ".join(words)
    places = [n for n, word in enumerate(words) if word == "Oslo"]
    for nth, place in enumerate(places, start=1):
        span = occurrence(text, "Oslo", nth, "here")
        assert span
        assert text[: span[0]].count(" ") == place
        assert text[slice(*span)] == "Oslo"
