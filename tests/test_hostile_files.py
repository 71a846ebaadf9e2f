"""Damaged and hostile tables, codings, settings and journals: one line each, soon and small."""

import base64
import csv
import gzip
import io
import json
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from stanceml import load_model
from stanceml.config import read_experiment
from stanceml.corpus.annotations import read_annotations
from stanceml.corpus.authored import authored_rows, read_frame
from stanceml.corpus.codings import read_coding
from stanceml.corpus.columns import Columns
from stanceml.corpus.datasets import load_dataset
from stanceml.exceptions import STRANGE, DataError, StancemlError
from stanceml.search.journal import Journal, Task
from stanceml.search.sweep_file import read_sweep
from stanceml.tables.tables import Table, table_format
from stanceml.workflows.agreement import compare
from stanceml.workflows.data_card import write_data_card
from stanceml.workflows.streaming import (
    Labelling,
    judged_rows,
    label_to_file,
    label_to_stream,
)

pytestmark = pytest.mark.mistakes

MB = 10**6
MODEL = load_model(Path(__file__).parent / "golden" / "model-1")
ROWS = [
    {
        "id": f"i{n}",
        "document_id": f"d{n}",
        "sentence_id": f"s{n}",
        "text": f"Kyiv waits {n} times for „talks“.",
        "holder": "",
        "target": "Kyiv",
        "target_start": 0,
        "stance": ("favor", "against")[n % 2],
    }
    for n in range(12)
]
CODED = [
    {
        "id": f"s{n}",
        "text": "NATO backs Kyiv.",
        "stance": "favor",
        "pairs": [{"holder": "NATO", "target": "Kyiv", "stance": "favor", "flags": ["act"]}],
    }
    for n in range(6)
]
AUTHORED = [
    {"cell": row["id"], **{key: row[key] for key in ("text", "stance", "pairs")}} for row in CODED
]
ANNOTATED = [
    {
        "sentence": {"start": 0, "end": 16, "text": "NATO backs Kyiv."},
        "target": {"start": 11, "end": 15, "text": "Kyiv"},
        "stance": "favor",
    }
] * 4
EXPERIMENT = """name: words
description: "as it \\e[1m stands"
features: [{source: text, kind: char, orders: [1, 2]}, &b
  {source: text, kind: word, orders: [1, 1]}]
classifier: {kind: average, members: [{kind: ridge, alpha: 1e1}, {kind: linear_svm, C: .5}]}
evaluation: {n_splits: 3, n_repeats: 1}
random_state: 0x7
"""
SWEEP = (
    "base: {features: [{source: text, kind: word, orders: [1, 2]}], classifier: {kind: ridge}}\n"
    "search: {kind: random, n_candidates: 2}\n"
    "space: {classifier.alpha: [0.3, 1, 3], features.1: [null, {source: text, kind: word, "
    "orders: [1, 1]}]}\n"
)


def told(work: Callable[[], object], seconds: float = 1, mega: float | None = None) -> str:
    """Do something with a file; give the line with which it is refused, or nothing."""
    if mega is not None:
        tracemalloc.start()
    start = time.process_time()
    message = ""
    try:
        work()
    except StancemlError as error:
        message = str(error)
        assert not STRANGE.search(message), ascii(message)
        assert 10 < len(message) < 2100
    spent = time.process_time() - start
    if mega is not None:
        peak = tracemalloc.get_traced_memory()[1] / MB
        tracemalloc.stop()
        assert peak < mega, f"{peak:.0f} MB"
        spent /= 6  # watching memory takes its time
    # To find what hangs, not what is slow: the first to come here imports libraries too.
    assert spent < 15 * seconds, f"{spent:.1f} s"
    return message


def refused(work: Callable[[], object], **bounds: Any) -> str:
    """Give the line with which a file is refused; fails where it is not."""
    message = told(work, **bounds)
    assert message, "the file was taken"
    return message


