"""`stanceml predict`: the stance of new text."""

import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer

from stanceml.cli import options
from stanceml.cli.results import draw
from stanceml.exceptions import UsageError

__all__ = ["EXAMPLES", "predict"]

EXAMPLES = (
    "Examples:\n\n"
    'stanceml predict "NATO expresses its support for Ukraine." --holder NATO --target Ukraine\n\n'
    "cat sentences.txt | stanceml predict --input - --format jsonl"
)

INCOMPLETE = 3

# Tables for people are laid out so many rows at a time.
_TABLE_ROWS = 1000

Format = Literal["table", "csv", "tsv", "jsonl"]


@options.with_columns
def predict(
    context: typer.Context,
    text: Annotated[
        list[str] | None,
        typer.Argument(help="The text; several words are one text.", show_default=False),
    ] = None,
    holder: Annotated[str, typer.Option(help="Whose stance it is.")] = "",
    target: Annotated[str, typer.Option(help="What the stance is towards.")] = "",
    input: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            help="A file of rows (text may be packed, as in rows.csv.gz), or - for standard input.",
            show_default=False,
        ),
    ] = None,
    input_format: Annotated[
        Literal["csv", "tsv", "jsonl", "parquet", "txt"] | None,
        typer.Option(
            help="What the input is.  [told by its name; txt from standard input]",
            show_default=False,
        ),
    ] = None,
    model: Annotated[Path, typer.Option(help="Folder of a saved model.")] = Path("models/stance"),
    format: Annotated[
        Format | None,
        typer.Option(help="How to print.  [table, or told by -o]", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A file to write instead of standard output; it appears when it is whole, and "
            "until then the rows are in FILE.part.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the FILE.part of a run that was stopped.")
    ] = False,
    spreadsheet_safe: Annotated[
        bool,
        typer.Option(
            "--spreadsheet-safe",
            help="Put a ' before fields of csv and tsv that a spreadsheet would run as formulas.",
        ),
    ] = False,
) -> None:
    """Tell the stance of a text, or of every row of a file.

    Without a target, each sentence gets its stance as a whole, and below it a line for each actor
    or issue that it names. A row of a file is judged for the holder and the target that it names,
    or as a whole. Exit status 3: some rows could not be judged, and say why in `error`.
    """
    to_file = output is not None and str(output) not in ("-", "/dev/stdout")
    if (text is None) == (input is None):
        raise UsageError("predict expects either a text or --input FILE (or --input -)")
    if input is not None and (holder or target):
        raise UsageError("--holder and --target go with a text; rows name theirs in columns")
    if input is None and (given := options.given_columns(context)):
        raise UsageError(f"{given[0]} goes with --input; a text has no columns")
    if input is None and input_format:
        raise UsageError("--input-format goes with --input; a text has no format")
    chosen = format or _format_of(output if to_file else None)
    if resume and not (input and to_file and chosen != "table"):
        raise UsageError("--resume goes with --input, and with -o FILE as csv, tsv or jsonl")
    if spreadsheet_safe and chosen not in ("csv", "tsv"):
        raise UsageError(f"--spreadsheet-safe goes with csv and tsv; the output is {chosen}")
    there = [path for path in (input, output) if path and to_file and path.exists()]
    if len(there) == 2 and there[0].samefile(there[1]):
        raise UsageError(f"-o {output} is the input itself; name another file")

    from stanceml.inference.sealed import load_model
    from stanceml.workflows import predict as workflow

    judge = load_model(model)
    classes = judge.manifest.classes
    if input is None:
        told = workflow.judge_text(judge, " ".join(text or []), holder, target, options.say)
        with options.opened(output if to_file else None) as file:
            if chosen == "table":
                _write_tables(told, file, classes)
            else:
                from stanceml.tables.table_writing import harmless, write_rows

                flat = (workflow.flatten(row, classes) for row in told)
                rows = told if chosen == "jsonl" else flat
                write_rows(rows, file, chosen, harmless if spreadsheet_safe else None)
        return

    from stanceml.tables.tables import Table, table_format
    from stanceml.workflows import streaming

    table = Table(input, table_format(input, input_format))
    digest, columns = streaming.model_digest(model), options.columns(context)
    job = streaming.Labelling(judge, digest, table, columns, chosen, spreadsheet_safe)
    if chosen == "table":
        rows = (row.values | row.prediction for row in streaming.judged_rows(job, options.say))
        with options.opened(output if to_file else None) as file:
            failed = _write_tables(rows, file, classes)
    else:
        shown = to_file or not sys.stdout.isatty()
        with options.progress_bar("predicting", rate="rows", shown=shown) as progress:
            if output and to_file:
                failed = streaming.label_to_file(job, output, options.say, progress, resume=resume)
            else:
                with options.opened(None) as file:
                    failed = streaming.label_to_stream(job, file, options.say, progress)
    if failed:
        rows_told = "1 row" if failed == 1 else f"{failed} rows"
        options.say(f"{rows_told} could not be judged: see `error`")
        raise typer.Exit(INCOMPLETE)


def _format_of(output: Path | None) -> Format:
    if output is None:
        return "table"
    known: dict[str, Format] = {
        ".csv": "csv",
        ".tsv": "tsv",
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
    }
    format = known.get(output.suffix.lower())
    if format is None:
        raise UsageError(
            f"-o {output}: the name does not tell a format that can be written; expected one of "
            f"{', '.join(known)}, or say --format"
        )
    return format


def _write_tables(rows: Iterable[dict[str, Any]], file: TextIO, classes: list[str]) -> int:
    source, n_failed = iter(rows), 0
    while block := list(islice(source, _TABLE_ROWS)):
        _write_table(block, file, classes)
        n_failed += sum(row["stance"] is None for row in block)
    return n_failed


def _write_table(rows: Iterable[dict[str, Any]], file: TextIO, classes: list[str]) -> None:
    cells = []
    for row in rows:
        target = str(row.get("target") or "")
        entity = row.get("entity")
        shown = f"{target} ({entity})" if entity and entity != target else target
        text = "" if row.get("entity") else str(row.get("text") or "")
        stance = row["stance"] or f"error: {row['error']}"
        probabilities = row["probabilities"] or {}
        named = [text, str(row.get("holder") or ""), shown, stance]
        numbers = [f"{probabilities[label]:.3f}" if probabilities else "" for label in classes]
        cells.append([*named, *numbers])
    names = ("text", "holder", "target", "stance")
    draw("", [*names, *(f"p({label})" for label in classes)], cells, words=names, file=file)
