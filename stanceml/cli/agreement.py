"""`stanceml agreement`: how well two codings of the same sentences agree."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

if TYPE_CHECKING:
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

    measured = comparison.agreement
    options.show(f"A: {a}\nB: {b}")
    _draw(measured)
    options.show(_found(measured))
    options.show(comparison.drawn)


def _draw(measured: "Agreement") -> None:
    parts, classes = (measured.sentence_rows, measured.pair_stances), measured.classes
    rows = [
        ["agreement", *(_told(part.agreement) for part in parts)],
        ["Cohen's kappa", *(_told(part.kappa) for part in parts)],
        ["Krippendorff's alpha", *(_told(part.alpha) for part in parts)],
    ]
    rows += [
        [f"alpha, {stance} or not", *(_told(part.by_stance[stance].alpha) for part in parts)]
        for stance in classes
    ]
    sizes = [f"sentence rows ({parts[0].n:,})", f"pairs that both found ({parts[1].n:,})"]
    draw("the same stance? [95% interval]", ["", *sizes], rows)
    confusion = [
        [f"A: {stance}", *(f"{count:,}" for count in counts)]
        for stance, counts in zip(classes, measured.pair_stances.confusion, strict=True)
    ]
    title = "stances of the pairs that both found"
    draw(title, ["", *(f"B: {stance}" for stance in classes)], confusion)
    flags = [
        [flag, f"{part.n_first:,}", _told(part.recall), _told(part.stances.alpha)]
        for flag, part in measured.by_flag.items()
    ]
    if flags:
        columns = ["flag", "A's pairs", "found by B", "alpha of their stances"]
        draw("pairs by flag", columns, flags)


def _found(measured: "Agreement") -> str:
    found = measured.pairs_found
    return (
        f"Pairs: A has {found.n_first:,}, B {found.n_second:,}, both {found.n_both:,}. "
        f"B against A: precision {_told(found.precision)}, recall {_told(found.recall)}, "
        f"F1 {_told(found.f1)}."
    )


def _told(score: "Score | None") -> str:
    return "-" if score is None else str(score)
