"""The data card: what the dataset is, how it was made and what it is not, in markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from stanceml.modeling.resampling import Score
from stanceml.quality.agreement import Agreement, LabelAgreement
from stanceml.stances import FLAGS, STANCES

__all__ = ["CodingRound", "data_card"]

_COLUMNS = {
    "id, document_id, sentence_id": "names of the row, of its article or batch, of its sentence",
    "text": "the sentence",
    "holder, holder_start, holder_end": "whose stance it is, and where it stands in `text` "
    "(characters, the end exclusive); empty where it is the writer's own, and in sentence rows",
    "target, target_start, target_end": "what the stance is towards; empty in sentence rows",
    "stance": "`against`, `favor` or `neutral`",
    "section": "`headline`, `lead` or `body` of the article",
    "origin": "`seed`, or `authored`",
    "batch, register": "of an authored sentence: the batch that it was written in, and `wire`, "
    "`headline`, `analysis` or `speech`",
    ", ".join(FLAGS): "how the stance stands in an authored sentence, 1 or 0, as "
    "[the codebook](../docs/codebook.md#flags) defines it",
    "note": "why, where it is not obvious",
}


@dataclass(frozen=True)
class CodingRound:
    """Two codings that were compared: of what, and what was found."""

    title: str
    agreement: Agreement


def data_card(
    manifest: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    cells: Sequence[Mapping[str, Any]],
    rounds: Sequence[CodingRound],
) -> str:
    """Write the card.

    Parameters
    ----------
    manifest : mapping
        As `stanceml data build` writes it.
    rows : sequence of mapping
        The rows of `stances.csv`.
    cells : sequence of mapping
        The frame.
    rounds : sequence of CodingRound
        What two coders coded.

    Returns
    -------
    str
        Markdown; the same facts give the same text.
    """
    pairs = [row for row in rows if row["target"]]
    whole = [row for row in rows if not row["target"]]
    authored = [row for row in whole if row["origin"] == "authored"]
    parts = [
        _how_made(manifest, whole, authored, pairs),
        _agreement(rounds),
        _counts(manifest, pairs),
        _frame(cells),
        _shape(authored, pairs),
        _columns(),
        _CLOSING,
        _checksums(manifest),
    ]
    return "\n".join(parts)


def _how_made(
    manifest: Mapping[str, Any],
    whole: Sequence[Mapping[str, str]],
    authored: Sequence[Mapping[str, str]],
    pairs: Sequence[Mapping[str, str]],
) -> str:
    return f"""# The data

**All sentences but {len(whole) - len(authored)} were written by machine, and every label was given
by machine.** No person has coded them. Agreement between two codings below measures how well the
codebook fixes the labels, not whether people agree. The sentences are no news: names of offices and
places are real, what they are said to have done is not.

*This page is written by `stanceml data card` out of the data; edit what it is written from.*

- `origin: seed`: one news article, {len(whole) - len(authored)} sentences, as it was given with the
  project. Two codings, blind to each other and older than the codebook, were settled row by row.
- `origin: authored`: {len(authored):,} sentences in {manifest["batches"]} batches, written one by one
  for this project in the manner of diplomatic reporting, each to a cell of a frame that was drawn
  first, and coded by its author under [the codebook](../docs/codebook.md). No templates; no text was
  taken from elsewhere. `stanceml audit data/stances.csv` checks what can be checked of that.

Each sentence has one *sentence row* (the position that it conveys as a whole) and a *pair row* for
each holder and target between whom a careful reader finds a position: {len(pairs):,} of them.
{manifest["pair_rows_left_out"]:,} more were coded and are left out of `stances.csv`, because the names alone gave
their stance away ([decision 14](../docs/decisions/0014-pair-rows-left-out.md)).
"""


def _agreement(rounds: Sequence[CodingRound]) -> str:
    lines = [
        "## Agreement",
        "",
        "A second coder, by machine too, worked from the codebook alone and did not see the first "
        "labels. These are first-round figures, nothing settled; 95% intervals from drawing "
        "documents or batches, sentences where there are too few of them. *Found*: F1 of the second "
        "coder's pairs against the first's. *Stance*: Krippendorff's alpha of the pairs that both "
        "found. *Neutral*: alpha of neutral against the rest. *Sentence*: alpha of the sentence "
        "rows.",
        "",
        "| what | sentences | pairs | found | stance | neutral | sentence |",
        "|---|---|---|---|---|---|---|",
    ]
    for coding in rounds:
        found = coding.agreement
        stances = found.pair_stances
        cells = [
            coding.title,
            f"{found.n_sentences:,}",
            f"{found.pairs_found.n_both:,}",
            _score(found.pairs_found.f1),
            _alpha(stances),
            _score(stances.by_stance["neutral"].alpha),
            _alpha(found.sentence_rows),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "To set people's codings beside these, lay them out like the files in "
        "`annotations/second-coding/` (or as a table with `sentence_id`, `holder`, `target`, "
        "`stance`) and run",
        "",
        "    stanceml agreement data/stances.csv yours.csv --disagreements settle.csv",
        "",
    ]
    return "\n".join(lines)


def _counts(manifest: Mapping[str, Any], pairs: Sequence[Mapping[str, str]]) -> str:
    lines = ["## Counts", "", "| | " + " | ".join(STANCES) + " | all |", "|---|---|---|---|---|"]
    for title, by_stance in (
        ("sentence rows", manifest["sentence_rows"]),
        ("pair rows", manifest["pair_rows"]),
        *((f"… {flag}", _by_stance(pairs, flag)) for flag in FLAGS),
    ):
        numbers = [by_stance[stance] for stance in STANCES]
        lines.append(
            f"| {title} | " + " | ".join(f"{n:,}" for n in [*numbers, sum(numbers)]) + " |"
        )
    holders, targets = ({row[name] for row in pairs} - {""} for name in ("holder", "target"))
    lines += ["", f"{len(holders):,} different holders and {len(targets):,} different targets.", ""]
    return "\n".join(lines)


def _by_stance(pairs: Sequence[Mapping[str, str]], flag: str) -> dict[str, int]:
    counts = Counter(row["stance"] for row in pairs if row[flag] == "1")
    return {stance: counts[stance] for stance in STANCES}


def _frame(cells: Sequence[Mapping[str, Any]]) -> str:
    acts = {cell["act"] for cell in cells}
    registers = Counter(str(cell["register"]) for cell in cells)
    told = ", ".join(f"{count:,} {name}" for name, count in registers.most_common())
    holders, targets = (len({str(cell[name]) for cell in cells}) for name in ("holder", "target"))
    return f"""## The frame

