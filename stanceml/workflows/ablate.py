"""Ablate one experiment: read what the user names, measure, and lay the result out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from stanceml.config import Experiment, read_experiment
from stanceml.corpus.datasets import Dataset, same_text
from stanceml.corpus.tables import Row, read_rows, table_format
from stanceml.examination.ablation import Ablation, OnHeldOut, Slice, ablate_experiment
from stanceml.examination.ablation import HeldOutRows as HeldOut
from stanceml.examination.comparing import FEWEST_GROUPS
from stanceml.examination.learning_curve import CurvePoint
from stanceml.exceptions import ConfigError, DataError, UsageError, nearest
from stanceml.modeling.resampling import Score
from stanceml.workflows.labelled import LabelledFile

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
    for remark in (*dataset.remarks, *_remarks(dataset, held_out)):
        say(remark)

    def told(done: int, total: int) -> None:
        if done == 0:
            say(f"{dataset.size}, {total} fits")
        progress(done, total)

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
    for label in among:
        if label not in classes:
            raise UsageError(f"--among {label!r}: no label of {data.path}{nearest(label, classes)}")
    chosen = sorted(set(among)) or classes
    if len(chosen) < 2:
        raise UsageError(f"--among {chosen[0]!r}: nothing to choose; expected two labels or more")
    rows = list(read_rows(test, table_format(test)))
    present = {name for row in rows for name in row.values}
    # What groups the training rows need not be known of rows from elsewhere.
    group_column = data.group_column if data.group_column in present else None
    file = replace(data, path=test, group_column=group_column)
    dataset = file.load(known_labels=chosen, min_groups=FEWEST_GROUPS)
    return HeldOut(dataset, chosen, _values(test, rows, present, by) if by else None)


def _values(path: Path, rows: list[Row], present: set[str], column: str) -> "pd.Series[str]":
    if column not in present:
        raise DataError(
            f"{path}: no column {column!r}{nearest(column, present)}; name another with --by"
        )
    found = pd.Series([row.values.get(column) for row in rows], dtype=object)
    values = (
        found.where(found.notna(), "").astype(str).str.strip().replace("", _BLANK).rename(column)
    )
    if values.nunique() > _MOST_VALUES:
        raise DataError(
            f"{path}: {column!r} has {values.nunique()} different values; "
            f"--by expects a column with at most {_MOST_VALUES}"
        )
    return values


def _remarks(dataset: Dataset, held_out: HeldOut | None) -> list[str]:
    if held_out is None:
        return []
    known = set(dataset.X["text"].map(same_text))
    shared = int(held_out.dataset.X["text"].map(same_text).isin(known).sum())
    overlap = (
        f"{shared} of {len(held_out.dataset.y)} test rows have a text that is among the training "
        "rows too: the test scores are too high"
    )
    return [*held_out.dataset.remarks, *([overlap] if shared else [])]


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
    return {
        name: {
            "macro_f1": _score(part.worths[number].macro_f1),
            "difference": _score(part.worths[number].difference),
        }
        for name, part in slices.items()
    }


def _on_test(on_test: OnHeldOut, number: int) -> dict[str, Any]:
    worths = _worths(on_test.slices, number)
    return {"test": {**worths, "n_elsewhere": on_test.n_elsewhere[number]}}


def _point(point: CurvePoint) -> dict[str, Any]:
    return {
        "share": point.share,
        "n_sentences": point.n_sentences,
        "n_train": point.n_train,
        "macro_f1": _score(point.macro_f1),
        "n_elsewhere": point.n_elsewhere,
        "by": {
            value: {
                "n_rows": part.n_rows,
                "n_right": part.n_right,
                "accuracy": _score(part.accuracy),
            }
            for value, part in point.by.items()
        },
    }


def _score(score: Score | None) -> dict[str, float] | None:
    if score is None:
        return None
    return {"value": score.value, "low": score.low, "high": score.high}
