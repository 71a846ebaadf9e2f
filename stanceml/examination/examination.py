"""Look behind one experiment's score: whether it reads, or has learned who is who."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from stanceml.config import Experiment
from stanceml.corpus.datasets import Dataset
from stanceml.corpus.units import Unit, read_units
from stanceml.examination.alterations import names_actor, reversed_rows
from stanceml.examination.comparing import FEWEST_GROUPS, Comparison, Judge
from stanceml.examination.conformal import (
    Abstention,
    LabelSets,
    measure_abstention,
    measure_label_sets,
)
from stanceml.examination.probing import (
    BLIND,
    MET,
    SHARES,
    UNSEEN,
    USUAL,
    Probed,
    fit_probes,
    share_name,
)
from stanceml.modeling.reliability import Reliability, measure_reliability
from stanceml.modeling.resampling import Score
from stanceml.modeling.scoring import Report, score_predictions, slice_title

__all__ = ["Examination", "ShareScore", "Swap", "Unseen", "examine_experiment"]

#: Precisions, and coverages, that abstaining and label sets are asked for.
WANTED: Final = (0.8, 0.9)
_MOST_KINDS: Final = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Unseen:
    """Pair rows whose target (or holder) no training sentence names.

    In `comparison`, `other` is that score and `usual` the one of the same rows after training on as
    many rows of other sentences, drawn at random, which may name it. `train_share` is the share of
    all rows that both were trained on, on average.
    """

    n_entities: int
    n_folds: int
    train_share: float
    comparison: Comparison


@dataclass(frozen=True)
class Swap:
    """What happens when holder and target change places, the text staying as it is.

    `changed` is the share of the pair rows whose answer changes. `both_ways` is macro-F1, without
    any swapping, over the rows of sentences that are labelled in both directions, and `told_apart`
    the share of right answers where those two labels differ; None where there are too few groups.
    """

    n_rows: int
    changed: Score
    n_both_ways: int
    both_ways: Score | None
    n_opposed: int
    told_apart: Score | None


@dataclass(frozen=True)
class ShareScore:
    """Macro-F1 after training on a share of each fold's sentences; `n_train` rows on average."""

    share: float
    n_train: int
    macro_f1: Score


