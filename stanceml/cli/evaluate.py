"""`stanceml evaluate`: score a saved model on labelled rows."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

__all__ = ["EXAMPLES", "evaluate"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml evaluate models/stance data/stances.csv\n\n"
    "stanceml evaluate models/mine test.jsonl --label-column label --format json"
)


@options.with_labelled_rows
def evaluate(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.", show_default=False)],
    data: Annotated[
        Path, typer.Argument(help="Labelled rows: csv, tsv, jsonl or parquet.", show_default=False)
    ],
    among: Annotated[
        list[str] | None,
        typer.Option(
            help="Choose among these labels only; to be repeated.  [all of the model's]",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Literal["table", "json"], typer.Option(help="How to print.")] = "table",
) -> None:
    """Score a saved model on labelled rows, every score with its 95% interval."""
    from stanceml.workflows.evaluate import as_json
    from stanceml.workflows.evaluate import evaluate as run

    found = run(model, options.labelled_file(context, data), among or ())
    for remark in found.remarks:
        options.say(remark)
    if format == "json":
        print(json.dumps(as_json(found), indent=1))
        return
    report = found.report

    from stanceml.modeling.scoring import slice_title
    from stanceml.reports.card import reliability_remark

    parts = report.main_slices.items()
    rows = [
        [metric, *(str(part.scores[metric]) for _, part in parts)]
        for metric in report.slices["all"].scores
    ]
    titles = [f"{slice_title(name)} ({part.n_rows})" for name, part in parts]
    draw(f"{model} on {data}: score [95% interval]", ["metric", *titles], rows)
    print(reliability_remark(report.as_dict()))
    if among:
        print(f"Free to choose, the model gives {found.n_elsewhere} rows another label.")
