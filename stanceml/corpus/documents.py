"""A raw news article in; its sentences, each with its place and its section, out."""

import re
from dataclasses import dataclass
from pathlib import Path

from stanceml.corpus.sentences import Span, sentence_spans
from stanceml.exceptions import DataError
from stanceml.files import read_bytes, sha256

__all__ = ["Document", "Sentence", "read_document"]

SECTIONS = ("headline", "lead", "body")

_PARAGRAPH = re.compile(r"\S.*?(?=\n[ \t\r]*\n|\s*\Z)", re.DOTALL)
# "Home > World > A headline": the way to the page, no part of the article.
_NAVIGATION = re.compile(r"[^>\n]{1,60}( > [^>\n]+){2,}\Z")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a document: its text, where it stands, and in which section."""

    sentence_id: str
    text: str
    start: int
    end: int
    section: str


@dataclass(frozen=True)
class Document:
    """One article: `text` as it was decoded from the file, and its sentences."""

    document_id: str
    text: str
    sha256: str
    sentences: tuple[Sentence, ...]


def read_document(path: Path) -> Document:
    """Read an article and segment it.

    The first paragraph is the headline, the second the lead, all others the body; a navigation
    line ("Home > World > …") before them is left out.

    Parameters
    ----------
    path : Path
        A UTF-8 text file with a blank line between paragraphs. Its stem is the `document_id`.

    Returns
    -------
    Document
        Offsets count the characters of `Document.text`, which is the file's text unchanged.

    Raises
    ------
    DataError
        When the file cannot be read, is not UTF-8 or holds no sentence.
    """
    content = read_bytes(path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from error
    spans = [match.span() for match in _PARAGRAPH.finditer(text)]
    if spans and _NAVIGATION.match(text[slice(*spans[0])]):
        del spans[0]
    placed = [
        (span, SECTIONS[min(number, len(SECTIONS) - 1)])
        for number, paragraph in enumerate(spans)
        for span in _within(text, paragraph)
    ]
    if not placed:
        raise DataError(f"{path}: holds no sentence; expected an article in plain text")
    sentences = tuple(
        Sentence(f"{path.stem}-s{number:03d}", text[start:end], start, end, section)
        for number, ((start, end), section) in enumerate(placed, start=1)
    )
    return Document(path.stem, text, sha256(content), sentences)


def _within(text: str, paragraph: Span) -> list[Span]:
    start, end = paragraph
    return [(start + a, start + b) for a, b in sentence_spans(text[start:end])]
