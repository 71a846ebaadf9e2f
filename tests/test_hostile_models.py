"""Models made to do harm: each is refused in one line, or is a model like any other."""

import copy
import json
import os
import pickle
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import ValidationError
from safetensors.numpy import load, save

from stanceml import load_model
from stanceml.config import Features
from stanceml.exceptions import ModelError
from stanceml.files import sha256
from stanceml.inference.manifest import SealedSpace
from stanceml.stances import NgramKind, Source

pytestmark = [pytest.mark.slow, pytest.mark.mistakes]

GOLDEN = Path(__file__).parent / "golden" / "model-1"
FACTS = json.loads((GOLDEN / "model.json").read_text(encoding="utf-8"))
ARRAYS = load((GOLDEN / "arrays.safetensors").read_bytes())
N, N_CLASSES = ARRAYS["0.coefficients"].shape
ROWS = [
    {"text": "Chile rejects the grain corridor.", "holder": "Chile", "target": "grain corridor"},
    {"text": "supports supports 支持 \ud800 İ \x00" + " the port agreement" * 20},
]
MB = 10**6

Facts = dict[str, Any]
Arrays = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError("a hostile model made the process hang")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is written anew for each case."""
    return tmp_path_factory.mktemp("models") / "hostile"


def write(folder: Path, facts: Facts | bytes | None = None, arrays: Any = None) -> Path:
    """Write a model whose sums are right, whatever else it is."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    facts = FACTS if facts is None else facts
    arrays = ARRAYS if arrays is None else arrays
    contents = {
        "model.json": facts if isinstance(facts, bytes) else json.dumps(facts).encode(),
        "arrays.safetensors": arrays if isinstance(arrays, bytes) else save(arrays),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    sums = [f"{sha256(content)}  {name}\n" for name, content in contents.items()]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def told(folder: Path, seconds: float = 1) -> str:
    """Load and use a model; give the one line with which it is refused, or nothing."""
    start = time.process_time()
    try:
        model = load_model(folder)
        labels, probabilities = model.judge(ROWS)
    except ModelError as error:
        message = str(error)
        assert message.isprintable(), ascii(message)
        assert message.startswith(str(folder))
        assert len(message) - len(str(folder)) < 500, message
    else:
        message = ""
        assert np.isfinite(model.decision_function(ROWS)).all()
        assert np.isfinite(probabilities).all()
        assert np.abs(probabilities.sum(axis=1) - 1).max() < 1e-9
        assert set(labels) <= set(model.manifest.classes)
    assert time.process_time() - start < seconds
    return message


def refused(folder: Path) -> str:
    """Give the line with which a model is refused; fails where it is not."""
    message = told(folder)
    assert message, "the model was taken"
    return message


def changed(place: str, value: Any) -> Facts:
    """The manifest with one value exchanged, or one key added."""
    facts = copy.deepcopy(FACTS)
    *path, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    part = facts
    for step in path:
        part = part[step]
    part[last] = value
    return facts


def test_the_untouched_model_is_taken(folder: Path) -> None:
    assert told(write(folder)) == ""
    assert told(GOLDEN) == ""


# The manifest.


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("schema_version", 2, "schema version 2; .* upgrade stanceml"),
        ("schema_version", 10**4000, "schema version 1000.*upgrade"),
        ("schema_version", 0, "schema_version 0; expected the number 1"),
        ("schema_version", "1", "schema_version '1'; expected the number 1"),
        ("schema_version", True, "schema_version True; expected"),
        ("schema_version", 1.0, r"schema_version 1\.0; expected"),
        ("schema_version", None, "schema_version None; expected"),
        ("spaces.0.orders", [1, 10**9], r"spaces\.0\.orders\.1: .*equal to 10, found 1000000000"),
        ("spaces.0.orders", [5, 1], r"spaces\.0: orders \[5, 1\]: the shortest comes first"),
        ("spaces.0.orders", [0, 1], r"orders\.0: .*greater than or equal to 1, found 0"),
        ("spaces.0.orders", [-3, 2], r"orders\.0: .*found -3"),
        ("spaces.0.orders", [1, 1.5], "found 1.5"),
        ("spaces.0.orders", [True, 2], "found True"),
        ("spaces.0.orders", [1], "at least 2"),
        ("spaces.0.orders", [1, 2, 3], "at most 2"),
        ("spaces.0.orders", "12", "valid list, found '12'"),
        ("spaces.0.n_features", 10**18, r"n_features: .*found 1000000000000000000"),
        ("spaces.0.n_features", -1, "n_features: .*found -1"),
        ("spaces.0.n_features", 2**31 - 1, r"0\.idf is .*; expected float64 \(2147483647,\)"),
        (
            "spaces.0.source",
            "eval",
            "'marked', .*'target' or 'masked', .*found 'eval'",
        ),
        ("spaces.5.kind", "char", r"spaces\.5: source 'nameless' is a list of words"),
        ("spaces.0.normalisation", "l1", "normalisation: .*found 'l1'"),
        ("spaces.0.sublinear_tf", 1, "sublinear_tf: .*found 1"),
        ("spaces.0.lexicon", "x\n\x1b[2J" * 99, r"fingerprint 'x\\n\\x1b\[2J"),
        ("spaces.0.surprise", 1, r"spaces\.0\.surprise: unknown key"),
        ("spaces", FACTS["spaces"] * 20, "spaces: .*at most 50"),
        ("spaces", FACTS["spaces"] * 2, r"9\.idf is missing"),
        ("spaces", [], "belongs to none of the 0 spaces"),
        ("spaces", {}, "spaces: "),
        ("classes", ["favor", "against", "neutral"], "alphabetical order"),
        ("classes", ["favor", "favor", "neutral"], "distinct"),
        ("classes", ["against", "favor"], r"intercept is float64 \(3,\); expected float64 \(2,\)"),
        ("classes", ["against"], "at least 2"),
        ("classes", [str(number) for number in range(1001)], "at most 1000"),
        ("classes", ["", "favor", "neutral"], r"classes\.0: .*at least 1"),
        ("classes", ["a\x1b[31m", "favor", "neutral"], r"control characters such as '\\x1b'"),
        ("classes", ["a\u202eb", "favor", "neutral"], r"control characters such as '\\u202e'"),
        ("classes", ["a\ud800", "favor", "neutral"], r"classes\.0: "),
        ("classes", ["a" * 10**6, "favor", "neutral"], "at most 200 characters"),
        ("classes", [" a", "favor", "neutral"], "without blanks around it"),
        ("classes", [1, 2, 3], r"classes\.0: .*found 1"),
        ("calibration.inverse_temperature", 0, "greater than 0"),
        ("calibration.inverse_temperature", -1.0, "greater than 0"),
        ("calibration.inverse_temperature", float("nan"), "inverse_temperature: .*found nan"),
        ("calibration.inverse_temperature", float("inf"), "inverse_temperature: .*found inf"),
        ("calibration.inverse_temperature", 1e308, r"1000000, found 1e\+308"),
        ("calibration.method", "none", "method: "),
        ("data.n_rows", -1, "n_rows: "),
        ("two\nlines\x1b[2J", 1, r"two\\nlines\\x1b\[2J: unknown key"),
        ("name", 1, "name: .*valid string, found 1"),
        ("config", None, "config: .*found None"),
        ("config", {f"k{number}": 1 for number in range(10_001)}, "an object of 10001 keys"),
    ],
)
def test_a_manifest_that_claims_too_much(
    folder: Path, place: str, value: Any, expected: str
) -> None:
    message = refused(write(folder, changed(place, value)))
    assert re.search(expected, message), message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "no usable JSON"),
        (b"[]", "no manifest"),
        (b"1", "no manifest"),
        (b"{}", "no manifest"),
        (b"\xff\xfe\x00", "can't decode byte 0xff"),
        (json.dumps(FACTS).encode("utf-16"), "can't decode"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"9" * MB, "no usable JSON .*4300"),
        (b'{"schema_version": ' + b"9" * MB + b"}", "no usable JSON .*4300"),
        (b'{"schema_version": NaN}', "schema_version nan"),
        (b'{"schema_version": 1e999}', "schema_version inf"),
        (b'{"schema_version": 1, "schema_version": 1}', "'schema_version' stands twice"),
        (b'{"schema_version": 1}', "name: is missing"),
        (b'"' + b"a" * 4 * MB + b'"', "4000002 bytes; expected 4000000 at most"),
        (b"\x00" * 1000, "no usable JSON"),
    ],
    ids=range(16),
)
def test_a_manifest_that_is_none(folder: Path, content: bytes, expected: str) -> None:
    message = refused(write(folder, content))
    assert re.search(expected, message), message


