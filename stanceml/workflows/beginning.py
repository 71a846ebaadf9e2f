"""What is told, and refused, before long work begins."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from stanceml.config import EvaluationSettings, Experiment, Features
from stanceml.corpus.datasets import Dataset, same_text
from stanceml.exceptions import ConfigError, located
from stanceml.modeling.costs import check_costs
from stanceml.modeling.parallel import n_processes

__all__ = ["announced", "check_experiments", "check_work", "overlap_remarks"]

Progress = Callable[[int, int], None]
Talk = Callable[[str], None]


def check_work(
    config: Path,
    settings: Iterable[EvaluationSettings],
    blocks: Sequence[Sequence[Features]],
    dataset: Dataset,
    n_fits: int,
    n_jobs: int,
    say: Talk,
) -> int:
    """Tell what long work will take, or refuse what this machine cannot do.

    `config` is the file that asks for it; what follows is as `check_costs` takes it.

    Returns
    -------
    int
        How many processes the jobs are.

    Raises
    ------
    ConfigError
        When it takes more memory than is free, or months.
    UsageError
        When there cannot be so many processes.
    """
    n_jobs = n_processes(n_jobs)
    with located(config, ConfigError):
        lines = check_costs(settings, blocks, dataset, n_fits, n_jobs)
    for line in lines:
        say(line)
    return n_jobs


def check_experiments(
    config: Path, experiments: Sequence[Experiment], dataset: Dataset, n_jobs: int, say: Talk
) -> int:
    """Do as `check_work` does for experiments that are cross-validated, each by its settings."""
    settings = [experiment.evaluation for experiment in experiments]
    n_fits = sum(one.n_splits * one.repeats(len(dataset.y)) for one in settings)
    blocks = [experiment.features for experiment in experiments]
    return check_work(config, settings, blocks, dataset, n_fits, n_jobs, say)


def announced(progress: Progress, tell: Callable[[int, int], None]) -> Progress:
    """Have `tell` called once, before the first progress: how much is done, and how much there is.

    Examples
    --------
    >>> step = announced(lambda *done: print(done), lambda done, total: print(f"{total} fits"))
    >>> step(0, 2)
    2 fits
    (0, 2)
    >>> step(1, 2)
    (1, 2)
    """
    is_told = False

    def step(done: int, total: int) -> None:
        nonlocal is_told
        if not is_told:
            tell(done, total)
            is_told = True
        progress(done, total)

    return step


def overlap_remarks(dataset: Dataset, test_set: Dataset | None) -> list[str]:
    """Remark how many test rows have a text that is trained on, where any has."""
    if test_set is None:
        return []
    known = set(dataset.X["text"].map(same_text))
    shared = int(test_set.X["text"].map(same_text).isin(known).sum())
    if not shared:
        return []
    return [
        f"{shared} of {len(test_set.y)} test rows have a text that is among the training rows too: "
        "the test scores are too high"
    ]
