"""`stanceml agreement`: how well two codings of the same sentences agree."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stanceml.cli import options

if TYPE_CHECKING:
    from rich.table import Table

    from stanceml.modeling.resampling import Score
    from stanceml.quality.agreement import Agreement

__all__ = ["EXAMPLES", "agreement"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml agreement data/stances.csv second-coder.jsonl\n\n"
    "stanceml agreement mine.csv yours.jsonl --disagreements to-settle.csv --format json"
)


def agreement(
    a: Annotated[
        Path,
        typer.Argument(
            metavar="A",
            help="A coding: labelled rows, or JSON lines with pairs.",
            show_default=False,
        ),
    ],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another coding.", show_default=False)],
    disagreements: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A CSV file to write what differs to.", show_default=False
        ),
    ] = None,
    format: Annotated[Literal["table", "json"], typer.Option(help="How to print.")] = "table",
) -> None:
    """Tell how well two codings of the same sentences agree, every score with its 95% interval.

    Compared are the sentences that both have, by their ids: the stance of each as a whole, which
    pairs of holder and target were found, and their stances where both found them. B's pairs are
    measured against A's; flags are those that A gives.
    """
    from stanceml.workflows.agreement import as_json, compare, write_disagreements

    comparison = compare(a, b)
    remarks = [*comparison.remarks]
    if disagreements is not None:
        written = write_disagreements(comparison, disagreements, a, b)
        remarks.append(f"rows to settle in {disagreements}: {written:,}")
    for remark in remarks:
        options.say(remark)
    if format == "json":
        print(json.dumps(as_json(comparison), indent=1))
        return

    from rich.console import Console

    measured = comparison.agreement
    console = Console(highlight=False, markup=False)
    console.print(options.cell(f"A: {a}\nB: {b}"), soft_wrap=True)
    for table in (_main(measured), _confusion(measured), _flags(measured)):
        if table.row_count:
            console.print(table)
    console.print(_found(measured))
    console.print(comparison.drawn)


def _main(measured: "Agreement") -> "Table":
    rows, pairs = measured.sentence_rows, measured.pair_stances
    table = _table("the same stance? [95% interval]", "", f"sentence rows ({rows.n:,})")
    table.add_column(f"pairs that both found ({pairs.n:,})")
    table.add_row("agreement", _told(rows.agreement), _told(pairs.agreement))
    table.add_row("Cohen's kappa", _told(rows.kappa), _told(pairs.kappa))
    table.add_row("Krippendorff's alpha", _told(rows.alpha), _told(pairs.alpha))
    for stance in measured.classes:
        scores = (part.by_stance[stance].alpha for part in (rows, pairs))
        table.add_row(f"alpha, {stance} or not", *map(_told, scores))
    return table


def _confusion(measured: "Agreement") -> "Table":
    table = _table(
        "stances of the pairs that both found", "", *(f"B: {c}" for c in measured.classes)
    )
    counts = measured.pair_stances.confusion
    for stance, row in zip(measured.classes, counts, strict=True):
        table.add_row(f"A: {stance}", *(f"{count:,}" for count in row))
    return table


def _flags(measured: "Agreement") -> "Table":
    table = _table("pairs by flag", "flag", "A's pairs", "found by B", "alpha of their stances")
    for flag, part in measured.by_flag.items():
        table.add_row(flag, f"{part.n_first:,}", _told(part.recall), _told(part.stances.alpha))
    return table


def _found(measured: "Agreement") -> str:
    found = measured.pairs_found
    return (
        f"Pairs: A has {found.n_first:,}, B {found.n_second:,}, both {found.n_both:,}. "
        f"B against A: precision {_told(found.precision)}, recall {_told(found.recall)}, "
        f"F1 {_told(found.f1)}."
    )


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def _told(score: "Score | None") -> str:
    return "-" if score is None else str(score)
