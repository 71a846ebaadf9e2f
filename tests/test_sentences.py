"""Sentence splitting: the list of hard cases, and what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.sentences import sentence_spans

# `|` marks the boundaries that a careful reader sets.
HARD_CASES = [
    "The U.S. President arrived. | He left.",
    "Talks began in the U.S. | The delegation flew home.",
    "Gen. Keith Kellogg met Lt. Col. Ivanov. | They spoke.",
    "Mr. Trump and Mrs. Thatcher differed. | Dr. No agreed.",
    "He lives at No. 5 Downing St. in London. | She does not.",
    "She said no. | Moscow agreed.",
    "Resolution No. 2202 was adopted. | It binds all.",
    "“We will not yield.” | The minister left the room.",
    "“Will you come?” Putin asked. | No one answered.",
    "“Stop!” he said. | Nobody stopped.",
    "He called it “a farce.” | Kyiv disagreed.",
    "The war—long, costly—goes on. | Nobody wins.",
    "We wait... and wait. | Then we act.",
    "They hesitated… | Then they signed.",
    "The oil price rose 3.5 percent to $80.25. | Traders cheered.",
    "The summit opens Nov. 22 in Johannesburg. | Leaders will attend.",
    "The meeting starts at 9 a.m. Moscow time. | It ends at noon.",
    "The meeting starts at 9 a.m. | The press may attend.",
    "George W. Bush and J. D. Vance spoke. | So did others.",
    "The U.N. Security Council met. | Russia vetoed.",
    "See kremlin.ru or Gazeta.Ru for details. | Nothing else is known.",
    "Is it peace? | Is it war? | Nobody knows!",
    "Iran, e.g. Tehran, objected. | Iraq, i.e. Baghdad, did not.",
    "Rosneft Inc. and Shell Ltd. agreed. | The deal is worth $2.1 bn.",
    "Sen. Graham, Rep. Wilson et al. signed the letter. | It was sent.",
    "(The envoy declined to comment.) | The talks go on.",
    "He asked: “Why now?” | The room fell silent.",
    "The treaty was signed in 1987. | Both sides left it in 2019.",
    "Washington vs. Beijing is the headline. | It is not the story.",
    "St. Petersburg hosted the forum. | Prof. Karaganov spoke.",
    "The E.U. and the U.K. signed. | France, too.",
    "1. Ceasefire must hold. | 2. Prisoners must return.",
    "Headline without a stop\n\nThe body begins. | It ends.",
    "A line that\nis wrapped stays whole. | The next one follows.",
    "Peskov: ‘There is no need.’ | Others differ.",
    "“This is over,” said Lavrov. | “It is not,” said Rubio.",
    "The minister—asked twice—said: never. | Then he left!",
    "The U.S. and Russia met in Washington, D.C. | No deal was reached.",
]


def _expected(case: str) -> list[str]:
    return [part.strip() for block in case.split("\n\n") for part in block.split("|")]


@pytest.mark.parametrize("case", HARD_CASES)
def test_hard_case(case: str) -> None:
    text = case.replace("| ", "")
    assert [text[start:end] for start, end in sentence_spans(text)] == _expected(case)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The talks failed.Moscow blamed Kyiv.", ["The talks failed.", "Moscow blamed Kyiv."]),
        (
            "It happened in 1987.Then came the fall.",
            ["It happened in 1987.", "Then came the fall."],
        ),
        ("He said “no.”Then he left.", ["He said “no.”", "Then he left."]),
    ],
)
def test_missing_space(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(alphabet=st.characters(), max_size=200))
def test_every_visible_character_lies_in_exactly_one_sentence(text: str) -> None:
    spans = sentence_spans(text)
    covered = [index for start, end in spans for index in range(start, end)]
    assert covered == sorted(set(covered))
    assert all(text[index].isspace() for index in set(range(len(text))) - set(covered))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
