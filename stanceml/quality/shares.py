"""The shares that the project's own corpus keeps: stances, flags, kinds of sentences, sizes."""

import re
from collections import defaultdict
from typing import Final

import pandas as pd

from stanceml.corpus.datasets import Dataset
from stanceml.features.attitudes import word_classes
from stanceml.quality.auditing import Check, judged
from stanceml.quality.cues import cue_lemmas
from stanceml.stances import STANCES

__all__ = ["share_checks"]

_SECTION: Final = "shares"
_REGISTERS: Final = ("wire", "headline", "analysis", "speech")
_HEADLINE: Final = "headline"

_NUMBER_OR_DATE: Final = re.compile(
    r"\d|\b(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)
# A last clause that is not hung on by a conjunction and has a speech verb in a finite form.
_ATTRIBUTION: Final = re.compile(
    r",[\"”'’]*\s+(?!(?:and|but|or|nor|which|who|whom|whose|that|than|while|although|though"
    r"|because|if|when|where|after|before|since|until|yet|so)\b)[^,;:]*"
    r"\b(?:said|says|told|tells|added|adds|announced|argued|asserted|claimed|conceded|confirmed"
    r"|declared|disclosed|explained|insisted|maintained|noted|observed|quoted|recalled|remarked"
    r"|repeated|replied|reported|revealed|stated|stressed|warned|wrote)\b[^,;:]*$"
)

_Coded = tuple[str, str, str]


def share_checks(dataset: Dataset, corpus: pd.DataFrame) -> list[Check]:
    """Hold the project's own corpus against the shares that it was planned with.

    Rows without a batch are not counted.

    Parameters
    ----------
    dataset : Dataset
        With all of the codebook's flags, and a batch in some pair row.
    corpus : DataFrame of shape (n_rows, 2)
        The columns `batch` and `register`; empty strings where a row has none.

    Returns
    -------
    list of Check
        A share that is missed has the same share batch by batch as its details.
    """
    labels = pd.DataFrame({"stance": dataset.y, "sentence": dataset.sentences})
    rows = pd.concat([dataset.X, dataset.flags, labels, corpus], axis=1)
    rows = rows[rows["batch"] != ""]
    pairs = rows[rows["target"] != ""]
    sentences = rows.drop_duplicates("sentence").set_index("sentence")
    return [
        *_stance_checks(pairs, sentences),
        *_flag_checks(pairs),
        *_size_checks(pairs, sentences),
        *_wording_checks(pairs, sentences),
    ]


def _stance_checks(pairs: pd.DataFrame, sentences: pd.DataFrame) -> list[Check]:
    by_sentence = pairs.groupby("sentence")["stance"]
    several = by_sentence.size().reindex(sentences.index, fill_value=0) >= 2
    differ = by_sentence.nunique()[several[several].index] >= 2
    return [
        *(
            _share(f"{stance} pair rows", pairs["stance"] == stance, pairs["batch"], 0.27, 0.42)
            for stance in STANCES
        ),
        _share("sentences with two pairs or more", several, sentences["batch"], 0.35),
        _share("of these, with different stances", differ, sentences["batch"], 0.5),
    ]


def _flag_checks(pairs: pd.DataFrame) -> list[Check]:
    batch = pairs["batch"]
    acts, neutral = pairs[pairs["act"]], pairs[pairs["stance"] == "neutral"]
    turned = pairs["target_start"] < pairs["holder_start"]
    return [
        *(
            _share(f"{flag} pair rows", pairs[flag], batch, low)
            for flag, low in (("negated", 0.1), ("quote", 0.15), ("conditional", 0.1), ("act", 0.3))
        ),
        _share("material acts of pair rows", pairs["material"], batch, 0.15),
        _share("material acts of acts", acts["material"], batch, 0.5),
        _share("charged of neutral pair rows", neutral["charged"], batch, 0.2),
        _share("unnamed or no holder", pairs["unnamed"] | (pairs["holder"] == ""), batch, 0.1),
        _share(
            "passive, or target before holder", pairs["passive"] | turned.fillna(False), batch, 0.1
        ),
    ]


def _size_checks(pairs: pd.DataFrame, sentences: pd.DataFrame) -> list[Check]:
    registers = sentences["register"].value_counts()
    told = tuple({"register": str(name), "sentences": int(n)} for name, n in registers.items())
    n_present = sum(name in registers for name in _REGISTERS)
    return [
        judged(_SECTION, "sentences", len(sentences), low=1800),
        judged(_SECTION, "pair rows", len(pairs), low=3000),
        judged(_SECTION, "distinct holders", _n_distinct(pairs["holder"]), low=250),
        judged(_SECTION, "distinct targets", _n_distinct(pairs["target"]), low=400),
        judged(
            _SECTION, f"registers of {', '.join(_REGISTERS)}", n_present, low=4, details=told
        ),
    ]  # fmt: skip


def _wording_checks(pairs: pd.DataFrame, sentences: pd.DataFrame) -> list[Check]:
    texts, batch = sentences["text"], sentences["batch"]
    words = texts.map(lambda text: len(text.split()))
    running = texts[sentences["register"] != _HEADLINE]
    by_batch = tuple(
        {"batch": str(name), "median words": float(median)}
        for name, median in words.groupby(batch).median().items()
    )
    return [
        judged(
            _SECTION, "median words", float(words.median()), low=20, high=28, details=by_batch
        ),
        _share("sentences with a number or date", texts.str.contains(_NUMBER_OR_DATE), batch, 0.25),
        _share(
            "trailing attribution, but for headlines",
            running.str.contains(_ATTRIBUTION),
            batch,
            0.25,
        ),
        _share("sentences in a minimal set", _in_minimal_sets(pairs, sentences), batch, 0.1),
    ]  # fmt: skip


def _in_minimal_sets(pairs: pd.DataFrame, sentences: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which sentences share a word that takes a side, with another pair and another label.

    The other sentence stands in the same batch.
    """
    coded: dict[str, set[_Coded]] = defaultdict(set)
    for name, holder, target, stance in pairs[
        ["sentence", "holder", "target", "stance"]
    ].itertuples(index=False, name=None):
        coded[name].add((holder, target, stance))
    sharing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, batch, text in sentences[["batch", "text"]].itertuples(name=None):
        for lemma in cue_lemmas(text):
            if {"favor", "against"} & {*word_classes(lemma)}:
                sharing[batch, lemma].append(name)
    found: set[str] = set()
    for names in sharing.values():
        found.update(
            name
            for name in names
            if name not in found
            and any(_differ(coded[name], coded[other]) for other in names if other != name)
        )
    return sentences.index.to_series().isin(found)


def _differ(ours: set[_Coded], theirs: set[_Coded]) -> bool:
    return any(one[:2] != other[:2] and one[2] != other[2] for one in ours for other in theirs)


def _share(
    name: str,
    holds: "pd.Series[bool]",
    batch: "pd.Series[str]",
    low: float,
    high: float | None = None,
) -> Check:
    value = float(holds.mean()) if len(holds) else 0.0
    by_batch = holds.astype(bool).groupby(batch.reindex(holds.index)).agg(["size", "mean"])
    details = tuple(
        {"batch": str(name), "of": int(row["size"]), "share": round(float(row["mean"]), 3)}
        for name, row in by_batch.iterrows()
    )
    return judged(_SECTION, name, value, low=low, high=high, details=details, is_share=True)


def _n_distinct(mentions: "pd.Series[str]") -> int:
    return int(mentions[mentions != ""].str.casefold().nunique())
