"""The dataset: what is committed is what is built, and nothing is built from what does not fit."""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stanceml.corpus.documents import read_document
from stanceml.exceptions import DataError
from stanceml.files import sha256
from stanceml.stances import DATASET_COLUMNS, STANCES
from stanceml.workflows.build import build_dataset

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data"
NAME = "putin-trump-talks"
BUILT = ("stances.csv", "stances.manifest.json")

Lines = list[dict[str, Any]]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """All that the dataset is built from."""
    for name in ("raw", "annotations"):
        shutil.copytree(DATA / name, tmp_path / "data" / name)
    shutil.copy(DATA / "frame.jsonl", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The article and its annotations alone: built in a moment."""
    shutil.copytree(DATA / "raw", tmp_path / "data" / "raw")
    (tmp_path / "data" / "annotations").mkdir()
    shutil.copy(DATA / "annotations" / f"{NAME}.jsonl", tmp_path / "data" / "annotations")
    return tmp_path / "data"


def _committed_rows() -> list[dict[str, str]]:
    with (DATA / "stances.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _complaint(folder: Path) -> str:
    before = _content(folder)
    with pytest.raises(DataError) as caught:
        build_dataset(folder)
    assert _content(folder) == before
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def _edit(folder: Path, change: Callable[[Lines], None]) -> Path:
    path = folder / "annotations" / f"{NAME}.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    change(lines)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def _first(lines: Lines, *keys: str) -> int:
    return next(index for index, line in enumerate(lines) if set(keys) <= set(line))


def test_committed_files_are_what_is_built(whole: Path) -> None:
    built = build_dataset(whole)
    assert (built.path, built.manifest_path) == tuple(whole / name for name in BUILT)
    for name in BUILT:
        assert (whole / name).read_bytes() == (DATA / name).read_bytes()
    assert built.manifest == json.loads(built.manifest_path.read_text())


def test_building_again_changes_nothing(folder: Path) -> None:
    build_dataset(folder)
    before = _content(folder)
    build_dataset(folder)
    assert _content(folder) == before


def test_every_span_spells_its_mention() -> None:
    rows = _committed_rows()
    assert any(row["holder"] for row in rows)
    for row in rows:
        for name in ("holder", "target"):
            start, end = row[f"{name}_start"], row[f"{name}_end"]
            if row[name]:
                assert row["text"][int(start) : int(end)] == row[name], row["id"]
            else:
                assert start == end == "", row["id"]


def test_every_sentence_of_the_article_has_one_sentence_row() -> None:
    document = read_document(DATA / "raw" / f"{NAME}.txt")
    rows = [row for row in _committed_rows() if row["origin"] == "seed"]
    whole = [row for row in rows if not row["target"]]
    assert [(row["id"], row["sentence_id"], row["text"], row["section"]) for row in whole] == [
        (sentence.sentence_id, sentence.sentence_id, sentence.text, sentence.section)
        for sentence in document.sentences
    ]


def test_rows_are_whole_and_named_once() -> None:
    rows = _committed_rows()
    assert tuple(rows[0]) == DATASET_COLUMNS
    assert {row["stance"] for row in rows} == set(STANCES)
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["id"].startswith(row["sentence_id"]) for row in rows)
    assert all(row["target"] for row in rows if row["holder"])


def test_manifest_tells_the_facts() -> None:
    rows = _committed_rows()
    manifest = json.loads((DATA / "stances.manifest.json").read_text())
    assert manifest["columns"] == list(DATASET_COLUMNS)
    assert manifest["rows"] == len(rows)
    assert manifest["sentences"] == len({row["sentence_id"] for row in rows})
    for kind, is_pair in (("sentence_rows", False), ("pair_rows", True)):
        counts = Counter(row["stance"] for row in rows if bool(row["target"]) is is_pair)
        assert manifest[kind] == dict(counts)
    for name, digest in (manifest["sources"] | manifest["sha256"]).items():
        assert sha256((DATA / name).read_bytes()) == digest


@pytest.mark.mistakes
def test_changed_document(folder: Path) -> None:
    path = folder / "raw" / f"{NAME}.txt"
    path.write_bytes(path.read_bytes() + b" ")
    assert _complaint(folder).startswith(f"{path}: was changed")


@pytest.mark.mistakes
def test_annotation_errors_leave_an_older_build_alone(folder: Path) -> None:
    build_dataset(folder)
    _edit(folder, lambda lines: lines.append(dict(lines[-1])))
    _complaint(folder)


def _wrong_span(lines: Lines) -> int:
    index = _first(lines, "target")
    lines[index]["target"]["start"] += 1
    return index


def _wrong_sentence(lines: Lines) -> int:
    lines[3]["sentence"]["end"] -= 1
    lines[3]["sentence"]["text"] = lines[3]["sentence"]["text"][:-1]
    return 3


def _span_outside(lines: Lines) -> int:
    index = _first(lines, "target")
    other = next(line for line in lines[index:] if line["sentence"] != lines[index]["sentence"])
    lines[index]["target"] = other["sentence"]
    return index


def _holder_alone(lines: Lines) -> int:
    index = _first(lines, "holder", "target")
    del lines[index]["target"]
    return index


def _doubled_pair(lines: Lines) -> int:
    index = _first(lines, "holder", "target")
    lines.insert(index + 1, lines[index] | {"stance": "neutral", "note": "again"})
    return index


def _unknown_key(lines: Lines) -> int:
    lines[4]["stanse"] = "favor"
    return 4


def _unknown_mention_key(lines: Lines) -> int:
    lines[4]["sentence"]["begin"] = 0
    return 4


def _unknown_stance(lines: Lines) -> int:
    lines[4]["stance"] = "favour"
    return 4


def _missing_stance(lines: Lines) -> int:
    del lines[4]["stance"]
    return 4


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_wrong_span, "target ["),
        (_wrong_sentence, "is no sentence of"),
        (_span_outside, "lies outside its sentence"),
        (_holder_alone, "a holder without a target"),
        (_doubled_pair, "annotated twice"),
        (_unknown_key, "stanse"),
        (_unknown_mention_key, "sentence.begin"),
        (_unknown_stance, "'favor' or 'neutral'"),
        (_missing_stance, "stance: "),
    ],
)
def test_line_that_does_not_fit(folder: Path, change: Callable[[Lines], int], said: str) -> None:
    numbers: list[int] = []
    path = _edit(folder, lambda lines: numbers.append(change(lines) + 1))
    message = _complaint(folder)
    assert message.startswith(f"{path}, line {numbers[0]}: ")
    assert said in message


@pytest.mark.mistakes
def test_missing_sentence_row(folder: Path) -> None:
    path = _edit(folder, lambda lines: lines.pop(0))
    assert _complaint(folder).startswith(f"{path}: sentence {NAME}-s001 ")


@pytest.mark.mistakes
def test_doubled_sentence_row(folder: Path) -> None:
    path = _edit(folder, lambda lines: lines.append(lines[0] | {"stance": "favor"}))
    message = _complaint(folder)
    assert message.startswith(f"{path}: sentence {NAME}-s001 ")
    assert "has 2 sentence rows" in message


@pytest.mark.mistakes
def test_missing_annotations(folder: Path) -> None:
    path = folder / "annotations" / f"{NAME}.jsonl"
    path.unlink()
    assert _complaint(folder).startswith(f"{path}: no such file")


@pytest.mark.mistakes
def test_annotations_without_a_document(folder: Path) -> None:
    path = folder / "annotations" / "lost.jsonl"
    path.touch()
    assert _complaint(folder).startswith(f"{path}: no document lost.txt")


@pytest.mark.mistakes
def test_document_without_a_checksum(folder: Path) -> None:
    (folder / "raw" / "new.txt").write_text("Talks resume.")
    (folder / "annotations" / "new.jsonl").touch()
    message = _complaint(folder)
    assert message.startswith(f"{folder / 'raw' / 'SHA256SUMS'}: no line for new.txt")


@pytest.mark.mistakes
def test_checksum_without_a_document(folder: Path) -> None:
    with (folder / "raw" / "SHA256SUMS").open("a") as file:
        file.write(f"{'0' * 64}  gone.txt\n")
    assert _complaint(folder).startswith(f"{folder / 'raw' / 'gone.txt'}: no such file")


@pytest.mark.mistakes
def test_no_documents(folder: Path) -> None:
    (folder / "raw" / f"{NAME}.txt").unlink()
    assert _complaint(folder).startswith(f"{folder / 'raw'}: no *.txt")


def test_second_document_comes_after_the_first_by_name(whole: Path) -> None:
    text = "Aid resumes\n\nKyiv thanks NATO.\n"
    (whole / "raw" / "aid.txt").write_text(text, encoding="utf-8")
    with (whole / "raw" / "SHA256SUMS").open("a") as file:
        file.write(f"{sha256(text.encode())}  aid.txt\n")
    lines = [
        {"sentence": {"start": 0, "end": 11, "text": "Aid resumes"}, "stance": "neutral"},
        {"sentence": {"start": 13, "end": 30, "text": "Kyiv thanks NATO."}, "stance": "favor"},
    ]
    path = whole / "annotations" / "aid.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    built = build_dataset(whole)
    assert built.manifest["documents"] == 2
    written = built.path.read_bytes().splitlines(keepends=True)
    committed = (DATA / "stances.csv").read_bytes().splitlines(keepends=True)
    assert written[0] == committed[0]
    assert written[1].startswith(b"aid-s001,aid,aid-s001,Aid resumes,")
    assert written[3:] == committed[1:]


def test_pair_rows_are_left_out_by_their_ids(whole: Path) -> None:
    listed = whole / "annotations" / "left-out.txt"
    pairs = [row["id"] for row in _committed_rows() if row["target"]]
    before = set(listed.read_text().split())
    assert not before & set(pairs)
    listed.write_text(listed.read_text() + f"{pairs[0]}\n")
    manifest = build_dataset(whole).manifest
    assert manifest["pair_rows_left_out"] == len(before) + 1
    assert manifest["rows"] == len(_committed_rows()) - 1


@pytest.mark.mistakes
@pytest.mark.parametrize("name", ["b01-001", "b01-001-p99"])
def test_only_a_pair_row_can_be_left_out(whole: Path, name: str) -> None:
    (whole / "annotations" / "left-out.txt").write_text(f"{name}\n")
    assert f"{name!r} is the id of no pair row" in _complaint(whole)
