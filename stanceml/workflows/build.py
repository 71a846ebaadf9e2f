"""Build the dataset: raw documents and annotations in, `stances.csv` and its manifest out."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stanceml.corpus.annotations import labelled_rows, read_annotations
from stanceml.corpus.authored import authored_rows, read_frame
from stanceml.corpus.documents import Document, read_document
from stanceml.exceptions import DataError
from stanceml.files import read_bytes, read_sums, read_text, sha256, write_text
from stanceml.stances import DATASET_COLUMNS, STANCES

__all__ = ["SCHEMA_VERSION", "BuiltDataset", "build_dataset"]

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True)
class BuiltDataset:
    """What was written, and the facts about it."""

    path: Path
    manifest_path: Path
    manifest: dict[str, object]


def build_dataset(folder: Path) -> BuiltDataset:
    """Build `stances.csv` and `stances.manifest.json` in a data folder.

    Parameters
    ----------
    folder : Path
        With `raw/*.txt`, their `raw/SHA256SUMS`, and an `annotations/NAME.jsonl` for each
        `raw/NAME.txt`; where there are sentences written for the project, with
        `annotations/authored/*.jsonl` and the `frame.jsonl` that they were written to. Pair rows
        whose ids stand in `annotations/left-out.txt` are left out.

    Returns
    -------
    BuiltDataset
        The same input gives the same bytes.

    Raises
    ------
    DataError
        When a document was changed, an annotation does not fit, or either is missing. Nothing is
        written then.
    """
    raw, annotations = folder / "raw", folder / "annotations"
    paths = sorted(raw.glob("*.txt"))
    if not paths:
        raise DataError(f"{raw}: no *.txt; expected the raw documents there")
    sums = read_sums(raw / "SHA256SUMS")
    for name in sorted(set(sums) - {path.name for path in paths}):
        raise DataError(f"{raw / name}: no such file; SHA256SUMS names it")
    orphans = {path.stem for path in annotations.glob("*.jsonl")} - {path.stem for path in paths}
    for name in sorted(orphans):
        raise DataError(f"{annotations / name}.jsonl: no document {name}.txt in {raw}")
    rows: list[dict[str, object]] = []
    sources: dict[str, str] = {}
    for path in paths:
        document = _verified(read_document(path), path, sums)
        annotation_path = annotations / f"{path.stem}.jsonl"
        found = read_annotations(annotation_path)
        rows += labelled_rows(document, found, annotation_path, origin="seed")
        sources[f"raw/{path.name}"] = document.sha256
        sources[f"annotations/{annotation_path.name}"] = sha256(read_bytes(annotation_path))
    batches = sorted((annotations / "authored").glob("*.jsonl"))
    frame_path = folder / "frame.jsonl"
    frame = read_frame(frame_path) if batches else {}
    for path in batches:
        rows += authored_rows(path, frame)
    for path in [*batches, frame_path] if batches else []:
        sources[path.relative_to(folder).as_posix()] = sha256(read_bytes(path))
    left_out_path = annotations / "left-out.txt"
    rows, n_left_out = _without(rows, left_out_path)
    if n_left_out:
        sources[left_out_path.relative_to(folder).as_posix()] = sha256(read_bytes(left_out_path))
    table = _as_csv(rows)
    manifest = _manifest(rows, n_left_out, table, sources)
    built = BuiltDataset(folder / "stances.csv", folder / "stances.manifest.json", manifest)
    write_text(built.path, table)
    write_text(built.manifest_path, json.dumps(manifest, indent=2) + "\n")
    return built


def _verified(document: Document, path: Path, sums: dict[str, str]) -> Document:
    expected = sums.get(path.name)
    if expected is None:
        raise DataError(f"{path.parent / 'SHA256SUMS'}: no line for {path.name}; add its checksum")
    if document.sha256 != expected:
        raise DataError(
            f"{path}: was changed (SHA-256 {document.sha256[:12]}…, expected {expected[:12]}…); "
            "raw documents are never edited: restore it"
        )
    return document


def _without(rows: list[dict[str, object]], path: Path) -> tuple[list[dict[str, object]], int]:
    """Leave out the pair rows whose ids a file lists, and count them."""
    if not path.exists():
        return rows, 0
    listed = set(read_text(path).split())
    unknown = listed - {str(row["id"]) for row in rows if row["target"]}
    if unknown:
        raise DataError(f"{path}: {min(unknown)!r} is the id of no pair row; take it out")
    return [row for row in rows if row["id"] not in listed], len(listed)


def _as_csv(rows: list[dict[str, object]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, DATASET_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _manifest(
    rows: list[dict[str, object]], n_left_out: int, table: str, sources: dict[str, str]
) -> dict[str, object]:
    pairs = [row for row in rows if row["target"]]
    wholes = [row for row in rows if not row["target"]]
    return {
        "schema_version": SCHEMA_VERSION,
        "columns": list(DATASET_COLUMNS),
        "documents": len({row["document_id"] for row in rows if not row["batch"]}),
        "batches": len({row["batch"] for row in rows} - {""}),
        "sentences": len(wholes),
        "rows": len(rows),
        "sentence_rows": _by_stance(wholes),
        "pair_rows": _by_stance(pairs),
        "pair_rows_left_out": n_left_out,
        "origins": _counted(rows, "origin"),
        "sections": _counted(wholes, "section"),
        "registers": _counted(wholes, "register"),
        "sources": sources,
        "sha256": {"stances.csv": sha256(table.encode())},
    }


def _counted(rows: list[dict[str, object]], column: str) -> dict[str, int]:
    counts = Counter(str(row[column]) for row in rows if row[column])
    return dict(sorted(counts.items()))


def _by_stance(rows: list[dict[str, object]]) -> dict[str, int]:
    counts = Counter(row["stance"] for row in rows)
    return {stance: counts[stance] for stance in STANCES}
