"""Options that several commands share, and how the commands talk."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from stanceml.corpus.columns import Columns
from stanceml.exceptions import DataError, UsageError, one_line, visible

if TYPE_CHECKING:
    from stanceml.workflows.labelled import LabelledFile

__all__ = [
    "DATASET",
    "Data",
    "Jobs",
    "TrackingUri",
    "columns",
    "given_columns",
    "labelled_file",
    "opened",
    "progress_bar",
    "say",
    "show",
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
# Of no machine: what one can bear is found out where it is known.
_MOST_JOBS = 1_000_000

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
        for name in added:
            if given[name] == "":
                raise UsageError(f"{_option(name)} is empty; expected the name of a column")
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


def given_columns(context: typer.Context) -> list[str]:
    """List the column options that a command was given."""
    return [_option(name) for name in _COLUMNS if context.params[name] is not None]


def labelled_file(context: typer.Context, path: Path) -> "LabelledFile":
    """Gather what a command was told about a file of labelled rows.

    Raises
    ------
    UsageError
        When a `--label-map` is no `OLD=NEW`, NEW is no label, or a label is renamed twice.
    """
    from stanceml.corpus.labels import read_label

    renamed: dict[str, str] = {}
    for pair in context.params["label_map"] or []:
        old, equals, new = (part.strip() for part in pair.partition("="))
        if not (old and equals and new):
            raise UsageError(f"--label-map {pair!r}: expected OLD=NEW, as in pro=favor")
        if old in renamed:
            raise UsageError(f"--label-map renames {old!r} twice; keep one")
        try:
            renamed[old] = read_label(new)
        except DataError as error:
            raise UsageError(f"--label-map {old}=…: the new label {error}") from error

    from stanceml.workflows.labelled import LabelledFile

    return LabelledFile(
        path,
        columns(context),
        context.params["label_column"],
        context.params["group_column"],
        renamed,
    )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _whole(jobs: int) -> int:
    if jobs != -1 and not 1 <= jobs <= _MOST_JOBS:
        raise UsageError(f"--jobs {jobs}: expected a positive number up to {_MOST_JOBS}, or -1")
    return jobs


def say(line: str) -> None:
    """Talk to the user: on standard error, so that results stay clean."""
    print(one_line(line), file=sys.stderr)


def show(text: str) -> None:
    """Print a result for people: on standard output, and nothing in it drives the terminal."""
    print(visible(text), flush=True)


@contextmanager
def opened(output: Path | None) -> Iterator[TextIO]:
    """Open what results go to: standard output, or a file that appears when it is whole."""
    from stanceml.workflows.unfinished import ENCODING

    if output is None:
        sys.stdout.reconfigure(**ENCODING, newline="\n")  # type: ignore[union-attr]
        yield sys.stdout
        return

    from stanceml.files import replaced_file

    with replaced_file(output) as path, path.open("w", newline="", **ENCODING) as file:
        yield file


@contextmanager
def progress_bar(
    title: str, rate: str = "", shown: bool = True
) -> Iterator[Callable[[int, int | None], None]]:
    """Show how far long work is and how long it will take, on a terminal only.

    Parameters
    ----------
    title : str
        What is being done.
    rate : str
        What is counted, where it should be told how many of them a second are done.
    shown : bool
        Whether there is a bar at all: none where results go to the same terminal.

    Yields
    ------
    callable
        To be called with how much is done, and how much there is in all, where that is known.
    """
    if not shown or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} {rate}/s" if task.speed else "")

    # Results keep to standard output: the bar is on standard error.
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *([Rate()] if rate else []),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