class Nowhere(io.StringIO):
    """Takes text, and keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def labelling(path: Path, format: str, table: str | None = None) -> Labelling:
    return Labelling(MODEL, "m", Table(path, table_format(path, table)), Columns(), format)


def streamed(path: Path, format: str = "jsonl", table: str | None = None) -> int:
    job = labelling(path, format, table)
    return label_to_stream(job, Nowhere(), lambda line: None, lambda done, total: None)


def readers(path: Path) -> list[Callable[[], object]]:
    """All that reads a table."""
    return [
        lambda: list(judged_rows(labelling(path, "table"), lambda line: None)),
        lambda: streamed(path, "jsonl"),
        lambda: streamed(path, "csv"),
        lambda: load_dataset(path),
        lambda: load_dataset(
            path,
            Columns(holder="target", target_end="target_start"),
            label_column="stance",
            group_column="id",
            label_map={"favor": "pro"},
            known_labels=["pro", "against"],
        ),
        lambda: read_coding(path),
    ]


def table(format: str) -> bytes:
    """The rows as a file."""
    if format == "parquet":
        packed = io.BytesIO()
        parquet.write_table(pa.Table.from_pylist(ROWS), packed)
        return packed.getvalue()
    if format == "jsonl":
        return json_lines(ROWS)
    if format == "txt":
        return "".join(f"{row['text']}\n" for row in ROWS).encode()
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(ROWS[0]), delimiter="," if format == "csv" else "\t")
    writer.writeheader()
    writer.writerows(ROWS)
    return buffer.getvalue().encode()


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


PIECES = [
    *(b'"', b"'", b"\n", b"\r", b"\0", b",", b"\t", b"{", b"[", b"}", b"]", b":", b"#", b"- "),
    *(b"\xff", b"\x1b[2J", b"\x85", b"\xef\xbb\xbf", b"null", b"true", b"1e999", b"NaN", b"-1"),
    *(
        "\u202e".encode(),
        "\u2028".encode(),
        b"\\ud800",
        b"9" * 5000,
        b'"a":',
        b"[[]]",
        b"&a ",
        b"*a",
    ),
    *(b"!!binary ", b"!!bool ", b"!!python/object:os.x ", b"<<: ", b"2020-13-45", b"\\e[2J", b"~"),
]


def damaged(chance: random.Random, content: bytes) -> bytes:
    """Change a few places of a file."""
    left = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place, other = chance.randrange(len(left) + 1), chance.randrange(len(left) + 1)
        match chance.randrange(6):
            case 0:
                left[place : place + 1] = chance.randbytes(1)
            case 1:
                del left[place : place + chance.randrange(1, 50)]
            case 2:
                left[place:place] = chance.choice(PIECES)
            case 3:
                del left[place:]
            case 4:
                left[place:place] = left[other : other + chance.randrange(1, 100)]
            case 5:
                left[place : place + 1] = bytes(
                    b ^ 1 << chance.randrange(8) for b in left[place:][:1]
                )
    return bytes(left)


def damage_tables(folder: Path, rounds: int) -> int:
    chance, n_refused = random.Random(rounds), 0  # noqa: S311 -- no secrets
    for format in ("csv", "tsv", "jsonl", "txt", "parquet"):
        whole = table(format)
        for _ in range(rounds):
            content, packed = damaged(chance, whole), format != "parquet" and chance.random() < 0.3
            if packed:
                content = gzip.compress(content, 1)
                content = damaged(chance, content) if chance.random() < 0.5 else content
            path = folder / f"rows.{format}{'.gz' * packed}"
            path.write_bytes(content)
            n_refused += sum(bool(told(read)) for read in readers(path))
    return n_refused


def damage_others(folder: Path, rounds: int) -> int:
    """Damage whatever is no table."""
    frame, lines, settings = folder / "frame.jsonl", folder / "b.jsonl", folder / "a.yaml"
    chance, n_refused = random.Random(rounds), 0  # noqa: S311 -- no secrets
    journal = folder / "whole.jsonl"
    with Journal(journal, "key") as writing:
        for number in range(4):
            writing.append(Task(0, 0, number, 1), np.arange(number + 3))

    def journalled() -> None:
        with Journal(lines, "key") as found:
            found.count()
            found.finished(0)

    frame.write_bytes(json_lines([{"cell": f"s{n}", "register": "wire"} for n in range(6)]))
    cells = read_frame(frame)
    cases: list[tuple[bytes, Path, Callable[[], object]]] = [
        (json_lines(CODED), lines, lambda: compare(lines, lines)),
        (json_lines(AUTHORED), lines, lambda: list(authored_rows(lines, cells))),
        (json_lines(ANNOTATED), lines, lambda: read_annotations(lines)),
        (frame.read_bytes(), lines, lambda: read_frame(lines)),
        (journal.read_bytes(), lines, journalled),
        (EXPERIMENT.encode(), settings, lambda: read_experiment(settings)),
        (SWEEP.encode(), settings, lambda: read_sweep(settings)),
    ]
    for whole, path, read in cases:
        path.write_bytes(whole)
        assert not told(read), whole
        for _ in range(rounds):
            path.write_bytes(damaged(chance, whole))
            n_refused += bool(told(read))
    return n_refused


def test_files_that_are_damaged(tmp_path: Path) -> None:
    assert damage_tables(tmp_path, 6) > 20
    assert damage_others(tmp_path, 20) > 50


@pytest.mark.slow
def test_many_files_that_are_damaged(tmp_path: Path) -> None:
    assert damage_tables(tmp_path, 120) > 1000
    assert damage_others(tmp_path, 300) > 1000


@pytest.mark.slow
def test_unfinished_rows_that_are_damaged(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(table("csv"))
    job = Labelling(MODEL, "m", Table(tmp_path / "rows.csv", "csv"), Columns(), "csv")
    out, part, facts = (tmp_path / name for name in ("o.csv", "o.csv.part", "o.csv.part.json"))

    def label(resume: bool) -> int:
        return label_to_file(job, out, lambda line: None, lambda done, n: None, resume=resume)

    label(False)
    whole, chance = out.read_bytes(), random.Random(5)  # noqa: S311 -- no secrets
    told_facts = json.dumps(job.facts).encode()
    for number in range(60):
        out.unlink(missing_ok=True)
        part.write_bytes(whole[: chance.randrange(len(whole))])
        facts.write_bytes(damaged(chance, told_facts) if number % 2 else told_facts)
        if not number % 3:
            part.write_bytes(damaged(chance, part.read_bytes()))
        if not told(lambda: label(True)):
            assert out.read_bytes().count(b"\n") == whole.count(b"\n")


# What unpacks to far more than it is.


def packed(*parts: bytes, times: int = 1) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9) as file:
        for part in parts:
            file.write(part)
        for _ in range(times):
            file.write(parts[-1])
    return buffer.getvalue()


HEAD = b"text,stance\n"
BOMBS = {
    "line.csv.gz": (HEAD, b"a" * MB, "longer than 16777216 characters"),
    "line.txt.gz": (b"", b"a" * MB, "longer than 16777216 characters"),
    "blank.csv.gz": (HEAD, b"\n" * MB, "100000 lines on end are blank"),
    "blank.jsonl.gz": (b"", b"\n" * MB, "100000 lines on end are blank"),
    "returns.tsv.gz": (b"text\tstance\n", b"\r" * MB, "100000 lines on end are blank"),
    "blank.txt.gz": (b"", b"\r\n" * MB, "100000 lines on end are blank"),
    "zeros.csv.gz": (b"", b"\0" * MB, "longer than 16777216 characters"),
    "quote.csv.gz": (HEAD + b'"', b"\n" * MB, "100000 lines on end are blank"),
    "quoted.csv.gz": (HEAD + b'"', b"abc def\n" * 10**5, 'is a quote (") never closed'),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_packed_file_of_gigabytes_is_given_up_soon(name: str, tmp_path: Path) -> None:
    head, part, said = BOMBS[name]
    (tmp_path / name).write_bytes(packed(head, part, times=60))
    for read in (lambda: streamed(tmp_path / name), lambda: load_dataset(tmp_path / name)):
        assert said in refused(read)


def test_many_short_lines_are_rows(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n" * 100_002)
    assert sum(1 for _ in Table(tmp_path / "a.txt", "txt").rows()) == 100_002
    (tmp_path / "a.txt").write_text("a\n" + "\n" * 99_999 + "b\n")
    assert sum(1 for _ in Table(tmp_path / "a.txt", "txt").rows()) == 100_001


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rows.csv.gz", "rows.jsonl.gz", "rows.parquet", "long.parquet"])
def test_rows_that_are_held_do_not_grow_without_bound(name: str, tmp_path: Path) -> None:
    part = b"a,favor\nb,against\n" * 10**5
    match name:
        case "rows.csv.gz":
            content = packed(HEAD, part, times=3)
        case "rows.jsonl.gz":
            content = packed(b'{"text":"a","stance":"b"}\n' * 10**5, times=5)
        case _:
            text = "a" * 90_000 if name == "long.parquet" else "a"
            n_rows = 4_000 if name == "long.parquet" else 500_000
            file = io.BytesIO()
            columns = {"text": [text] * n_rows, "stance": ["favor", "against"] * (n_rows // 2)}
            parquet.write_table(pa.table(columns), file, compression="zstd")
            content = file.getvalue()
    path = tmp_path / name
    path.write_bytes(content)
    for read in (load_dataset, read_coding):
        assert "more than 100 times the memory" in refused(lambda read=read: read(path), seconds=2)


def test_rows_that_are_streamed_are_not_held(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(packed(b'{"text": "Kyiv waits.", "x": "%s"}\n' % (b"y" * 400_000), times=50))
    told(lambda: streamed(path), mega=25)
    assert streamed(path) == 0


def _varint(number: int) -> bytes:
    zigzag, out = number << 1, bytearray()
    while zigzag > 127:
        out.append(zigzag & 127 | 128)
        zigzag >>= 7
    return bytes([*out, zigzag])


@pytest.mark.slow
@pytest.mark.parametrize("claimed", [10**12, 2**31 - 1, 2**62, 0, 999, 1001])
def test_a_parquet_file_that_claims_other_rows(claimed: int, tmp_path: Path) -> None:
    file = io.BytesIO()
    texts = pa.table({"text": ["Kyiv waits."] * 1000, "stance": ["favor", "against"] * 500})
    parquet.write_table(texts, file, use_dictionary=False, compression="none")
    whole = file.getvalue()
    length = int.from_bytes(whole[-8:-4], "little")
    body, foot = whole[: -8 - length], whole[-8 - length : -8]
    forged = foot.replace(_varint(1000), _varint(claimed))
    assert forged != foot
    path = tmp_path / "a.parquet"
    path.write_bytes(body + forged + len(forged).to_bytes(4, "little") + b"PAR1")
    for read in readers(path):
        told(read, mega=60)


DEEP = "[" * 900 + "]" * 900
JSON_LINES = {
    "deep": f'{{"text": "a b", "stance": "favor", "x": {DEEP}}}\n' * 2,
    "deep text": f'{{"text": {DEEP}, "stance": {DEEP}, "id": {DEEP}, "pairs": {DEEP}}}\n',
    "too deep": '{"text": "a", "x": ' + "[" * MB + "]" * MB + "}\n",
    "digits": f'{{"text": "a", "stance": {"9" * 4300}, "target_start": {"9" * 4300}}}\n',
    "more digits": f'{{"text": "a", "stance": {"9" * 5000}}}\n',
    "no numbers": '{"text": "a", "stance": "b", "id": NaN, "document_id": 1e999, "target": NaN}\n'
    * 2,
    "many keys": "".join(f'{{"text": "a", "stance": "b", "k{n}": 1}}\n' for n in range(17_000)),
    "one key twice": '{"text": "a", "k9": 0, '
    + ", ".join(f'"k{n}": 1' for n in range(10**5))
    + "}\n",
    "a long key": '{"' + "a" * 5 * MB + '": 1}\n',
    "strange keys": '{"text": "a b", "\\ud800": 1, "\\u001b[2J": 2, "\\u202e": "x"}\n' * 2,
    "half": '{"text": "\\ud800", "target": "\\udfff", "stance": "\\ud800", "id": "\\ud800"}\n',
    "types": '{"text": {}, "holder": [], "target": true, "target_start": {}, "stance": 1.5}\n',
    "a list": '[{"text": "a"}]\n',
    "lines in one": '{"text": "a"}{"text": "b"}\n',
}


@pytest.mark.slow
@pytest.mark.parametrize("name", JSON_LINES)
def test_json_lines_that_mean_ill(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(JSON_LINES[name])
    for read in readers(path):
        told(read, seconds=2)


HEADS = {
    "an escape": b'text,stance,"\x1b[2J\n"\na b,\x1b[31m,c\n',
    "an escape for text": b"\x1b[2Jtxt,stance\na,b\n",
    "a long name": b"a" * 5 * MB + b",stance\na,b\n",
    "a long label": b"text,stance\nabc," + b"a" * 5 * MB + b"\n",
    "a long group": b"text,stance,document_id\na," + b"favor," + b"a" * 5 * MB + b"\nb,against,c\n",
    "many columns": b",".join(b"c%d" % n for n in range(16_383))
    + b",text\n"
    + b"," * 16_383
    + b"a\n",
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbftext,stance\na,b\n",
    "blank names": b",\n,\n",
    "turned": "text,stance\na b,\u202efavor\nc d,against\n".encode(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HEADS)
def test_a_table_whose_names_and_labels_mean_ill(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADS[name])
    for read in readers(path):
        told(read)
    assert refused(lambda: load_dataset(path)) if "group" not in name else True


def test_a_device_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for read in readers(tmp_path / "zero.csv"):
        assert "is a device; expected a file or a pipe" in refused(read)
    for settings in (read_experiment, read_sweep):
        message = refused(lambda read=settings: read(tmp_path / "zero.yaml"))
        assert "is a device or pipe; expected a regular file" in message


# Settings.

ALIASES = "&b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]"


def _laughs(innermost: str, wrap: str = "[{}]") -> str:
    steps = [f"&a0 {innermost}"]
    for number in range(1, 10):
        steps.append(f"&a{number} " + wrap.format(", ".join([f"*a{number - 1}"] * 10)))
    return "[" + ", ".join(steps) + "]"


GOOD = "name: words\nfeatures: [{source: text, kind: word, orders: [1, 1]}]\n"
SETTINGS = {
    "a call": ("description: !!python/object/apply:os.system [true]", "could not determine"),
    "an object": ("description: !!python/object:os.x {}", "could not determine"),
    "a name": ("description: !!python/name:os.system", "could not determine"),
    "laughs": (f"description: {_laughs('ha')}", "more than 100000 values, aliases"),
    "laughs as a kind": (f"classifier: {{kind: {_laughs('ha')}}}", "more than 100000 values"),
    "merged laughs": (f"description: {_laughs('{a: 1}', '{{<<: [{}]}}')}", "more than 100000"),
    "merging": ("x: &x {a: 1}\ny: {<<: *x}", "`<<` is not taken; write the settings out"),
    "itself": ("description: &a [*a]", "a value that holds itself"),
    "itself as a key": ("? &a [*a]\n: 1", "a value that holds itself"),
    "a key twice": ("name: two", "the key 'name' stands twice"),
    "deep lists": ("description: " + "[" * 1000, "nested too deeply"),
    "deep dashes": ("description:\n  " + "- " * 5000, "nested too deeply"),
    "deep mappings": ("description: " + "{a: " * 4000, "nested too deeply"),
    "a large file": ("description: " + "a" * 200_000, "expected 200000 at most"),
    "many keys": ("\n".join(f"k{n}: 1" for n in range(4000)), "unknown key 'k0'"),
    "many digits": ("random_state: " + "9" * 5000, "a number of 5000 characters"),
    "hexadecimal": ("random_state: 0x" + "f" * 5000, "a number of 5002 characters"),
    "sixties": ("random_state: 1" + ":1" * 9999, "a number of 19999 characters"),
    "sixties and a half": ("random_state: 1" + ":1" * 9999 + ".5", "a number of 20001"),
    "not a number": ("random_state: .nan", "found nan"),
    "infinite": ("evaluation: {n_splits: .inf}", "evaluation.n_splits: "),
    "on": ("random_state: on", "expected a number, found True"),
    "a date": ("description: 2020-01-01", "found datetime.date"),
    "no date": ("description: 2020-13-45", "no YAML (month must be in 1..12)"),
    "no bool": ("description: !!bool perhaps", "no YAML ('perhaps')"),
    "no time": ("description: !!timestamp soon", "no YAML ("),
    "no int": ("description: !!int ''", "no YAML ("),
    "no text": ("description: !!binary /w==", "description: "),
    "a set": ("description: !!set {a, b}", "valid string, found {"),
    "an unknown tag": ("description: !mine x", "could not determine a constructor"),
    "two documents": ("---\nname: b", "single document"),
    "a tab": ("\tdescription: x", "no YAML ("),
    "an escape": ("description: \x1b[2J", "special characters are not allowed"),
    "an escaped key": ('"\\e[2J\\u202e\\n": 1', r"unknown key '\x1b[2J\u202e\n'"),
    "a number as a key": ("1: 2", "1 is no key; expected a word"),
    "a list as a key": ("[a]: 2", "['a'] is no key"),
    "an escaped name": ('evaluation: {"\\e[2J": 1}', r"unknown key 'evaluation.\x1b[2J'"),
    "half a character": ('description: "\\ud800"', "surrogates not allowed"),
    "a member's key": (
        "classifier: {kind: average, members: [{kind: ridge, alhpa: 1}, {kind: ridge}]}",
        "unknown key 'classifier.members.0.alhpa' (did you mean 'alpha'?)",
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_mean_ill(name: str, tmp_path: Path) -> None:
    wrong, said = SETTINGS[name]
    path = tmp_path / "a.yaml"
    more = "" if "classifier:" in wrong else "classifier: {kind: ridge}\n"
    path.write_text(f"{GOOD}{more}{wrong}\n")
    assert said in refused(lambda: read_experiment(path))
    assert refused(lambda: read_sweep(path))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_settings_that_are_not_utf8(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(f"{GOOD}description: für\n".encode(encoding))
    assert "not UTF-8" in refused(lambda: read_experiment(path))
    path.write_text(f"{GOOD}classifier: {{kind: ridge}}\n", encoding="utf-8-sig")
    assert read_experiment(path).name == "words"


SPACES = {
    "laughs": (f"classifier: {_laughs('ha')}", "more than 100000 values"),
    "too many": (
        ", ".join(f"features.{n}: [null, null, null]" for n in range(1, 30)),
        "candidates",
    ),
    "far away": ("features.999.weight: [1]", "features has no '999'"),
    "an escape": ('"classifier.\\e[2J": [1]', r"space.classifier.\x1b[2J: classifier has no"),
    "another sign for two": ("features.²: [1]", "features has no '²'"),
    "nothing": ("classifier.alpha: []", "at least 1 item"),
    "digits": ("classifier.alpha: [0x" + "f" * 5000 + "]", "a number of 5002 characters"),
    "a date": ("classifier.alpha: [2020-01-01]", "makes no valid experiment"),
}


@pytest.mark.parametrize("name", SPACES)
def test_a_sweep_that_means_ill(name: str, tmp_path: Path) -> None:
    inside, said = SPACES[name]
    path = tmp_path / "a.yaml"
    path.write_text(SWEEP[: SWEEP.index("space:")] + f"space: {{{inside}}}\n")
    assert said in refused(lambda: read_sweep(path))


@pytest.mark.parametrize(
    "base", ['"\\0"', '"\\e[2J"', "a.yaml", ".", "/dev/zero", "a" * 5000, "7", _laughs("ha")]
)
def test_a_sweep_whose_base_means_ill(base: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"base: {base}\nsearch: {{kind: grid}}\nspace: {{classifier.alpha: [1]}}\n")
    assert refused(lambda: read_sweep(path))


# Journals.


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "1",
        "[" * 10**5,
        '{"outer": 1e999, "rung": 0, "inner": 0, "candidate": 0, "predicted": ""}',
        '{"outer": 0, "rung": 0, "inner": 0, "candidate": 0, "predicted": "eJw="}',
        '{"outer": 0, "rung": 0, "inner": 0, "candidate": 0, "predicted": 5}',
        json.dumps(
            Task(0, 0, 0, 0)._asdict()
            | {"predicted": base64.b64encode(zlib.compress(b"odd")).decode()}
        ),
        json.dumps(
            Task(0, 0, 0, 0)._asdict()
            | {"predicted": base64.b64encode(zlib.compress(bytes(300 * MB), 9)).decode()}
        ),
    ],
    ids=range(9),
)
def test_a_forged_journal(line: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(f'{{"key": "key"}}\n{line}\n')

    def read() -> None:
        with Journal(path, "key") as journal:
            journal.finished(0)

    assert "line 2: damaged; remove the line" in refused(read)
    path.write_text(f"{line}\n")
    with pytest.raises(DataError), Journal(path, "key"):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stances.manifest.json", "frame.jsonl", "stances.csv"])
@pytest.mark.parametrize("content", [b"{", b"[]", b'{"a": 1}', b"[" * 10**5, b"\xff"])
def test_a_data_card_of_broken_facts(name: str, content: bytes, tmp_path: Path) -> None:
    data = Path(__file__).parents[1] / "data"
    for path in data.iterdir():
        if path.name != "README.md":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(content)
    assert name in refused(lambda: write_data_card(tmp_path))
