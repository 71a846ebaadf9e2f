"""Where sentences begin and end in news text, as character offsets.

A small rule of our own: it gives offsets, needs no model, and does better on the list in
`tests/test_sentences.py` than the splitter that was measured beside it (`docs/decisions/0004`).
"""

import re
from collections.abc import Iterator

__all__ = ["Span", "sentence_spans"]

Span = tuple[int, int]

# Never the end of a sentence: a name or a number follows.
_TITLES = frozenset(
    "adm amb art brig capt cf ch cmdr col dr e.g fig fr gen gov hon i.e lt maj messrs mr mrs ms "
    "mt no nos op p pp pres prof rep reps rev sec sen sens sgt st v vol vs".split()
)
# The end of a sentence only where a word that likes to begin one follows.
_ENDINGS = frozenset(
    "a.m al approx apr aug bros co corp dec e.u etc feb inc jan jr ltd mar nov oct p.m ph.d "
    "sept sep sr u.a.e u.k u.n u.s u.s.a u.s.s.r d.c".split()
)
_STARTERS = frozenset(
    "A After Although An And As At Because Before But By Critics Despite Earlier Experts For From "
    "Have He Her His However I If In Instead Is It Its Last Later Many Meanwhile Moreover More "
    "Most Neither No None Nor Not Observers Officials On One Our Over She Since So Some Still That "
    "The Their Then There These They This Those Though Through To Today Under Until We What When "
    "Where Whether While Who Why With Yet You".split()
)
_TOP_LEVEL_DOMAINS = frozenset("Ru Com Org Net Ua Eu De Fr Uk Int Gov Io".split())
_SPEECH = (
    "said|says|say|asked|asks|added|adds|told|tells|replied|wrote|writes|warned|insisted|declared|"
    "demanded|cried|shouted|remarked|quipped|answered|tweeted|posted"
)

_PARAGRAPH_BREAK = re.compile(r"\n[ \t\r]*\n\s*")
_STOP = re.compile(
    r"(?P<mark>[.!?…]+)(?P<close>[\"'”’»)\]]*)"
    r"(?:(?P<space>\s+)(?=[\"'“‘«(\[]*[^\W_])|(?=[\"“«]?[^\W\d_]))"
)
_LAST_WORD = re.compile(r"[\w.]+$")
_NEXT_WORD = re.compile(r"[\"'“‘«(\[]*([\w’'-]+)")
_ATTRIBUTION = re.compile(rf"(?:[A-Z][\w.’'-]*\s+){{1,4}}(?:{_SPEECH})\b")


def sentence_spans(text: str) -> list[Span]:
    """Find the sentences of a text.

    A blank line always ends a sentence; a single line break is white space.

    Parameters
    ----------
    text : str
        One or more paragraphs.

    Returns
    -------
    list of (int, int)
        Character offsets, the end exclusive, without white space at either side, in the order of
        the text. Every character that is not white space lies in exactly one of them.

    Examples
    --------
    >>> text = "Gen. Kellogg left the U.S. on Monday. “No deal.” Moscow waits."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['Gen. Kellogg left the U.S. on Monday.', '“No deal.”', 'Moscow waits.']
    """
    spans: list[Span] = []
    for begin, end in _paragraphs(text):
        start = begin
        for stop in _stops(text, begin, end):
            spans.append(_trimmed(text, start, stop))
            start = stop
        spans.append(_trimmed(text, start, end))
    return [(start, end) for start, end in spans if start < end]


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for gap in _PARAGRAPH_BREAK.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _stops(text: str, begin: int, end: int) -> Iterator[int]:
    sentence = begin
    for match in _STOP.finditer(text, begin, end):
        if _ends_sentence(text, sentence, match):
            sentence = match.end("close")
            yield sentence


def _ends_sentence(text: str, sentence: int, match: re.Match[str]) -> bool:
    mark, close = match["mark"], match["close"]
    following = _NEXT_WORD.match(text, match.end())
    if following is None:
        return False
    next_word = following[1]
    last = _LAST_WORD.search(text, max(sentence, match.start() - 40), match.start())
    last_word = last[0] if last else ""
    if match["space"] is None:
        return _is_missing_space(last_word, mark, close, text[match.end() :][:1], next_word)
    if next_word[0].islower():
        return False
    if mark == "." and not close and _is_abbreviation(text, sentence, last_word, next_word, match):
        return False
    # “Never again?” Putin asked: the question ends, the sentence does not.
    return not (close and mark[-1] in "!?" and _ATTRIBUTION.match(text, match.end()))


def _is_abbreviation(
    text: str, sentence: int, last_word: str, next_word: str, match: re.Match[str]
) -> bool:
    word = last_word.lower()
    if word in {"no", "nos", "art", "fig", "sec", "vol", "ch", "p", "pp", "v", "op"}:
        # "No. 5" is a number; "She said no. Moscow agreed." are two sentences.
        return next_word[0].isdigit() or (word != "no" and last_word.islower())
    if word in _TITLES:
        return True
    if last_word.isdigit() and not text[sentence : match.start()].strip()[:-1].strip("0123456789"):
        return True  # "1. Talks resume": an item's number
    initial = len(last_word) == 1 and last_word.isupper() and last_word != "I"
    if initial or word in _ENDINGS or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", last_word):
        return next_word not in _STARTERS
    return False


def _is_missing_space(last_word: str, mark: str, close: str, after: str, next_word: str) -> bool:
    # "talks.Moscow": two sentences; "U.S.Army", "3.5", "Kremlin.ru" and "Gazeta.Ru": none.
    opens = after in '"“«' and after != ""
    return (
        (opens or (next_word[0].isupper() and next_word[1:2].islower()))
        and len(last_word) > 1
        and (last_word[-1].islower() or (last_word.isdigit() and len(last_word) > 1) or bool(close))
        and "." not in last_word
        and next_word not in _TOP_LEVEL_DOMAINS
        and mark[-1] in ".!?"
        and (bool(close) or last_word.lower() not in _TITLES)
    )


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
