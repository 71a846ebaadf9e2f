"""`stanceml train`: train every experiment, log it, save the best."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stanceml.cli import options
from stanceml.cli.results import draw

if TYPE_CHECKING:
    from stanceml.workflows.train import TrainingResult

__all__ = ["EXAMPLES", "train"]

EXAMPLES = (
    "Examples:\n\n"
    "stanceml train\n\n"
    "stanceml train --data my.csv --text-column sentence --label-column label "
    "--label-map pro=favor --configs configs/ridge.yaml -o models/mine"
)


@options.with_labelled_rows
def train(
    context: typer.Context,
    data: options.Data = options.DATASET,
    configs: Annotated[Path, typer.Option(help="An experiment file, or a folder of them.")] = Path(
        "configs"
    ),
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Where the best model goes.  [models/stance; with --data models/ and its name]",
            show_default=False,
        ),
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="Labelled rows to score on, never trained on.")
    ] = None,
    tracking_uri: options.TrackingUri = None,
    jobs: options.Jobs = -1,
) -> None:
    """Train every experiment, log each as an MLflow run, and save the best model."""
    # Matplotlib's words on where it keeps its fonts are of no use here.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)

    from stanceml.tracking.store import default_uri
    from stanceml.workflows.train import train as run

    rows = options.labelled_file(context, data)
    name = "stance" if data == options.DATASET else data.stem
    with options.progress_bar("training") as progress:
        result = run(
            configs,
            rows,
            output or Path("models") / name,
            tracking_uri or default_uri(Path()),
            test=test,
            n_jobs=jobs,
            progress=progress,
            say=options.say,
        )
    _print(result)


def _print(result: "TrainingResult") -> None:
    from stanceml.modeling.scoring import slice_title
    from stanceml.reports.card import reliability_remark, size_remark

    present = list(result.best.measured.report.main_slices)
    titles = ["macro-F1" if name == "all" else slice_title(name) for name in present]
    test = ["test macro-F1"] if result.best.test_report else []
    rows = []
    for item in result.experiments:
        report = item.measured.report
        scores = [report.slices[name].scores["macro_f1"] for name in present]
        kind = " (baseline)" if item.measured.experiment.is_baseline else ""
        p_value = report.primary.p_value
        best = "* " if item is result.best else ""
        cells = [f"{best}{item.measured.experiment.name}{kind}", *map(str, scores)]
        cells.append("" if p_value is None else f"{p_value:.3f}")
        cells += [str(item.test_report.primary)] if item.test_report else []
        rows.append(cells)
    draw("cross-validated macro-F1 [95% interval]", ["experiment", *titles, "p", *test], rows)
    options.show(f"* {result.best.measured.experiment.name} is saved in {result.model_folder}")
    measured = result.best.measured.report.as_dict()
    options.show(size_remark(measured))
    print(reliability_remark(measured))
    baselines = [item for item in result.experiments if item.measured.experiment.is_baseline]
    strongest = max(baselines, key=lambda item: item.measured.report.primary.value, default=None)
    if strongest:
        value = strongest.measured.report.primary.value
        best_value = result.best.measured.report.primary.value
        print(
            f"The strongest baseline that never reads the text, "
            f"{strongest.measured.experiment.name}, reaches {value:.3f}; "
            f"the best model {best_value:.3f}."
        )
