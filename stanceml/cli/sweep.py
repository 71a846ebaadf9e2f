"""`stanceml sweep`: search over the fields of an experiment."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

if TYPE_CHECKING:
    from stanceml.workflows.sweep import FinishedSweep

__all__ = ["EXAMPLES", "sweep"]

EXAMPLES = (
    "What is finished is kept in sweeps/NAME/: after a kill, the same command goes on there.\n\n"
    "Examples:\n\n"
    "stanceml sweep configs/sweeps/pair-ridge.yaml\n\n"
    "stanceml sweep my-sweep.yaml --data my.csv --text-column sentence --label-column label "
    "-o configs/my-best.yaml"
)

SHOWN = 10


@options.with_labelled_rows
def sweep(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Argument(
            help="A sweep file: base, search, space, evaluation.",
            show_default=False,
        ),
    ],
    data: options.Data = options.DATASET,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Where the chosen experiment goes.  [sweeps/NAME/best.yaml]",
            show_default=False,
        ),
    ] = None,
    tracking_uri: options.TrackingUri = None,
    jobs: options.Jobs = -1,
    format: Annotated[Literal["table", "json"], typer.Option(help="How to print.")] = "table",
) -> None:
    """Choose the best values for fields of an experiment, and measure the choice on unseen rows."""
    from stanceml.tracking.store import default_uri
    from stanceml.workflows.sweep import as_json
    from stanceml.workflows.sweep import sweep as run

    rows = options.labelled_file(context, data)
    with options.progress_bar("fitting") as progress:
        finished = run(
            config,
            rows,
            tracking_uri or default_uri(Path()),
            output=output,
            n_jobs=jobs,
            progress=progress,
            say=options.say,
        )
    options.say(
        f"{finished.result.extraction_seconds:.1f} s for features, "
        f"{finished.result.fitting_seconds:.1f} s for fitting, over all processes; the runs are in "
        f"the MLflow experiment sweep-{finished.sweep.name}"
    )
    if format == "json":
        print(json.dumps(as_json(finished), indent=1))
    else:
        _print(finished)


def _print(finished: "FinishedSweep") -> None:
    result = finished.result
    best = result.ranking[:SHOWN]
    least = min(ranked.share for ranked in result.ranking)
    title = f"the best {len(best)} of {len(result.ranking)} candidates: macro-F1 [95% interval]"
    columns = ["", *finished.sweep.space, *(["of groups"] if least < 1 else []), "macro-F1"]
    rows = []
    for number, ranked in enumerate(best, 1):
        cells = _values(ranked.candidate.settings)
        cells += [f"{ranked.share:.0%}"] if least < 1 else []
        rows.append(["* 1" if number == 1 else str(number), *cells, str(ranked.score)])
    draw(title, columns, rows, words=finished.sweep.space, unbroken=("", "macro-F1"))
    title = "what each value did: mean macro-F1 of the candidates that have it [95% interval]"
    title += f", on {least:.0%} of the training groups" if least < 1 else ""
    rows = []
    for value in result.values:
        cells = _values({value.field: value.value})
        rows.append([value.field, *cells, str(value.n_candidates), str(value.score)])
    draw(title, ["field", "value", "candidates", "macro-F1"], rows, words=("value",))
    options.show(_remark(finished))


def _remark(finished: "FinishedSweep") -> str:

    result = finished.result
    report, gain = result.report.primary, result.gain
    p_value = "" if report.p_value is None else f", p = {report.p_value:.3f}"
    verdict = "cannot be told apart from" if gain.low <= 0 <= gain.high else "differs from"
    counts = Counter(
        ", ".join(map("=".join, zip(chosen.settings, _values(chosen.settings), strict=True)))
        for chosen in result.chosen
    )
    lines = [
        "The scores above made the choice, so that the best one is too high. Chosen anew within "
        f"each of {len(result.chosen)} outer folds",
        f"and scored on rows that had no part in it, a choice like this reaches {report}{p_value};",
        f"the base reaches {result.base_report.primary} on the same folds. "
        f"The choice {verdict} the base: {gain:+.3f}.",
        "The outer folds chose",
        *(f"  {number} x {settings}" for settings, number in counts.most_common()),
        f"* is written to {finished.output}; train it with "
        f"`stanceml train --configs {finished.output}`",
    ]
    return "\n".join(lines)


def _values(settings: dict[str, Any]) -> list[str]:
    from stanceml.search.experiment_file import value_text

    return [value_text(value) for value in settings.values()]
