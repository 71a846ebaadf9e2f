"""The files of public benchmarks as units, their faults mended or told, their labels untouched."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stanceml.corpus.sentences import Span
from stanceml.corpus.units import Unit, read_unit
from stanceml.exceptions import DataError, located
from stanceml.files import read_bytes
from stanceml.tables.rows import Row, is_missing
from stanceml.tables.tables import read_rows

__all__ = ["FileRow", "FileRows", "read_mentions", "read_tweets"]

_TWEET_COLUMNS: Final = ("Target", "Tweet", "Stance")
_MENTION_KEYS: Final = ("sentence", "mention", "from", "to", "polarity")
# The organisers' own mark behind every tweet, which the annotators never saw.
_TASK_TAG: Final = re.compile(r"\s*#SemST\s*$")
_STRAY: Final = " \t\r\n\"“”„'‘’`"


class FileRow(NamedTuple):
    """A row: the line on which it stands, the unit, and the label as the file writes it."""

    line: int
    unit: Unit
    label: str


class FileRows(NamedTuple):
    """The rows of a file, and what a user should know of it, a line each."""

    rows: list[FileRow]
    remarks: list[str]


def read_tweets(path: Path) -> FileRows:
    """Read a file of SemEval-2016 task 6: tab-separated, with the columns of its first line.

    Quotation marks are the tweets' own. The organisers' `#SemST` behind each tweet is cut off. A
    carriage return within a line is a space; a line that is not UTF-8 is read as Windows-1252.

    Parameters
    ----------
    path : Path

    Returns
    -------
    FileRows

    Raises
    ------
    DataError
        When the file cannot be read, a column is missing, or a line has too few or too many fields.

    References
    ----------
    Mohammad et al., "SemEval-2016 task 6: detecting stance in tweets", SemEval 2016, sec. 3.
    """
    remarks: list[str] = []
    (first, header), *lines = _text_lines(path, remarks) or [(1, "")]
    columns = header.split("\t")
    missing = [name for name in _TWEET_COLUMNS if name not in columns]
    if missing:
        raise DataError(
            f"{path}, line {first}: no column {missing[0]!r} in {header[:60]!r}; expected a first "
            f"line with {', '.join(_TWEET_COLUMNS)}, separated by tabs"
        )
    rows = []
    for line, text in lines:
        # A csv reader would swallow rows at each odd quotation mark.
        fields = text.split("\t")
        if len(fields) != len(columns):
            raise DataError(
                f"{path}, line {line}: {len(fields)} fields; expected {len(columns)}, as in the "
                "first line, separated by tabs"
            )
        values = dict(zip(columns, fields, strict=True))
        if not values["Target"].strip():
            raise DataError(f"{path}, line {line}: Target is blank; expected what is judged")
        tweet = {"text": _TASK_TAG.sub("", values["Tweet"]), "target": values["Target"]}
        rows.append(FileRow(line, _unit(path, line, tweet), values["Stance"].strip()))
    if not rows:
        raise DataError(f"{path}: holds no rows; expected at least one")
    return FileRows(rows, remarks)


def read_mentions(path: Path) -> FileRows:
    """Read a file of NewsMTSC: a JSON object a line, with a mention and its place in a sentence.

    Quotation marks and spaces at the ends of a mention are left out of it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    FileRows
        Labels are `-1`, `0` and `1`, unless the file has others.

    Raises
    ------
    DataError
        When the file cannot be read, a key is missing, or a mention lies outside its sentence.

    References
    ----------
    Hamborg and Donnay, "NewsMTSC: a dataset for (multi-)target-dependent sentiment classification
    in political news articles", EACL 2021.
    """
    rows, n_stray, misspelt = [], 0, []
    for row in read_rows(path, "jsonl"):
        given = _mention(path, row)
        span = _without_stray_marks(given)
        unit = given._replace(target=given.text[slice(*span)], target_span=span)
        n_stray += span != given.target_span
        if unit.target != given.target.strip(_STRAY):
            misspelt.append(f"line {row.line}: {given.target!r} is marked at {unit.target!r}")
        label = row.values["polarity"]
        if isinstance(label, float) and label.is_integer():
            label = int(label)
        rows.append(FileRow(row.line, unit, str(label)))
    remarks = []
    if n_stray:
        remarks.append(f"{path}: {n_stray} mentions had quotation marks or spaces at their ends")
    if misspelt:
        remarks.append(
            f"{path}: {len(misspelt)} spans do not spell their mention ({misspelt[0]}); "
            "the spans are used"
        )
    return FileRows(rows, remarks)


def _text_lines(path: Path, remarks: list[str]) -> list[tuple[int, str]]:
    content = read_bytes(path).removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if b"\n" not in content:  # an old Macintosh's line ends
        content = content.replace(b"\r", b"\n")
    lines, foreign, returns = [], [], []
    for number, raw in enumerate(content.split(b"\n"), start=1):
        line = raw.rstrip(b"\r")
        if b"\r" in line:
            returns.append(number)
            line = line.replace(b"\r", b" ")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            foreign.append(number)
            text = line.decode("cp1252", "replace")
        if text.strip():
            lines.append((number, text))
    for found, what, done in (
        (foreign, "lines are not UTF-8", "read as Windows-1252"),
        (returns, "lines hold a carriage return", "read as a space"),
    ):
        if found:
            remarks.append(f"{path}: {len(found)} {what} (first: {found[0]}); {done}")
    return lines


def _mention(path: Path, row: Row) -> Unit:
    for key in _MENTION_KEYS:
        value = row.values.get(key)
        if is_missing(value) or value == "":
            raise DataError(
                f"{path}, line {row.line}: {key!r} is missing; expected the keys "
                f"{', '.join(_MENTION_KEYS)}"
            )
    given = {
        "text": row.values["sentence"],
        "target": row.values["mention"],
        "target_start": row.values["from"],
        "target_end": row.values["to"],
    }
    return _unit(path, row.line, given)


def _without_stray_marks(unit: Unit) -> Span:
    start, end = unit.target_span or (0, 0)
    mention = unit.text[start:end]
    bare = mention.strip(_STRAY)
    if not bare:
        return start, end
    start += mention.index(bare)
    return start, start + len(bare)


def _unit(path: Path, line: int, values: Mapping[str, object]) -> Unit:
    with located(f"{path}, line {line}"):
        return read_unit(values)
