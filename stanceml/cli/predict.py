"""`stanceml predict`: the stance of new text."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer

from stanceml.cli import options
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
    if input and output and to_file and output.exists() and input.exists():
        _refuse_one_file_for_both(input, output)

    from stanceml.inference.sealed import load_model
    from stanceml.workflows import predict as workflow

    judge = load_model(model)
    classes = judge.manifest.classes
    if input is None:
        told = workflow.judge_text(judge, " ".join(text or []), holder, target, options.say)
        with _opened(output if to_file else None) as file:
            _write(told, file, chosen, classes, spreadsheet_safe)
        return

    from stanceml.tables.tables import Table, table_format

    table = Table(input, table_format(input, input_format))
    columns = options.columns(context)
    if chosen == "table":
        failed = 0

        def counted() -> Iterator[dict[str, Any]]:
            nonlocal failed
            judged = workflow.judge_rows(judge, table.rows(), columns, table.name, options.say)
            for row in judged:
                failed += bool(row["error"])
                yield row

        with _opened(output if to_file else None) as file:
            _write(counted(), file, chosen, classes)
    else:
        from stanceml.workflows import streaming

        digest = streaming.model_digest(model)
        job = streaming.Labelling(judge, digest, table, columns, chosen, spreadsheet_safe)
        shown = to_file or not sys.stdout.isatty()
        with options.progress_bar("predicting", rate="rows", shown=shown) as progress:
            if output and to_file:
                failed = streaming.label_to_file(job, output, options.say, progress, resume=resume)
            else:
                with _opened(None) as file:
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


def _refuse_one_file_for_both(input: Path, output: Path) -> None:
    if input.samefile(output):
        raise UsageError(f"-o {output} is the input itself; name another file")


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    # A lone surrogate cannot be written as UTF-8; escaped, it is still valid JSON.
    if output is None:
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
        yield sys.stdout
        return

    from stanceml.files import replaced_file

    with (
        replaced_file(output) as path,
        path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        yield file


def _write(
    rows: Iterable[dict[str, Any]],
    file: TextIO,
    format: Format,
    classes: list[str],
    spreadsheet_safe: bool = False,
) -> None:
    if format == "table":
        source = iter(rows)
        while block := list(islice(source, _TABLE_ROWS)):
            _write_table(block, file, classes)
        return

    from stanceml.tables.table_writing import write_rows
    from stanceml.workflows.predict import flatten

    flat = rows if format == "jsonl" else (flatten(row, classes) for row in rows)
    change = None
    if spreadsheet_safe:
        from stanceml.tables.table_writing import harmless

        change = harmless
    write_rows(flat, file, format, change)


def _write_table(rows: Iterable[dict[str, Any]], file: TextIO, classes: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for name in ("text", "holder", "target", "stance"):
        table.add_column(name, overflow="fold")
    for label in classes:
        table.add_column(options.cell(f"p({label})"), justify="right")
    for row in rows:
        target = str(row.get("target") or "")
        entity = row.get("entity")
        shown = f"{target} ({entity})" if entity and entity != target else target
        text = "" if row.get("entity") else str(row.get("text") or "")
        stance = row["stance"] or f"error: {row['error']}"
        probabilities = row["probabilities"] or {}
        cells = [f"{probabilities[label]:.3f}" if probabilities else "" for label in classes]
        named = [text, str(row.get("holder") or ""), shown, stance]
        table.add_row(*map(options.cell, named), *cells)
    Console(file=file, width=None if file.isatty() else 120).print(table)