def test_a_manifest_says_of_spaces_what_an_experiment_file_says() -> None:
    def fits(model: Any, **more: Any) -> bool:
        try:
            model.model_validate(settings | more)
        except ValidationError:
            return False
        return True

    rest = {"sublinear_tf": True, "normalisation": "l2", "n_features": 0}
    sources = [source for words in get_args(Source) for source in get_args(words)]
    told: Counter[bool] = Counter()
    for source, kind, low, high in product(
        sources, get_args(NgramKind), (-1, 0, 1, 2, 10, 11), (0, 1, 2, 10, 11, 10**9)
    ):
        settings = {"source": source, "kind": kind, "orders": [low, high]}
        assert fits(Features) == fits(SealedSpace, **rest), settings
        told[fits(Features)] += 1
    assert min(told[True], told[False]) > 50


# The arrays.


def _with(name: str, values: Any, dtype: Any = None) -> Arrays:
    array = np.asarray(values, dtype=dtype or ARRAYS[name].dtype)
    return ARRAYS | {name: np.ascontiguousarray(array)}


def _one(name: str, value: float, where: int = 0) -> Arrays:
    array = ARRAYS[name].copy()
    array.flat[where] = value
    return ARRAYS | {name: array}


ENDS = ARRAYS["0.term_ends"]
FIRST = int(ENDS[0])


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        (_one("0.coefficients", 1e308, 5), r"0\.coefficients holds 1e\+308; expected numbers from"),
        (_one("0.coefficients", -1e16), r"0\.coefficients holds -1e\+16"),
        (_one("0.coefficients", np.nan, 7), r"0\.coefficients holds nan"),
        (_one("intercept", np.inf), "intercept holds inf"),
        (_one("intercept", -1e300), r"intercept holds -1e\+300"),
        (_one("0.idf", 0), r"0\.idf holds 0; expected numbers from 1e-06 to 1e\+06"),
        (_one("0.idf", -1), r"0\.idf holds -1"),
        (_one("0.idf", 5e-324), r"0\.idf holds 4.94066e-324"),
        (_one("0.idf", 1e308), r"0\.idf holds 1e\+308"),
        (_one("0.idf", np.nan), r"0\.idf holds nan"),
        (_one("0.term_ends", -1), r"0\.term_ends does not ascend"),
        (_one("0.term_ends", 2**62), r"0\.term_ends does not ascend"),
        (_one("0.term_ends", 2**62, -1), r"0\.terms is uint8 .*expected uint8 \(4611686018"),
        (_one("0.term_ends", -(2**63), -1), r"0\.term_ends does not ascend"),
        (_with("0.term_ends", ENDS[::-1]), r"0\.term_ends does not ascend"),
        (_with("0.term_ends", ENDS, np.int32), r"0\.term_ends is int32"),
        (_with("0.term_ends", ENDS, np.uint64), r"0\.term_ends is uint64"),
        (_with("0.idf", ARRAYS["0.idf"], np.float32), r"0\.idf is float32"),
        (_with("0.idf", ARRAYS["0.idf"][:, None]), rf"0\.idf is float64 \({N}, 1\)"),
        (_with("0.idf", ARRAYS["0.idf"][:-1]), rf"0\.idf is float64 \({N - 1},\)"),
        (_with("0.coefficients", ARRAYS["0.coefficients"].T), rf"is float64 \(3, {N}\)"),
        (_with("0.idf", ARRAYS["0.idf"] > 0, bool), r"0\.idf is bool"),
        (_with("0.idf", ARRAYS["0.idf"], np.complex64), r"0\.idf is complex64"),
        (_with("0.terms", np.full(ENDS[-1], 0xFF)), r"0\.terms is not UTF-8"),
        (_with("0.terms", ARRAYS["0.terms"][:-1]), r"0\.terms is uint8"),
        (
            _with("0.terms", np.full(ENDS[-1], ord("a"))),
            r"0\.terms has the n-gram 'a+.*' before 'a",
        ),
        (ARRAYS | {"0.idf": ARRAYS["1.idf"], "1.idf": ARRAYS["0.idf"]}, r"0\.idf is float64"),
        (ARRAYS | {"surprise\n": ENDS}, r"array 'surprise\\n' belongs to none of the 9 spaces"),
        (ARRAYS | {"9.idf": ENDS}, r"array '9\.idf' belongs to none"),
        ({k: v for k, v in ARRAYS.items() if k != "intercept"}, "intercept is missing"),
        ({k: v for k, v in ARRAYS.items() if k != "8.terms"}, r"8\.terms is missing"),
        ({}, "intercept is missing"),
    ],
    ids=range(32),
)
def test_arrays_that_do_not_fit(folder: Path, arrays: Arrays, expected: str) -> None:
    message = refused(write(folder, arrays=arrays))
    assert re.search(expected, message), message


