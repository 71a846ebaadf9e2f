"""Rows altered and sorted so that they show what a model holds on to."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from stanceml.corpus.datasets import same_text
from stanceml.corpus.mentions import find_mentions
from stanceml.corpus.occurrences import occurrences
from stanceml.corpus.sentences import Span
from stanceml.corpus.units import Unit

__all__ = [
    "entity_key",
    "invented_names",
    "masked",
    "named_in_sentences",
    "names_actor",
    "reversed_rows",
    "swapped",
]

_ONSETS: Final = "b br d dr f g gr k kl l m n p pl r s sk t tr v z".split()
_VOWELS: Final = "a e i o u au ei".split()
_ENDINGS: Final = "l m n r s nd rk st x".split()


def entity_key(mention: str) -> str:
    """Name the entity of a mention, so that its other names count as the same.

    Where the mention names exactly one actor of the alias table, that actor is meant; else the
    mention stands for itself, but for case, punctuation and an article in front.

    Examples
    --------
    >>> entity_key("Kremlin"), entity_key("Russian troops"), entity_key("The truce")
    ('Russia', 'Russia', 'truce')
    """
    actors = _actors(mention)
    return actors.pop() if len(actors) == 1 else same_text(mention).removeprefix("the ")


def names_actor(mention: str) -> bool:
    """Tell whether a mention names an actor of the alias table.

    Examples
    --------
    >>> names_actor("Moscow"), names_actor("truce")
    (True, False)
    """
    return bool(_actors(mention))


def named_in_sentences(units: Sequence[Unit], sentences: Sequence[str]) -> dict[str, set[str]]:
    """List what each sentence names: the entities in its text, its holders and its targets.

    Parameters
    ----------
    units : sequence of Unit
    sentences : sequence of str
        The sentence of each unit.

    Returns
    -------
    dict of str to set of str
        Sentence to keys, as `entity_key` gives them.

    Examples
    --------
    >>> named = named_in_sentences([Unit("Moscow rejects the plan.", target="plan")], ["s1"])
    >>> sorted(named["s1"])
    ['Russia', 'plan']
    """
    named: dict[str, set[str]] = {}
    for unit, sentence in zip(units, sentences, strict=True):
        if sentence not in named:
            named[sentence] = {mention.entity for mention in find_mentions(unit.text)}
        named[sentence] |= {entity_key(name) for name in (unit.holder, unit.target) if name}
    return named


def invented_names(texts: Iterable[str], n_names: int = 40, random_state: int = 0) -> list[str]:
    """Make up names that occur in none of the texts, not even inside a word.

    Parameters
    ----------
    texts : iterable of str
    n_names, random_state : int

    Returns
    -------
    list of str

    Examples
    --------
    >>> names = invented_names(["NATO backs Kyiv."], n_names=3)
    >>> len(set(names)), all(name.istitle() for name in names)
    (3, True)
    """
    random = np.random.default_rng(random_state)
    known = "\n".join(texts).casefold()
    names: dict[str, None] = {}
    while len(names) < n_names:
        syllables = [
            random.choice(_ONSETS) + random.choice(_VOWELS) for _ in range(random.integers(2, 4))
        ]
        name = "".join(syllables) + random.choice(_ENDINGS)
        if name not in known:
            names[name.title()] = None
    return list(names)


def masked(unit: Unit, names: Sequence[str], random: np.random.Generator) -> Unit:
    """Put invented names in the place of the holder, the target and every actor of the text.

    Parameters
    ----------
    unit : Unit
    names : sequence of str
        Drawn from without replacement: what was one name stays one, what were two stays two.
        Mentions that overlap become one name.
    random : Generator

    Returns
    -------
    Unit
        Its spans fit its text.

    Examples
    --------
    >>> unit = Unit("Moscow blames NATO.", "Moscow", "NATO", (0, 6), (14, 18))
    >>> masked(unit, ["Brado"] * 2, np.random.default_rng(0))
    Unit(text='Brado blames Brado.', holder='Brado', target='Brado', holder_span=(0, 5), \
target_span=(13, 18))
    """
    own = {"holder": (unit.holder, unit.places[0]), "target": (unit.target, unit.places[1])}
    spans = [(m.start, m.end) for m in find_mentions(unit.text) if m.kind != "issue"]
    for mention, place in own.values():
        if place:
            spans.append(place)
        if mention:
            spans += occurrences(unit.text, mention)

    deck = iter(random.permutation(np.asarray(names)).tolist())
    dealt: dict[str, str] = {}

    def disguise(mention: str) -> str:
        key = entity_key(mention)
        if key not in dealt:
            # A text with more names than were made up has to use some twice.
            dealt[key] = next(deck, names[len(dealt) % len(names)])
        return dealt[key]

    text, end = "", 0
    moved: list[tuple[Span, Span, str]] = []
    for span in _merged(spans):
        text += unit.text[end : span[0]]
        name = disguise(unit.text[slice(*span)])
        moved.append((span, (len(text), len(text) + len(name)), name))
        text += name
        end = span[1]
    text += unit.text[end:]

    found: dict[str, tuple[str, Span | None]] = {}
    for part, (mention, place) in own.items():
        found[part] = (disguise(mention) if mention else "", None)
        for old, new, name in moved:
            if place and old[0] <= place[0] < old[1]:
                found[part] = (name, new)
    (holder, holder_span), (target, target_span) = found["holder"], found["target"]
    return Unit(text, holder, target, holder_span, target_span)


def swapped(unit: Unit) -> Unit:
    """Exchange holder and target; the text stays as it is.

    Examples
    --------
    >>> swapped(Unit("NATO backs Kyiv.", holder="NATO", target="Kyiv"))[:3]
    ('NATO backs Kyiv.', 'Kyiv', 'NATO')
    """
    return Unit(unit.text, unit.target, unit.holder, unit.target_span, unit.holder_span)


def reversed_rows(units: Sequence[Unit], sentences: Sequence[str]) -> np.ndarray:
    """Find for each row the one of its sentence in which holder and target change places.

    Parameters
    ----------
    units : sequence of Unit
    sentences : sequence of str
        The sentence of each unit.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        Position of that row, the first of several; -1 where there is none.

    Examples
    --------
    >>> there, back = Unit("A and B", holder="A", target="B"), Unit("A and B", "B", "A")
    >>> reversed_rows([there, back, there], ["s1", "s1", "s2"]).tolist()
    [1, 0, -1]
    """
    pairs = [
        (sentence, entity_key(unit.holder), entity_key(unit.target))
        for unit, sentence in zip(units, sentences, strict=True)
    ]
    first: dict[tuple[str, str, str], int] = {}
    for row, (sentence, holder, target) in enumerate(pairs):
        if holder and target and holder != target:
            first.setdefault((sentence, holder, target), row)
    return np.array([first.get((s, target, holder), -1) for s, holder, target in pairs], dtype=int)


def _actors(mention: str) -> set[str]:
    return {found.entity for found in find_mentions(mention) if found.kind != "issue"}


def _merged(spans: list[Span]) -> list[Span]:
    """Sort spans and join those that overlap."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
