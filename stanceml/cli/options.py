"""Options that several commands share, and how the commands talk."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stanceml.corpus.columns import Columns
from stanceml.exceptions import UsageError

if TYPE_CHECKING:
    from stanceml.workflows.labelled import LabelledFile

__all__ = [
    "DATASET",
    "Data",
    "Jobs",
    "TrackingUri",
    "columns",
    "labelled_file",
    "progress_bar",
    "say",
    "with_columns",
    "with_labelled_rows",
]

TextColumn = Annotated[
    str | None, typer.Option(help="Column of the text.  [text]", show_default=False)
]
LabelColumn = Annotated[
    str | None, typer.Option(help="Column of the labels.  [stance]", show_default=False)
]
HolderColumn = Annotated[
    str | None, typer.Option(help="Column of the holders.  [holder, if there]", show_default=False)
]
TargetColumn = Annotated[
    str | None, typer.Option(help="Column of the targets.  [target, if there]", show_default=False)
]
HolderStartColumn = Annotated[
    str | None, typer.Option(help="Column of the character at which the holder begins, from 0.")
]
HolderEndColumn = Annotated[
    str | None, typer.Option(help="Column of the character after the holder.")
]
TargetStartColumn = Annotated[
    str | None, typer.Option(help="Column of the character at which the target begins, from 0.")
]
TargetEndColumn = Annotated[
    str | None, typer.Option(help="Column of the character after the target.")
]
GroupColumn = Annotated[
    str | None,
    typer.Option(
        help="Column of what is never split.  [document_id, else sentence_id, else the text]",
        show_default=False,
    ),
]
LabelMap = Annotated[
    list[str] | None,
    typer.Option(help="Rename a label, as in pro=favor; may be repeated.", metavar="OLD=NEW"),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        envvar="MLFLOW_TRACKING_URI",
        help="MLflow store.  [mlflow.db in this folder]",
        show_default=False,
    ),
]


Jobs = Annotated[
    int, typer.Option(help="Processes; -1 for one a core.", callback=lambda jobs: _whole(jobs))
]

#: What the project itself trains on.
DATASET = Path("data/stances.csv")
Data = Annotated[Path, typer.Option(help="Labelled rows: csv, tsv, jsonl or parquet.")]

_COLUMNS: dict[str, Any] = {
    "text_column": TextColumn,
    "holder_column": HolderColumn,
    "target_column": TargetColumn,
    "holder_start_column": HolderStartColumn,
    "holder_end_column": HolderEndColumn,
    "target_start_column": TargetStartColumn,
    "target_end_column": TargetEndColumn,
}
_LABELS: dict[str, Any] = {
    "label_column": LabelColumn,
    "group_column": GroupColumn,
    "label_map": LabelMap,
}


def with_columns(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that `columns` gathers from its context."""
    return _with(command, _COLUMNS)


def with_labelled_rows(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that `labelled_file` gathers from its context."""
    return _with(command, _COLUMNS | _LABELS)


def _with(command: Callable[..., None], added: dict[str, Any]) -> Callable[..., None]:
    @wraps(command)
    def run(**given: Any) -> None:
        command(**{name: value for name, value in given.items() if name not in added})

    plain = signature(command)
    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in added.items()
    ]
    # Typer reads the options off the signature.
    run.__signature__ = plain.replace(  # type: ignore[attr-defined]
        parameters=[*plain.parameters.values(), *options]
    )
    run.__annotations__ = {**command.__annotations__, **added}
    return run


def columns(context: typer.Context) -> Columns:
    """Gather the column options of a command."""
    names = [field.name for field in fields(Columns)]
    return Columns(**{name: context.params[f"{name}_column"] for name in names})


def labelled_file(context: typer.Context, path: Path) -> "LabelledFile":
    """Gather what a command was told about a file of labelled rows.

    Raises
    ------
    UsageError
        When a `--label-map` is no `OLD=NEW`, or a label is renamed twice.
    """
    renamed: dict[str, str] = {}
    for pair in context.params["label_map"] or []:
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--label-map {pair!r}: expected OLD=NEW, as in pro=favor")
        if old in renamed:
            raise UsageError(f"--label-map renames {old!r} twice; keep one")
        renamed[old] = new

    from stanceml.workflows.labelled import LabelledFile

    return LabelledFile(
        path,
        columns(context),
        context.params["label_column"],
        context.params["group_column"],
        renamed,
    )


def _whole(jobs: int) -> int:
    if jobs == 0 or jobs < -1:
        raise UsageError(f"--jobs {jobs}: expected a positive number, or -1")
    return jobs


def say(line: str) -> None:
    """Talk to the user: on standard error, so that results stay clean."""
    print(line, file=sys.stderr)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far long work is and how long it will take, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
