"""Codings in, each sentence with its pairs."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from stanceml.corpus.authored import AuthoredPair
from stanceml.corpus.columns import flags_borne
from stanceml.corpus.sentences import Span
from stanceml.corpus.units import Unit, read_unit
from stanceml.exceptions import DataError, located, nearest
from stanceml.stances import SPAN_COLUMNS, STANCES, Stance
from stanceml.tables.json_lines import StrictLine, line_error
from stanceml.tables.rows import Row, check_characters
from stanceml.tables.sources import STANDARD_INPUT
from stanceml.tables.tables import read_rows, table_format

__all__ = [
    "CodedMention",
    "CodedPair",
    "CodedSentence",
    "Coding",
    "document_in",
    "read_coding",
]

_NUMBERED: Final = re.compile(r"(.+)-[A-Za-z]?\d+")


class CodedMention(NamedTuple):
    """A holder or a target: its words, and where they stand, as far as that was said."""

    words: str
    span: Span | None = None
    nth: int | None = None


class CodedPair(NamedTuple):
    """Whose stance towards what; the words of the holder are empty where it is the writer."""

    holder: CodedMention
    target: CodedMention
    stance: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodedSentence:
    """A sentence as one coder saw it; `stance` is None where the sentence row was left out."""

    sentence_id: str
    stance: str | None = None
    pairs: tuple[CodedPair, ...] = ()
    text: str = ""
    document_id: str = ""


@dataclass(frozen=True)
class Coding:
    """The sentences of one file, by their ids, and what a user should know about them."""

    name: str
    sentences: dict[str, CodedSentence]
    remarks: tuple[str, ...] = ()


class _Line(StrictLine):
    id: str = ""
    cell: str = ""
    document_id: str = ""
    text: str = ""
    stance: Stance | None = None
    pairs: list[AuthoredPair]


@dataclass
class _Draft:
    """A sentence whose rows are still coming."""

    stance: str | None = None
    pairs: list[CodedPair] = field(default_factory=list)
    text: str = ""
    document_id: str = ""


def read_coding(path: Path) -> Coding:
    """Read a coding: labelled rows, or JSON lines with a sentence and its pairs each.

    Parameters
    ----------
    path : Path
        Labelled rows (csv, tsv, jsonl, parquet) with the columns `sentence_id` (else `id`) and
        `stance`, and where there are any `holder`, `target`, `text`, their spans, `document_id`
        (else `batch`) and the flags; a row without a target is the sentence row. Or JSON lines
        `{"id": "…", "stance": "…", "pairs": [{"holder": "…", "target": "…", "stance": "…"}]}`, as
        in `data/annotations`; `cell` may stand for `id`, `text` and `document_id` may be there,
        `stance` may be missing.

    Returns
    -------
    Coding

    Raises
    ------
    DataError
        When the file cannot be read, a row says no stance, or something is coded twice.
    """
    if path == STANDARD_INPUT:
        raise DataError("standard input holds no coding; expected the name of a file")
    if path.is_dir():
        return _of_folder(path)
    format = table_format(path)
    if format == "txt":
        raise DataError(f"{path}: plain text holds no coding; expected csv, tsv, jsonl or parquet")
    rows = list(read_rows(path, format))
    if any("pairs" in row.values for row in rows):
        return _of_lines(path, rows)
    return _of_rows(path, rows)


def _of_folder(folder: Path) -> Coding:
    codings = [read_coding(path) for path in sorted(folder.glob("*.jsonl"))]
    if not codings:
        raise DataError(f"{folder}: no *.jsonl in this folder; expected codings there")
    sentences: dict[str, CodedSentence] = {}
    for coding in codings:
        for name in coding.sentences:
            if name in sentences:
                raise DataError(f"{coding.name}: sentence {name!r} is in another file too")
        sentences |= coding.sentences
    remarks = tuple(remark for coding in codings for remark in coding.remarks)
    return Coding(str(folder), sentences, remarks)


def document_in(sentence_id: str) -> str:
    """Tell the document from the id of one of its numbered sentences; empty where it has none.

    Examples
    --------
    >>> document_in("b09-013"), document_in("autumn-talks-s001"), document_in("13")
    ('b09', 'autumn-talks', '')
    """
    found = _NUMBERED.fullmatch(sentence_id)
    return found[1] if found else ""


def _of_lines(path: Path, rows: list[Row]) -> Coding:
    sentences: dict[str, CodedSentence] = {}
    for number, values in rows:
        where = f"{path}, line {number}"
        try:
            line = _Line.model_validate(values)
        except ValidationError as error:
            raise line_error(where, error, _Line) from error
        name = (line.id or line.cell).strip()
        if not name or (line.id and line.cell):
            raise DataError(f"{where}: expected either an id or a cell, found {name or 'none'!r}")
        if name in sentences:
            raise DataError(f"{where}: sentence {name!r} is coded twice; keep one")
        pairs: list[CodedPair] = []
        for pair in line.pairs:
            given = pair.model_fields_set
            holder = CodedMention(
                pair.holder.strip(), nth=pair.holder_nth if "holder_nth" in given else None
            )
            target = CodedMention(
                pair.target.strip(), nth=pair.target_nth if "target_nth" in given else None
            )
            _add(pairs, CodedPair(holder, target, pair.stance, tuple(pair.flags)), where)
        sentences[name] = CodedSentence(
            name, line.stance, tuple(pairs), line.text, line.document_id
        )
        _check_characters(sentences[name], where)
    return Coding(str(path), sentences)


def _of_rows(path: Path, rows: list[Row]) -> Coding:
    present = list(dict.fromkeys(name for row in rows for name in row.values))
    id_column = next((name for name in ("sentence_id", "id") if name in present), None)
    if id_column is None or "stance" not in present:
        wanted = "sentence_id" if id_column is None else "stance"
        raise DataError(
            f"{path}: no column {wanted!r}{nearest(wanted, present)}; expected sentence_id (or id) "
            'and stance, or JSON lines with "pairs"'
        )
    flags = flags_borne(rows)
    drafts: dict[str, _Draft] = {}
    textless = 0
    for number, row in enumerate(rows):
        where = f"{path}, line {row.line}"
        name = row.told(id_column)
        if not name:
            raise DataError(f"{where}: {id_column} is blank; expected the name of the sentence")
        draft = drafts.setdefault(name, _Draft())
        unit = _unit(row, where)
        if draft.text and unit.text and draft.text != unit.text:
            raise DataError(
                f"{where}: sentence {name!r} has another text here than above: "
                f"{unit.text[:40]!r}; expected one text, or another id"
            )
        draft.text = draft.text or unit.text
        draft.document_id = draft.document_id or row.told("document_id") or row.told("batch")
        textless += not unit.text and any(row.told(column) for column in SPAN_COLUMNS)
        stance = row.told("stance")
        if stance not in STANCES:
            raise DataError(f"{where}: stance is {stance!r}{nearest(stance, STANCES)}")
        if unit.holder or unit.is_pair:
            holder = CodedMention(unit.holder, unit.holder_span)
            target = CodedMention(unit.target, unit.target_span)
            borne = tuple(flag for flag, rows_borne in flags.items() if rows_borne[number])
            _add(draft.pairs, CodedPair(holder, target, stance, borne), where)
        elif draft.stance is not None:
            raise DataError(
                f"{where}: sentence {name!r} has two rows without a target; keep one, or name the "
                "target"
            )
        else:
            draft.stance = stance
        _check_characters(CodedSentence(name, None, tuple(draft.pairs[-1:]), unit.text), where)
    sentences = {
        name: CodedSentence(name, draft.stance, tuple(draft.pairs), draft.text, draft.document_id)
        for name, draft in drafts.items()
    }
    share = f"in {textless} of {len(rows)} rows"
    remark = f"{path}: offsets without a text, compared by their words, {share}"
    return Coding(str(path), sentences, (remark,) if textless else ())


def _unit(row: Row, where: str) -> Unit:
    if not row.told("text"):
        return Unit("", row.told("holder"), row.told("target"))
    with located(where):
        return read_unit(row.values)


def _add(pairs: list[CodedPair], pair: CodedPair, where: str) -> None:
    if not pair.target.words:
        raise DataError(f"{where}: holder {pair.holder.words[:40]!r} without a target; add it")
    if any((pair.holder, pair.target) == (other.holder, other.target) for other in pairs):
        raise DataError(
            f"{where}: the pair {pair.holder.words!r}, {pair.target.words!r} is coded twice; "
            "keep one"
        )
    pairs.append(pair)


def _check_characters(sentence: CodedSentence, where: str) -> None:
    mentions = [mention.words for pair in sentence.pairs for mention in (pair.holder, pair.target)]
    check_characters(where, "\n".join((sentence.sentence_id, sentence.text, *mentions)))
