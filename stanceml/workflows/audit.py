"""Look whether labelled rows can be trusted: copies, contradictions, giveaways, shares."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError
from stanceml.quality.auditing import (
    Check,
    interval_checks,
    label_checks,
    span_checks,
    unit_checks,
)
from stanceml.quality.blind_baselines import N_STEPS, blind_checks
from stanceml.quality.cues import cue_checks
from stanceml.quality.repetition import duplicate_checks, overlap_checks, template_checks
from stanceml.quality.shares import share_checks
from stanceml.stances import FLAGS
from stanceml.workflows.labelled import LabelledFile

__all__ = ["Audit", "as_json", "audit"]

_CORPUS_COLUMNS: Final = ("batch", "register")


@dataclass(frozen=True)
class Audit:
    """What was looked at, and what was found."""

    dataset: Dataset
    checks: tuple[Check, ...]

    @property
    def missed(self) -> tuple[Check, ...]:
        """The checks whose bar was missed."""
        return tuple(check for check in self.checks if check.passed is False)


def audit(
    data: LabelledFile,
    *,
    test: Path | None = None,
    shares: bool | None = None,
    n_permutations: int = 200,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Audit:
    """Check labelled rows.

    Parameters
    ----------
    data : LabelledFile
    test : Path, optional
        Rows with the same columns that should have no sentence in common with the data.
    shares : bool, optional
        Whether to check the shares of the project's own corpus; by default where the data has
        their columns.
    n_permutations : int
        How often labels are permuted for the text-blind baselines.
    progress : callable
        Called with the number of finished and of all steps.

    Returns
    -------
    Audit

    Raises
    ------
    StancemlError
        When the rows cannot be used, or shares are asked for and a column is missing.
    """
    dataset = data.load(min_groups=5, keep=_CORPUS_COLUMNS)
    test_set = replace(data, path=test).load(known_labels=dataset.classes) if test else None
    corpus = _corpus_columns(dataset, data.path, shares)
    steps: list[Callable[[], list[Check]]] = [
        lambda: duplicate_checks(dataset),
        *([lambda: overlap_checks(dataset, test_set)] if test_set else []),
        lambda: unit_checks(dataset),
        lambda: span_checks(dataset),
        lambda: label_checks(dataset),
        lambda: interval_checks(dataset),
        lambda: template_checks(dataset),
        lambda: cue_checks(dataset),
        *([lambda: share_checks(dataset, corpus)] if corpus is not None else []),
    ]
    total, done = len(steps) + N_STEPS, 0

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    checks: list[Check] = []
    for step in steps:
        checks += step()
        advance()
    checks += blind_checks(dataset, n_permutations, step=advance)
    return Audit(dataset, tuple(checks))


def as_json(result: Audit) -> dict[str, Any]:
    """Lay an audit out: what was read, whether all bars are met, and every check."""
    dataset = result.dataset
    return {
        "data": dataset.name,
        "digest": dataset.digest,
        "rows": len(dataset.y),
        "groups": int(dataset.groups.nunique()),
        "group_kind": dataset.group_kind,
        "passed": not result.missed,
        "checks": [asdict(check) for check in result.checks],
    }


def _corpus_columns(dataset: Dataset, path: Path, shares: bool | None) -> pd.DataFrame | None:
    """Give what the shares need beside the dataset, where they are wanted."""
    if shares is False:
        return None
    corpus = dataset.kept.reindex(columns=list(_CORPUS_COLUMNS), fill_value="")
    missing = [flag for flag in FLAGS if flag not in dataset.flags]
    has_batch = bool((dataset.is_pair & (corpus["batch"] != "")).any())
    if has_batch and not missing:
        return corpus
    if shares:
        problem = f"no column {missing[0]!r} of 1 and 0" if missing else "no pair row has a batch"
        raise DataError(
            f"{path}: {problem}; --shares expects the column batch and a column for each flag: "
            f"{', '.join(FLAGS)}"
        )
    return None
