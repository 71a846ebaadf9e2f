"""Readings of a unit: which words a model sees, and what is said of each.

Every reading turns a parsed unit into a list of words; n-grams are cut from that list. A reading
that looks at the surroundings of a mention says so in each word, so that "left" of the target and
"right" of it are different features.
"""

from collections.abc import Callable, Iterator
from typing import Final

from stanceml.features.attitudes import word_classes, word_lemma
from stanceml.features.parsing import ParsedUnit

__all__ = [
    "CLAUSE_ENDS",
    "EDGES",
    "LEXICAL",
    "LINKS",
    "NEGATION_REACH",
    "READINGS",
    "WINDOW",
    "turns",
]

#: How many words on either side are around a mention, and how many behind a negation it turns.
WINDOW: Final = 4
NEGATION_REACH: Final = 3
#: Words at which a clause ends, and words that link those that take a side.
CLAUSE_ENDS: Final = frozenset(
    ', ; : " “ ” but while which who that and as after because although'.split()
)
LINKS: Final = frozenset(
    "by to of for with from on over between against and but that who which after while ,".split()
)
#: Upper ends of the bins of distances, in words.
EDGES: Final = (0, 3, 8, 16)


def masked(unit: ParsedUnit) -> list[str]:
    """Read the words, the mentions hidden: who it is cannot tell what they do."""
    return [word for _, word in _hidden(unit)]


def nameless(unit: ParsedUnit) -> list[str]:
    """Read the words with the mentions, all other names and all numbers hidden."""
    seen: list[str] = []
    for position, word in _hidden(unit):
        if position is None:
            seen.append(word)
        elif word[0].isdigit():
            seen.append("#")
        elif not unit.is_name[position]:
            seen.append(word)
        elif not seen or seen[-1] != "N":
            seen.append("N")
    return seen


def lemmas(unit: ParsedUnit) -> list[str]:
    """Read the lemmas, the mentions hidden."""
    return [word if position is None else word_lemma(word) for position, word in _hidden(unit)]


def regions(unit: ParsedUnit) -> list[str]:
    """Read each word with the stretch in which it stands: before, between, after, or a mention."""
    return [f"{region}|{word}" for region, word in zip(_regions(unit), unit.words, strict=True)]


def between(unit: ParsedUnit) -> list[str]:
    """Read what stands between holder and target, each in its place."""
    if unit.holder is None or unit.target is None:
        return []
    (first, begin), (last, end) = unit.mentions
    return [begin, *unit.words[first[1] : last[0]], end]


def around_target(unit: ParsedUnit) -> list[str]:
    """Read the few words on either side of the target."""
    return _around(unit, unit.target)


def around_holder(unit: ParsedUnit) -> list[str]:
    """Read the few words on either side of the holder."""
    return _around(unit, unit.holder)


def clause(unit: ParsedUnit) -> list[str]:
    """Read the words of the clause in which the target stands, each with its side."""
    if unit.target is None:
        return []
    start, end = unit.target
    first, last = start, end
    while first > 0 and unit.words[first - 1] not in CLAUSE_ENDS:
        first -= 1
    while last < len(unit.words) and unit.words[last] not in CLAUSE_ENDS:
        last += 1
    return _sided(unit, unit.target, first, last)


def polarity(unit: ParsedUnit) -> list[str]:
    """Read what the words do to a stance, by stretch and by side and distance of the target."""
    seen = []
    for position, (classes, region) in enumerate(zip(_classes(unit), _regions(unit), strict=True)):
        for name in classes:
            seen += [name, f"{region}|{name}"]
            if unit.target:
                side, distance = _distance(position, unit.target)
                seen.append(f"{side}{_bin(distance)}|{name}")
    return seen


def frame(unit: ParsedUnit) -> list[str]:
    """Read the skeleton: holder, target, words that take a side, and what links them."""
    starts = {span[0]: letter for span, letter in unit.mentions}
    inside = {i for span, _ in unit.mentions for i in range(*span)}
    seen = []
    for position, (word, classes) in enumerate(zip(unit.words, _classes(unit), strict=True)):
        if position in starts:
            seen.append(starts[position])
        if position in inside:
            continue
        if classes:
            seen.append(classes[0])
        elif word in LINKS:
            seen.append(word)
    return seen


def layout(unit: ParsedUnit) -> list[str]:
    """Read who comes first and how far apart they stand."""
    if unit.holder is None or unit.target is None:
        return [unit.order]
    return [unit.order, f"{unit.order}|{_bin(abs(unit.holder[0] - unit.target[0]))}"]


#: Readings by the name that a config gives them.
READINGS: Final[dict[str, Callable[[ParsedUnit], list[str]]]] = {
    "masked": masked,
    "nameless": nameless,
    "lemmas": lemmas,
    "regions": regions,
    "between": between,
    "around_target": around_target,
    "around_holder": around_holder,
    "clause": clause,
    "polarity": polarity,
    "frame": frame,
    "layout": layout,
}

#: Readings that depend on the word lists.
LEXICAL: Final = frozenset(("lemmas", "polarity", "frame"))


def turns(classes: tuple[str, ...]) -> bool:
    """Tell whether a word of these classes turns what the words behind it do to a stance."""
    return "negation" in classes or "ending" in classes


def _hidden(unit: ParsedUnit) -> Iterator[tuple[int | None, str]]:
    """Give each word with its position, and for each mention its letter without one."""
    starts = {span[0]: (span[1], letter) for span, letter in unit.mentions}
    position = 0
    while position < len(unit.words):
        if position in starts:
            end, letter = starts[position]
            yield None, letter
            position = max(end, position + 1)
        else:
            yield position, unit.words[position]
            position += 1


def _regions(unit: ParsedUnit) -> list[str]:
    spans = [span for span, _ in unit.mentions] if unit.target else []
    edges = [edge for span in spans for edge in span]
    return [
        f"{unit.order}{sum(position >= edge for edge in edges)}"
        for position in range(len(unit.words))
    ]


def _classes(unit: ParsedUnit) -> list[list[str]]:
    """Give each word's classes, those that stand behind a negation with a mark."""
    found = [word_classes(word) for word in unit.words]
    turned = []
    for position, classes in enumerate(found):
        before = found[max(0, position - NEGATION_REACH) : position]
        is_turned = any(map(turns, before))
        turned.append([f"~{name}" if is_turned else name for name in classes])
    return turned


def _around(unit: ParsedUnit, mention: tuple[int, int] | None) -> list[str]:
    if mention is None:
        return []
    start, end = mention
    return _sided(unit, mention, max(0, start - WINDOW), min(len(unit.words), end + WINDOW))


def _sided(unit: ParsedUnit, mention: tuple[int, int], first: int, last: int) -> list[str]:
    start, end = mention
    return [
        *(f"<{word}" for word in unit.words[first:start]),
        "_",
        *(f">{word}" for word in unit.words[end:last]),
    ]


def _distance(position: int, mention: tuple[int, int]) -> tuple[str, int]:
    if position < mention[0]:
        return "<", mention[0] - position
    return ">", max(0, position - mention[1] + 1)


def _bin(distance: int) -> int:
    return sum(distance > edge for edge in EDGES)
