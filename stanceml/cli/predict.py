"""`stanceml predict`: the stance of new text."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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

Format = Literal["table", "csv", "jsonl"]


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
            "--input", "-i", help="A file of rows, or - for standard input.", show_default=False
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
            "--output", "-o", help="A file to write instead of standard output.", show_default=False
        ),
    ] = None,
) -> None:
    """Tell the stance of a text, or of every row of a file.

    Without a target, each sentence gets its stance as a whole, and below it a line for each actor
    or issue that it names. A row of a file is judged for the holder and the target that it names,
    or as a whole. Exit status 3: some rows could not be judged, and say why in `error`.
    """
    if (text is None) == (input is None):
        raise UsageError("predict expects either a text or --input FILE (or --input -)")
    if input is not None and (holder or target):
        raise UsageError("--holder and --target go with a text; rows name theirs in columns")
    chosen = format or _format_of(output)

    from stanceml.inference.sealed import load_model
    from stanceml.workflows import predict as workflow

    judge = load_model(model)
    failed = 0
    if input is None:
        rows: Iterable[dict[str, Any]] = workflow.judge_text(
            judge, " ".join(text or []), holder, target, options.say
        )
    else:
        from stanceml.corpus.tables import read_rows, table_format

        source = read_rows(input, table_format(input, input_format))
        rows = workflow.judge_rows(judge, source, options.columns(context), str(input), options.say)

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for row in rows:
            failed += bool(row.get("error"))
            yield row

    with _opened(output) as file:
        _write(counted(), file, chosen, judge.manifest.classes)
    if failed:
        rows_told = "1 row" if failed == 1 else f"{failed} rows"
        options.say(f"{rows_told} could not be judged: see `error`")
        raise typer.Exit(INCOMPLETE)


def _format_of(output: Path | None) -> Format:
    known: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    return known.get(output.suffix.lower(), "table") if output else "table"


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    # A lone surrogate cannot be written as UTF-8; escaped, it is still valid JSON.
    if output is None or str(output) in ("-", "/dev/stdout"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        yield sys.stdout
        return

    from stanceml.files import replaced_file

    with (
        replaced_file(output) as path,
        path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        yield file


def _write(
    rows: Iterable[dict[str, Any]], file: TextIO, format: Format, classes: list[str]
) -> None:
    from stanceml.corpus.tables import write_rows
    from stanceml.workflows.predict import flatten

    if format == "jsonl":
        write_rows(
            ({k: v for k, v in row.items() if k != "error" or v} for row in rows), file, format
        )
    elif format == "csv":
        write_rows((flatten(row, classes) for row in rows), file, format)
    else:
        _write_table(rows, file, classes)


def _write_table(rows: Iterable[dict[str, Any]], file: TextIO, classes: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in ("text", "holder", "target", "stance"):
        table.add_column(name, overflow="fold")
    for label in classes:
        table.add_column(f"p({label})", justify="right")
    for row in rows:
        target = str(row.get("target") or "")
        entity = row.get("entity")
        shown = f"{target} ({entity})" if entity and entity != target else target
        text = "" if row.get("entity") else str(row.get("text") or "")
        stance = row["stance"] or f"error: {row['error']}"
        probabilities = row["probabilities"] or {}
        cells = [f"{probabilities[label]:.3f}" if probabilities else "" for label in classes]
        named = [text, str(row.get("holder") or ""), shown, stance]
        # Plain text: brackets in the news are no markup.
        table.add_row(*(Text(cell) for cell in named), *cells)
    Console(file=file, width=None if file.isatty() else 120).print(table)