def test_the_largest_numbers_that_are_taken_give_finite_probabilities(folder: Path) -> None:
    facts = changed("calibration.inverse_temperature", 1e6)
    for idf, signs in product((1e-6, 1e6), ([1, -1, 1], [1, 1, 1], [-1, -1, -1])):
        arrays = dict(ARRAYS)
        for name, array in ARRAYS.items():
            if name.endswith("idf"):
                # Side by side, so that one all but drowns the other.
                arrays[name] = np.where(np.arange(len(array)) % 2, 1e-6, idf)
            elif name == "intercept" or name.endswith("coefficients"):
                arrays[name] = np.full(array.shape, 1e15) * signs
        assert told(write(folder, facts, arrays)) == ""


def test_swapped_arrays_of_one_shape_are_a_model_too(folder: Path) -> None:
    # No reader can tell: whoever makes the sums may make any model.
    arrays = _with("0.coefficients", ARRAYS["0.coefficients"][::-1])
    assert told(write(folder, arrays=arrays)) == ""


def _tensors(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def _edited(name: str, arrays: Arrays = ARRAYS, **facts: Any) -> bytes:
    """The arrays file with an entry of its header exchanged."""
    content = save(arrays)
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header[name] = header.get(name, {}) | facts
    return _tensors(header, content[8 + length :])


def _twice() -> bytes:
    content = save(ARRAYS)
    length = int.from_bytes(content[:8], "little")
    header, data = content[8 : 8 + length].rstrip(), content[8 + length :]
    entry = json.dumps(json.loads(header)["intercept"]).encode()
    return _tensors(header[:-1] + b',"intercept":' + entry + b"}", data)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "a header of 0 bytes in a file of 0"),
        (b"short", "in a file of 5"),
        (_tensors(b"{}", length=2**63), "a header of 9223372036854775808 bytes in a file of 10"),
        (_tensors(b"{}", length=2**64 - 1), "a header of 18446744073709551615"),
        (_tensors(b"{" + b" " * MB + b"}"), "expected 1000000 at most"),
        (_tensors(b"[" * 100_000), "nested too deeply"),
        (_tensors(b"9" * 10_000), "no usable JSON .*4300"),
        (_tensors(b'{"intercept": NaN}'), "no readable arrays"),
        (_tensors(b"[]"), "no readable arrays"),
        (_tensors(b"\x80\x04K\x01."), "can't decode"),
        (_twice(), "the key 'intercept' stands twice"),
        (_edited("intercept", data_offsets=[0, 2**62]), "invalid offset|not fully covered"),
        (_edited("intercept", data_offsets=[-8, 16]), "no readable arrays"),
        (_edited("intercept", data_offsets=[0, 24]), "invalid offset"),
        (_edited("intercept", shape=[2**62, 2**62]), "overflow|no readable"),
        (_edited("intercept", shape=[-3]), "no readable arrays"),
        (_edited("intercept", shape=[9**9]), "no readable arrays"),
        (_edited("intercept", shape=[1] * 99 + [3]), "no readable arrays"),
        (_edited("intercept", shape=[3] + [1] * 10), "intercept is float64"),
        (_edited("intercept", dtype="I64"), "intercept is int64"),
        (_edited("intercept", dtype="BF16", shape=[12]), "an array of type 'BF16'; expected U8"),
        (_edited("intercept", dtype="F8_E4M3", shape=[24]), "an array of type 'F8_E4M3'"),
        (_edited("intercept", dtype="object"), "no readable arrays"),
        (_edited("__metadata__", a="b"), "'__metadata__' belongs to none"),
        (save(ARRAYS) + b"more", "not fully covered"),
        (save(ARRAYS)[:-1], "not fully covered"),
        (pickle.dumps({"intercept": [0.0]}), "no readable arrays"),
    ],
    ids=range(27),
)
def test_an_arrays_file_that_lies(folder: Path, content: bytes, expected: str) -> None:
    message = refused(write(folder, arrays=content))
    assert re.search(expected, message), message


