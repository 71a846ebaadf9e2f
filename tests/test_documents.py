"""Articles: their sentences, where these stand, and what is no article."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stanceml.corpus.documents import Document, read_document
from stanceml.exceptions import DataError

SENTENCES = (
    "Moscow waits.",
    "“No deal,” Kyiv says.",
    "Who knows?",
    "Brüssel schweigt…",
    "It ends!",
)


def _document(folder: Path, text: str) -> Document:
    path = folder / "article.txt"
    path.write_bytes(text.encode())
    return read_document(path)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@given(text=st.text(st.characters(codec="utf-8", exclude_characters=">")).filter(str.strip))
def test_every_visible_character_lies_in_exactly_one_sentence(scratch: Path, text: str) -> None:
    document = _document(scratch, text)
    assert document.text == text
    covered = [i for sentence in document.sentences for i in range(sentence.start, sentence.end)]
    assert covered == sorted(set(covered))
    assert all(text[index].isspace() for index in set(range(len(text))) - set(covered))
    for sentence in document.sentences:
        assert sentence.text == text[sentence.start : sentence.end]


@given(
    paragraphs=st.lists(
        st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3), min_size=1, max_size=5
    ),
    newline=st.sampled_from(["\n", "\r\n"]),
    gap=st.integers(2, 4),
)
def test_sections_follow_the_paragraphs(
    scratch: Path, paragraphs: list[list[str]], newline: str, gap: int
) -> None:
    document = _document(scratch, (newline * gap).join(map(" ".join, paragraphs)) + newline)
    assert [(sentence.text, sentence.section) for sentence in document.sentences] == [
        (sentence, ["headline", "lead", "body"][min(number, 2)])
        for number, paragraph in enumerate(paragraphs)
        for sentence in paragraph
    ]


def test_sentences_are_numbered_after_the_file(tmp_path: Path) -> None:
    document = _document(tmp_path, "Talks resume\n\nMoscow waits. Kyiv waits.")
    assert document.document_id == "article"
    assert [sentence.sentence_id for sentence in document.sentences] == [
        "article-s001",
        "article-s002",
        "article-s003",
    ]


def test_navigation_line_is_no_headline(tmp_path: Path) -> None:
    document = _document(tmp_path, "Home > World > Talks resume\n\nTalks resume\n\nMoscow waits.")
    assert [(sentence.text, sentence.section) for sentence in document.sentences] == [
        ("Talks resume", "headline"),
        ("Moscow waits.", "lead"),
    ]


@pytest.mark.parametrize("headline", ["Growth > 3 percent", "Talks: > resume\nat > once"])
def test_headline_with_a_stray_sign_is_kept(tmp_path: Path, headline: str) -> None:
    document = _document(tmp_path, f"{headline}\n\nMoscow waits.")
    assert document.sentences[0].section == "headline"
    assert document.sentences[0].text == headline


def test_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    text = "Talks resume\r\n\r\nMoscow waits.\r\n"
    assert _document(tmp_path, text).sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.mistakes
@pytest.mark.parametrize("text", ["", " \n\n\t\n", "Home > World > Talks resume\n"])
def test_file_without_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"^.*article\.txt: holds no sentence.*$"):
        _document(tmp_path, text)


@pytest.mark.mistakes
def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"K\xf6ln.")
    with pytest.raises(DataError, match=r"^.*latin\.txt: not UTF-8 .* byte 1\b.*$"):
        read_document(path)


@pytest.mark.mistakes
def test_missing_document(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.txt: no such file"):
        read_document(tmp_path / "gone.txt")
