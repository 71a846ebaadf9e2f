"""Labelled rows: groups, labels, remarks, and what is said of rows that cannot be learned from."""

import gzip
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stanceml.corpus.columns import Columns
from stanceml.corpus.datasets import Dataset, load_dataset, same_text
from stanceml.exceptions import DataError
from stanceml.stances import FLAGS, STANCES, UNIT_COLUMNS

DATA = Path(__file__).parents[1] / "data" / "stances.csv"

Rows = list[dict[str, Any]]


def _write(folder: Path, rows: Rows) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def _load(folder: Path, rows: Rows, **given: Any) -> Dataset:
    return load_dataset(_write(folder, rows), **given)


def _complaint(folder: Path, rows: Rows, **given: Any) -> str:
    path = _write(folder, rows)
    with pytest.raises(DataError) as caught:
        load_dataset(path, **given)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert len(message.splitlines()) == 1
    return message.removeprefix(str(path))


def _rows(**columns: list[Any]) -> Rows:
    """Rows with texts of their own and turning labels, unless these are given."""
    count = len(next(iter(columns.values())))
    usual: dict[str, list[Any]] = {
        "text": [f"Sentence {chr(97 + number)}." for number in range(count)],
        "stance": [("against", "favor")[number % 2] for number in range(count)],
    }
    return [
        {name: values[number] for name, values in (usual | columns).items()}
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("datasets")


def test_committed_dataset() -> None:
    dataset = load_dataset(DATA, min_groups=5)
    assert tuple(dataset.flags) == FLAGS
    assert not dataset.flags[~dataset.is_pair].any(axis=None)
    assert dataset.name == "stances"
    assert dataset.digest == hashlib.sha256(DATA.read_bytes()).hexdigest()
    assert tuple(dataset.X.columns) == UNIT_COLUMNS
    assert dataset.classes == list(STANCES)
    assert dataset.group_kind == "document_id"
    assert dataset.remarks == ()
    assert dataset.ids.is_unique
    assert list(dataset.ids[~dataset.is_pair]) == list(dict.fromkeys(dataset.sentences))


def test_enough_documents_are_the_groups(tmp_path: Path) -> None:
    rows = _rows(document_id=["x", "x", "y", "z"], sentence_id=["x1", "x2", "y1", "z1"])
    dataset = _load(tmp_path, rows, min_groups=3)
    assert dataset.group_kind == "document_id"
    assert list(dataset.groups) == ["x", "x", "y", "z"]
    assert list(dataset.sentences) == ["x1", "x2", "y1", "z1"]


def test_too_few_documents_leave_the_sentences(tmp_path: Path) -> None:
    rows = _rows(document_id=["x", "x", "y"], sentence_id=["1", "1", "2"])
    dataset = _load(tmp_path, rows, min_groups=3)
    assert dataset.group_kind == "sentence_id"
    assert list(dataset.groups) == ["1", "1", "2"]


def test_equal_texts_are_the_groups_where_nothing_is_named(tmp_path: Path) -> None:
    dataset = _load(tmp_path, _rows(text=["Kyiv waits.", "KYIV  waits!", "Nobody moves."]))
    assert dataset.group_kind == "text"
    assert dataset.groups[0] == dataset.groups[1] != dataset.groups[2]
    assert list(dataset.sentences) == list(dataset.groups)


def test_given_column_is_the_group(tmp_path: Path) -> None:
    rows = _rows(document_id=["x", "y", "z"], outlet=[1, 1, 2])
    dataset = _load(tmp_path, rows, group_column="outlet")
    assert dataset.group_kind == "outlet"
    assert list(dataset.groups) == ["1", "1", "2"]


def test_row_without_a_document_is_a_group_with_its_sentence(tmp_path: Path) -> None:
    rows = _rows(document_id=["x", "x", "y", "", ""], sentence_id=["1", "2", "3", "4", "4"])
    dataset = _load(tmp_path, rows)
    assert dataset.group_kind == "document_id"
    assert list(dataset.groups) == ["x", "x", "y", "4", "4"]


@pytest.mark.parametrize("blank", ["", None])
def test_blank_documents_are_no_documents(tmp_path: Path, blank: str | None) -> None:
    rows = _rows(document_id=[blank] * 3, sentence_id=["1", "2", "3"])
    assert _load(tmp_path, rows).group_kind == "sentence_id"


@pytest.mark.mistakes
@pytest.mark.parametrize("blank", ["", None])
def test_given_group_may_not_be_blank(tmp_path: Path, blank: str | None) -> None:
    message = _complaint(tmp_path, _rows(outlet=["a", blank]), group_column="outlet")
    assert message == ", line 2: outlet is blank; expected a group"


def test_rows_are_called_by_id_or_line(tmp_path: Path) -> None:
    assert list(_load(tmp_path, _rows(id=["a", "b"])).ids) == ["a", "b"]
    assert list(_load(tmp_path, _rows(text=["One.", "Two."])).ids) == ["1", "2"]


def test_an_id_may_be_nought(tmp_path: Path) -> None:
    assert list(_load(tmp_path, _rows(id=[0, 1, 2])).ids) == ["0", "1", "2"]


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    rows = [
        {"body": "NATO backs Kyiv.", "who": "NATO", "view": "+"},
        {"body": "Kyiv waits.", "who": "", "view": "-"},
    ]
    dataset = _load(
        tmp_path,
        rows,
        columns=Columns(text="body", target="who"),
        label_column="view",
        label_map={"+": "favor", "-": "neutral"},
    )
    assert list(dataset.X["target"]) == ["NATO", ""]
    assert list(dataset.is_pair) == [True, False]
    assert list(dataset.y) == ["favor", "neutral"]


def test_label_map_renames_and_leaves_the_rest(tmp_path: Path) -> None:
    rows = _rows(stance=["pro", " pro ", "against", 1])
    dataset = _load(tmp_path, rows, label_map={"pro": "favor", "1": "neutral"})
    assert list(dataset.y) == ["favor", "favor", "against", "neutral"]
    assert dataset.classes == ["against", "favor", "neutral"]


@pytest.mark.mistakes
def test_label_map_of_a_label_that_is_not_there(tmp_path: Path) -> None:
    message = _complaint(tmp_path, _rows(stance=["pro", "con"]), label_map={"prp": "favor"})
    assert message.startswith(": --label-map renames 'prp'")
    assert "did you mean 'pro'" in message


def test_known_labels_need_not_all_occur(tmp_path: Path) -> None:
    dataset = _load(tmp_path, _rows(stance=["favor", "favor"]), known_labels=STANCES)
    assert dataset.classes == ["favor"]


def test_label_map_leads_to_known_labels(tmp_path: Path) -> None:
    rows = _rows(stance=["pro", "con"])
    mapping = {"pro": "favor", "con": "against", "none": "neutral"}
    dataset = _load(tmp_path, rows, label_map=mapping, known_labels=STANCES)
    assert list(dataset.y) == ["favor", "against"]


@pytest.mark.mistakes
def test_unknown_label_names_line_and_nearest(tmp_path: Path) -> None:
    message = _complaint(tmp_path, _rows(stance=["favor", "favour"]), known_labels=STANCES)
    assert message.startswith(", line 2: unknown label 'favour' (did you mean 'favor'?)")
    assert "--label-map favour=" in message


@pytest.mark.mistakes
def test_unknown_label_after_renaming_tells_what_to_rename(tmp_path: Path) -> None:
    rows = _rows(stance=["favor", "pro"])
    message = _complaint(tmp_path, rows, label_map={"pro": "favour"}, known_labels=STANCES)
    assert "'favour'" in message
    assert "--label-map pro=" in message


@pytest.mark.mistakes
@pytest.mark.parametrize("blank", ["", "  ", None, float("nan")])
def test_blank_label(tmp_path: Path, blank: object) -> None:
    message = _complaint(tmp_path, _rows(stance=["favor", blank, "against"]))
    assert message == ", line 2: stance is blank; expected a label"


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("label", "said"),
    [
        (["favor"], "is \"['favor']\" (list); expected a string"),
        ({"a": 1}, "is \"{'a': 1}\" (dict); expected a string"),
        (True, "is 'True' (bool); expected a string"),
        (0.5, "is '0.5' (float); expected a string"),
        ("x" * 400, f"is '{'x' * 40}'… (400 characters: is it the column of the texts?)"),
        ("fa\tvor", "is 'fa\\tvor'; expected a label in one line"),
        ("fa\u202evor", "without control characters such as '\\u202e'"),
        ("fa\ud83dvor", "without control characters such as '\\ud83d'"),
    ],
)
def test_what_is_no_label(tmp_path: Path, label: object, said: str) -> None:
    message = _complaint(tmp_path, _rows(stance=["favor", label, "against"]))
    assert message.startswith(", line 2: stance is ")
    assert said in message


