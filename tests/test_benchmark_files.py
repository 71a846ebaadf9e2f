"""Benchmark files as they come: odd bytes, line ends and quotation marks, and plain mistakes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.benchmark_files import read_mentions, read_tweets
from stanceml.exceptions import DataError

HEADER = "ID\tTarget\tTweet\tStance\tOpinion towards\tSentiment"


def tweets(folder: Path, *lines: str | bytes, header: str = HEADER, end: bytes = b"\n") -> Path:
    path = folder / "tweets.txt"
    content = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
    path.write_bytes(end.join(content) + end)
    return path


def tweet(text: str, target: str = "Road Pricing", stance: str = "FAVOR") -> str:
    return f"1\t{target}\t{text}\t{stance}\tTARGET\tPOSITIVE"


def mentions(folder: Path, *rows: dict[str, Any] | str) -> Path:
    path = folder / "mentions.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mention(sentence: str, name: str, start: int, end: int, polarity: object = 1) -> dict[str, Any]:
    return {
        "mention": name, "polarity": polarity, "from": start, "to": end,
        "sentence": sentence, "id": "made_up",
    }  # fmt: skip


def test_a_tweet_is_a_unit_towards_its_target(tmp_path: Path) -> None:
    rows, remarks = read_tweets(tweets(tmp_path, tweet("Fewer cars, please. #air #SemST")))
    assert remarks == []
    assert rows[0].line == 2
    assert rows[0].label == "FAVOR"
    assert rows[0].unit.text == "Fewer cars, please. #air"
    assert (rows[0].unit.target, rows[0].unit.target_span) == ("Road Pricing", None)
    assert rows[0].unit.holder == ""


def test_only_the_organisers_own_tag_is_cut(tmp_path: Path) -> None:
    texts = ["#SemST comes first", "#SemSTation", "calm #semst"]
    rows = read_tweets(tweets(tmp_path, *map(tweet, texts))).rows
    assert [row.unit.text for row in rows] == texts


def test_quotation_marks_do_not_swallow_rows(tmp_path: Path) -> None:
    texts = ['"One is open', 'two are "shut"', 'three"']
    rows = read_tweets(tweets(tmp_path, *map(tweet, texts))).rows
    assert [row.unit.text for row in rows] == texts


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["unix", "windows", "old mac"])
def test_any_line_end_will_do(tmp_path: Path, end: bytes) -> None:
    rows, remarks = read_tweets(tweets(tmp_path, tweet("One."), tweet("Two."), end=end))
    assert [row.unit.text for row in rows] == ["One.", "Two."]
    assert remarks == []


def test_a_stray_carriage_return_is_a_space_and_is_told(tmp_path: Path) -> None:
    path = tweets(tmp_path, tweet("One."), tweet("Two\rlines."))
    rows, remarks = read_tweets(path)
    assert rows[1].unit.text == "Two lines."
    assert remarks == [f"{path}: 1 lines hold a carriage return (first: 3); read as a space"]


def test_bytes_that_are_not_utf8_are_read_and_told(tmp_path: Path) -> None:
    foreign = tweet("caf? \x00").replace("?", "\xe9").replace("\x00", "\x8d").encode("latin-1")
    path = tweets(tmp_path, tweet("Süß ist es."), foreign)
    rows, remarks = read_tweets(path)
    assert [row.unit.text for row in rows] == ["Süß ist es.", "café \ufffd"]
    assert remarks == [f"{path}: 1 lines are not UTF-8 (first: 3); read as Windows-1252"]


def test_blank_lines_and_a_byte_order_mark_are_nothing(tmp_path: Path) -> None:
    path = tweets(tmp_path, "", tweet("One."), "   ", "", header="\ufeff" + HEADER)
    assert [row.line for row in read_tweets(path).rows] == [3]


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    path = tweets(tmp_path, "NONE\tOne.\tRoad Pricing", header="Stance\tTweet\tTarget")
    (row,) = read_tweets(path).rows
    assert (row.unit.text, row.unit.target, row.label) == ("One.", "Road Pricing", "NONE")


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("lines", "header", "told"),
    [
        ([tweet("One.") + "\tmore"], HEADER, "line 2: 7 fields; expected 6"),
        ([tweet("One."), "2\tRoad Pricing"], HEADER, "line 3: 2 fields; expected 6"),
        ([tweet(" #SemST")], HEADER, "line 2: blank text"),
        ([tweet("One.", target=" ")], HEADER, "line 2: Target is blank"),
        ([tweet("One.")], "ID,Target,Tweet,Stance", "line 1: no column 'Target'"),
        ([tweet("One.")], HEADER.replace("Stance", "Label"), "line 1: no column 'Stance'"),
        ([], HEADER, "holds no rows"),
        ([], "", "line 1: no column 'Target' in ''"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes_in_tweets_are_told_with_their_line(
    tmp_path: Path, lines: list[str], header: str, told: str
) -> None:
    with pytest.raises(DataError, match=told) as error:
        read_tweets(tweets(tmp_path, *lines, header=header))
    assert "tweets.txt" in str(error.value)
    assert "\n" not in str(error.value)


# What ends a field or a line, and what is no text at all, has tests of its own.
plain = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])).filter(str.strip)


@given(st.lists(plain, min_size=1, max_size=5))
def test_tweets_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tweets(tmp_path_factory.mktemp("tweets"), *(tweet(f"{text}.") for text in texts))
    assert [row.unit.text for row in read_tweets(path).rows] == [f"{text}." for text in texts]


def test_a_mention_is_a_target_with_its_place(tmp_path: Path) -> None:
    sentence = "Ada thanked Bo, and Bo thanked Ada."
    path = mentions(tmp_path, mention(sentence, "Bo", 20, 22, -1))
    (row,), remarks = read_mentions(path)
    assert remarks == []
    assert (row.line, row.label) == (1, "-1")
    assert (row.unit.target, row.unit.target_span, row.unit.holder) == ("Bo", (20, 22), "")


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [(6, 10, '"Bo"'), (5, 9, ' "Bo'), (7, 10, 'Bo"'), (7, 11, 'Bo" ')],
)
def test_quotation_marks_and_spaces_at_the_ends_are_no_mention(
    tmp_path: Path, start: int, end: int, name: str
) -> None:
    path = mentions(tmp_path, mention('It is "Bo" who won.', name, start, end))
    (row,), remarks = read_mentions(path)
    assert (row.unit.target, row.unit.target_span) == ("Bo", (7, 9))
    assert remarks == [f"{path}: 1 mentions had quotation marks or spaces at their ends"]


def test_a_mention_of_quotation_marks_alone_stays(tmp_path: Path) -> None:
    (row,) = read_mentions(mentions(tmp_path, mention('Say "" now.', '""', 4, 6))).rows
    assert (row.unit.target, row.unit.target_span) == ('""', (4, 6))


def test_a_span_that_spells_something_else_is_used_and_told(tmp_path: Path) -> None:
    path = mentions(tmp_path, mention("Ada thanked Bo.", "Bo", 0, 3))
    (row,), remarks = read_mentions(path)
    assert row.unit.target == "Ada"
    assert remarks == [
        f"{path}: 1 spans do not spell their mention (line 1: 'Bo' is marked at 'Ada'); "
        "the spans are used"
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(str.strip), st.data())
def test_a_span_always_spells_its_target(
    tmp_path_factory: pytest.TempPathFactory, sentence: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(sentence) - 1))
    end = data.draw(st.integers(start + 1, len(sentence)))
    row = mention(sentence, sentence[start:end], start, end)
    unit = read_mentions(mentions(tmp_path_factory.mktemp("mentions"), row)).rows[0].unit
    assert unit.target_span is not None
    first, last = unit.target_span
    assert start <= first < last <= end
    assert unit.text[first:last] == unit.target


@pytest.mark.parametrize("polarity", [-1, -1.0, "-1"])
def test_a_polarity_may_be_any_kind_of_number(tmp_path: Path, polarity: object) -> None:
    path = mentions(tmp_path, mention("Bo left.", "Bo", 0, 2, polarity))
    assert read_mentions(path).rows[0].label == "-1"


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("row", "told"),
    [
        (mention("Bo left.", "Bo", 0, 20), r"line 1: target span \[0:20\] lies outside the text"),
        (mention("Bo left.", "Bo", 2, 2), r"line 1: target span \[2:2\] lies outside"),
        (mention("Bo left.", "Bo", 0.5, 2), "line 1: target_start is '0.5'"),  # type: ignore[arg-type]
        (mention("Bo left.", "Bo", float("nan"), 2), "line 1: 'from' is missing"),  # type: ignore[arg-type]
        (mention("Bo left.", "", 0, 2), "line 1: 'mention' is missing"),
        (mention("  ", "Bo", 0, 2), "line 1: blank text"),
        (mention("Bo left.", "Bo", 0, 2, None), "line 1: 'polarity' is missing"),
        (mention("Bo left.", 5, 0, 2), r"line 1: target is '5' \(int\)"),  # type: ignore[arg-type]
        ({"sentence_normalized": "Bo left.", "targets": []}, "line 1: 'sentence' is missing"),
        ("Bo left.", "line 1: no JSON"),
        ("[]", "line 1: .* is no JSON object"),
        ("", "holds no rows"),
    ],
)
def test_mistakes_in_mentions_are_told_with_their_line(
    tmp_path: Path, row: dict[str, Any] | str, told: str
) -> None:
    with pytest.raises(DataError, match=told) as error:
        read_mentions(mentions(tmp_path, row))
    assert "mentions.jsonl" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.mistakes
def test_mentions_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mentions.jsonl"
    path.write_bytes(b'{"sentence": "caf\xe9"}\n')
    with pytest.raises(DataError, match="not UTF-8"):
        read_mentions(path)
