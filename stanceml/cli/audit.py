"""`stanceml audit`: look whether labelled rows can be trusted."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stanceml.cli import options

if TYPE_CHECKING:
    from rich.console import Console

    from stanceml.quality.auditing import Check

__all__ = ["EXAMPLES", "audit"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml audit data/stances.csv\n\n"
    "stanceml audit train.jsonl --test test.jsonl --label-column label --format json"
)

MISSED = 1
_SHOWN = 25
_LONGEST = 160


@options.with_labelled_rows
def audit(
    context: typer.Context,
    data: Annotated[
        Path, typer.Argument(help="Labelled rows: csv, tsv, jsonl or parquet.", show_default=False)
    ],
    test: Annotated[
        Path | None,
        typer.Option(help="Labelled rows that should share no sentence with the data."),
    ] = None,
    shares: Annotated[
        bool | None,
        typer.Option(
            "--shares/--no-shares",
            help="Check the shares of the project's own corpus.  [where batch and the flags are]",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Literal["table", "json"], typer.Option(help="How to print.")] = "table",
) -> None:
    """Look whether labelled rows can be trusted: copies, contradictions, words and names that tell.

    Exit status 1: a bar was missed. Verbs and adjectives are told by their form, without a tagger.
    """
    from stanceml.workflows.audit import as_json
    from stanceml.workflows.audit import audit as run

    rows = options.labelled_file(context, data)
    with options.progress_bar("auditing") as progress:
        result = run(rows, test=test, shares=shares, progress=progress)
    if format == "json":
        print(json.dumps(as_json(result), indent=1, ensure_ascii=False))
    else:
        _print(str(data), result.checks)
    judged = [check for check in result.checks if check.bar]
    unmeasured = sum(check.passed is None for check in judged)
    options.say(
        f"{len(result.missed)} of {len(judged)} bars missed"
        + (f", {unmeasured} not measured" if unmeasured else "")
        + f" in {len(result.dataset.y)} rows, "
        f"{result.dataset.groups.nunique()} groups (by {result.dataset.group_kind})"
    )
    if result.missed:
        raise typer.Exit(MISSED)


def _print(title: str, checks: "tuple[Check, ...]") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False)
    table = Table(title=options.cell(title), title_justify="left")
    table.add_column("check", overflow="fold")
    table.add_column("value", justify="right")
    table.add_column("bar", overflow="fold")
    table.add_column("")
    section = ""
    for check in checks:
        if check.section != section:
            section = check.section
            table.add_section()
        verdict = {True: "ok", False: "MISSED", None: "not measured" if check.bar else ""}
        named = options.cell(f"{check.section}: {check.name}")
        table.add_row(named, _value(check), check.bar, verdict[check.passed])
    console.print(table)
    for check in checks:
        if check.passed is not True and (check.details or check.remark):
            _print_details(console, check)


def _print_details(console: "Console", check: "Check") -> None:
    from rich.table import Table

    remark = f" ({check.remark})" if check.remark else ""
    console.print(options.cell(f"\n{check.section}: {check.name}{remark}"))
    if not check.details:
        return
    table = Table(show_edge=False, pad_edge=False, box=None)
    for name, value in check.details[0].items():
        number = isinstance(value, int | float)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in check.details[:_SHOWN]:
        table.add_row(*(options.cell(_cell(value)) for value in row.values()))
    console.print(table)
    left = len(check.details) - _SHOWN
    if left > 0:
        console.print(f"… and {left} more; --format json has them all")


def _value(check: "Check") -> str:
    if check.value is None:
        return "-"
    if check.is_share:
        return f"{check.value:.1%}"
    return f"{check.value:,.0f}" if float(check.value).is_integer() else f"{check.value:.3f}"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
