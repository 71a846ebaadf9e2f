"""Stand-off annotations: who stands where on what, pinned to a document by character offsets."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from stanceml.corpus.documents import Document, Sentence
from stanceml.exceptions import DataError
from stanceml.stances import FLAGS, Stance
from stanceml.tables.json_lines import StrictLine, read_lines

__all__ = ["Annotation", "Mention", "labelled_rows", "read_annotations"]


class Mention(StrictLine):
    """A span of the document; `text` repeats what stands there, as a check."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(gt=0)]
    text: Annotated[str, Field(min_length=1)]


class Annotation(StrictLine):
    """One labelled row: a sentence row where `target` is missing, else a pair row."""

    sentence: Mention
    holder: Mention | None = None
    target: Mention | None = None
    stance: Stance
    note: str = ""


def read_annotations(path: Path) -> list[tuple[int, Annotation]]:
    """Read a file of annotations, a JSON object a line.

    Returns
    -------
    list of (int, Annotation)
        Each with the number of its line.

    Raises
    ------
    DataError
        When the file cannot be read or a line is no annotation.
    """
    return list(read_lines(path, Annotation))


def labelled_rows(
    document: Document, annotations: list[tuple[int, Annotation]], path: Path, origin: str
) -> Iterator[dict[str, object]]:
    """Join a document with its annotations: dataset rows, sentence by sentence.

    Parameters
    ----------
    document : Document
        What was annotated.
    annotations : list of (int, Annotation)
        As `read_annotations` gives them.
    path : Path
        The annotation file, for messages.
    origin : str
        Put into every row.

    Yields
    ------
    dict
        A row with the dataset's columns; spans count from the start of the sentence. Each sentence
        gives its sentence row first, then its pair rows by target and holder position.

    Raises
    ------
    DataError
        When a span does not spell what it says, lies outside its sentence, a sentence has no
        sentence row or two, or a pair is annotated twice.
    """
    by_span: dict[tuple[int, int], list[tuple[int, Annotation]]] = {}
    known = {(sentence.start, sentence.end) for sentence in document.sentences}
    for number, annotation in annotations:
        where = f"{path}, line {number}"
        span = (annotation.sentence.start, annotation.sentence.end)
        if span not in known:
            raise DataError(
                f"{where}: sentence {span} is no sentence of {document.document_id}; "
                f"expected one of {len(known)} spans, as the segmentation finds them"
            )
        for name in ("sentence", "holder", "target"):
            _verify(document, annotation, name, where)
        if annotation.holder and not annotation.target:
            raise DataError(f"{where}: a holder without a target; a pair row needs its target")
        by_span.setdefault(span, []).append((number, annotation))
    for sentence in document.sentences:
        rows = by_span.get((sentence.start, sentence.end), [])
        yield from _rows_of(sentence, rows, path, document.document_id, origin)


def _verify(document: Document, annotation: Annotation, name: str, where: str) -> None:
    mention: Mention | None = getattr(annotation, name)
    if mention is None:
        return
    found = document.text[mention.start : mention.end]
    if found != mention.text:
        raise DataError(
            f"{where}: {name} [{mention.start}:{mention.end}] spells {found[:60]!r} in "
            f"{document.document_id}; the annotation says {mention.text[:60]!r}"
        )
    if not annotation.sentence.start <= mention.start < mention.end <= annotation.sentence.end:
        raise DataError(
            f"{where}: {name} [{mention.start}:{mention.end}] lies outside its sentence "
            f"[{annotation.sentence.start}:{annotation.sentence.end}]"
        )


def _rows_of(
    sentence: Sentence,
    annotations: list[tuple[int, Annotation]],
    path: Path,
    document_id: str,
    origin: str,
) -> Iterator[dict[str, object]]:
    ordered = sorted(annotations, key=lambda item: _position(item[1]))
    whole = [annotation for _, annotation in ordered if annotation.target is None]
    if len(whole) != 1:
        raise DataError(
            f"{path}: sentence {sentence.sentence_id} ({sentence.text[:40]!r}…) has {len(whole)} "
            "sentence rows; expected exactly one, with neither holder nor target"
        )
    units = Counter(_position(annotation) for _, annotation in ordered)
    for number, annotation in ordered:
        if units[_position(annotation)] > 1:
            raise DataError(f"{path}, line {number}: this pair is annotated twice; keep one")
    for count, (_, annotation) in enumerate(ordered):
        yield {
            "id": f"{sentence.sentence_id}-p{count}" if count else sentence.sentence_id,
            "document_id": document_id,
            "sentence_id": sentence.sentence_id,
            "text": sentence.text,
            **_columns("holder", annotation.holder, sentence.start),
            **_columns("target", annotation.target, sentence.start),
            "stance": annotation.stance,
            "section": sentence.section,
            "origin": origin,
            **dict.fromkeys(("batch", "register", *FLAGS), ""),
            "note": annotation.note,
        }


def _position(annotation: Annotation) -> tuple[int, int, int, int]:
    holder, target = annotation.holder, annotation.target
    return ((target.start, target.end) if target else (-1, -1)) + (
        (holder.start, holder.end) if holder else (-1, -1)
    )


def _columns(name: str, mention: Mention | None, offset: int) -> dict[str, object]:
    if mention is None:
        return {name: "", f"{name}_start": None, f"{name}_end": None}
    return {
        name: mention.text,
        f"{name}_start": mention.start - offset,
        f"{name}_end": mention.end - offset,
    }
