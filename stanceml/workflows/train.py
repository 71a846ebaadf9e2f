"""Train every experiment on one dataset: measure, log each as a run, save the best."""

import csv
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stanceml.config import Experiment, read_experiments
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import ConfigError, TrackingError, located
from stanceml.files import check_folder_can_be_replaced, replaced_file, write_text, writing
from stanceml.inference.manifest import MANIFEST_FILE
from stanceml.inference.sealed import SealedModel
from stanceml.modeling.evaluation import CrossValidation, cross_validate
from stanceml.modeling.pipeline import build_pipeline
from stanceml.modeling.scoring import PRIMARY, Report, score_predictions
from stanceml.modeling.sealing import package_versions, save_model, seal, top_ngrams
from stanceml.reports.card import model_card
from stanceml.reports.figures import (
    class_bars,
    confusion_matrix,
    leaderboard_chart,
    ngram_chart,
    readable,
    reliability_diagram,
)
from stanceml.tracking.runs import RunRecord, close_abandoned_runs, git_state, log_run, metric_name
from stanceml.tracking.store import open_store
from stanceml.workflows.beginning import announced, check_experiments, overlap_remarks
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.scratch import scratch_folder

__all__ = ["TrainedExperiment", "TrainingResult", "train"]

_SUMMARY = (PRIMARY, "favor_against_f1", "balanced_accuracy")


@dataclass(frozen=True)
class TrainedExperiment:
    """One experiment: what was measured, and where it is kept."""

    measured: CrossValidation
    test_report: Report | None
    run_id: str


@dataclass(frozen=True)
class TrainingResult:
    """What a training leaves behind; `experiments` begins with the best score."""

    dataset: Dataset
    experiments: list[TrainedExperiment]
    best: TrainedExperiment
    model_folder: Path
    remarks: list[str]