@pytest.mark.parametrize(("shape", "taken"), [([0, 3], True), ([0, 2**40], False), ([0], False)])
def test_a_space_without_ngrams(folder: Path, shape: list[int], taken: bool) -> None:
    facts = changed("spaces.0.n_features", 0)
    none = {"term_ends": np.int64, "terms": np.uint8, "idf": np.float64}
    arrays = ARRAYS | {f"0.{name}": np.zeros(0, dtype) for name, dtype in none.items()}
    arrays["0.coefficients"] = np.zeros((0, 3))
    content = _edited("0.coefficients", arrays, shape=shape)
    assert (told(write(folder, facts, content)) == "") == taken


# The files.


def _replaced(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    write(folder)
    (folder / name).unlink()
    make(folder / name)
    return folder


@pytest.mark.parametrize("name", ["SHA256SUMS", "model.json", "arrays.safetensors"])
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda path: None, "no such file"),
        (Path.mkdir, "is a folder; expected a file"),
        (os.mkfifo, "is a device or pipe; expected a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is a device or pipe"),
        (lambda path: path.symlink_to("/dev/tty"), "is a device or pipe|cannot be read"),
        (lambda path: path.symlink_to(path), "cannot be read"),
        (lambda path: path.symlink_to("gone"), "no such file"),
        (lambda path: path.symlink_to("/proc/self/maps"), "gave 1 bytes or more"),
        (lambda path: path.touch(), "checksum|no line for|changed or truncated"),
    ],
    ids=["none", "folder", "pipe", "device", "terminal", "loop", "nothing", "process", "empty"],
)
def test_what_is_no_regular_file_is_not_read(
    folder: Path, name: str, make: Callable[[Path], object], expected: str
) -> None:
    message = refused(_replaced(folder, name, make))
    assert re.search(expected, message), message


