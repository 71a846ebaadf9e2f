"""`stanceml examine`: look behind one experiment's score."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

if TYPE_CHECKING:
    from stanceml.examination.examination import Examination

__all__ = ["EXAMPLES", "examine"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml examine configs/ridge.yaml -o examined/ridge\n\n"
    "stanceml examine configs/ridge.yaml --data my.csv --label-column label --format json"
)


@options.with_labelled_rows
def examine(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="An experiment file.", show_default=False)],
    data: options.Data = options.DATASET,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder for report.json and the figures.", show_default=False
        ),
    ] = None,
    jobs: options.Jobs = -1,
    format: Annotated[Literal["table", "json"], typer.Option(help="How to print.")] = "table",
) -> None:
    """Look behind one experiment's score: has it learned to read, or who is who."""
    # Matplotlib's words on where it keeps its fonts are of no use here.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)

    from stanceml.workflows.examine import as_json
    from stanceml.workflows.examine import examine as run

    rows = options.labelled_file(context, data)
    with options.progress_bar("examining") as progress:
        found = run(config, rows, output, n_jobs=jobs, progress=progress, say=options.say)
    if format == "json":
        print(as_json(found))
    else:
        _print(found)
    if output:
        options.say(f"report.json and three figures are in {output}")


def _print(found: "Examination") -> None:
    from stanceml.reports.examination import examination_lines, findings

    sections = []
    for section, lines in examination_lines(found).items():
        rows = [[section]]
        for line in lines:
            beside = [line.note] if line.note else []
            if line.difference and line.usual:
                gain = f"{line.difference:+.3f}"
                beside.insert(0, f"{gain} of {line.usual.value:.3f}")
            n_rows = "" if line.n_rows is None else f"{line.n_rows:,}"
            cells = [f"  {line.title}", n_rows, line.measure, str(line.score), "; ".join(beside)]
            rows.append(cells)
        sections.append(rows)
    notes = "difference from usual, and notes"
    draw(
        f"{found.experiment} on {found.data}: value [95% interval]",
        ["", "rows", "measure", "value", notes],
        *sections,
        words=("measure", notes),
        unbroken=("value",),
    )
    for sentence in findings(found):
        options.show(sentence)
