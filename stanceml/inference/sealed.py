"""A sealed model: read from plain numbers, checked before use, applied with numpy."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays

from stanceml.corpus.units import Unit, read_units
from stanceml.exceptions import DataError, ModelError
from stanceml.features.spaces import NgramSpace
from stanceml.files import read_regular_file, read_sums, sha256, unreadable
from stanceml.inference.compiled.batches import Batches
from stanceml.inference.manifest import (
    ARRAYS_FILE,
    MANIFEST_FILE,
    SUMS_FILE,
    Manifest,
    one_line,
    read_json,
    read_manifest,
    shown,
)
from stanceml.inference.vocabulary import Vocabulary

__all__ = ["SealedModel", "load_model"]

# Many times what a real model has, and little enough to be read by any machine.
_MAX_SIZES: Final = {SUMS_FILE: 10**6, MANIFEST_FILE: 4 * 10**6, ARRAYS_FILE: 2**31}
_MAX_HEADER: Final = 10**6
_PARTS: Final = ("terms", "term_ends", "idf", "coefficients")
_TYPES: Final = "U8 for n-grams, I64 for their ends, F64 for numbers"

# Within these, no sum, product or quotient on the way to a probability leaves the finite numbers;
# beyond 1e15, doubles no longer tell apart scores that differ by a tenth.
_LARGEST: Final = 1e15
_IDF: Final = (1e-6, 1e6)


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
        self._intercept = _numbers(arrays, "intercept", (len(manifest.classes),))
        self._blocks = [_Block(number, manifest, arrays) for number in range(len(manifest.spaces))]
        self._batches = Batches(self._blocks, self._intercept)

    def decision_function(self, rows: Any) -> np.ndarray:
        """Return the scores, of shape (n_rows, n_classes)."""
        units = read_units(rows)
        compiled = self._batches.model(len(units))
        if compiled is not None:
            return compiled.decision_function(units)
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
                f"space {number} ({facts.source}) was trained with other word lists than this "
                f"version of stanceml has (fingerprint {shown(facts.lexicon)}, expected "
                f"{shown(self.space.lexicon)}): use the version that trained it"
            )
        self.sublinear_tf = facts.sublinear_tf
        self.idf = _numbers(arrays, f"{number}.idf", (n,), *_IDF)
        self.coefficients = _numbers(arrays, f"{number}.coefficients", (n, n_classes))
        self.vocabulary = _vocabulary(arrays, number, n)

    def score(self, unit: Unit) -> Any:
        """Add up the contributions of a unit's n-grams, of shape (n_classes,)."""
        known = [
            (column, count)
            for ngram, count in Counter(self.space.ngrams(unit)).items()
            if (column := self.vocabulary.get(ngram)) is not None
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
    """Load a saved model from its folder, trusting nothing in it.

    No pickle is read, whatever the folder holds. Of the files that `SHA256SUMS` lists, those that
    are read are checked; `sha256sum --check SHA256SUMS` checks the pipeline and the card beside
    them, which no prediction looks at. A link is followed, and must lead to a regular file. Sums
    tell damage, not forgery: whoever can change a file can change its sum.

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
        When a file is missing, changed, truncated, too large, no regular file or no model, or was
        written by a newer version.
    """
    folder = Path(folder)
    try:
        is_folder = folder.is_dir()
    except OSError as error:
        raise ModelError(unreadable(folder, error)) from error
    if not is_folder:
        raise ModelError(
            f"{folder}: no model folder; train one with `stanceml train` (or `make train`), "
            "or name another folder"
        )
    try:
        sums = read_sums(folder / SUMS_FILE, _MAX_SIZES[SUMS_FILE])
        manifest = read_manifest(_checked(folder / MANIFEST_FILE, sums))
        arrays = _read_arrays(_checked(folder / ARRAYS_FILE, sums), len(manifest.spaces))
        return SealedModel(manifest, arrays)
    except DataError as error:
        raise ModelError(f"{error}; the model is damaged: train or copy it again") from error
    except ModelError as error:
        raise ModelError(f"{folder}: {error}; train or copy the model again") from error
    except MemoryError as error:
        raise ModelError(f"{folder}: the model does not fit into this machine's memory") from error


def _checked(path: Path, sums: Mapping[str, str]) -> bytes:
    content = read_regular_file(path, _MAX_SIZES[path.name])
    expected = sums.get(path.name)
    if expected is None:
        raise ModelError(f"{SUMS_FILE} has no line for {path.name}")
    found = sha256(content)
    if found != expected:
        raise ModelError(
            f"{path.name} was changed or truncated (SHA-256 {found[:12]}…, "
            f"expected {expected[:12]}…)"
        )
    return content


def _read_arrays(content: bytes, n_spaces: int) -> dict[str, np.ndarray]:
    """Read the arrays file, which must hold the arrays of the manifest's spaces and no others."""
    length = int.from_bytes(content[:8], "little")
    if length > min(len(content) - 8, _MAX_HEADER):
        raise ModelError(
            f"{ARRAYS_FILE} holds no readable arrays (a header of {length} bytes in a file of "
            f"{len(content)}; expected {_MAX_HEADER} at most)"
        )
    # The library takes the last of two arrays of one name, and as many as the header names.
    header = read_json(content[8 : 8 + length], f"the header of {ARRAYS_FILE}")
    found = list(header) if isinstance(header, dict) else []
    expected = {"intercept", *(f"{n}.{part}" for n in range(n_spaces) for part in _PARTS)}
    for name in found:
        if name not in expected:
            raise ModelError(
                f"array {shown(name)} belongs to none of the {n_spaces} spaces of {MANIFEST_FILE}"
            )
    try:
        arrays: dict[str, np.ndarray] = load_arrays(content)
    except KeyError as error:
        raise ModelError(
            f"{ARRAYS_FILE} has an array of type {error}; expected {_TYPES}"
        ) from error
    except (SafetensorError, ValueError) as error:
        raise ModelError(f"{ARRAYS_FILE} holds no readable arrays ({one_line(error)})") from error
    return arrays


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
    return array


def _numbers(
    arrays: Mapping[str, np.ndarray],
    name: str,
    shape: tuple[int, ...],
    lowest: float = -_LARGEST,
    highest: float = _LARGEST,
) -> np.ndarray:
    array = _array(arrays, name, np.float64, shape)
    if array.size:
        for value in (array.min(), array.max()):
            # Not-a-number is the lowest and the highest, and within no bounds.
            if not lowest <= value <= highest:
                raise ModelError(
                    f"array {name} holds {value:.6g}; expected numbers from {lowest:g} to "
                    f"{highest:g}"
                )
    return array


def _vocabulary(arrays: Mapping[str, np.ndarray], number: int, n: int) -> Vocabulary:
    ends = _array(arrays, f"{number}.term_ends", np.int64, (n,))
    if n and (ends[0] < 0 or (ends[1:] < ends[:-1]).any()):
        raise ModelError(f"array {number}.term_ends does not ascend from 0 or more")
    size = int(ends[-1]) if n else 0
    terms = _array(arrays, f"{number}.terms", np.uint8, (size,))
    try:
        return Vocabulary(terms, ends)
    except ValueError as error:
        raise ModelError(f"array {number}.terms {error}") from None
