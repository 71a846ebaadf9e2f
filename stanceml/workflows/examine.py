"""Look behind one experiment's score, and write down what was found."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stanceml.config import read_experiment
from stanceml.corpus.datasets import Dataset
from stanceml.examination.examination import Examination, examine_experiment
from stanceml.exceptions import located
from stanceml.files import check_folder_can_be_replaced, replaced_folder, write_text
from stanceml.reports.examination_figures import learning_curve, slice_chart
from stanceml.reports.figures import reliability_diagram
from stanceml.workflows.beginning import announced, check_work
from stanceml.workflows.labelled import LabelledFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_json", "examine"]

# A folder is replaced only where it holds this: it was written by an earlier examination.
_MARKER: Final = "learning_curve.png"

_KINDS: Final = ("register", "section", "origin")


def examine(
    config: Path,
    data: LabelledFile,
    output: Path | None = None,
    *,
    n_jobs: int = -1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
) -> Examination:
    """Examine one experiment on labelled rows.

    Parameters
    ----------
    config : Path
        An experiment file.
    data : LabelledFile
        The rows. Where they have the columns `register`, `section` or `origin`, scores are told for
        each of their values too.
    output : Path, optional
        A folder for `report.json` and the figures; it appears whole or not at all.
    n_jobs : int
        Processes; -1 for one a core.
    progress : callable
        Called with the number of finished and of all fits.
    say : callable
        Called with a line for the user, as things become known.

    Returns
    -------
    Examination

    Raises
    ------
    StancemlError
        When the config, the data or the folder cannot be used; before any training.
    """
    experiment = read_experiment(config)
    if output:
        check_folder_can_be_replaced(output, _MARKER)
    dataset = data.load(min_groups=experiment.evaluation.n_splits, keep=_KINDS)
    for remark in dataset.remarks:
        say(remark)
    settings = experiment.evaluation.model_copy(update={"n_permutations": 0})

    # What is fitted depends on who is named in the rows: it is known before the first fit.
    def tell(_: int, total: int) -> None:
        say(f"{dataset.size}, {total} fits")
        check_work(config, [settings], [experiment.features], dataset, total, n_jobs, say)

    told = announced(progress, tell)
    with located(data.path):
        found = examine_experiment(experiment, dataset, _kinds(dataset), n_jobs, told)
    if output:
        _write(output, found)
    return found


def as_json(found: Examination) -> str:
    """Lay an examination out as JSON."""
    return json.dumps(found.as_dict(), indent=1)


def _kinds(dataset: Dataset) -> dict[str, "pd.Series[str]"]:
    return {str(name): told for name, told in dataset.kept.items() if told.any()}


def _write(output: Path, found: Examination) -> None:
    figures = {
        _MARKER: learning_curve(found),
        "slices.png": slice_chart(found),
        "reliability.png": reliability_diagram(found.reliability, found.experiment),
    }
    with replaced_folder(output, _MARKER) as folder:
        write_text(folder / "report.json", as_json(found) + "\n")
        with warnings.catch_warnings():
            # A script that the font lacks shows as boxes: its words are in the report.
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            for name, figure in figures.items():
                figure.savefig(folder / name, dpi=150)
