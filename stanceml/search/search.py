"""Choose among experiments by cross-validation; measure the choice on rows that it never saw."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from stanceml.corpus.datasets import Dataset
from stanceml.exceptions import DataError
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.resampling import Score
from stanceml.modeling.scoring import PRIMARY, Report, score_predictions
from stanceml.modeling.splits import folds
from stanceml.search.candidates import Candidate
from stanceml.search.fitting import Fitter, Job
from stanceml.search.journal import Journal, Task
from stanceml.search.ranking import (
    Draws,
    RankedCandidate,
    Trial,
    ValueScore,
    rank,
    value_scores,
)
from stanceml.search.sweep_file import Sweep

__all__ = ["SearchResult", "search"]

Fold = tuple[np.ndarray, np.ndarray]

_BASE = _REFITTED = -1


@dataclass(frozen=True)
class SearchResult:
    """What a sweep found.

    Attributes
    ----------
    report : Report
        Of the candidates chosen within the outer folds, on the rows that had no part in the choice.
    base_report : Report
        Of the base, fitted on the same outer folds.
    gain : Score
        By how much macro-F1 of the one is above that of the other, on the same draws of groups.
    chosen : list of Candidate
        One for each outer fold.
    ranking : list of RankedCandidate
        By the inner folds of all rows, the choice for use first. These scores made the choice: that
        of the first one is too high.
    values : list of ValueScore
        What each value of each field did, over all candidates; of halving, on its first rung.
    n_tasks, n_resumed : int
        All tasks, and those of them that were finished before.
    extraction_seconds, fitting_seconds : float
        Time of this run for making features, and over all processes for fitting.
    """

    report: Report
    base_report: Report
    gain: Score
    chosen: list[Candidate]
    ranking: list[RankedCandidate]
    values: list[ValueScore]
    n_tasks: int
    n_resumed: int
    extraction_seconds: float
    fitting_seconds: float


def search(
    sweep: Sweep,
    dataset: Dataset,
    journal: Journal,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SearchResult:
    """Choose a candidate within each outer fold and on all rows.

    Within the training rows of an outer fold, inner folds choose the candidate with the highest
    macro-F1; fitted on all those training rows, it labels the outer fold's test rows. The same
    choice on all rows is the one for use: the score of the outer folds tells what such a choice is
    worth.

    Parameters
    ----------
    sweep : Sweep
    dataset : Dataset
    journal : Journal
        Open. What it holds is not done again, and what is done is added to it.
    n_jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Called with the number of finished and of all tasks.

    Returns
    -------
    SearchResult

    Raises
    ------
    DataError
        When there are fewer groups than folds, before anything is fitted.

    References
    ----------
    Varma and Simon, "Bias in error estimation when using cross-validation for model selection", BMC
    Bioinformatics 7:91, 2006. Halving: Jamieson and Talwalkar, "Non-stochastic best arm
    identification and hyperparameter optimization", AISTATS 2016, fig. 3.
    """
    work = _Work(sweep, dataset, journal, n_jobs, progress)
    n_rows, classes = len(work.y), np.asarray(dataset.classes)
    predicted = {name: np.zeros(n_rows, dtype=int) for name in ("chosen", "base")}
    chosen = []
    for outer, (train, test) in enumerate(work.outer):
        best = _best(work.try_all(outer)[-1])
        chosen.append(work.candidates[best])
        experiments = {best: chosen[-1].experiment, _BASE: sweep.base}
        jobs = [
            Job(Task(outer, 0, _REFITTED, number), experiment, train, test)
            for number, experiment in experiments.items()
        ]
        of_best, of_base = work.finish(jobs)
        predicted["chosen"][test], predicted["base"][test] = of_best, of_base
    trials = work.try_all(len(work.outer))
    settings, seed = sweep.evaluation, sweep.search.random_state
    draws = Draws(work.y, work.groups, dataset.classes, settings.n_bootstraps, seed)
    of_chosen, of_base = draws.of([predicted["chosen"], predicted["base"]])
    permutations = {"chosen": settings.n_permutations, "base": 0}
    reports = {
        name: score_predictions(
            dataset,
            classes[labels],
            dataset.classes,
            settings.n_bootstraps,
            permutations[name],
            seed,
        )
        for name, labels in predicted.items()
    }
    return SearchResult(
        reports["chosen"],
        reports["base"],
        Score.on_draws(
            reports["chosen"].primary.value - reports["base"].primary.value, of_chosen - of_base
        ),
        chosen,
        rank(chain.from_iterable(trials), work.candidates, draws),
        value_scores(trials[0], work.candidates, sweep.space, draws),
        work.n_tasks,
        work.n_resumed,
        work.fitter.extraction_seconds,
        work.fitter.fitting_seconds,
    )


class _Work:
    """What all the choices of one search have in common."""

    def __init__(
        self,
        sweep: Sweep,
        dataset: Dataset,
        journal: Journal,
        n_jobs: int,
        progress: Callable[[int, int], None],
    ) -> None:
        settings, self.seed = sweep.evaluation, sweep.search.random_state
        self.candidates = sweep.candidates()
        self.classes = dataset.classes
        self.y = np.searchsorted(self.classes, dataset.y.to_numpy())
        self.groups = np.unique(dataset.groups.to_numpy(), return_inverse=True)[1]
        kind = dataset.group_kind
        self.outer: list[Fold] = list(
            folds(self.y, self.groups, settings.n_splits, self.seed, kind)
        )
        all_rows = np.arange(len(self.y))
        self.inner = [
            self._inner(rows, settings.n_inner_splits, kind)
            for rows in (*(train for train, _ in self.outer), all_rows)
        ]
        fewest = min(
            len(np.unique(self.groups[train])) for found in self.inner for train, _ in found
        )
        self.plan = sweep.search.rungs(len(self.candidates), fewest, len(self.classes))
        experiments = [sweep.base, *(candidate.experiment for candidate in self.candidates)]
        self.fitter = Fitter(dataset.X, experiments, self.y, self.groups, n_jobs)
        self.journal, self.progress = journal, progress
        a_choice = sum(size for size, _ in self.plan) * settings.n_inner_splits
        self.n_tasks = a_choice * len(self.inner) + 2 * len(self.outer)
        self.n_done = self.n_resumed = journal.count()
        self._known: dict[Task, np.ndarray] = {}
        progress(self.n_done, self.n_tasks)

    def try_all(self, outer: int) -> list[list[Trial]]:
        """Try the candidates on the inner folds of one outer fold, rung by rung."""
        self._known = self.journal.finished(outer)
        trials: list[list[Trial]] = []
        remaining = list(range(len(self.candidates)))
        for rung, (size, share) in enumerate(self.plan):
            if trials:
                best_first = sorted(trials[-1], key=lambda trial: (-trial.value, trial.candidate))
                remaining = sorted(trial.candidate for trial in best_first[:size])
            trials.append(self._try(outer, rung, share, remaining))
        return trials

    def finish(self, jobs: list[Job]) -> list[np.ndarray]:
        """Give what the jobs' models predict, of the journal or fitted now."""
        pending = [job for job in jobs if job.task not in self._known]
        for task, predicted in self.fitter.run(pending):
            self.journal.append(task, predicted)
            self._known[task] = predicted
            self.n_done += 1
            self.progress(self.n_done, self.n_tasks)
        found = [self._known[job.task] for job in jobs]
        for job, predicted in zip(jobs, found, strict=True):
            n_known = len(self.classes)
            if len(predicted) != len(job.test) or predicted.max(initial=0) >= n_known:
                raise DataError(
                    f"{self.journal.path}: what it holds for {tuple(job.task)} fits neither these "
                    "rows nor their labels; remove it to begin anew"
                )
        return found

    def _try(self, outer: int, rung: int, share: float, remaining: list[int]) -> list[Trial]:
        jobs = []
        for inner, (train, test) in enumerate(self.inner[outer]):
            rows = self._share(train, share)
            for number in remaining:
                task = Task(outer, rung, inner, number)
                jobs.append(Job(task, self.candidates[number].experiment, rows, test))
        found = self.finish(jobs)
        fold_of = np.concatenate(
            [np.full(len(test), number) for number, (_, test) in enumerate(self.inner[outer])]
        )
        rows = np.concatenate([test for _, test in self.inner[outer]])
        labels = range(len(self.classes))
        trials = []
        for place, number in enumerate(remaining):
            predicted = np.concatenate(found[place :: len(remaining)])
            confusion = confusion_counts(self.y[rows], predicted, labels, fold_of)
            value = metric_values(confusion.sum(axis=0), self.classes)[PRIMARY]
            by_fold = metric_values(confusion, self.classes)[PRIMARY]
            in_order = predicted[np.argsort(rows)]
            trials.append(Trial(number, share, float(value), tuple(by_fold.tolist()), in_order))
        return trials

    def _inner(self, rows: np.ndarray, n_splits: int, group_kind: str) -> list[Fold]:
        y, groups = self.y[rows], self.groups[rows]
        n_groups = len(np.unique(groups))
        if n_groups < n_splits:
            raise DataError(
                f"{n_groups} groups (by {group_kind}) within an outer fold for {n_splits} inner "
                "folds; expected at least as many: lower evaluation.n_inner_splits, or bring more "
                "data"
            )
        found = folds(y, groups, n_splits, self.seed, group_kind)
        return [(rows[train], rows[test]) for train, test in found]

    def _share(self, rows: np.ndarray, share: float) -> np.ndarray:
        """Take some groups of the rows: a larger share has those of a smaller one, and more."""
        names = np.unique(self.groups[rows])
        shuffled = np.random.default_rng(self.seed).permutation(names)
        return rows[np.isin(self.groups[rows], shuffled[: round(share * len(names))])]


def _best(trials: list[Trial]) -> int:
    return max(trials, key=lambda trial: (trial.value, -trial.candidate)).candidate
