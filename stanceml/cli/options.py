"""Options that several commands share, and how the commands talk."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stanceml.corpus.columns import Columns
from stanceml.exceptions import UsageError

if TYPE_CHECKING:
    from stanceml.workflows.labelled import LabelledFile

__all__ = [
    "GroupColumn",
    "HolderColumn",
    "HolderEndColumn",
    "HolderStartColumn",
    "LabelColumn",
    "LabelMap",
    "TargetColumn",
    "TargetEndColumn",
    "TargetStartColumn",
    "TextColumn",
    "TrackingUri",
    "columns",
    "labelled_file",
    "progress_bar",
    "say",
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
