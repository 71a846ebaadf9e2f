"""`stanceml benchmark`: train on public rows, score on theirs, beside what others published."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

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
    chosen = result.benchmark
    whole, targets = [], []
    for found in result.scores:
        if found.target:
            targets.append([found.target, str(found.n_rows), str(found.score)])
        else:
            name, rows = result.fitted.experiment.name, f"{found.part} ({found.n_rows})"
            whole.append([f"* stanceml, {name}", rows, str(found.score), "this run"])
    draw(
        f"{chosen.title}: {chosen.metric} [95% interval]",
        ["system", "test rows", "score", "source"],
        whole,
        [[one.system, one.part, f"{one.score:.3f}", one.source] for one in chosen.published],
        words=("test rows", "source"),
    )
    if targets:
        draw("target by target", ["target", "test rows", "score"], targets)
    fitted = result.fitted
    options.show(
        f"* trained on {result.n_rows} rows in {fitted.train_seconds:.0f} s; once more: {command}"
    )
