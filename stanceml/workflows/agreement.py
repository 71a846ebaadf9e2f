"""Compare two codings of the same sentences, and lay out what has to be settled."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from stanceml.corpus.codings import CodedPair, CodedSentence, Coding, read_coding
from stanceml.corpus.matching import MatchedSentence, match_sentences
from stanceml.exceptions import DataError, UsageError
from stanceml.files import replaced_file
from stanceml.quality.agreement import Agreement, measure_agreement
from stanceml.tables.table_writing import DELIMITERS, DelimitedLines, harmless
from stanceml.tables.tables import read_rows

__all__ = ["DISAGREEMENT_COLUMNS", "Comparison", "as_json", "compare", "write_disagreements"]

#: What is written of a disagreement, in this order; `settled` is left to be filled in.
DISAGREEMENT_COLUMNS: Final = (
    "sentence_id",
    "text",
    "kind",
    "a_holder",
    "a_target",
    "a_stance",
    "b_holder",
    "b_target",
    "b_stance",
    "settled",
)

#: Of fewer documents or sentences, percentile intervals are too narrow to be trusted.
FEW_UNITS: Final = 20


@dataclass(frozen=True)
class Comparison:
    """Two codings side by side, sentence by sentence, and how well they agree."""

    sentences: tuple[MatchedSentence, ...]
    only_first: int
    only_second: int
    agreement: Agreement
    remarks: tuple[str, ...]

    @property
    def drawn(self) -> str:
        """What the intervals come from, in a sentence."""
        measured = self.agreement
        told = (
            f"95% intervals: {measured.n_bootstraps:,} draws of "
            f"{_counted(measured.n_units, measured.unit)}"
        )
        if measured.unit == "sentence" and measured.n_documents:
            told += f" (of {_counted(measured.n_documents, 'document')}: too few to draw those)"
        few = "; of so few, the intervals are too narrow" if measured.n_units < FEW_UNITS else ""
        return f"{told}{few}."


def compare(first_path: Path, second_path: Path) -> Comparison:
    """Compare two codings on the sentences that both have.

    Parameters
    ----------
    first_path, second_path : Path
        Files as `stanceml.corpus.codings.read_coding` takes them. The second is measured against
        the first where the two differ in kind: precision and recall, and the flags.

    Returns
    -------
    Comparison

    Raises
    ------
    DataError
        When a file cannot be used, or no sentence is in both.
    """
    first, second = read_coding(first_path), read_coding(second_path)
    shared = [name for name in first.sentences if name in second.sentences]
    if not shared:
        raise DataError(
            f"{first_path} and {second_path} share no sentence (ids like "
            f"{next(iter(first.sentences))!r} and {next(iter(second.sentences))!r}); "
            "expected two codings of the same sentences, by the same ids"
        )
    pairs = [(first.sentences[name], second.sentences[name]) for name in shared]
    same = [(a, b) for a, b in pairs if not _reworded(a, b)]
    if not same:
        raise DataError(
            f"{first_path} and {second_path}: none of the {len(shared)} shared sentences has the "
            f"same text in both (see {shared[0]!r}); expected two codings of one wording"
        )
    sentences, missing = match_sentences(same)
    only_first = len(first.sentences) - len(shared)
    only_second = len(second.sentences) - len(shared)
    remarks = (
        *first.remarks,
        *second.remarks,
        *_remarks(only_first, only_second, pairs, sentences),
        *_missing_remarks((first, second), missing),
    )
    agreement = measure_agreement(sentences)
    return Comparison(tuple(sentences), only_first, only_second, agreement, remarks)


def write_disagreements(comparison: Comparison, path: Path, *sources: Path) -> int:
    """Write what the codings differ in as a CSV file, to be settled row by row.

    Parameters
    ----------
    comparison : Comparison
    path : Path
    *sources : Path
        Files that must not be overwritten.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    UsageError
        When `path` is one of the sources, or an older file in which something is settled.
    DataError
        When it cannot be written.
    """
    for source in sources:
        if path.resolve() == source.resolve():
            raise UsageError(f"{path} is one of the codings; name another file for what differs")
    if _is_settled(path):
        raise UsageError(f"{path} holds rows that somebody settled; move it, or name another file")
    lines = DelimitedLines(DISAGREEMENT_COLUMNS, DELIMITERS["csv"], harmless)
    rows = [lines.line(row) for row in _differing(comparison)]
    with (
        replaced_file(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        file.writelines([lines.head(), *rows])
    return len(rows)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Lay the comparison out as plain values; a score is None where it is not defined."""
    return {
        **_without_p_values(asdict(comparison.agreement)),
        "only_in_a": comparison.only_first,
        "only_in_b": comparison.only_second,
        "remarks": list(comparison.remarks),
    }


def _remarks(
    only_first: int,
    only_second: int,
    shared: list[tuple[CodedSentence, CodedSentence]],
    compared: list[MatchedSentence],
) -> Iterator[str]:
    if only_first or only_second:
        yield (
            f"only in A: {_counted(only_first, 'sentence')}, only in B: {only_second:,}; "
            f"in both: {len(shared):,}"
        )
    reworded = [a.sentence_id for a, b in shared if _reworded(a, b)]
    if reworded:
        yield (
            f"{_counted(len(reworded), 'sentence')} left out, whose text is another in B than in A "
            f"(first: {reworded[0]})"
        )
    halves = sum((both.first.stance is None) != (both.second.stance is None) for both in compared)
    if halves:
        yield (
            f"{_counted(halves, 'sentence')} with a stance as a whole in one coding only: "
            "there only the pairs are compared"
        )


def _missing_remarks(
    codings: tuple[Coding, Coding], missing: tuple[list[str], list[str]]
) -> Iterator[str]:
    for coding, lost in zip(codings, missing, strict=True):
        if lost:
            yield (
                f"{coding.name}: {_counted(len(lost), 'mention')} not to be found in the sentence "
                f"(first: {lost[0]}), compared by words"
            )


def _reworded(first: CodedSentence, second: CodedSentence) -> bool:
    return bool(first.text and second.text) and first.text != second.text


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _is_settled(path: Path) -> bool:
    try:
        return any(row.values.get("settled") for row in read_rows(path, "csv"))
    except DataError:
        return False


def _differing(comparison: Comparison) -> Iterator[dict[str, object]]:
    for both in comparison.sentences:
        first, second = both.first.stance, both.second.stance
        if first is not None and second is not None and first != second:
            yield _row(both, "sentence row") | {"a_stance": first, "b_stance": second}
        for pair, other in both.both:
            if pair.stance != other.stance:
                yield _row(both, "other stance", pair, other)
        for pair in both.only_first:
            yield _row(both, "missing in B", pair)
        for pair in both.only_second:
            yield _row(both, "missing in A", None, pair)


def _row(
    both: MatchedSentence,
    kind: str,
    first: CodedPair | None = None,
    second: CodedPair | None = None,
) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(DISAGREEMENT_COLUMNS, "")
    row |= {"sentence_id": both.first.sentence_id, "kind": kind}
    row["text"] = both.first.text or both.second.text
    for side, pair in (("a", first), ("b", second)):
        if pair is not None:
            row[f"{side}_holder"] = pair.holder.words
            row[f"{side}_target"] = pair.target.words
            row[f"{side}_stance"] = pair.stance
    return row


def _without_p_values(value: Any) -> Any:
    # Nothing was permuted here.
    if isinstance(value, dict):
        return {key: _without_p_values(part) for key, part in value.items() if key != "p_value"}
    return value
