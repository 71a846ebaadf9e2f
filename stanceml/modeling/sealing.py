"""A fitted pipeline in; a folder of plain numbers, sums and a card out."""

import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from safetensors.numpy import save
from sklearn.pipeline import Pipeline

from stanceml.corpus.datasets import Dataset
from stanceml.files import replaced_folder, sha256
from stanceml.inference.manifest import (
    ARRAYS_FILE,
    CARD_FILE,
    MANIFEST_FILE,
    PIPELINE_FILE,
    SCHEMA_VERSION,
    SUMS_FILE,
    Calibration,
    DataFacts,
    Manifest,
    SealedSpace,
)
from stanceml.inference.sealed import SealedModel
from stanceml.inference.vocabulary import in_utf8
from stanceml.modeling.classifiers import linear_parameters
from stanceml.modeling.evaluation import CrossValidation
from stanceml.modeling.features import NgramFeatures
from stanceml.modeling.scoring import Report

__all__ = ["package_versions", "save_model", "seal", "top_ngrams"]


def seal(
    name: str,
    model: Pipeline,
    dataset: Dataset,
    measured: CrossValidation,
    test_report: Report | None = None,
) -> tuple[Manifest, dict[str, np.ndarray]]:
    """Take a fitted model apart into facts and numbers.

    Parameters
    ----------
    name : str
        What the model is called.
    model : Pipeline
        Fitted, as `build_pipeline` built it.
    dataset : Dataset
        What it was fitted on.
    measured : CrossValidation
        How well the experiment does.
    test_report : Report, optional
        How well the model does on rows that it was not trained on.

    Returns
    -------
    (Manifest, dict of str to ndarray)
        What `model.json` and the arrays file hold.
    """
    blocks = _blocks(model)
    coefficients, intercept = _parameters(model)
    arrays: dict[str, np.ndarray] = {"intercept": intercept}
    first = 0
    for number, block in enumerate(blocks):
        terms, ends = in_utf8(block.get_feature_names_out())
        last = first + len(ends)
        arrays |= {
            f"{number}.terms": terms,
            f"{number}.term_ends": ends,
            f"{number}.idf": np.ascontiguousarray(block.idf_, dtype=np.float64),
            f"{number}.coefficients": np.ascontiguousarray(coefficients[first:last]),
        }
        first = last
    experiment = measured.experiment
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        name=name,
        classes=[str(label) for label in model.classes_],
        classifier=experiment.classifier.kind,
        spaces=[
            SealedSpace(
                source=block.source,
                kind=block.kind,
                orders=list(block.space.orders),
                sublinear_tf=block.sublinear_tf,
                normalisation="l2",
                lexicon=block.space.lexicon,
                n_features=len(block.idf_),
            )
            for block in blocks
        ],
        calibration=Calibration(
            method="temperature",
            inverse_temperature=model.named_steps["classifier"].inverse_temperature_,
        ),
        data=DataFacts(
            name=dataset.name,
            digest=dataset.digest,
            n_rows=len(dataset.y),
            n_groups=int(dataset.groups.nunique()),
            group_kind=dataset.group_kind,
        ),
        config=experiment.model_dump(mode="json"),
        config_digest=experiment.digest,
        report=measured.report.as_dict(),
        test_report=test_report.as_dict() if test_report else None,
        versions=package_versions(),
    )
    return manifest, arrays


def save_model(
    folder: Path,
    manifest: Manifest,
    arrays: dict[str, np.ndarray],
    pipeline: Pipeline,
    write_card: Callable[[Manifest], str],
) -> SealedModel:
    """Write a model folder, whole or not at all, in the place of an older one.

    Parameters
    ----------
    folder : Path
        For example `models/stance`.
    manifest, arrays
        As `seal` gives them.
    pipeline : Pipeline
        Kept beside the numbers for people who go on in Python; no command of ours loads it.
    write_card : callable
        Makes the model card, in markdown, out of the manifest.

    Returns
    -------
    SealedModel
        What was written.
    """
    sealed = SealedModel(manifest, arrays)
    with replaced_folder(folder, MANIFEST_FILE) as temporary:
        (temporary / MANIFEST_FILE).write_text(
            manifest.model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
        (temporary / ARRAYS_FILE).write_bytes(save(arrays))
        (temporary / CARD_FILE).write_text(write_card(manifest), encoding="utf-8")
        joblib.dump(pipeline, temporary / PIPELINE_FILE)
        sums = [
            f"{sha256(file.read_bytes())}  {file.name}\n" for file in sorted(temporary.iterdir())
        ]
        (temporary / SUMS_FILE).write_text("".join(sums), encoding="utf-8")
    return sealed


def _parameters(model: Pipeline) -> tuple[np.ndarray, np.ndarray]:
    """Read coefficients and intercepts, the weights of the blocks and the offsets within."""
    calibrated = model.named_steps["classifier"]
    coefficients, intercept = linear_parameters(calibrated.estimator_)
    blocks = _blocks(model)
    if blocks:
        weights = np.repeat([b.weight for b in blocks], [len(b.idf_) for b in blocks])
        coefficients = coefficients * weights[:, np.newaxis]
    return coefficients, intercept + calibrated.offsets_


def top_ngrams(model: Pipeline, n: int = 15) -> list[dict[str, Any]]:
    """List the n-grams that speak most for each class.

    Returns
    -------
    list of dict
        `stance`, `rank`, `space`, `ngram` and `weight`: the coefficient less the mean over the
        classes, since only differences between classes move a label.
    """
    coefficients, _ = _parameters(model)
    weights = coefficients - coefficients.mean(axis=1, keepdims=True)
    named = [
        (block.space.name, str(ngram))
        for block in _blocks(model)
        for ngram in block.get_feature_names_out()
    ]
    return [
        {
            "stance": str(label),
            "rank": rank,
            "space": named[column][0],
            "ngram": named[column][1],
            "weight": float(weights[column, number]),
        }
        for number, label in enumerate(model.classes_)
        for rank, column in enumerate(np.argsort(-weights[:, number], kind="stable")[:n], start=1)
    ]


def package_versions() -> dict[str, str]:
    """Tell the versions that a result depends on."""
    names = ("stanceml", "scikit-learn", "numpy", "scipy", "pandas", "mlflow")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def _blocks(model: Pipeline) -> list[NgramFeatures]:
    features = model.named_steps["features"]
    return [block for _, block in getattr(features, "transformer_list", [])]
