"""Search over the fields of an experiment: choose, measure the choice, write it as a config."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import ceil, prod
from pathlib import Path
from typing import Any

from stanceml.config import EvaluationSettings, Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError, located
from stanceml.files import sha256, write_text, writing
from stanceml.modeling.resampling import Score
from stanceml.modeling.scoring import PRIMARY
from stanceml.modeling.sealing import package_versions
from stanceml.search.experiment_file import experiment_yaml, value_text
from stanceml.search.journal import Journal
from stanceml.search.ranking import RankedCandidate
from stanceml.search.search import SearchResult, search
from stanceml.search.sweep_file import Sweep, SweepEvaluation, read_sweep
from stanceml.tracking.runs import close_abandoned_runs, git_state, metric_name
from stanceml.tracking.store import open_store
from stanceml.tracking.sweeps import CandidateRecord, SweepRecord, log_sweep
from stanceml.workflows.beginning import announced, check_work
from stanceml.workflows.labelled import LabelledFile
from stanceml.workflows.scratch import scratch_folder

__all__ = ["FinishedSweep", "as_json", "sweep"]

_NUMBERS = ("scikit-learn", "numpy", "scipy", "stanceml")


@dataclass(frozen=True)
class FinishedSweep:
    """What a sweep leaves behind: `best` is the experiment in `output`."""

    sweep: Sweep
    dataset: Dataset
    result: SearchResult
    best: Experiment
    output: Path
    run_id: str


def sweep(
    config: Path,
    data: LabelledFile,
    tracking_uri: str,
    *,
    output: Path | None = None,
    folder: Path = Path(),
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> FinishedSweep:
    """Try every candidate, choose, log, and write the choice as an experiment file.

    What is finished is kept in `sweeps/NAME/` of the project folder: after a kill, the same sweep
    on the same rows goes on where it was.

    Parameters
    ----------
    config : Path
        A sweep file.
    data : LabelledFile
        The rows.
    tracking_uri : str
        The MLflow store; the runs go into its experiment `sweep-NAME`.
    output : Path, optional
        Where the experiment is written; `best.yaml` beside what is kept where it is not given.
    folder : Path
        The project folder: its git state is noted, artifacts are put into it.
    n_jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Called with the number of finished and of all tasks.
    say : callable
        Called with a line for the user, as things become known.

    Returns
    -------
    FinishedSweep

    Raises
    ------
    StancemlError
        When the sweep file, the data, the store or the output cannot be used; before any fit.
    """
    settings = read_sweep(config)
    dataset = data.load(min_groups=_groups_needed(settings.evaluation))
    kept = folder / "sweeps" / settings.name
    output = output or kept / "best.yaml"
    if output.exists() and not output.is_file():
        raise DataError(f"{output}: cannot be written (it is no file); expected a file's name")
    for remark in dataset.remarks:
        say(remark)
    n_jobs = _check_work(config, settings, dataset, n_jobs, say)
    store = open_store(tracking_uri, folder, f"sweep-{settings.name}")
    close_abandoned_runs(store)
    key = _key(settings, dataset)
    journal = Journal(kept / f"journal-{key[:12]}.jsonl", key)

    def tell(done: int, total: int) -> None:
        say(
            f"{dataset.size}, {len(settings.candidates())} candidates of "
            f"{prod(map(len, settings.space.values()))} combinations, {total} fits"
        )
        if done:
            say(f"{done} of them are in {journal.path} from before; remove it to begin anew")

    with journal, writing(journal.path), located(data.path):
        result = search(settings, dataset, journal, n_jobs, announced(progress, tell))
    best = result.ranking[0].candidate.experiment.model_copy(
        update={
            "name": f"{settings.name}-best",
            "description": f"Chosen by the sweep {settings.name} on {dataset.name}.",
        }
    )
    told = "What a choice like this reaches on rows that had no part in it: macro-F1"
    text = f"# {told} {result.report.primary}.\n{experiment_yaml(best)}"
    say("logging the runs")
    # Before the runs: a store that is gone by now does not cost the choice.
    with writing(output):
        write_text(output, text)
    with scratch_folder() as scratch:
        artifacts = scratch / "artifacts"
        content = _facts(settings, dataset, result)
        write_text(artifacts / "sweep.json", json.dumps(content, indent=1) + "\n")
        write_text(artifacts / "best.yaml", text)
        record = _record(settings, dataset, result, artifacts, git_state(folder))
        run_id = log_sweep(store, record)
    return FinishedSweep(settings, dataset, result, best, output, run_id)


def as_json(finished: FinishedSweep) -> dict[str, Any]:
    """Lay out what a sweep found as plain values, the honest score first."""
    return {
        **_facts(finished.sweep, finished.dataset, finished.result),
        "best": finished.best.model_dump(mode="json"),
        "best_file": str(finished.output),
        "run_id": finished.run_id,
        "tasks": finished.result.n_tasks,
        "tasks_from_before": finished.result.n_resumed,
        "extraction_seconds": finished.result.extraction_seconds,
        "fitting_seconds": finished.result.fitting_seconds,
    }


def _facts(settings: Sweep, dataset: Dataset, result: SearchResult) -> dict[str, Any]:
    return {
        "sweep": settings.name,
        "data": dataset.name,
        "n_rows": len(dataset.y),
        "n_groups": int(dataset.groups.nunique()),
        "group_kind": dataset.group_kind,
        "nested": {name: asdict(score) for name, score in _scores(result).items()},
        "chosen_in_outer_folds": [candidate.settings for candidate in result.chosen],
        "candidates": [
            {
                "settings": ranked.candidate.settings,
                "share_of_groups": ranked.share,
                PRIMARY: ranked.score.as_dict(),
                "fold_scores": list(ranked.fold_scores),
            }
            for ranked in result.ranking
        ],
        "values": [
            {
                "field": value.field,
                "value": value.value,
                "n_candidates": value.n_candidates,
                PRIMARY: value.score.as_dict(),
            }
            for value in result.values
        ],
    }


def _scores(result: SearchResult) -> dict[str, Score]:
    base = result.base_report.primary
    return {PRIMARY: result.report.primary, f"base_{PRIMARY}": base, "gain": result.gain}


def _record(
    settings: Sweep,
    dataset: Dataset,
    result: SearchResult,
    artifacts: Path,
    git: dict[str, str],
) -> SweepRecord:
    metrics = {
        metric_name("nested", f"{name}{end}"): number
        for name, score in _scores(result).items()
        for end, number in (("", score.value), ("_low", score.low), ("_high", score.high))
    }
    metrics |= {
        metric_name("seconds", "extraction"): result.extraction_seconds,
        metric_name("seconds", "fitting"): result.fitting_seconds,
    }
    tags = {
        "mlflow.note.content": settings.description,
        "kind": "sweep",
        "dataset.digest": dataset.digest,
        "sweep.digest": settings.digest,
        **git,
        **{f"version.{name}": number for name, number in package_versions().items()},
    }
    params = {
        "base": settings.base.name,
        **settings.search.model_dump(mode="json", exclude_none=True),
        "n_splits": settings.evaluation.n_splits,
        "n_inner_splits": settings.evaluation.n_inner_splits,
        **{field: value_text(list(values)) for field, values in settings.space.items()},
    }
    candidates = [_candidate_record(ranked) for ranked in result.ranking]
    return SweepRecord(settings.name, params, metrics, tags, artifacts, candidates)


def _candidate_record(ranked: RankedCandidate) -> CandidateRecord:
    params = {field: value_text(value) for field, value in ranked.candidate.settings.items()}
    return CandidateRecord(
        ", ".join(f"{field}={value}" for field, value in params.items()),
        params,
        {
            metric_name("cv", PRIMARY): ranked.score.value,
            metric_name("cv", f"{PRIMARY}_low"): ranked.score.low,
            metric_name("cv", f"{PRIMARY}_high"): ranked.score.high,
            metric_name("cv", f"{PRIMARY}_mean_of_folds"): sum(ranked.fold_scores)
            / len(ranked.fold_scores),
            metric_name("cv", "share_of_groups"): ranked.share,
        },
    )


def _check_work(
    config: Path, settings: Sweep, dataset: Dataset, n_jobs: int, say: Callable[[str], None]
) -> int:
    candidates, folds = settings.candidates(), settings.evaluation
    evaluation = EvaluationSettings(
        n_splits=folds.n_splits,
        n_repeats=1,
        n_bootstraps=folds.n_bootstraps,
        n_permutations=folds.n_permutations,
    )
    # Halving tries each candidate once at least, the smallest share of the rows being small.
    n_fits = len(candidates) * folds.n_inner_splits * (folds.n_splits + 1)
    blocks = list(dict.fromkeys(candidate.experiment.features for candidate in candidates))
    return check_work(config, [evaluation], blocks, dataset, n_fits, n_jobs, say)


def _groups_needed(settings: SweepEvaluation) -> int:
    """Tell with how many groups the training rows of an outer fold fill the inner folds."""
    needed = settings.n_splits
    while needed - ceil(needed / settings.n_splits) < settings.n_inner_splits:
        needed += 1
    return needed


def _key(settings: Sweep, dataset: Dataset) -> str:
    # The rows as they were read: other columns, groups or labels make other rows of one file.
    rows = dataset.X.assign(stance=dataset.y, group=dataset.groups).to_csv(index=False)
    versions = package_versions()
    parts = [sha256(rows.encode()), settings.digest, *(versions[name] for name in _NUMBERS)]
    return sha256("\n".join(parts).encode())
