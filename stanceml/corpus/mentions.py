"""Actors and issues of the alias table, found in text by any of their names."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import ahocorasick

from stanceml.corpus.occurrences import stands_alone

__all__ = ["Entity", "Mention", "find_mentions", "known_entities"]


@dataclass(frozen=True)
class Entity:
    """An actor or an issue, and the names that it goes by. `kind` is `issue` or a kind of actor."""

    entity: str
    kind: str
    aliases: tuple[str, ...]


class Mention(NamedTuple):
    """Where an entity stands in a text, and under which name."""

    entity: str
    kind: str
    text: str
    start: int
    end: int


def find_mentions(text: str) -> list[Mention]:
    """Find the actors and issues that a text names.

    Where names overlap, the longest that begins first is taken ("South Korea", not "Korea"). Names
    of actors need their capitals, or all capitals as in a headline; issues match in any case.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of Mention
        In the order of the text; offsets count characters, the end exclusive.

    Examples
    --------
    >>> [(m.entity, m.text) for m in find_mentions("The Kremlin rejects a ceasefire.")]
    [('Russia', 'Kremlin'), ('ceasefire', 'ceasefire')]
    """
    # Folding one character at a time keeps the offsets: some letters fold into two.
    straight = text.replace("’", "'")
    folded = "".join(low if len(low := char.lower()) == 1 else char for char in straight)
    found: list[Mention] = []
    for last, names in _automaton().iter(folded):
        for alias, entity in names:
            start, end = last + 1 - len(alias), last + 1
            if not stands_alone(text, start, end):
                continue
            if _case_fits(straight[start:end], alias, entity.kind):
                found.append(Mention(entity.entity, entity.kind, text[start:end], start, end))
    found.sort(key=lambda mention: (mention.start, -mention.end))
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


@cache
def known_entities() -> tuple[Entity, ...]:
    """Read the alias table that comes with the package."""
    table = json.loads(files("stanceml.corpus").joinpath("aliases.json").read_text("utf-8"))
    return tuple(
        Entity(row["entity"], row["kind"], tuple(row["aliases"])) for row in table["entities"]
    )


@cache
def _automaton() -> ahocorasick.Automaton:
    names: dict[str, list[tuple[str, Entity]]] = {}
    for entity in known_entities():
        for alias in (name.replace("’", "'") for name in entity.aliases):
            names.setdefault(alias.lower(), []).append((alias, entity))
    automaton = ahocorasick.Automaton()
    for name, meanings in names.items():
        automaton.add_word(name, meanings)
    automaton.make_automaton()
    return automaton


def _case_fits(surface: str, alias: str, kind: str) -> bool:
    return kind == "issue" or surface == alias or surface == alias.upper()
