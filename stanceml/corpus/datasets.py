"""Labelled rows as `X`, `y` and groups: the one place of the corpus that uses pandas."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from stanceml.corpus.columns import Columns, flags_borne, require
from stanceml.corpus.labels import read_label
from stanceml.corpus.units import Unit, read_unit
from stanceml.exceptions import DataError, located, nearest
from stanceml.files import read_bytes, sha256
from stanceml.stances import UNIT_COLUMNS
from stanceml.tables.rows import Row, check_characters, is_missing
from stanceml.tables.sources import PACKED, STANDARD_INPUT
from stanceml.tables.tables import read_rows, table_format

__all__ = ["Dataset", "load_dataset", "same_text", "unit_frame"]


@dataclass(frozen=True)
class Dataset:
    """Labelled rows, ready to be learned from or scored against.

    Attributes
    ----------
    name : str
        The name of the file without its ending.
    digest : str
        SHA-256 of the file, 64 hexadecimal digits.
    X : DataFrame of shape (n_rows, 7)
        The columns `text`, `holder`, `target` and their spans.
    y : Series of shape (n_rows,)
        Labels, as strings.
    groups : Series of shape (n_rows,)
        Rows of one group are never split apart.
    group_kind : str
        The column that the groups come from, or `text`.
    sentences : Series of shape (n_rows,)
        Rows of one sentence; their labels are permuted together.
    ids : Series of shape (n_rows,)
        What a row is called in the predictions.
    flags : DataFrame of shape (n_rows, n_flags)
        Which rows bear which of the codebook's flags, for those that the file has as columns.
    remarks : tuple of str
        What a user should know about the data, a line each.
    column_names : tuple of str
        All columns that the file has.
    kept : DataFrame of shape (n_rows, n_kept)
        Those of the columns that were to be kept, as strings; empty where nothing stands.
    """

    name: str
    digest: str
    X: pd.DataFrame
    y: "pd.Series[str]"
    groups: "pd.Series[str]"
    group_kind: str
    sentences: "pd.Series[str]"
    ids: "pd.Series[str]"
    flags: pd.DataFrame
    remarks: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()
    kept: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def classes(self) -> list[str]:
        """The labels, in alphabetical order."""
        return sorted(set(self.y))

    @property
    def size(self) -> str:
        """How many rows there are, in how many groups of which kind, in words."""
        n_groups = self.groups.nunique()
        return f"{len(self.y)} rows in {n_groups} groups (by {self.group_kind})"

    @property
    def is_pair(self) -> "pd.Series[bool]":
        """Which rows judge a target, and not the sentence as a whole."""
        return self.X["target"] != ""


def load_dataset(
    path: Path,
    columns: Columns | None = None,
    *,
    label_column: str | None = None,
    group_column: str | None = None,
    label_map: Mapping[str, str] | None = None,
    known_labels: Iterable[str] = (),
    min_groups: int = 2,
    keep: Iterable[str] = (),
    needs_group_column: bool = True,
) -> Dataset:
    """Read labelled rows.

    Parameters
    ----------
    path : Path
        csv, tsv, jsonl or parquet, told by the name; text may be packed (`.csv.gz`).
    columns : Columns, optional
        Where the text, the mentions and their spans stand.
    label_column, group_column : str, optional
        By default the labels stand in `stance`; the groups are the documents (`document_id`) where
        there are at least `min_groups` of them, else the sentences (`sentence_id`), else equal
        texts.
    label_map : mapping of str to str, optional
        Labels to be renamed. Where `known_labels` are given, those that do not occur are remarked.
    known_labels : iterable of str, optional
        Where given, no other label is taken, and not all of them need to occur.
    min_groups : int
        How many groups are needed.
    keep : iterable of str
        Names of columns to be kept beside, where the file has them.
    needs_group_column : bool
        Whether it is a mistake where the file lacks `group_column`; else it is left alone.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        When the file, a column, a row or a label cannot be used.
    """
    columns = columns or Columns()
    if path == STANDARD_INPUT:
        raise DataError("labelled rows cannot come from standard input; expected a file")
    format = table_format(path)
    # Read once: the digest is that of the very bytes that the rows come from, and a pipe has no
    # second time.
    content = read_bytes(path)
    rows = list(read_rows(path, format, content))
    present = list(dict.fromkeys(name for row in rows for name in row.values))
    columns.check(present, str(path))
    label_column = label_column or "stance"
    require(label_column, present, str(path), "label")
    if not needs_group_column and group_column not in present:
        group_column = None
    require(group_column, present, str(path), "group")

    units = [_unit(path, columns, row) for row in rows]
    X = unit_frame(units)
    known = frozenset(known_labels)
    found = _labels(path, rows, label_column)
    y, unused = _renamed(path, rows, found, label_column, dict(label_map or {}), known)
    texts = X["text"].map(same_text)
    sentences = _column(path, rows, "sentence_id", texts) if "sentence_id" in present else texts
    groups, group_kind = sentences, "sentence_id" if "sentence_id" in present else "text"
    if group_column:
        groups, group_kind = _column(path, rows, group_column, None), group_column
    elif "document_id" in present:
        named = {str(name) for row in rows if not _is_blank(name := row.values.get("document_id"))}
        if len(named) >= min_groups:
            groups = _column(path, rows, "document_id", sentences)
            group_kind = "document_id"
    lines = pd.Series([str(row.line) for row in rows])
    ids = _column(path, rows, "id", lines)
    remarks = (*unused, *_span_remarks(units, rows), *_repeat_remarks(texts, groups))
    digest = sha256(content)
    name = Path(path.stem).stem if path.suffix.lower() == PACKED else path.stem
    flags = pd.DataFrame(flags_borne(rows), index=X.index, dtype=bool)
    kept = pd.DataFrame(
        {name: [row.told(name) for row in rows] for name in keep if name in present},
        index=X.index,
        dtype=object,
    )
    facts = (sentences, ids, flags, remarks, tuple(present), kept)
    return Dataset(name, digest, X, y, groups, group_kind, *facts)


def unit_frame(units: Iterable[Unit]) -> pd.DataFrame:
    """Lay units out as the data frame `X`.

    Examples
    --------
    >>> unit_frame([Unit("NATO backs Kyiv.", target="Kyiv")])[["text", "holder", "target"]]
                   text holder target
    0  NATO backs Kyiv.          Kyiv
    """
    records = [
        (
            unit.text,
            unit.holder,
            unit.target,
            *(unit.holder_span or (None, None)),
            *(unit.target_span or (None, None)),
        )
        for unit in units
    ]
    frame = pd.DataFrame.from_records(records, columns=list(UNIT_COLUMNS))
    return frame.astype(dict.fromkeys(UNIT_COLUMNS[3:], "Int64"))


def same_text(text: str) -> str:
    """Fold a text, so that copies that differ in case, spacing or punctuation are equal."""
    return " ".join(re.findall(r"\w+", text.casefold())) or text


def _unit(path: Path, columns: Columns, row: Row) -> Unit:
    where = f"{path}, line {row.line}"
    with located(where):
        unit = read_unit(columns.units(row.values))
    check_characters(where, "\n".join((unit.text, unit.holder, unit.target)))
    return unit


def _labels(path: Path, rows: list[Row], column: str) -> list[str]:
    labels = []
    for row in rows:
        try:
            labels.append(read_label(row.values.get(column)))
        except DataError as error:
            raise DataError(f"{path}, line {row.line}: {column} {error}") from error
    return labels


def _renamed(
    path: Path,
    rows: list[Row],
    found: list[str],
    column: str,
    label_map: dict[str, str],
    known: frozenset[str],
) -> tuple["pd.Series[str]", list[str]]:
    there = set(found)
    missing = [
        f"{path}: --label-map renames {label!r}, which no row of {column!r} has"
        f"{nearest(label, there)}"
        for label in label_map
        if label not in there
    ]
    if missing and not known:
        raise DataError(missing[0])
    labels = [label_map.get(label, label) for label in found]
    for row, before, label in zip(rows, found, labels, strict=True):
        if known and label not in known:
            raise DataError(
                f"{path}, line {row.line}: unknown label {label!r}{nearest(label, known)}; "
                f"rename it with --label-map {before}={min(known)} or the like"
            )
    if not known and len(set(labels)) < 2:
        raise DataError(
            f"{path}: every row of {column!r} has the label {labels[0]!r}; "
            "expected two labels or more"
        )
    return pd.Series(labels, name="stance"), missing


def _column(
    path: Path, rows: list[Row], name: str, fallback: "pd.Series[str] | None"
) -> "pd.Series[str]":
    found = []
    for number, row in enumerate(rows):
        value = row.values.get(name)
        if _is_blank(value):
            if fallback is None:
                raise DataError(f"{path}, line {row.line}: {name} is blank; expected a group")
            value = fallback.iloc[number]
        found.append(str(value))
    return pd.Series(found, name=name)


def _is_blank(value: object) -> bool:
    return is_missing(value) or value == ""


def _span_remarks(units: list[Unit], rows: list[Row]) -> list[str]:
    off = [
        f"line {row.line}: {mention!r} is marked at {unit.text[slice(*span)]!r}"
        for unit, row in zip(units, rows, strict=True)
        for mention, span in (
            (unit.holder, unit.holder_span),
            (unit.target, unit.target_span),
        )
        if span and unit.text[slice(*span)] != mention
    ]
    return (
        [f"{len(off)} spans do not spell their mention ({off[0]}); the spans are used"]
        if off
        else []
    )


def _repeat_remarks(texts: "pd.Series[str]", groups: "pd.Series[str]") -> list[str]:
    repeated = int((groups.groupby(texts).nunique() > 1).sum())
    if not repeated:
        return []
    return [
        f"{'one text stands' if repeated == 1 else f'{repeated} texts stand'} in more than one "
        "group: a fold may be tested on a text that it was trained on"
    ]
