"""Sentences written for the project: a batch file and the frame it was written to in; rows out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from stanceml.corpus.occurrences import occurrences
from stanceml.corpus.sentences import Span
from stanceml.exceptions import DataError
from stanceml.stances import FLAGS, Flag, Stance
from stanceml.tables.json_lines import StrictLine, read_lines

__all__ = ["AuthoredPair", "AuthoredSentence", "authored_rows", "read_batch", "read_frame"]


class AuthoredPair(StrictLine):
    """A pair as its author coded it: mentions by their words, and which occurrence is meant."""

    holder: str
    target: Annotated[str, Field(min_length=1)]
    stance: Stance
    flags: list[Flag] = Field(default_factory=list)
    holder_nth: Annotated[int, Field(ge=1)] = 1
    target_nth: Annotated[int, Field(ge=1)] = 1


class AuthoredSentence(StrictLine):
    """A sentence, the cell of the frame that it was written for, and its coding."""

    cell: str
    text: Annotated[str, Field(min_length=1)]
    stance: Stance
    pairs: list[AuthoredPair]


class _Cell(BaseModel):
    model_config = ConfigDict(frozen=True)
    cell: str
    register_: Annotated[str, Field(alias="register")]


def read_frame(path: Path) -> dict[str, str]:
    """Read the cells of the frame: cell to register."""
    return {cell.cell: cell.register_ for _, cell in read_lines(path, _Cell)}


def read_batch(path: Path) -> list[tuple[int, AuthoredSentence]]:
    """Read a batch, a sentence a line, each with the number of its line.

    Raises
    ------
    DataError
        When the file cannot be read or a line is no coded sentence.
    """
    return list(read_lines(path, AuthoredSentence))


def authored_rows(path: Path, frame: dict[str, str]) -> Iterator[dict[str, object]]:
    """Make dataset rows of a batch file.

    Parameters
    ----------
    path : Path
        `annotations/authored/BATCH.jsonl`; the batch is the document of its rows.
    frame : dict
        As `read_frame` gives it.

    Yields
    ------
    dict
        A row with the dataset's columns: for each sentence its sentence row, then its pair rows.

    Raises
    ------
    DataError
        When a cell is not in the frame or written twice, a mention is not in its sentence, or a
        pair is coded twice.
    """
    seen: set[str] = set()
    for number, sentence in read_batch(path):
        where = f"{path}, line {number}"
        if sentence.cell not in frame:
            raise DataError(f"{where}: cell {sentence.cell!r} is not in the frame")
        if sentence.cell in seen:
            raise DataError(f"{where}: cell {sentence.cell!r} is written twice; keep one")
        seen.add(sentence.cell)
        shared = {
            "document_id": path.stem,
            "sentence_id": sentence.cell,
            "text": sentence.text,
            "section": "",
            "origin": "authored",
            "batch": path.stem,
            "register": frame[sentence.cell],
            "note": "",
        }
        whole = {"id": sentence.cell, "stance": sentence.stance, **_mention("holder", "", None)}
        yield {**shared, **whole, **_mention("target", "", None), **dict.fromkeys(FLAGS, "")}
        units: set[tuple[Span | None, Span | None]] = set()
        for count, pair in enumerate(sentence.pairs, start=1):
            spans = (
                occurrence(sentence.text, pair.holder, pair.holder_nth, where),
                occurrence(sentence.text, pair.target, pair.target_nth, where),
            )
            if spans in units:
                raise DataError(
                    f"{where}: the pair {pair.holder!r}, {pair.target!r} is coded twice; keep one"
                )
            units.add(spans)
            yield {
                **shared,
                "id": f"{sentence.cell}-p{count}",
                "stance": pair.stance,
                **_mention("holder", pair.holder, spans[0]),
                **_mention("target", pair.target, spans[1]),
                **{flag: int(flag in pair.flags) for flag in FLAGS},
            }


def occurrence(text: str, mention: str, nth: int, where: str) -> Span | None:
    """Find the nth place where a mention stands as a word of its own; None for an empty one.

    Raises
    ------
    DataError
        When it does not stand there so often.
    """
    if not mention:
        return None
    found = list(occurrences(text, mention))
    if len(found) < nth:
        raise DataError(
            f"{where}: {mention!r} stands {len(found)} times in {text[:60]!r}; "
            f"expected {nth} or more"
        )
    return found[nth - 1]


def _mention(name: str, mention: str, span: Span | None) -> dict[str, object]:
    start, end = span or (None, None)
    return {name: mention, f"{name}_start": start, f"{name}_end": end}
