"""Annotations: lines read with their numbers, and rows whose spans count from the sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.annotations import Annotation, labelled_rows, read_annotations
from stanceml.corpus.documents import Document, read_document
from stanceml.exceptions import DataError
from stanceml.stances import DATASET_COLUMNS

TEXT = "Kyiv waits\n\nMoscow rejects a truce with Kyiv. NATO backs Kyiv.\n\nNobody moves."
ANNOTATIONS = Path("article.jsonl")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    path = tmp_path_factory.mktemp("annotations") / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return read_document(path)


def _span(start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end, "text": TEXT[start:end]}


def _annotation(document: Document, number: int, **given: Any) -> Annotation:
    sentence = document.sentences[number]
    content = {"sentence": _span(sentence.start, sentence.end), "stance": "neutral", **given}
    return Annotation.model_validate(content)


def _whole(document: Document) -> list[Annotation]:
    return [_annotation(document, number) for number in range(len(document.sentences))]


def _rows(document: Document, annotations: list[Annotation]) -> list[dict[str, Any]]:
    return list(labelled_rows(document, list(enumerate(annotations, 1)), ANNOTATIONS, "seed"))


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "article.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _line(**given: Any) -> str:
    return json.dumps({"sentence": _span(0, 10), "stance": "favor", **given}, ensure_ascii=False)


def test_blank_lines_count_but_are_no_annotations(tmp_path: Path) -> None:
    found = read_annotations(
        _file(tmp_path, "", _line(note="first"), "  ", _line(stance="against"))
    )
    assert [(number, row.stance, row.note) for number, row in found] == [
        (2, "favor", "first"),
        (4, "against", ""),
    ]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_only_a_newline_ends_a_line(tmp_path: Path, mark: str) -> None:
    found = read_annotations(_file(tmp_path, _line(note=f"one{mark}two")))
    assert [row.note for _, row in found] == [f"one{mark}two"]


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "no JSON"),
        ("[]", "is no JSON object"),
        (_line(stance="favour"), "stance: "),
        (_line(stnace="favor"), "did you mean 'stance'"),
        (_line(target=_span(4, 4)), "target.text: "),
        (_line(target={"start": -1, "end": 2, "text": "a"}), "target.start: "),
        (_line(target={"start": "0", "end": 2, "text": "a"}), "target.start: "),
        (_line(target={"start": 0, "text": "a"}), "target.end: "),
        (_line(sentence=None), "sentence: "),
    ],
)
def test_line_that_is_no_annotation(tmp_path: Path, line: str, said: str) -> None:
    path = _file(tmp_path, _line(), line)
    with pytest.raises(DataError) as caught:
        read_annotations(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.mistakes
def test_unknown_key_of_a_mention_names_the_nearest_of_a_mention(tmp_path: Path) -> None:
    path = _file(tmp_path, _line(target=_span(0, 4) | {"strat": 1}))
    with pytest.raises(DataError, match=r"line 1: target\.strat: .*did you mean 'start'"):
        read_annotations(path)


@pytest.mark.mistakes
def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.jsonl: no such file"):
        read_annotations(tmp_path / "gone.jsonl")


def test_sentence_row_comes_first_then_pairs_by_target_and_holder(document: Document) -> None:
    sentence = document.sentences[1]
    kyiv, truce = TEXT.index("Kyiv."), TEXT.index("truce")
    pairs = [
        _annotation(document, 1, target=_span(kyiv, kyiv + 4), stance="against"),
        _annotation(
            document,
            1,
            target=_span(truce, truce + 5),
            holder=_span(sentence.start, sentence.start + 6),
            stance="against",
            note="plain",
        ),
        _annotation(document, 1, target=_span(truce, truce + 5)),
    ]
    rows = _rows(document, pairs + _whole(document)[::-1])
    assert [(row["id"], row["holder"], row["target"]) for row in rows] == [
        ("article-s001", "", ""),
        ("article-s002", "", ""),
        ("article-s002-p1", "", "truce"),
        ("article-s002-p2", "Moscow", "truce"),
        ("article-s002-p3", "", "Kyiv"),
        ("article-s003", "", ""),
        ("article-s004", "", ""),
    ]
    assert all(tuple(row) == DATASET_COLUMNS for row in rows)
    assert [row["section"] for row in rows] == ["headline", *["lead"] * 5, "body"]
    assert rows[3]["stance"] == "against"
    assert rows[3]["note"] == "plain"
    assert {(row["origin"], row["document_id"]) for row in rows} == {("seed", "article")}


@given(data=st.data())
def test_spans_spell_their_mention_in_the_sentence(document: Document, data: st.DataObject) -> None:
    pairs: dict[tuple[Any, ...], Annotation] = {}
    for number in data.draw(st.lists(st.integers(0, 3), max_size=6)):
        sentence = document.sentences[number]
        bounds = st.lists(
            st.integers(sentence.start, sentence.end), min_size=2, max_size=2, unique=True
        ).map(sorted)
        target, holder = data.draw(bounds), data.draw(st.none() | bounds)
        pairs[(*target, *(holder or ()))] = _annotation(
            document,
            number,
            target=_span(*target),
            holder=_span(*holder) if holder else None,
        )
    rows = _rows(document, [*pairs.values(), *_whole(document)])
    assert len(rows) == len(pairs) + len(document.sentences)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        for name in ("holder", "target"):
            start, end = row[f"{name}_start"], row[f"{name}_end"]
            if row[name]:
                assert row["text"][start:end] == row[name]
            else:
                assert (start, end) == (None, None)


def _complaint(document: Document, *more: Annotation, without: int | None = None) -> str:
    whole = [row for number, row in enumerate(_whole(document)) if number != without]
    with pytest.raises(DataError) as caught:
        _rows(document, [*whole, *more])
    assert str(caught.value).startswith("article.jsonl")
    return str(caught.value)


@pytest.mark.mistakes
def test_wrong_text(document: Document) -> None:
    wrong = _annotation(document, 0, target={"start": 0, "end": 4, "text": "Moscow"})
    message = _complaint(document, wrong)
    assert "line 5: target [0:4] spells 'Kyiv'" in message
    assert "'Moscow'" in message


@pytest.mark.mistakes
def test_span_beyond_the_document(document: Document) -> None:
    wrong = _annotation(document, 3, target={"start": 900, "end": 904, "text": "Kyiv"})
    assert "line 5: target [900:904]" in _complaint(document, wrong)


@pytest.mark.mistakes
def test_span_in_another_sentence(document: Document) -> None:
    message = _complaint(document, _annotation(document, 3, target=_span(0, 4)))
    assert "line 5: target [0:4] lies outside its sentence" in message


@pytest.mark.mistakes
def test_no_sentence(document: Document) -> None:
    annotation = Annotation.model_validate({"sentence": _span(0, 4), "stance": "neutral"})
    assert "line 5: sentence (0, 4) is no sentence of article" in _complaint(document, annotation)


@pytest.mark.mistakes
def test_holder_without_target(document: Document) -> None:
    message = _complaint(document, _annotation(document, 0, holder=_span(0, 4)))
    assert "line 5: a holder without a target" in message


@pytest.mark.mistakes
def test_pair_annotated_twice(document: Document) -> None:
    pair = _annotation(document, 0, target=_span(0, 4))
    assert "line 5: this pair is annotated twice" in _complaint(
        document, pair, pair.model_copy(update={"stance": "favor"})
    )


@pytest.mark.mistakes
def test_missing_sentence_row(document: Document) -> None:
    assert "sentence article-s003 ('NATO backs Kyiv.'…) has 0" in _complaint(document, without=2)


@pytest.mark.mistakes
def test_second_sentence_row(document: Document) -> None:
    assert "sentence article-s003 ('NATO backs Kyiv.'…) has 2" in _complaint(
        document, _annotation(document, 2, stance="favor")
    )
