"""Ablate one experiment: read what the user names, measure, and lay the result out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from stanceml.config import Experiment, read_experiment
from stanceml.corpus.datasets import Dataset
from stanceml.examination.ablation import Ablation, OnHeldOut, Slice, ablate_experiment
from stanceml.examination.ablation import HeldOutRows as HeldOut
from stanceml.examination.comparing import FEWEST_GROUPS
from stanceml.examination.learning_curve import SHARES, CurvePoint
from stanceml.examination.variants import variants
from stanceml.exceptions import ConfigError, DataError, UsageError, located, nearest
from stanceml.workflows.beginning import announced, check_work, overlap_remarks
from stanceml.workflows.labelled import LabelledFile, labels_among

__all__ = ["FinishedAblation", "ablate", "as_json"]

_BLANK: Final = "(blank)"
_MOST_VALUES: Final = 50


@dataclass(frozen=True)
class FinishedAblation:
    """What was measured, and of what."""

    experiment: Experiment
    dataset: Dataset
    held_out: HeldOut | None
    ablation: Ablation


def ablate(
    config: Path,
    data: LabelledFile,
    *,
    test: Path | None = None,
    among: Sequence[str] = (),
    by: str | None = None,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> FinishedAblation:
    """Measure what each block of an experiment's features is worth.

    Parameters
    ----------
    config : Path
        An experiment file with two blocks of features or more.
    data : LabelledFile
        The training rows.
    test : Path, optional
        More rows, never trained on, with the same columns; the group column may be missing.
    among : sequence of str
        Labels to choose from on the test rows, where these bear some of the labels only.
    by : str, optional
        A column of the test rows by whose values accuracy is told.
    n_jobs : int
        Processes; -1 for one a core.
    progress : callable
        Called with the number of finished and of all fits.
    say : callable
        Called with a line for the user, as things become known.

    Returns
    -------
    FinishedAblation

    Raises
    ------
    StancemlError
        When the config, the data or the options cannot be used; before any training.
    """
    experiment = read_experiment(config)
    n_blocks = len(experiment.features)
    if n_blocks < 2:
        raise ConfigError(
            f"{config}: features: {n_blocks or 'no'} block; expected two or more, so that one can "
            "be left out"
        )
    for option, given in (("among", among), ("by", by)):
        if given and test is None:
            raise UsageError(f"--{option} is about the rows of --test FILE; name them too")
    dataset = data.load(min_groups=experiment.evaluation.n_splits)
    held_out = _held_out(data, test, dataset.classes, among, by) if test else None
    test_set = held_out.dataset if held_out else None
    test_remarks = test_set.remarks if test_set else ()
    for remark in (*dataset.remarks, *test_remarks, *overlap_remarks(dataset, test_set)):
        say(remark)
    n_jobs = _check_work(config, experiment, dataset, test_set, n_jobs, say)
    told = announced(progress, lambda _, total: say(f"{dataset.size}, {total} fits"))
    with located(data.path):
        found = ablate_experiment(experiment, dataset, held_out, n_jobs, told)
    return FinishedAblation(experiment, dataset, held_out, found)


def as_json(finished: FinishedAblation) -> dict[str, Any]:
    """Lay an ablation out: what was read, every variant, and the learning curve."""
    experiment, dataset, held_out = finished.experiment, finished.dataset, finished.held_out
    found = finished.ablation
    on_test = found.held_out
    plain = {
        "experiment": experiment.name,
        "config_digest": experiment.digest,
        "data": _described(dataset) | {"classes": dataset.classes},
        "n_splits": experiment.evaluation.n_splits,
        "cross_validated": _sizes(found.cross_validated),
        "variants": [
            {
                "kind": variant.kind,
                "block": variant.block,
                "n_ngrams": found.n_ngrams[number],
                "cross_validated": _worths(found.cross_validated, number),
                **(_on_test(on_test, number) if on_test else {}),
            }
            for number, variant in enumerate(found.variants)
        ],
    }
    if held_out and on_test:
        plain["test"] = {
            **_described(held_out.dataset),
            "among": held_out.among,
            **_sizes(on_test.slices),
        }
        plain["learning_curve"] = [_point(point) for point in on_test.curve]
    return plain


def _held_out(
    data: LabelledFile, test: Path, classes: list[str], among: Sequence[str], by: str | None
) -> HeldOut:
    chosen = labels_among(among, classes, str(data.path))
    dataset = replace(data, path=test).load(
        known_labels=chosen,
        min_groups=FEWEST_GROUPS,
        keep=[by] if by else (),
        # What groups the training rows need not be known of rows from elsewhere.
        needs_group_column=False,
    )
    return HeldOut(dataset, chosen, _values(test, dataset, by) if by else None)


def _values(path: Path, dataset: Dataset, column: str) -> "pd.Series[str]":
    if column not in dataset.kept:
        raise DataError(
            f"{path}: no column {column!r}{nearest(column, dataset.column_names)}; "
            "name another with --by"
        )
    values = dataset.kept[column].replace("", _BLANK)
    if values.nunique() > _MOST_VALUES:
        raise DataError(
            f"{path}: {column!r} has {values.nunique()} different values; "
            f"--by expects a column with at most {_MOST_VALUES}"
        )
    return values


def _check_work(
    config: Path,
    experiment: Experiment,
    dataset: Dataset,
    test_set: Dataset | None,
    n_jobs: int,
    say: Callable[[str], None],
) -> int:
    settings, tried = experiment.evaluation, variants(experiment.features)
    n_fits = settings.n_splits * len({variant.features for variant in tried})
    if test_set:
        n_fits += n_fits // settings.n_splits + len(SHARES) - 1
        # Their n-grams are counted together.
        X, y = pd.concat([dataset.X, test_set.X]), pd.concat([dataset.y, test_set.y])
        dataset = replace(dataset, X=X, y=y)
    # All variants are scored on the same draws.
    changed = {"n_bootstraps": settings.n_bootstraps * len(tried), "n_permutations": 0}
    settings = settings.model_copy(update={"n_repeats": 1, **changed})
    return check_work(config, [settings], [experiment.features], dataset, n_fits, n_jobs, say)


def _described(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "digest": dataset.digest,
        "n_rows": len(dataset.y),
        "n_groups": int(dataset.groups.nunique()),
        "group_kind": dataset.group_kind,
    }


def _sizes(slices: dict[str, Slice]) -> dict[str, Any]:
    return {
        name: {"n_rows": part.n_rows, "n_groups": part.n_groups} for name, part in slices.items()
    }


def _worths(slices: dict[str, Slice], number: int) -> dict[str, Any]:
    worths = {name: part.worths[number] for name, part in slices.items()}
    return {
        name: {
            "macro_f1": worth.macro_f1.as_dict(),
            "difference": worth.difference and worth.difference.as_dict(),
        }
        for name, worth in worths.items()
    }


def _on_test(on_test: OnHeldOut, number: int) -> dict[str, Any]:
    worths = _worths(on_test.slices, number)
    return {"test": {**worths, "n_elsewhere": on_test.n_elsewhere[number]}}


def _point(point: CurvePoint) -> dict[str, Any]:
    return {
        "share": point.share,
        "n_sentences": point.n_sentences,
        "n_train": point.n_train,
        "macro_f1": point.macro_f1.as_dict(),
        "n_elsewhere": point.n_elsewhere,
        "by": {
            value: {
                "n_rows": part.n_rows,
                "n_right": part.n_right,
                "accuracy": part.accuracy and part.accuracy.as_dict(),
            }
            for value, part in point.by.items()
        },
    }
