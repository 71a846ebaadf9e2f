"""`stanceml ablate`: what each block of an experiment's features is worth."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

if TYPE_CHECKING:
    from stanceml.reports.ablation import ResultTable

__all__ = ["EXAMPLES", "ablate"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml ablate configs/pair-ridge.yaml\n\n"
    "stanceml ablate configs/pair-ridge.yaml --data my.csv --label-column label "
    "--test other.jsonl --among favor --among against --by event --format markdown -o ablation.md"
)

Format = Literal["table", "json", "markdown"]


@options.with_labelled_rows
def ablate(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="An experiment file.", show_default=False)],
    data: options.Data = options.DATASET,
    test: Annotated[
        Path | None,
        typer.Option(help="Labelled rows to score on too, never trained on.", show_default=False),
    ] = None,
    among: Annotated[
        list[str] | None,
        typer.Option(
            help="On the test rows, choose among these labels only; to be repeated.  [all]",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Column of the test rows by whose values accuracy is told.",
            metavar="COLUMN",
            show_default=False,
        ),
    ] = None,
    jobs: options.Jobs = -1,
    format: Annotated[
        Format | None,
        typer.Option(help="How to print.  [table, unless -o tells otherwise]", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A file to write instead of standard output.", show_default=False
        ),
    ] = None,
) -> None:
    """Tell what each block of features is worth: the score without it, with it alone, and so on.

    Every variant is cross-validated, and compared with the whole on the same draws of groups. Test
    rows are scored by models that were trained on all other rows, and by the whole after training
    on 10, 20, 40 and 80% of the sentences.
    """
    chosen = format or _format_of(output)
    if str(output) in ("-", "/dev/stdout"):
        output = None

    from stanceml.reports.ablation import ablation_tables, as_markdown
    from stanceml.workflows.ablate import ablate as run
    from stanceml.workflows.ablate import as_json

    rows = options.labelled_file(context, data)
    # A file that cannot be written is found out before the long work.
    with options.opened(output) as file:
        with options.progress_bar("fitting") as progress:
            finished = run(
                config,
                rows,
                test=test,
                among=among or (),
                by=by,
                n_jobs=jobs,
                progress=progress,
                say=options.say,
            )
        tables = ablation_tables(
            finished.experiment.name, finished.dataset, finished.held_out, finished.ablation
        )
        if chosen == "json":
            print(json.dumps(as_json(finished), indent=1, ensure_ascii=False), file=file)
        elif chosen == "markdown":
            command = shlex.join(["stanceml", *sys.argv[1:]])
            print(as_markdown(tables, command), end="", file=file)
        else:
            _draw(tables, file)


def _format_of(output: Path | None) -> Format:
    known: dict[str, Format] = {".json": "json", ".md": "markdown"}
    return known.get(output.suffix.lower(), "table") if output else "table"


def _draw(tables: "list[ResultTable]", file: TextIO) -> None:
    for number, table in enumerate(tables):
        if number:
            print(file=file)
        draw(table.title, table.columns, *table.sections, remark=table.remark, file=file)