def test_links_to_files_are_followed(folder: Path, tmp_path: Path) -> None:
    # Caches and version control of data lay models out so; the sums hold for what is read.
    write(folder)
    for path in list(folder.iterdir()):
        path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
    assert told(folder) == ""


@pytest.mark.parametrize("name", ["a" * 5000, "file\x00name", "model.json/"])
def test_a_folder_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError):
        load_model(f"{tmp_path}/{name}")


SUMS = (GOLDEN / "SHA256SUMS").read_text()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "no line for model.json"),
        (SUMS.replace("model.json", "../model.json").encode(), "no line for model.json"),
        (SUMS.replace("model.json", "model.json\x00").encode(), "no line for model.json"),
        ((SUMS + SUMS).encode(), "line 3: 'arrays.safetensors' stands twice"),
        (SUMS.upper().encode(), "line 1: .* no checksum line"),
        (bytes(range(256)) * 40, "line 1: .* no checksum line"),
        (b"a" * 10**6, "line 1: .* no checksum line"),
        (b"a" * (10**6 + 1), "1000001 bytes; expected 1000000 at most"),
        (("0" * 64 + "  model.json\n").encode(), "model.json was changed or truncated"),
        (SUMS.replace("\n", "\u2028").encode(), ""),
        ((SUMS + "0" * 64 + "  ../../etc/passwd\n").encode(), ""),
    ],
    ids=range(11),
)
def test_sums_that_are_none(folder: Path, content: bytes, expected: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(GOLDEN, folder)
    (folder / "SHA256SUMS").write_bytes(content)
    message = told(folder)
    assert re.search(expected, message), message
    assert bool(message) == bool(expected)


def _grown(folder: Path, name: str, size: int) -> Path:
    write(folder)
    # Full of holes: it takes no room on the disk.
    os.truncate(folder / name, size)
    return folder


def _many_arrays() -> bytes:
    entry = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    return _tensors({str(number): entry for number in range(15_000)})


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda folder: _grown(folder, "SHA256SUMS", 100 * MB), 1),
        (lambda folder: _grown(folder, "model.json", 10**12), 1),
        (lambda folder: _grown(folder, "arrays.safetensors", 10**12), 1),
        (lambda folder: write(folder, b"[[]" + b",[]" * 200_000 + b"]"), 20),
        (lambda folder: write(folder, changed("report", {"a": [[]] * 300_000})), 40),
        (lambda folder: write(folder, changed("versions", {str(i): 1 for i in range(10_000)})), 12),
        (lambda folder: write(folder, changed("classes", [0] * 300_000)), 10),
        (lambda folder: write(folder, changed("spaces", [0] * 300_000)), 10),
        (lambda folder: write(folder, arrays=_many_arrays()), 20),
        (lambda folder: write(folder, arrays=_edited("intercept", shape=[2**50])), 2),
        (lambda folder: write(folder, changed("spaces.0.n_features", 2**31 - 1)), 2),
        (lambda folder: write(folder, changed("spaces.0.orders", [1, 2**31])), 2),
    ],
    ids=range(12),
)
def test_no_file_takes_much_more_memory_than_its_size(
    folder: Path, make: Callable[[Path], Path], most: int
) -> None:
    make(folder)
    tracemalloc.start()
    try:
        told(folder, seconds=20)  # to watch memory takes time
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most * MB