@dataclass(frozen=True)
class Examination:
    """All that was measured of one experiment.

    Attributes
    ----------
    experiment, experiment_digest, data, data_digest : str
    report : Report
        As training gives it, without p-values; with a slice for each kind of row besides.
    unseen : dict of str to Unseen
        For `target` and `holder`, where there are any.
    masked : dict of str to Comparison
        Test rows with invented names, by slice.
    swap : Swap or None
    curve : tuple of ShareScore
    blind : dict of str to Comparison
        `usual` is the experiment, `other` a baseline that never reads the text.
    reliability : Reliability
    abstention : tuple of Abstention
    label_sets : tuple of LabelSets
    remarks : tuple of str
        What could not be measured, and why.
    """

    experiment: str
    experiment_digest: str
    data: str
    data_digest: str
    report: Report
    unseen: dict[str, Unseen]
    masked: dict[str, Comparison]
    swap: Swap | None
    curve: tuple[ShareScore, ...]
    blind: dict[str, Comparison]
    reliability: Reliability
    abstention: tuple[Abstention, ...]
    label_sets: tuple[LabelSets, ...]
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain values, ready for JSON."""
        return asdict(self)


def examine_experiment(
    experiment: Experiment,
    dataset: Dataset,
    kinds: Mapping[str, "pd.Series[str]"] | None = None,
    n_jobs: int = -1,
    progress: Progress = lambda done, total: None,
) -> Examination:
    """Cross-validate one experiment as training does, and probe what it has learned.

    Parameters
    ----------
    experiment : Experiment
    dataset : Dataset
    kinds : mapping of str to Series of shape (n_rows,), optional
        Columns by whose values the score is split up, as `register`; blank values do not count.
    n_jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Called with the number of finished and of all fits.

    Returns
    -------
    Examination

    Raises
    ------
    DataError
        When there are fewer groups than folds, or nothing can be trained on the rows.
    """
    units = read_units(dataset.X)
    probed = fit_probes(experiment, dataset, units, n_jobs, progress)
    judge = Judge.of(experiment, dataset, dataset.classes)
    probabilities = probed.of(USUAL)
    report, remarks = _report(experiment, dataset, kinds or {}, probabilities)
    usual = probed.labels(USUAL)
    everything = np.arange(len(units))
    if not dataset.is_pair.any():
        remarks.append("no row names a target: the probes of holders and targets were left out")
    first = probabilities[0]
    confidence, right = first.max(axis=1), first.argmax(axis=1) == judge.truth
    return Examination(
        experiment=experiment.name,
        experiment_digest=experiment.digest,
        data=dataset.name,
        data_digest=dataset.digest,
        report=report,
        unseen={
            part: Unseen(
                split.n_entities,
                split.n_folds,
                split.train_share,
                judge.compare(probed.labels(MET[part]), probed.labels(UNSEEN[part]), split.rows),
            )
            for part, split in probed.unseen.items()
        },
        masked=_masked(judge, usual, probed, units),
        swap=_swap(judge, usual, probed, units, dataset) if len(probed.swappable) else None,
        curve=tuple(
            ShareScore(share, probed.n_train[name], judge.macro_f1(probed.labels(name), everything))
            for share, name in [
                *((share, share_name(share)) for share in SHARES),
                (1.0, USUAL),
            ]
        ),
        blind={
            name: judge.compare(usual, probed.labels(name), everything)
            for name in BLIND
            if name in probed.n_train
        },
        reliability=measure_reliability(
            dataset.y.to_numpy(),
            probabilities,
            dataset.classes,
            judge.groups,
            n_bootstraps=judge.n_bootstraps,
            random_state=judge.random_state,
        ),
        abstention=tuple(
            measure_abstention(confidence, right, judge.groups, wanted, judge.random_state)
            for wanted in WANTED
        ),
        label_sets=tuple(
            measure_label_sets(judge.truth, first, judge.groups, wanted, judge.random_state)
            for wanted in WANTED
        ),
        remarks=tuple(remarks),
    )


def _report(
    experiment: Experiment,
    dataset: Dataset,
    kinds: Mapping[str, "pd.Series[str]"],
    probabilities: np.ndarray,
) -> tuple[Report, list[str]]:
    # A kind is scored as a flag is: the rows that have it.
    has_kind = {
        f"{column}: {value}": (values == value).to_numpy()
        for column, values in kinds.items()
        for value in sorted(set(values) - {""})
        if 1 < len(set(values)) <= _MOST_KINDS
    }
    flags = pd.concat([dataset.flags, pd.DataFrame(has_kind)], axis=1)
    whole = score_predictions(
        replace(dataset, flags=flags),
        np.asarray(dataset.classes)[probabilities.argmax(axis=2)],
        dataset.classes,
        experiment.evaluation.n_bootstraps,
        n_permutations=0,
        random_state=experiment.random_state,
    )
    titled = {f"flag_{kind}": kind for kind in has_kind}
    slices = {titled.get(name, name): part for name, part in whole.slices.items()}
    few = [name for name, part in slices.items() if part.n_groups < FEWEST_GROUPS]
    few = [name for name in few if name != "all"]
    remarks = [
        f"{slice_title(name)}: {slices[name].n_rows} rows in {slices[name].n_groups} groups (by "
        f"{dataset.group_kind}), fewer than {FEWEST_GROUPS}; left out, as no interval would be "
        "honest"
        for name in few
    ]
    remarks += [
        f"{column}: {len(set(values))} different values, more than {_MOST_KINDS}; not split up"
        for column, values in kinds.items()
        if len(set(values)) > _MOST_KINDS
    ]
    kept = {name: part for name, part in slices.items() if name not in few}
    return replace(whole, slices=kept), remarks


def _masked(
    judge: Judge, usual: np.ndarray, probed: Probed, units: list[Unit]
) -> dict[str, Comparison]:
    other = probed.masked.argmax(axis=2)
    is_pair = np.array([unit.is_pair for unit in units])
    parts = {
        "all": np.ones(len(units), dtype=bool),
        "sentence_rows": ~is_pair,
        "pair_rows": is_pair,
        "targets_that_are_actors": np.array([names_actor(unit.target) for unit in units]),
    }
    # Where all rows are of one kind, another slice would say the same again.
    return {
        name: judge.compare(usual, other, np.flatnonzero(chosen))
        for name, chosen in parts.items()
        if name == "all" or (not chosen.all() and judge.has_interval(np.flatnonzero(chosen)))
    }


def _swap(
    judge: Judge, usual: np.ndarray, probed: Probed, units: list[Unit], dataset: Dataset
) -> Swap:
    rows = probed.swappable
    changed = probed.swapped.argmax(axis=2) != usual[:, rows]
    back = reversed_rows(units, dataset.sentences.tolist())
    both_ways = np.flatnonzero(back >= 0)
    opposed = both_ways[judge.truth[both_ways] != judge.truth[back[both_ways]]]
    return Swap(
        len(rows),
        judge.share(changed, rows),
        len(both_ways),
        judge.macro_f1(usual, both_ways) if judge.has_interval(both_ways) else None,
        len(opposed),
        judge.share(usual[:, opposed] == judge.truth[opposed], opposed)
        if judge.has_interval(opposed)
        else None,
    )
