"""Actors and issues found in text, and the table of their names."""

import json
from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.mentions import Mention, find_mentions, known_entities

ALIASES = [alias for entity in known_entities() for alias in entity.aliases]


def _found(text: str) -> list[tuple[str, str]]:
    return [(mention.entity, mention.text) for mention in find_mentions(text)]


def _entities(text: str) -> list[str]:
    return [mention.entity for mention in find_mentions(text)]


def _assert_sound(text: str, mentions: list[Mention]) -> None:
    end = 0
    for mention in mentions:
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.text
        end = mention.end


@given(
    st.lists(
        st.sampled_from(ALIASES)
        | st.sampled_from(ALIASES).map(str.upper)
        | st.sampled_from(["İ", "ß", " ", " the ", ", ", "’s ", "-", "_", "."])
        | st.text(max_size=5),
        max_size=12,
    ).map("".join)
)
def test_mentions_never_overlap_and_spell_their_text(text: str) -> None:
    _assert_sound(text, find_mentions(text))


@given(st.lists(st.sampled_from(ALIASES), min_size=1, max_size=6), st.text("İßﬁ𝒳 ", max_size=5))
def test_names_in_a_list_are_all_named(aliases: list[str], before: str) -> None:
    text = f"{before} " + " | ".join(aliases)
    mentions = find_mentions(text)
    _assert_sound(text, mentions)
    assert [mention.text for mention in mentions] == aliases


def test_every_alias_is_found_in_a_plain_sentence() -> None:
    missed = [
        (entity.entity, alias)
        for entity in known_entities()
        for alias in entity.aliases
        if (entity.entity, alias) not in _found(f"They wrote about {alias} again.")
    ]
    assert missed == []


def test_every_alias_is_found_in_capitals() -> None:
    missed = [
        (entity.entity, alias)
        for entity in known_entities()
        for alias in entity.aliases
        if (entity.entity, alias.upper()) not in _found(f"THEY WROTE ABOUT {alias.upper()} AGAIN.")
    ]
    assert missed == []


def test_every_issue_is_found_at_the_start_of_a_sentence() -> None:
    missed = [
        (entity.entity, alias)
        for entity in known_entities()
        for alias in entity.aliases
        if entity.kind == "issue" and entity.entity not in _entities(f"{alias.capitalize()}!")
    ]
    assert missed == []


def test_curly_apostrophes_are_apostrophes() -> None:
    wrong = [
        (entity.entity, curly, _entities(f"They wrote about {curly} again."))
        for entity in known_entities()
        for curly in (alias.replace("'", "’") for alias in entity.aliases if "'" in alias)
        if _found(f"They wrote about {curly} again.") != [(entity.entity, curly)]
    ]
    assert wrong == []


def test_peoples_republic_is_not_taiwan() -> None:
    assert _entities("He flew to the People’s Republic of China.") == ["China"]


def test_names_of_one_actor_are_one_entity() -> None:
    assert set(_entities("Moscow said the Kremlin and Russian envoys agree.")) == {"Russia"}
    assert len(_entities("Moscow said the Kremlin and Russian envoys agree.")) == 3


@pytest.mark.parametrize("text", ["They told us.", "Between us and them", "It hurt us, he said."])
def test_a_pronoun_is_no_country(text: str) -> None:
    assert find_mentions(text) == []


@pytest.mark.parametrize("name", ["US", "U.S."])
def test_abbreviations_of_a_country(name: str) -> None:
    assert _found(f"The {name} army left.") == [("United States", name)]
    assert _found(f"It left the {name}") == [("United States", name)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is in South Korea now.", [("South Korea", "South Korea")]),
        ("It is in North Korea now.", [("North Korea", "North Korea")]),
        ("The New START treaty expires.", [("New START treaty", "New START treaty")]),
        (
            "The Donetsk People's Republic",
            [("Donetsk People's Republic", "Donetsk People's Republic")],
        ),
    ],
)
def test_the_longest_name_wins(text: str, found: list[tuple[str, str]]) -> None:
    assert _found(text) == found


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("MOSCOW REJECTS CEASEFIRE", ["Russia", "ceasefire"]),
        ("SOUTH KOREA WARNS UKRAINE", ["South Korea", "Ukraine"]),
        ("Ceasefire in Ukraine", ["ceasefire", "Ukraine"]),
        ("moscow and the kremlin", []),
    ],
)
def test_capitals(text: str, entities: list[str]) -> None:
    assert _entities(text) == entities


@pytest.mark.parametrize("apostrophe", ["'", "’"])
@pytest.mark.parametrize("name", ["Russia", "NATO", "China", "Donald Trump"])
def test_possessives(name: str, apostrophe: str) -> None:
    assert _found(f"It was {name}{apostrophe}s move.") == [(_entities(name)[0], name)]


@pytest.mark.parametrize("text", ["Russiagate", "xNATO", "NATO_2", "Russia2", "éNATO"])
def test_part_of_a_word_is_no_name(text: str) -> None:
    assert find_mentions(text) == []


def test_hyphens_and_quotes_bound_names() -> None:
    assert _entities("“NATO”–Russia, (Ukraine)/China") == ["NATO", "Russia", "Ukraine", "China"]


def test_table_is_sorted_and_names_each_entity_once() -> None:
    rows = json.loads(files("stanceml.corpus").joinpath("aliases.json").read_text("utf-8"))
    order = [(row["kind"], row["entity"]) for row in rows["entities"]]
    assert order == sorted(order)
    assert len({entity for _, entity in order}) == len(order) == len(known_entities())


def test_table_has_no_doubled_alias() -> None:
    assert [alias for alias, count in Counter(ALIASES).items() if count > 1] == []


def test_no_two_entities_share_a_name_up_to_case() -> None:
    owners = {
        (alias.lower(), entity.entity) for entity in known_entities() for alias in entity.aliases
    }
    assert [name for name, count in Counter(name for name, _ in owners).items() if count > 1] == []


def test_names_are_tidy() -> None:
    assert all(alias == " ".join(alias.split()) != "" for alias in ALIASES)
    assert {entity.kind for entity in known_entities()} == {
        "country",
        "issue",
        "organisation",
        "person",
    }
