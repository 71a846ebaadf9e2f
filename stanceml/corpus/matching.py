"""Two codings of a sentence side by side: which of their pairs are the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stanceml.corpus.authored import occurrence
from stanceml.corpus.codings import CodedMention, CodedPair, CodedSentence
from stanceml.corpus.sentences import Span
from stanceml.exceptions import DataError

__all__ = [
    "MatchedSentence",
    "match_pairs",
    "match_sentence",
    "match_sentences",
    "overlap",
    "with_spans",
]


@dataclass(frozen=True)
class MatchedSentence:
    """A sentence that both coded: their pairs side by side, and those that only one has."""

    first: CodedSentence
    second: CodedSentence
    both: tuple[tuple[CodedPair, CodedPair], ...]
    only_first: tuple[CodedPair, ...]
    only_second: tuple[CodedPair, ...]


def overlap(first: CodedMention, second: CodedMention) -> float:
    """Tell how much of two mentions is common to both, from 0 to 1.

    By their characters where both have a span, else by their words, of which those of one must be
    among those of the other. Two empty mentions, of the writer, are the same.

    Examples
    --------
    >>> overlap(CodedMention("peace plan"), CodedMention("the peace plan", nth=1))
    0.6666666666666666
    >>> overlap(CodedMention("plan", (10, 14)), CodedMention("plan", (30, 34)))
    0.0
    """
    if not (first.words and second.words):
        return float(first.words == second.words)
    if first.span and second.span:
        (start, end), (other_start, other_end) = first.span, second.span
        common = min(end, other_end) - max(start, other_start)
        return max(0, common) / (max(end, other_end) - min(start, other_start))
    words, others = _words(first), _words(second)
    return len(words & others) / len(words | others) if words <= others or others <= words else 0.0


def match_pairs(first: Sequence[CodedPair], second: Sequence[CodedPair]) -> list[tuple[int, int]]:
    """Say which pairs of one sentence are the same, one to one, the greatest overlap first.

    Two pairs can be the same when both their holders and their targets overlap. Their stances do
    not count, nor, among equal overlaps, does anything but the order.

    Returns
    -------
    list of (int, int)
        Numbers of a pair of the first and of one of the second, in the order of the first.
    """
    candidates = []
    for number, pair in enumerate(first):
        for other_number, other in enumerate(second):
            parts = overlap(pair.holder, other.holder), overlap(pair.target, other.target)
            if all(parts):
                candidates.append((-sum(parts), number, other_number))
    found: dict[int, int] = {}
    for _, number, other_number in sorted(candidates):
        if number not in found and other_number not in found.values():
            found[number] = other_number
    return sorted(found.items())


def match_sentence(first: CodedSentence, second: CodedSentence) -> MatchedSentence:
    """Lay two codings of one sentence side by side."""
    matches = match_pairs(first.pairs, second.pairs)
    taken, others_taken = {number for number, _ in matches}, {number for _, number in matches}
    return MatchedSentence(
        first,
        second,
        tuple((first.pairs[number], second.pairs[other]) for number, other in matches),
        tuple(pair for number, pair in enumerate(first.pairs) if number not in taken),
        tuple(pair for number, pair in enumerate(second.pairs) if number not in others_taken),
    )


def match_sentences(
    pairs: list[tuple[CodedSentence, CodedSentence]],
) -> tuple[list[MatchedSentence], tuple[list[str], list[str]]]:
    """Match the pairs of sentences that two coders coded, by their spans where they can be found.

    Parameters
    ----------
    pairs : list of (CodedSentence, CodedSentence)
        The same sentence by the first and by the second coder.

    Returns
    -------
    list of MatchedSentence
    (list of str, list of str)
        The mentions of the first and of the second that do not stand in their sentences as told.
    """
    matched = []
    missing: tuple[list[str], list[str]] = ([], [])
    for pair in pairs:
        text = pair[0].text or pair[1].text
        sides = list(pair)
        for side, sentence in enumerate(pair) if text else ():
            sides[side], lost = with_spans(sentence, text)
            missing[side].extend(f"{words!r} in {sentence.sentence_id}" for words in lost)
        matched.append(match_sentence(*sides))
    return matched, missing


def with_spans(sentence: CodedSentence, text: str) -> tuple[CodedSentence, list[str]]:
    """Find where the mentions stand that were told by their words.

    Words that stand in the text more than once have no span unless it was said which are meant.

    Parameters
    ----------
    sentence : CodedSentence
    text : str

    Returns
    -------
    CodedSentence
        With the spans that were found.
    list of str
        The mentions that do not stand in the text as they were told.

    Examples
    --------
    >>> pair = CodedPair(CodedMention("NATO"), CodedMention("Kiev"), "favor")
    >>> found, missing = with_spans(CodedSentence("s1", None, (pair,)), "NATO backs Kyiv.")
    >>> found.pairs[0].holder, missing
    (CodedMention(words='NATO', span=(0, 4), nth=None), ['Kiev'])
    """
    missing: list[str] = []

    def placed(mention: CodedMention) -> CodedMention:
        if mention.span or not mention.words:
            return mention
        span = _find(text, mention.words, mention.nth or 1)
        if span is None:
            missing.append(mention.words)
        if mention.nth is None and _find(text, mention.words, 2):
            return mention
        return mention._replace(span=span)

    pairs = tuple(
        pair._replace(holder=placed(pair.holder), target=placed(pair.target))
        for pair in sentence.pairs
    )
    return replace(sentence, pairs=pairs), missing


def _find(text: str, words: str, nth: int) -> Span | None:
    try:
        return occurrence(text, words, nth, "")
    except DataError:
        return None


def _words(mention: CodedMention) -> set[str]:
    return {*re.findall(r"\w+", mention.words.casefold())} or {mention.words}