def train(
    configs: Path,
    data: LabelledFile,
    model_folder: Path,
    tracking_uri: str,
    *,
    test: Path | None = None,
    folder: Path = Path(),
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> TrainingResult:
    """Train, measure, log and save.

    Parameters
    ----------
    configs : Path
        An experiment file, or a folder of them.
    data : LabelledFile
        The training rows.
    model_folder : Path
        Where the best model is saved; its name is the name of the MLflow experiment too.
    tracking_uri : str
        The MLflow store.
    test : Path, optional
        More rows with the same columns, never trained on.
    folder : Path
        The project folder: its git state is noted, artifacts are put into it.
    n_jobs : int
        Processes; -1 for one a core.
    progress : callable
        Called with the number of finished and of all tasks.
    say : callable
        Called with a line for the user, as things become known.

    Returns
    -------
    TrainingResult

    Raises
    ------
    StancemlError
        When a config, the data or the store cannot be used; before any training.
    """
    experiments = read_experiments(configs)
    if all(experiment.is_baseline for experiment in experiments):
        raise ConfigError(f"{configs}: only baselines; expected an experiment that reads the text")
    dataset = data.load(min_groups=max(e.evaluation.n_splits for e in experiments))
    test_set = replace(data, path=test).load(known_labels=dataset.classes) if test else None
    remarks = [*dataset.remarks, *overlap_remarks(dataset, test_set)]
    for remark in remarks:
        say(remark)
    n_jobs = check_experiments(configs, experiments, dataset, n_jobs, say)
    check_folder_can_be_replaced(model_folder, MANIFEST_FILE)
    store = open_store(tracking_uri, folder, model_folder.name)
    close_abandoned_runs(store)

    n_experiments = f"{len(experiments)} experiment{'s' * (len(experiments) > 1)}"
    told = announced(progress, lambda *_: say(f"{dataset.size}, {n_experiments}"))
    with located(data.path):
        measured = cross_validate(experiments, dataset, n_jobs, told)
    measured.sort(key=lambda result: -result.report.primary.value)
    best = next(result for result in measured if not result.experiment.is_baseline)

    say("logging the runs")
    git = git_state(folder)
    trained: list[TrainedExperiment] = []
    failure: TrackingError | None = None
    with scratch_folder() as scratch:
        for result in [best, *(result for result in measured if result is not best)]:
            work = scratch / result.experiment.name
            sealed, keep, test_report = _fit(model_folder.name, result, dataset, test_set, work)
            if result is best:
                save_best = keep
            _write_artifacts(work / "artifacts", result, test_report, sealed, measured, keep.ngrams)
            record = _record(result, test_report, dataset, data, git, work, is_best=result is best)
            try:
                run_id = log_run(store, record)
            except TrackingError as error:
                failure = error
                break
            trained.append(TrainedExperiment(result, test_report, run_id))
    with writing(model_folder):
        save_best.write(model_folder)
    if failure:
        # The store may come back; the hours of training would not.
        raise TrackingError(
            f"{failure}; the model {best.experiment.name} is saved in {model_folder} all the same"
        ) from failure
    trained.sort(key=lambda item: measured.index(item.measured))
    chosen = next(item for item in trained if item.measured is best)
    return TrainingResult(dataset, trained, chosen, model_folder, remarks)


@dataclass(frozen=True)
class _Fitted:
    manifest: Any
    arrays: Any
    pipeline: Any
    ngrams: list[dict[str, Any]]

    def write(self, folder: Path) -> SealedModel:
        return save_model(folder, self.manifest, self.arrays, self.pipeline, model_card)


def _fit(
    name: str, result: CrossValidation, dataset: Dataset, test_set: Dataset | None, work: Path
) -> tuple[SealedModel, _Fitted, Report | None]:
    pipeline = build_pipeline(result.experiment)
    pipeline.fit(dataset.X, dataset.y.to_numpy(), classifier__groups=dataset.groups.to_numpy())
    test_report = None
    if test_set is not None:
        settings = result.experiment.evaluation
        probabilities = pipeline.predict_proba(test_set.X)
        test_report = score_predictions(
            test_set,
            np.asarray(dataset.classes)[probabilities.argmax(axis=1)],
            dataset.classes,
            settings.n_bootstraps,
            settings.n_permutations,
            result.experiment.random_state,
            probabilities,
        )
    manifest, arrays = seal(name, pipeline, dataset, result, test_report)
    fitted = _Fitted(manifest, arrays, pipeline, top_ngrams(pipeline))
    return fitted.write(work / "model"), fitted, test_report


def _write_artifacts(
    folder: Path,
    result: CrossValidation,
    test_report: Report | None,
    sealed: SealedModel,
    measured: list[CrossValidation],
    ngrams: list[dict[str, Any]],
) -> None:
    content = {
        "experiment": result.experiment.model_dump(mode="json"),
        "data": sealed.manifest.data.model_dump(mode="json"),
        "cv": result.report.as_dict(),
        "test": test_report.as_dict() if test_report else None,
    }
    write_text(folder / "report.json", json.dumps(content, indent=1) + "\n")
    write_text(folder / "model_card.md", model_card(sealed.manifest))
    with replaced_file(folder / "out_of_fold_predictions.csv") as path:
        result.predictions.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    if ngrams:
        with (
            replaced_file(folder / "top_ngrams.csv") as path,
            path.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, list(ngrams[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row | {"ngram": readable(row["ngram"])} for row in ngrams)
    figures = {
        "confusion_matrix": confusion_matrix(result.report),
        "class_bars": class_bars(result.report),
        "top_ngrams": ngram_chart(ngrams),
        "leaderboard": leaderboard_chart(measured),
    }
    if result.report.reliability:
        name = result.experiment.name
        figures["reliability"] = reliability_diagram(result.report.reliability, name)
    with warnings.catch_warnings():
        # A script that the font lacks shows as boxes: n-grams are in the CSV beside the picture.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        for name, figure in figures.items():
            if figure is not None:
                figure.savefig(folder / f"{name}.png", dpi=150)


def _record(
    result: CrossValidation,
    test_report: Report | None,
    dataset: Dataset,
    data: LabelledFile,
    git: dict[str, str],
    work: Path,
    is_best: bool,
) -> RunRecord:
    experiment = result.experiment
    metrics = _metrics("cv", result.report)
    if test_report:
        metrics |= _metrics("test", test_report)
    tags = {
        "mlflow.note.content": experiment.description,
        "kind": "baseline" if experiment.is_baseline else "model",
        "saved": str(is_best).lower(),
        "dataset.digest": dataset.digest,
        "config.digest": experiment.digest,
        **git,
        **{f"version.{name}": number for name, number in package_versions().items()},
    }
    return RunRecord(
        name=experiment.name,
        params=_params(experiment, result.report.n_repeats),
        metrics=metrics,
        tags=tags,
        data_name=dataset.name,
        data_digest=dataset.digest,
        data_source=str(data.path),
        data=dataset.X.assign(stance=dataset.y),
        artifacts=work / "artifacts",
        model=work / "model",
        classes=dataset.classes,
    )


def _params(experiment: Experiment, n_repeats: int) -> dict[str, Any]:
    settings = experiment.classifier.model_dump(mode="json")
    return {
        "classifier": settings.pop("kind"),
        **settings,
        "features": " + ".join(
            f"{block.source}-{block.kind}-{block.orders[0]}-{block.orders[1]}"
            for block in experiment.features
        ),
        "n_splits": experiment.evaluation.n_splits,
        "n_repeats": n_repeats,
        "random_state": experiment.random_state,
    }


def _metrics(section: str, report: Report) -> dict[str, float]:
    primary = report.primary
    metrics = {
        metric_name(section, PRIMARY): primary.value,
        metric_name(section, f"{PRIMARY}_low"): primary.low,
        metric_name(section, f"{PRIMARY}_high"): primary.high,
    }
    if primary.p_value is not None:
        metrics[metric_name(section, f"{PRIMARY}_p_value")] = primary.p_value
    if report.reliability:
        # A section of its own: MLflow sorts the charts of a section by name, the scores come first.
        place = f"{section}_probabilities"
        measured = report.reliability
        metrics[metric_name(place, "calibration_error")] = measured.calibration_error.value
        metrics[metric_name(place, "brier")] = measured.brier.value
    for name, part in report.main_slices.items():
        chosen = part.scores if name == "all" else _SUMMARY
        place = section if name == "all" else f"{section}_{name}"
        metrics |= {
            metric_name(place, metric): part.scores[metric].value
            for metric in chosen
            if metric in part.scores
        }
    return metrics
