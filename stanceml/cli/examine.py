"""`stanceml examine`: look behind one experiment's score."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stanceml.cli import options

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
    from rich.console import Console
    from rich.table import Table

    from stanceml.reports.examination import examination_lines, findings, shown

    title = f"{found.experiment} on {found.data}: value [95% interval]"
    table = Table(title=options.cell(title), title_justify="left")
    table.add_column("", overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("measure")
    table.add_column("value", no_wrap=True)
    table.add_column("difference from usual, and notes", overflow="fold")
    for section, lines in examination_lines(found).items():
        table.add_section()
        table.add_row(f"[bold]{section}[/bold]")
        for line in lines:
            beside = [line.note] if line.note else []
            if line.difference and line.usual:
                beside.insert(0, f"{shown(line.difference, signed=True)} of {line.usual.value:.3f}")
            table.add_row(
                options.cell(f"  {line.title}"),
                "" if line.n_rows is None else f"{line.n_rows:,}",
                options.cell(line.measure),
                shown(line.score),
                options.cell("; ".join(beside)),
            )
    Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(table)
    for sentence in findings(found):
        options.show(sentence)