`frame.jsonl` lays out {len(cells):,} cells, a sentence each: a holder ({holders:,} different ones),
a target ({targets:,}), a kind of act ({len(acts)}), a stance, a register ({told}), and
what the sentence should carry. Batches b01 to b08 go by region and question, the seed's own first
(the war in Ukraine and its settlement; arms, sanctions and oil); b09 to b15 are plain reports between
states; the later ones have governments, oppositions, armies, rebels, unions, churches, courts and
relief agencies too. Where a cell made no sense its author changed an actor or the act, not the
stance.
"""


def _shape(authored: Sequence[Mapping[str, str]], pairs: Sequence[Mapping[str, str]]) -> str:
    if not authored:
        return ""
    words = median(len(row["text"].split()) for row in authored)
    digits = sum(any(c.isdigit() for c in row["text"]) for row in authored) / len(authored)
    by_sentence = Counter(row["sentence_id"] for row in pairs if row["origin"] == "authored")
    several = sum(count > 1 for count in by_sentence.values()) / len(authored)
    return f"""An authored sentence has {words:g} words (median); {digits:.0%} hold a number; {several:.0%} carry
two pairs or more.
"""


def _columns() -> str:
    lines = ["## Columns of `stances.csv`", "", "| column | meaning |", "|---|---|"]
    for names, meaning in _COLUMNS.items():
        marked = ", ".join(f"`{name}`" for name in names.split(", "))
        lines.append(f"| {marked} | {meaning} |")
    return "\n".join([*lines, ""])


def _checksums(manifest: Mapping[str, Any]) -> str:
    lines = ["## Checksums", "", "SHA-256; all sources stand in `stances.manifest.json`.", ""]
    sums = {**manifest["sha256"]}
    sums |= {name: sum_ for name, sum_ in manifest["sources"].items() if name.startswith("raw/")}
    lines += [f"- `{name}`: `{value}`" for name, value in sums.items()]
    return "\n".join([*lines, ""])


def _alpha(labels: LabelAgreement) -> str:
    return _score(labels.alpha) if labels.n else "–"


def _score(score: Score | None) -> str:
    return "–" if score is None else str(score)


_CLOSING = """## Files

| file | what |
|---|---|
| `raw/` | the seed article, never edited, and its checksum |
| `annotations/putin-trump-talks.jsonl` | who stands where on what in it, offsets into the article |
| `annotations/authored/` | the authored sentences and their coding, a batch a file |
| `annotations/second-coding/` | the second coder's work; and two codings of pairs of the PLOVER gold standard records, by id, without their text |
| `frame.jsonl` | the cells |
| `stances.csv`, `stances.manifest.json` | the dataset, built from all these by `make data`, and its facts |
| `examples.csv` | three sentences that `make train` labels at the end; nothing trains on them |

## Limits

- Machine-written sentences have machine's habits. A model that does well on held-out batches has
  shown that it reads this corpus; what it makes of real news has to be measured on real news.
- The stances are balanced on purpose. The shares of labels, and the probabilities of a model trained
  on them, are no estimate of how common a stance is in the news.
- Labels come from the text alone and from one codebook; where people would disagree, the figures
  above cannot tell.
- The seed was coded before the codebook: the second coder, who had it, found half as many pairs.
- English only, one sentence at a time.

## Licence

Annotations, authored sentences, manifests and examples are under the project's MIT licence. The
article was supplied with the project as the source of its dataset; its rights remain with its
publisher.
"""
