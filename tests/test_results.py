"""Tables for people: how wide they are, where numbers stand, and what stays in one line."""

import io

from stanceml.cli.results import draw


def drawn(*given: object, **more: object) -> list[str]:
    buffer = io.StringIO()
    draw(*given, file=buffer, **more)  # type: ignore[arg-type]
    return buffer.getvalue().splitlines()


def test_numbers_stand_at_the_right_and_words_at_the_left() -> None:
    lines = drawn("a title", ["name", "n", "note"], [["x", "7", "so"], ["yy", "100", "x"]],
                  words=["note"], remark="a remark")  # fmt: skip
    assert (lines[0], lines[-1]) == ("a title", "a remark")
    assert "│ x    │   7 │ so   │" in lines
    assert "│ yy   │ 100 │ x    │" in lines


def test_sections_have_a_line_between_them_and_may_have_headings() -> None:
    lines = drawn("", ["name", "n"], [["first"], ["x", "1"]], [["y", "2"]])
    assert [line[:3] for line in lines] == ["┏━━", "┃ n", "┡━━", "│ f", "│ x", "├──", "│ y", "└──"]


def test_no_table_is_wider_than_a_page_and_no_word_is_lost() -> None:
    words = " ".join(f"word{number:02}" for number in range(60))
    lines = drawn(words, ["name", "score"], [[words, "0.5 [0.25, 0.75]"]], unbroken=["score"])
    assert max(map(len, lines)) <= 120
    assert all("\n".join(lines).count(word) == 2 for word in words.split())
    assert sum("0.5 [0.25, 0.75]" in line for line in lines) == 1


def test_where_scores_do_not_fit_their_intervals_stand_below() -> None:
    columns = ["name", "note", *"abcdefg"]
    lines = drawn("", columns, [["x", "a [b]", *["0.5 [0.2, 0.8]"] * 7]], words=["note"])
    assert "│ x    │ a [b] │" in lines[3]
    assert lines[3].count(" 0.5 │") == lines[4].count("[0.2, 0.8] │") == 7
