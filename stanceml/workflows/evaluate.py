"""Score a saved model on labelled rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stanceml.inference.sealed import load_model
from stanceml.modeling.scoring import Report, score_predictions
from stanceml.workflows.labelled import LabelledFile, labels_among

__all__ = ["Evaluation", "as_json", "evaluate"]


@dataclass(frozen=True)
class Evaluation:
    """A report, and how many rows the model would give a label that was not to choose from.

    `remarks` is what a user should know about the rows, a line each.
    """

    report: Report
    n_elsewhere: int
    remarks: tuple[str, ...] = ()


def evaluate(model_folder: Path, data: LabelledFile, among: Sequence[str] = ()) -> Evaluation:
    """Score a saved model on labelled rows.

    Parameters
    ----------
    model_folder : Path
        A sealed model.
    data : LabelledFile
        Rows whose labels are among the model's classes.
    among : sequence of str
        Labels to choose from, for rows that bear some of the labels only; by default all.

    Returns
    -------
    Evaluation
        With 95% intervals by drawing groups, and p-values by permuting labels.

    Raises
    ------
    StancemlError
        When the model or the data cannot be used.
    """
    model = load_model(model_folder)
    classes = model.manifest.classes
    chosen = labels_among(among, classes, "the model")
    dataset = data.load(known_labels=chosen)
    scores = model.decision_function(dataset.X)
    columns = [classes.index(label) for label in chosen]
    predicted = np.asarray(chosen)[scores[:, columns].argmax(axis=1)]
    elsewhere = ~np.isin(np.asarray(classes)[scores.argmax(axis=1)], chosen)
    report = score_predictions(
        dataset, predicted, chosen, probabilities=model.probabilities(scores[:, columns])
    )
    return Evaluation(report, int(elsewhere.sum()), dataset.remarks)


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Lay a report out by the names of the metrics: those over all rows first, then the slices."""
    plain = evaluation.report.as_dict()
    parts = {
        name: {"n_rows": part["n_rows"], "n_groups": part["n_groups"], **part["scores"]}
        for name, part in plain["slices"].items()
    }
    return {
        **parts.pop("all"),
        "group_kind": plain["group_kind"],
        "classes": plain["classes"],
        "n_elsewhere": evaluation.n_elsewhere,
        "confusion": plain["slices"]["all"]["confusion"],
        "reliability": plain["reliability"],
        **parts,
    }
