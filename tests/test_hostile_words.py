"""Words of users in pages, pictures, tables and on terminals: shown, and never obeyed."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stanceml.cli.commands import run
from stanceml.cli.results import draw
from stanceml.exceptions import STRANGE, DataError, one_line, visible
from stanceml.reports import card, figures
from stanceml.reports.ablation import ResultTable, as_markdown
from stanceml.tables.table_writing import harmless
from stanceml.tracking.runs import metric_name

pytestmark = pytest.mark.mistakes

MODEL = str(Path(__file__).parent / "golden" / "model-1")
WORDS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](http://example.invalid/x.png)",
    "a|b|c",
    "`code` and ``more``",
    "```\n# heading\n```",
    "# heading",
    "**bold** _it_ ~~gone~~ $x^2$",
    "two\n\nparagraphs\n---\n",
    "&lt;b&gt; &#x41;",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\u202etxet denrut\u202c \u2066x\u2069",
    "\x00\x08\x7f\x9b2J\u2028",
    "[bold red]markup[/bold red] [link=http://x]y[/link]",
    "\\[x](y) \\|",
    "=cmd|' /C calc'!A0",
    "{{7*7}} ${x} %s %n",
    "\ud800",
]


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_page_shows_a_word_and_does_not_obey_it(word: str) -> None:
    written = card.plain(word)
    assert not STRANGE.search(written)
    # No sign of markdown or HTML stands unescaped: each follows an odd number of backslashes.
    for sign in re.finditer(r"[<>\[\]`*_|#&$~{}]", written):
        before = written[: sign.start()]
        assert (len(before) - len(before.rstrip("\\"))) % 2 == 1, written
    fenced = card.code(word)
    fence = re.match("`+", fenced)
    assert fence
    assert not STRANGE.search(fenced)
    assert fence[0] not in re.findall("`+", fenced[len(fence[0]) : -len(fence[0])])


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_table_of_markdown_keeps_its_cells_and_its_words(word: str) -> None:
    table = ResultTable(word, ["name", word], [[[word, "0.5"], ["b", "0.6"]]], word)
    page = as_markdown([table], "stanceml ablate 'a b.yaml' " + word)
    assert not STRANGE.search(page.replace("\n", ""))
    command, _, rest = page.partition("\n")
    assert command.startswith("    stanceml ablate")  # a block of code, in which nothing is obeyed
    assert not re.search(r"(?<!\\)(?:\\\\)*(<|\]\(|`)", rest)
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    for row in rows:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3, row


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_picture_shows_a_word(word: str) -> None:
    figure = Figure()
    for shown in (figures.plain(word), figures.plain(figures.readable(word))):
        assert not STRANGE.search(shown)
        assert not re.search(r"(?<!\\)\$", shown)
        figure.text(0, 0, shown)
    FigureCanvasAgg(figure).draw()


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_message_is_one_line(word: str) -> None:
    line = str(DataError(f"{word}: wrong, found {word}"))
    assert not STRANGE.search(line)
    assert one_line(line) == line
    assert len(str(DataError(word * 10_000))) < 2100


@given(st.text())
def test_nothing_strange_is_left(text: str) -> None:
    assert not STRANGE.search(visible(text).replace("\n", "").replace("\t", ""))
    assert not STRANGE.search(one_line(text))
    assert visible(visible(text)) == visible(text)
    assert visible("Größe – “quoted” 👩‍👩‍👧 می‌خواهم") == "Größe – “quoted” 👩‍👩‍👧 می‌خواهم"


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_name_of_a_metric_is_one_that_mlflow_takes(word: str) -> None:
    assert re.fullmatch(r"[\w\-. :/]+", metric_name("cv", f"f1_{word}"))


def _hostile_rows(folder: Path) -> Path:
    path = folder / "rows.jsonl"
    rows = [
        {
            "sentence_id": f"s{number}{word}",
            "document_id": word,
            "text": f"Kyiv waits {number}. {word}",
            "target": f"Kyiv {word}",
            "holder": word,
            "stance": ("favor", "against")[number % 2],
        }
        for number, word in enumerate(word for word in WORDS if "\ud800" not in word)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


COMMANDS: dict[str, list[str]] = {
    "predict": ["--model", MODEL, "--input"],
    "audit": [],
    "evaluate": [MODEL],
    "agreement": ["other.jsonl"],
}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_terminal_is_given(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = _hostile_rows(tmp_path).rename(tmp_path / "\x1b[31m[bold]\u202e.jsonl")
    (tmp_path / "other.jsonl").write_text(rows.read_text().replace("against", "neutral"))
    assert run([command, *COMMANDS[command], rows.name]) in (0, 1, 3)
    out, err = capfd.readouterr()
    assert "stanceml: " not in err
    assert len(out) > 200
    assert not STRANGE.search((out + err).replace("\n", "").replace("\t", ""))


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_a_cell_of_a_table_is_no_markup(word: str) -> None:
    buffer = io.StringIO()
    draw(word, ["word", word], [[word, word]], file=buffer)
    printed = buffer.getvalue()
    assert not STRANGE.search(printed.replace("\n", ""))
    if "bold" in word or "javascript" in word:
        assert word in printed


@given(st.text(max_size=20))
def test_a_spreadsheet_runs_nothing(cell: str) -> None:
    assert harmless(cell)[:1] not in tuple("=+-@\t\r")
    assert harmless(cell).removeprefix("'") == cell.removeprefix("'")


@given(st.lists(st.text(max_size=20), min_size=2, max_size=2))
def test_a_csv_gives_words_back(cells: list[str]) -> None:
    from stanceml.tables.table_writing import DelimitedLines

    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]
    line = DelimitedLines(["a", "b"], ",").line(dict(zip("ab", cells, strict=True)))
    (found,) = csv.reader(io.StringIO(line, newline=""))
    assert found == cells


def test_only_names_of_ours_stand_as_they_are() -> None:
    assert card._cell_name("macro_f1") == "macro_f1"
    assert card._cell_name("f1_<b>") == r"f1\_\<b\>"