# Chance.


def _any_value(chance: random.Random) -> Any:
    value = chance.choice(
        [None, True, False, 0, 1, -1, 2, 1.0, 0.5, 10**9, 2**63, 10**18, 1e308, float("nan"),
         float("inf"), "", "1", "text", "char", "word", "\x1b[2J\n", "a" * 1000, [], {}, [1, 1],
         [1, 10**9], [5, 1], ["a", "b"], ["a", "b", "c"], {"a": 1}, [[[[]]]], FACTS["spaces"][:1]]
    )  # fmt: skip
    return copy.deepcopy(value)


def _mutated_facts(chance: random.Random) -> Facts:
    facts = copy.deepcopy(FACTS)
    for _ in range(chance.choice([1, 1, 2, 5])):
        part: Any = facts
        while True:
            key = chance.choice(list(part) if isinstance(part, dict) else range(len(part)))
            inner = part[key]
            if not isinstance(inner, dict | list) or not inner or chance.random() < 0.2:
                break
            part = inner
        action = chance.random()
        if action < 0.6:
            part[key] = _any_value(chance)
        elif action < 0.8:
            del part[key]
        elif isinstance(part, dict):
            part[chance.choice(["surprise", "name", "orders", "\n"])] = _any_value(chance)
        else:
            part.append(chance.choice(part))
        if not facts:
            break
    return facts


@np.errstate(all="ignore")
def _mutated_arrays(chance: random.Random) -> Arrays:
    arrays = dict(ARRAYS)
    for _ in range(chance.choice([1, 1, 2, 5])):
        name, other = chance.sample(sorted(ARRAYS), 2)
        array = arrays.get(name, ARRAYS[name]).copy()
        action = chance.randrange(9)
        if action < 4 and array.size:
            whole = array.dtype.kind in "iub"
            values = [0, 1, 7, 200] if whole else [0.0, -1.0, 2.5, np.nan, np.inf, 1e308, 5e-324]
            for _ in range(chance.choice([1, 3, 100])):
                array.flat[chance.randrange(array.size)] = chance.choice(values)
            arrays[name] = array
        elif action == 4:
            arrays[name] = array.astype(chance.choice([np.float32, np.int64, np.uint8, np.bool_]))
        elif action == 5:
            arrays[name] = array[: chance.randrange(len(array) + 1)]
        elif action == 6:
            arrays[name], arrays[other] = ARRAYS[other], array
        elif action == 7:
            arrays.pop(name, None)
        else:
            arrays[name] = np.ascontiguousarray(array[::-1])
    return arrays