@pytest.mark.parametrize("label", [0, -1, "1.0", "für", "[/b]", "$x$", "<script>", "a\u200db"])
def test_what_is_a_label(tmp_path: Path, label: object) -> None:
    assert str(label) in _load(tmp_path, _rows(stance=["favor", label])).classes


def test_label_map_without_use_is_remarked_where_labels_are_known(tmp_path: Path) -> None:
    mapping = {"pro": "favor", "cno": "against"}
    rows = _rows(stance=["pro", "against"])
    (remark,) = _load(tmp_path, rows, label_map=mapping, known_labels=STANCES).remarks
    assert "--label-map renames 'cno', which no row of 'stance' has" in remark


def test_packed_rows_are_read_and_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(_write(tmp_path, _rows(id=[1, 2])).read_bytes()))
    dataset = load_dataset(path)
    assert dataset.name == "rows"
    assert dataset.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_named_pipe_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jsonl"
    os.mkfifo(path)
    content = _write(tmp_path, _rows(id=[1, 2])).read_bytes()
    writer = threading.Thread(target=path.write_bytes, args=(content,), daemon=True)
    writer.start()
    assert load_dataset(path).digest == hashlib.sha256(content).hexdigest()
    writer.join(5)


def test_columns_are_kept_as_they_were_read(tmp_path: Path) -> None:
    rows = _rows(batch=[" b1 ", None], place=["Oslo", "Riga"], step=[1, float("nan")])
    dataset = _load(tmp_path, rows, keep=["step", "batch", "tone"])
    assert dataset.kept.to_dict("list") == {"step": ["1", ""], "batch": ["b1", ""]}
    assert dataset.column_names == ("text", "stance", "batch", "place", "step")
    assert _load(tmp_path, rows).kept.shape == (2, 0)


