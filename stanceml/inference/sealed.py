"""A sealed model: read from plain numbers, checked before use, applied with numpy."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays

from stanceml.corpus.units import Unit, read_units
from stanceml.exceptions import DataError, ModelError
from stanceml.features.spaces import NgramSpace
from stanceml.files import read_bytes, read_sums, sha256
from stanceml.inference.manifest import (
    ARRAYS_FILE,
    MANIFEST_FILE,
    SCHEMA_VERSION,
    SUMS_FILE,
    Manifest,
)

__all__ = ["SealedModel", "load_model"]


class SealedModel:
    """A linear model as plain numbers.

    Rows are data frames or iterables; each row is a string, or a mapping with `text` and, for a
    pair, `target`, `holder` and their spans.

    Attributes
    ----------
    manifest : Manifest
        The facts about the model.
    classes_ : ndarray of shape (n_classes,)
        The labels, in alphabetical order.
    """

    def __init__(self, manifest: Manifest, arrays: Mapping[str, np.ndarray]) -> None:
        self.manifest = manifest
        self.classes_ = np.asarray(manifest.classes)
        self._intercept = _array(arrays, "intercept", np.float64, (len(manifest.classes),))
        self._blocks = [_Block(number, manifest, arrays) for number in range(len(manifest.spaces))]

    def decision_function(self, rows: Any) -> np.ndarray:
        """Return the scores, of shape (n_rows, n_classes)."""
        units = read_units(rows)
        scores = np.tile(self._intercept, (len(units), 1))
        for number, unit in enumerate(units):
            for block in self._blocks:
                scores[number] += block.score(unit)
        return scores

    def predict_proba(self, rows: Any) -> np.ndarray:
        """Return the probabilities, of shape (n_rows, n_classes)."""
        return self.probabilities(self.decision_function(rows))

    def predict(self, rows: Any) -> np.ndarray:
        """Return the label with the highest score, of shape (n_rows,).

        Raises
        ------
        DataError
            When a row has a blank text or a span outside its text.
        """
        return self.judge(rows)[0]

    def judge(self, rows: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return labels, of shape (n_rows,), and probabilities, of shape (n_rows, n_classes)."""
        scores = self.decision_function(rows)
        return self.classes_[scores.argmax(axis=1)], self.probabilities(scores)

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Turn scores of shape (n_rows, n_labels) into probabilities; labels may be left out."""
        scaled = self.manifest.calibration.inverse_temperature * scores
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class _Block:
    """One n-gram space: its vocabulary, weights and coefficients."""

    def __init__(self, number: int, manifest: Manifest, arrays: Mapping[str, np.ndarray]) -> None:
        facts = manifest.spaces[number]
        n, n_classes = facts.n_features, len(manifest.classes)
        self.space = NgramSpace(facts.source, facts.kind, (facts.orders[0], facts.orders[1]))
        if facts.lexicon != self.space.lexicon:
            raise ModelError(
                "was trained with other word lists than this version of stanceml has; "
                "use the version that trained it"
            )
        self.sublinear_tf = facts.sublinear_tf
        self.idf = _array(arrays, f"{number}.idf", np.float64, (n,))
        self.coefficients = _array(arrays, f"{number}.coefficients", np.float64, (n, n_classes))
        ends = _array(arrays, f"{number}.term_ends", np.int64, (n,))
        terms = _array(arrays, f"{number}.terms", np.uint8, (int(ends[-1]) if n else 0,)).tobytes()
        if n and (ends[0] < 0 or (np.diff(ends) < 0).any()):
            raise ModelError(f"array {number}.term_ends does not ascend")
        starts = [0, *ends[:-1].tolist()]
        try:
            self.columns = {
                terms[start:end].decode("utf-8", "surrogatepass"): column
                for column, (start, end) in enumerate(zip(starts, ends.tolist(), strict=True))
            }
        except UnicodeDecodeError as error:
            raise ModelError(f"array {number}.terms is not UTF-8") from error

    def score(self, unit: Unit) -> Any:
        """Add up the contributions of a unit's n-grams, of shape (n_classes,)."""
        known = [
            (column, count)
            for ngram, count in Counter(self.space.ngrams(unit)).items()
            if (column := self.columns.get(ngram)) is not None
        ]
        if not known:
            return 0.0
        index = np.array([column for column, _ in known])
        frequency = np.array([count for _, count in known], dtype=np.float64)
        if self.sublinear_tf:
            frequency = np.log(frequency) + 1
        weighted = frequency * self.idf[index]
        return weighted @ self.coefficients[index] / np.sqrt(weighted @ weighted)


def load_model(folder: str | Path) -> SealedModel:
    """Load a saved model from its folder. No pickle is read, whatever the folder holds.

    Parameters
    ----------
    folder : path-like
        With `model.json`, `arrays.safetensors` and `SHA256SUMS`.

    Returns
    -------
    SealedModel

    Raises
    ------
    ModelError
        When a file is missing, changed or truncated, or was written by a newer version.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no model folder; train one with `stanceml train` (or `make train`), "
            "or name another with --model"
        )
    try:
        sums = read_sums(folder / SUMS_FILE)
        contents = {name: read_bytes(folder / name) for name in (MANIFEST_FILE, ARRAYS_FILE)}
        for name, content in contents.items():
            _verify(folder / name, content, sums.get(name))
        manifest = _read_manifest(folder / MANIFEST_FILE, contents[MANIFEST_FILE])
        return SealedModel(manifest, load_arrays(contents[ARRAYS_FILE]))
    except DataError as error:
        raise ModelError(f"{error}; the model is damaged: train or copy it again") from error
    except ModelError as error:
        raise ModelError(f"{folder}: {error}; train or copy the model again") from error
    except (SafetensorError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"{folder / ARRAYS_FILE}: no readable arrays ({reason}); train or copy the model again"
        ) from error


def _verify(path: Path, content: bytes, expected: str | None) -> None:
    if expected is None:
        raise ModelError(f"{SUMS_FILE} has no line for {path.name}")
    found = sha256(content)
    if found != expected:
        raise ModelError(
            f"{path.name} was changed or truncated (SHA-256 {found[:12]}…, "
            f"expected {expected[:12]}…)"
        )


def _read_manifest(path: Path, content: bytes) -> Manifest:
    try:
        version = json.loads(content)["schema_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"{path.name} is no manifest; expected JSON with `schema_version`"
        ) from error
    if version != SCHEMA_VERSION:
        raise ModelError(
            f"{path.name} has schema version {version!r}; this version of stanceml reads "
            f"{SCHEMA_VERSION}: upgrade stanceml"
        )
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise ModelError(f"{path.name}: {place}: {problem['msg']}") from error


def _array(
    arrays: Mapping[str, np.ndarray], name: str, dtype: type[np.generic], shape: tuple[int, ...]
) -> np.ndarray:
    try:
        array = arrays[name]
    except KeyError:
        raise ModelError(f"array {name} is missing") from None
    if array.dtype != dtype or array.shape != shape:
        raise ModelError(
            f"array {name} is {array.dtype} {array.shape}; expected {np.dtype(dtype)} {shape}"
        )
    if dtype is np.float64 and not np.isfinite(array).all():
        raise ModelError(f"array {name} holds numbers that are not finite")
    return array