def _mutated_bytes(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    # The head of a file is where its structure is.
    reach = chance.choice([len(changed), min(len(changed), 300)])
    for _ in range(chance.choice([1, 1, 3, 20])):
        place = chance.randrange(min(reach, len(changed)) + 1)
        action = chance.randrange(5)
        if action == 0 and place < len(changed):
            changed[place] ^= 1 << chance.randrange(8)
        elif action == 1:
            changed[place:place] = chance.randbytes(chance.choice([1, 8, 100]))
        elif action == 2:
            del changed[place : place + chance.choice([1, 8, 1000])]
        elif action == 3:
            changed[place:place] = changed[place : place + chance.choice([1, 8, 100])]
        elif place < len(changed):
            changed[place] = chance.choice(b'0123456789-{}[]",:eE.\\\x00\xff')
    if chance.random() < 0.1:
        del changed[chance.randrange(len(changed) + 1) :]
    return bytes(changed)


def _hostile(folder: Path, seed: int) -> str:
    """Write the model of a seed, and tell which kind of damage it has."""
    chance = random.Random(seed)  # noqa: S311 -- damage, not secrets
    kind = ("facts", "arrays", "manifest file", "arrays file", "sums file", "both")[seed % 6]
    if kind == "facts":
        write(folder, _mutated_facts(chance))
    elif kind == "arrays":
        write(folder, arrays=_mutated_arrays(chance))
    elif kind == "manifest file":
        write(folder, _mutated_bytes(chance, json.dumps(FACTS).encode()))
    elif kind == "arrays file":
        write(folder, arrays=_mutated_bytes(chance, save(ARRAYS)))
    elif kind == "both":
        write(folder, _mutated_facts(chance), _mutated_arrays(chance))
    else:
        write(folder)
        path = folder / chance.choice(["SHA256SUMS", "model.json", "arrays.safetensors"])
        path.write_bytes(_mutated_bytes(chance, path.read_bytes()))
    return kind


def _outcomes(folder: Path, seeds: range) -> Counter[tuple[str, bool]]:
    outcomes: Counter[tuple[str, bool]] = Counter()
    for seed in seeds:
        kind = _hostile(folder, seed)
        try:
            outcomes[kind, told(folder) == ""] += 1
        except BaseException as error:
            error.add_note(f"the model of seed {seed}, {kind}")
            raise
    return outcomes


def test_a_few_models_of_chance(folder: Path) -> None:
    tracemalloc.start()
    try:
        outcomes = _outcomes(folder, range(90))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(outcomes[kind, False] for kind, _ in list(outcomes)) > 30
    # The files of each have about 30 kB.
    assert peak < 2 * MB


def test_thousands_of_models_of_chance(folder: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = _outcomes(folder, range(1000, 3400))
    # Each kind of damage is refused often, and most kinds leave a model at times.
    kinds = {kind for kind, _ in outcomes}
    assert min(outcomes[kind, False] for kind in kinds) > 100, outcomes
    assert sum(outcomes[kind, True] > 10 for kind in kinds) >= 4, outcomes
    # In kB on Linux, in bytes on a Mac.
    unit = 1000 if sys.platform == "linux" else 1
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 50 * MB


# Nothing runs.

_WATCHED = """
import sys
seen = []
def watch(event, args):
    if event == "pickle.find_class" or event == "open" and str(args[0]).endswith("pipeline.joblib"):
        seen.append((event, str(args)))
sys.addaudithook(watch)
from stanceml.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(seen, {"joblib", "cloudpickle", "dill", "shelve"} & sys.modules.keys(), sep="|")
"""


class _Trap:
    def __reduce__(self) -> Any:
        return os.mkdir, ("sprung",)


def test_no_prediction_opens_the_pickle_beside_the_model(folder: Path, tmp_path: Path) -> None:
    # NumPy itself imports the module `pickle`: what counts is that nothing is unpickled.
    write(folder)
    (folder / "pipeline.joblib").write_bytes(pickle.dumps(_Trap()))
    words = ("predict", "Chile rejects it.", "--model", str(folder), "--format", "jsonl")
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, *words],
        check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *judged, watched = done.stdout.splitlines()
    assert {json.loads(line)["stance"] for line in judged} <= set(FACTS["classes"])
    assert judged
    assert watched == "[]|set()"
    assert list(tmp_path.iterdir()) == []