def test_the_group_column_may_be_missing_where_that_is_said(tmp_path: Path) -> None:
    rows = _rows(place=["Oslo", "Riga"])
    kinds = [
        _load(tmp_path, rows, group_column=name, needs_group_column=False).group_kind
        for name in ("place", "river")
    ]
    assert kinds == ["place", "text"]


@pytest.mark.mistakes
def test_standard_input_holds_no_labelled_rows() -> None:
    with pytest.raises(DataError, match="expected a file"):
        load_dataset(Path("-"))


@pytest.mark.mistakes
def test_one_class(tmp_path: Path) -> None:
    message = _complaint(tmp_path, _rows(stance=["favor", "favor"]))
    assert message.startswith(": every row of 'stance' has the label 'favor'")


@pytest.mark.mistakes
def test_one_class_after_renaming(tmp_path: Path) -> None:
    rows = _rows(stance=["favor", "pro"])
    assert "'favor'" in _complaint(tmp_path, rows, label_map={"pro": "favor"})


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": " "}, "blank text"),
        ({"text": 5}, "text is '5' (int)"),
        ({"target_start": 90, "target_end": 95}, "target span [90:95] lies outside"),
        ({"holder_start": "x"}, "holder_start is 'x'"),
    ],
)
def test_row_that_cannot_be_used(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    rows = _rows(document_id=["x", "y"])
    message = _complaint(tmp_path, [rows[0], rows[1] | row])
    assert message.startswith(f", line 2: {said}")


@pytest.mark.mistakes
@pytest.mark.parametrize(
    ("present", "given", "missing", "option"),
    [
        ({"txet": "a", "stance": "b"}, {}, "text", "--text-column"),
        ({"text": "a", "stanse": "b"}, {}, "stance", "--label-column"),
        ({"text": "a", "stance": "b", "gruop": "c"}, {"group_column": "group"}, "group", "--group"),
        (
            {"text": "a", "stance": "b", "hodler": "c"},
            {"columns": Columns(holder="holder")},
            "holder",
            "--holder-column",
        ),
    ],
)
def test_missing_column_names_the_nearest(
    tmp_path: Path, present: dict[str, str], given: dict[str, Any], missing: str, option: str
) -> None:
    message = _complaint(tmp_path, [present], **given)
    wrong = {"text": "txet", "stance": "stanse", "group": "gruop", "holder": "hodler"}[missing]
    assert message.startswith(f": no column {missing!r} (did you mean {wrong!r}?)")
    assert option in message


def test_spans_that_spell_something_else_are_remarked_and_used(tmp_path: Path) -> None:
    spans = {"target": "Kyiv", "target_start": 0, "target_end": 4}
    rows = [
        {"text": "Kyiv waits.", "stance": "favor", **spans},
        {"text": "NATO waits.", "stance": "against", **spans},
        {"text": "Oslo waits.", "stance": "against", **spans},
    ]
    dataset = _load(tmp_path, rows)
    assert len(dataset.remarks) == 1
    assert dataset.remarks[0].startswith("2 spans do not spell their mention (line 2: 'Kyiv' ")
    assert "'NATO'" in dataset.remarks[0]
    assert list(dataset.X["target_end"]) == [4, 4, 4]


def test_texts_repeated_across_groups_are_remarked(tmp_path: Path) -> None:
    texts = ["Kyiv waits.", "kyiv waits", "Nobody moves."]
    dataset = _load(tmp_path, _rows(text=texts, document_id=["x", "y", "y"]))
    assert dataset.group_kind == "document_id"
    assert len(dataset.remarks) == 1
    assert dataset.remarks[0].startswith("one text stands in more than one group")


def test_texts_repeated_within_a_group_are_not(tmp_path: Path) -> None:
    texts = ["Kyiv waits.", "kyiv waits", "Nobody moves."]
    assert _load(tmp_path, _rows(text=texts, document_id=["x", "x", "y"])).remarks == ()


@settings(max_examples=50)
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=10).filter(str.strip),
        min_size=2,
        max_size=6,
    )
)
def test_any_text_is_kept_and_grouped_with_its_copies(scratch: Path, texts: list[str]) -> None:
    dataset = _load(scratch, _rows(text=texts))
    assert list(dataset.X["text"]) == texts
    for text, group in zip(texts, dataset.groups, strict=True):
        for other, other_group in zip(texts, dataset.groups, strict=True):
            assert (same_text(text) == same_text(other)) == (group == other_group)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kyiv  waits.", "KYIV WAITS", True),
        ("“Kyiv” waits…", "Kyiv\nwaits", True),
        ("STRASSE", "Straße", True),
        ("Kyiv waits.", "Kyiv waited.", False),
        ("?", "!", False),
        ("?", "", False),
    ],
)
def test_same_text(one: str, other: str, same: bool) -> None:
    assert (same_text(one) == same_text(other)) is same
