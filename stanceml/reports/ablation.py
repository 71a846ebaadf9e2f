"""The tables of an ablation, in words: to be drawn in a terminal, or written as Markdown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stanceml.corpus.datasets import Dataset
from stanceml.examination.ablation import Ablation, Slice
from stanceml.examination.ablation import HeldOutRows as HeldOut
from stanceml.examination.learning_curve import CurvePoint, Part
from stanceml.exceptions import visible
from stanceml.modeling.scoring import slice_title

__all__ = ["ResultTable", "ablation_tables", "as_markdown"]

_TITLES: Final = {
    "whole": "whole",
    "without": "without {}",
    "alone": "{} alone",
    "up_to": "up to {}",
}

# What would be more than a sign in Markdown; brackets alone are none, and stand around intervals.
_MARKUP: Final = re.compile(r"[\\`*<|~$&]|\](?=[(:\[])|(?<!\w)_|_(?!\w)")

_NO_CHOICE: Final = "Blocks are chosen by cross-validation, not by these rows."
_AMONG: Final = (
    'Labels are chosen among {} only; "something else" counts the rows that get another label when '
    "all are free to choose from."
)


@dataclass(frozen=True)
class ResultTable:
    """A table of words: sections of rows, and a remark below it.

    The first column is a name, the others are numbers.
    """

    title: str
    columns: list[str]
    sections: list[list[list[str]]]
    remark: str = ""


def ablation_tables(
    name: str, dataset: Dataset, held_out: HeldOut | None, found: Ablation
) -> list[ResultTable]:
    """Lay an ablation out as tables.

    Parameters
    ----------
    name : str
        Of the experiment.
    dataset : Dataset
    held_out : HeldOut, optional
    found : Ablation

    Returns
    -------
    list of ResultTable
        One for each slice of the cross-validation and of the held-out rows; then the learning curve
        and, where the held-out rows are split up by a column, the accuracies by its values.
    """
    tables = [
        _variant_table(f"{name}, cross-validated on {dataset.name}", slice_, dataset, part, found)
        for slice_, part in found.cross_validated.items()
    ]
    if held_out is None or found.held_out is None:
        return tables
    rows, on_test = held_out.dataset, found.held_out
    where = f"{name} trained on {dataset.name}, on {rows.name}"
    chosen = held_out.among if held_out.among != dataset.classes else []
    elsewhere = on_test.n_elsewhere if chosen else None
    for slice_, part in on_test.slices.items():
        # How many are called something else was counted over all rows.
        counted = elsewhere if slice_ == "all" else None
        remarks = [_NO_CHOICE, *(_AMONG.format(_listed(chosen)) for _ in chosen[:1])]
        tables.append(_variant_table(where, slice_, rows, part, found, counted, remarks))
    tables.append(_curve_table(where, on_test.curve, bool(chosen)))
    if held_out.by is not None:
        tables.append(_value_table(where, on_test.curve, str(held_out.by.name)))
    return tables


def as_markdown(tables: Sequence[ResultTable], command: str) -> str:
    r"""Write tables as Markdown, the command that made them at the top.

    Examples
    --------
    >>> table = ResultTable("two", ["name", "score"], [[["a|b", "0.5"]]], "No more.")
    >>> print(as_markdown([table], "stanceml ablate it.yaml"), end="")
        stanceml ablate it.yaml
    <BLANKLINE>
    **two**
    <BLANKLINE>
    | name | score |
    | --- | ---: |
    | a\|b | 0.5 |
    <BLANKLINE>
    No more.
    """
    parts = [f"    {visible(' '.join(command.split()))}"]
    for table in tables:
        lines = [table.columns, ["---", *(["---:"] * (len(table.columns) - 1))]]
        lines += [row for section in table.sections for row in section]
        parts.append(f"**{_plain(table.title)}**")
        parts.append("\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines))
        parts += [_plain(table.remark)] if table.remark else []
    return "\n\n".join(parts) + "\n"


def _variant_table(
    where: str,
    slice_: str,
    dataset: Dataset,
    part: Slice,
    found: Ablation,
    elsewhere: Sequence[int] | None = None,
    remarks: Sequence[str] = (),
) -> ResultTable:
    columns = ["features", "n-grams", "macro-F1", "more than the whole"]
    columns += ["something else"] if elsewhere else []
    sections: dict[str, list[list[str]]] = {}
    for number, (variant, worth) in enumerate(zip(found.variants, part.worths, strict=True)):
        row = [
            _TITLES[variant.kind].format(variant.block),
            f"{found.n_ngrams[number]:,}",
            str(worth.macro_f1),
            f"{worth.difference:+.3f}" if worth.difference else "",
        ]
        row += [f"{elsewhere[number]:,}"] if elsewhere else []
        sections.setdefault(variant.kind, []).append(row)
    title = (
        f"{where}: macro-F1 [95% interval], {slice_title(slice_)}, {part.n_rows:,} rows in "
        f"{part.n_groups:,} groups (by {dataset.group_kind})"
    )
    remark = " ".join([_verdict(part, found), *remarks])
    return ResultTable(title, columns, list(sections.values()), remark)


def _verdict(part: Slice, found: Ablation) -> str:
    left_out = {
        variant.block: worth.difference
        for variant, worth in zip(found.variants, part.worths, strict=True)
        if variant.kind == "without" and worth.difference
    }
    falls = [block for block, score in left_out.items() if score.high < 0]
    rises = [block for block, score in left_out.items() if score.low > 0]
    told = [
        f"The score {moves} without {_listed(blocks)}."
        for moves, blocks in (("falls", falls), ("rises", rises))
        if blocks
    ]
    if told:
        told.append(f"(Of {len(left_out)} intervals, one in twenty misses zero by chance alone.)")
    n_left = len(left_out) - len(falls) - len(rises)
    if n_left:
        who = f"the other {n_left}" if told else "any block"
        told.append(f"Leaving out {who} changes nothing that could be told from chance.")
    return " ".join(told)


def _curve_table(where: str, curve: Sequence[CurvePoint], restricted: bool) -> ResultTable:
    columns = ["share", "sentences", "rows", "macro-F1"]
    columns += ["something else"] if restricted else []
    rows = [
        [
            f"{point.share:.0%}",
            f"{point.n_sentences:,}",
            f"{point.n_train:,}",
            str(point.macro_f1),
            *([f"{point.n_elsewhere:,}"] if restricted else []),
        ]
        for point in curve
    ]
    title = f"{where}: macro-F1 [95% interval] after training on a share of the sentences"
    return ResultTable(title, columns, [rows])


def _value_table(where: str, curve: Sequence[CurvePoint], column: str) -> ResultTable:
    shares = [f"{point.share:.0%}" for point in curve]
    rows = [
        [value, f"{part.n_rows:,}", *(_accuracy(point.by[value]) for point in curve)]
        for value, part in curve[-1].by.items()
    ]
    few = any(part.accuracy is None for part in curve[-1].by.values())
    remark = "Where the groups are too few for an interval, right answers are counted."
    title = f"{where}: accuracy [95% interval] by {column} after training on a share"
    return ResultTable(title, [column, "rows", *shares], [rows], remark if few else "")


def _accuracy(part: Part) -> str:
    return str(part.accuracy) if part.accuracy else f"{part.n_right} of {part.n_rows}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", visible(" ".join(text.split())))
