"""Score a saved model on labelled rows."""

from pathlib import Path
from typing import Any

from stanceml.inference.sealed import load_model
from stanceml.modeling.scoring import Report, score_predictions
from stanceml.workflows.labelled import LabelledFile

__all__ = ["as_json", "evaluate"]


def evaluate(model_folder: Path, data: LabelledFile) -> Report:
    """Score a saved model on labelled rows.

    Parameters
    ----------
    model_folder : Path
        A sealed model.
    data : LabelledFile
        Rows whose labels are among the model's classes.

    Returns
    -------
    Report
        With 95% intervals by drawing groups, and p-values by permuting labels.

    Raises
    ------
    StancemlError
        When the model or the data cannot be used.
    """
    model = load_model(model_folder)
    dataset = data.load(known_labels=model.manifest.classes)
    predicted = model.predict(dataset.X)
    return score_predictions(dataset, predicted, model.manifest.classes)


def as_json(report: Report) -> dict[str, Any]:
    """Lay a report out by the names of the metrics: those over all rows first, then the slices."""
    plain = report.as_dict()
    parts = {
        name: {"n_rows": part["n_rows"], "n_groups": part["n_groups"], **part["scores"]}
        for name, part in plain["slices"].items()
    }
    return {
        **parts.pop("all"),
        "group_kind": plain["group_kind"],
        "classes": plain["classes"],
        "confusion": plain["slices"]["all"]["confusion"],
        **parts,
    }
