"""`stanceml benchmark`: train on public rows, score on theirs, beside what others published."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stanceml.cli import options

if TYPE_CHECKING:
    from stanceml.workflows.benchmark import BenchmarkResult

__all__ = ["EXAMPLES", "benchmark"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml benchmark semeval2016 --data-dir benchmarks\n\n"
    "stanceml benchmark newsmtsc --data-dir benchmarks/newsmtsc --format json"
)


def benchmark(
    name: Annotated[
        str, typer.Argument(help="semeval2016 or newsmtsc.", metavar="NAME", show_default=False)
    ],
    data_dir: Annotated[
        Path,
        typer.Option(
            help="Where your copy of its files is, or a folder of benchmarks.", show_default=False
        ),
    ],
    configs: Annotated[
        Path | None,
        typer.Option(
            help="An experiment file, or a folder of them.  [configs/benchmarks/NAME.yaml]",
            show_default=False,
        ),
    ] = None,
    jobs: options.Jobs = -1,
    format: Annotated[Literal["table", "json"], typer.Option(help="How to print.")] = "table",
) -> None:
    """Train on a public benchmark and score its test rows, beside published results.

    The test rows are opened once, when the model is fitted. Of several experiments the one is taken
    that cross-validation on the training rows prefers.
    """
    from stanceml.workflows.benchmark import as_json
    from stanceml.workflows.benchmark import benchmark as run

    with options.progress_bar("training") as progress:
        result = run(name, data_dir, configs, n_jobs=jobs, progress=progress, say=options.say)
    if format == "json":
        print(json.dumps(as_json(result), indent=1))
        return
    words = ["stanceml", "benchmark", name, "--data-dir", str(data_dir)]
    _print(result, shlex.join([*words, *(["--configs", str(configs)] if configs else [])]))


def _print(result: "BenchmarkResult", command: str) -> None:
    from rich.console import Console
    from rich.table import Table

    chosen = result.benchmark
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False)
    table = Table(title=f"{chosen.title}: {chosen.metric} [95% interval]", title_justify="left")
    for column in ("system", "test rows", "score", "source"):
        table.add_column(column, overflow="fold")
    for found in result.scores:
        if not found.target:
            table.add_row(
                f"* stanceml, {result.fitted.experiment.name}",
                f"{found.part} ({found.n_rows})",
                str(found.score),
                "this run",
            )
    table.add_section()
    for other in chosen.published:
        table.add_row(other.system, other.part, f"{other.score:.3f}", other.source)
    console.print(table)
    if any(found.target for found in result.scores):
        table = Table(title="target by target", title_justify="left")
        for column in ("target", "test rows", "score"):
            table.add_column(column, overflow="fold")
        for found in result.scores:
            if found.target:
                table.add_row(
                    options.cell(found.target),
                    str(found.n_rows),
                    str(found.score),
                )
        console.print(table)
    fitted = result.fitted
    options.show(
        f"* trained on {result.n_rows} rows in {fitted.train_seconds:.0f} s; once more: {command}"
    )
