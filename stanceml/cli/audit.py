"""`stanceml audit`: look whether labelled rows can be trusted."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

if TYPE_CHECKING:
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
    sections: dict[str, list[list[str]]] = {}
    for check in checks:
        verdict = {True: "ok", False: "MISSED", None: "not measured" if check.bar else ""}
        row = [f"{check.section}: {check.name}", _value(check), check.bar, verdict[check.passed]]
        sections.setdefault(check.section, []).append(row)
    draw(title, ["check", "value", "bar", ""], *sections.values(), words=("bar", ""))
    for check in checks:
        if check.passed is not True and (check.details or check.remark):
            _print_details(check)


def _print_details(check: "Check") -> None:
    remark = f" ({check.remark})" if check.remark else ""
    title = f"\n{check.section}: {check.name}{remark}"
    if not check.details:
        options.show(title)
        return
    first = check.details[0]
    rows = [list(map(_cell, row.values())) for row in check.details[:_SHOWN]]
    left = len(check.details) - _SHOWN
    draw(
        title,
        list(first),
        rows,
        words=[name for name, value in first.items() if not isinstance(value, int | float)],
        remark=f"… and {left} more; --format json has them all" if left > 0 else "",
    )


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
