"""Compiled scores against those in Python: the same for every unit, space and setting."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stanceml.corpus.units import Unit
from stanceml.features.parsing import parse
from stanceml.features.spaces import _SPACE, NgramSpace
from stanceml.inference.compiled import model as compiled
from stanceml.inference.compiled.batches import Batches
from stanceml.inference.compiled.model import CompiledModel
from stanceml.inference.compiled.tables import Numbers
from stanceml.inference.compiled.words import ParsedChunks, white_space
from stanceml.inference.sealed import SealedModel, _Block
from stanceml.inference.vocabulary import Vocabulary, in_utf8
from stanceml.stances import Source, WordSource

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
STRINGS: tuple[Source, ...] = ("marked", "text", "crossed", "holder", "target")
KNOWN = [
    Unit("NATO did not condemn Russia’s 3 talks, but Kyiv backs the U.S. plan!", "NATO", "Russia"),
    Unit("Moscow never ended its support for Ukraine; 12 allies froze the war.", "", "Ukraine"),
    Unit(
        "The Kremlin rejects, and Trump welcomes, a ceasefire.",
        "The Kremlin rejects",
        "a ceasefire",
    ),
    Unit("No one\u2003here   names it.", "Paris", "Berlin"),
    Unit("ΟΔΟΣ ΣΟΦΙΑΣ İstanbul ǅ ß 🙂 e\u0301 שלום \ud800 \x00 end", "ΟΔΟΣ", "İstanbul"),
]
SPACES = [
    *(NgramSpace(source, "word", orders) for source in STRINGS for orders in ((1, 2), (2, 3))),
    *(NgramSpace(source, "char", orders) for source in STRINGS for orders in ((1, 3), (2, 5))),
    *(
        NgramSpace(source, "word", orders)
        for source in get_args(WordSource)
        for orders in ((1, 2), (1, 3) if source == "layout" else (2, 4), (1, 1))
    ),
]


class Block(_Block):
    """A block whose n-grams are those of some units, with weights by chance."""

    def __init__(self, space: NgramSpace, units: Sequence[Unit], n_classes: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        found = sorted({ngram for unit in units for ngram in space.ngrams(unit)})
        # A third is unknown to the model, as in life.
        kept = [ngram for ngram in found if random.random() < 0.67]
        self.space = space
        self.vocabulary = Vocabulary(*in_utf8(kept))
        self.idf = random.uniform(1, 9, len(kept))
        self.coefficients = random.normal(size=(len(kept), n_classes))
        self.sublinear_tf = bool(random.random() < 0.5)


def blocks_of(spaces: Sequence[NgramSpace], units: Sequence[Unit], n_classes: int) -> list[Block]:
    return [Block(space, units, n_classes, seed) for seed, space in enumerate(spaces)]


def expected(blocks: Sequence[Block], intercept: np.ndarray, units: Sequence[Unit]) -> np.ndarray:
    scores = np.tile(intercept, (len(units), 1))
    for number, unit in enumerate(units):
        for block in blocks:
            scores[number] += block.score(unit)
    return scores


def difference(spaces: Sequence[NgramSpace], units: Sequence[Unit], n_classes: int = 3) -> float:
    """The largest difference, the model's n-grams being out of the units and some others."""
    intercept = np.linspace(-1, 1, n_classes)
    blocks = blocks_of(spaces, [*units, *KNOWN], n_classes)
    got = CompiledModel(blocks, intercept).decision_function(units)
    assert got.shape == (len(units), n_classes)
    return float(np.abs(got - expected(blocks, intercept, units)).max(initial=0))


pieces = st.one_of(
    st.sampled_from(
        "NATO Russia Kyiv not never ended condemned supports but which by of to , ; ! ? : “ ” ’s "
        "' U.S. U.S.A. 3 12th x_1 _ N H T # | < > whole0 ~favor İ Σ ΑΣ ΑΣ. ſ ß ǅ ﬁ Ⅷ ² ٣ 🙂 👩‍👧 "
        "\ufdd0 \ufdd1 \ufdd2 \ufdd3 \ufdd4 \ufdd5 \ud800 \udfff \x00 \x1c \x85 \xa0 \u2003 \u200b "
        "\u200f \u202e שלום سلام e\u0301 \u0301 \u0345 ʼ 你好 a.b.c.".split(" ")
    ),
    st.text(st.characters(), max_size=6),
)
texts = st.lists(
    st.tuples(pieces, st.sampled_from(["", " ", "\n", "\t  ", "\u3000", "’", "."])), max_size=14
).map(lambda parts: "".join(word + gap for word, gap in parts))


@st.composite
def units(draw: st.DrawFn) -> Unit:
    text = draw(texts)

    def mention() -> tuple[str, tuple[int, int] | None]:
        kind = draw(st.sampled_from(["none", "any", "inside", "span", "wild"]))
        if kind == "none":
            return "", None
        if kind == "any":
            return draw(pieces), None
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        if kind == "inside":
            return text[start:end], None
        if kind == "span":
            return text[start:end], (start, end)
        edge = st.integers(-3, len(text) + 3)
        return draw(pieces), (draw(edge), draw(edge))

    holder, target = mention(), mention()
    if draw(st.booleans()):
        target = holder
    return Unit(text, holder[0], target[0], holder[1], target[1])


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(units(), min_size=1, max_size=4), st.sampled_from([1, 2, 3, 4]))
@example([Unit("")], 3)
@example([Unit("a", "", "", (0, 1), (0, 1))], 3)
@example([Unit("a b", "b", "b", (-5, -1), (2**70, -(2**70)))], 3)
@example([Unit("a", "", "\ufdd4"), Unit("\ufdd4", "\ufdd4"), Unit("x \ufdd4 y")], 3)
def test_equal_in_every_space(units: list[Unit], n_classes: int) -> None:
    assert difference(SPACES, units, n_classes) < 1e-12


def test_nothing_that_counts_is_left_out() -> None:
    # Were every block empty, all scores would be equal whatever is computed.
    for space in SPACES:
        (block,) = blocks_of([space], KNOWN, 3)
        assert len(block.vocabulary), space
        assert np.abs(expected([block], np.zeros(3), KNOWN)).max() > 0, space


@given(units())
def test_words_and_mentions_are_those_of_parse(unit: Unit) -> None:
    parsed, numbers = parse(unit), Numbers()
    for word in parsed.words:
        numbers.of(word)
    batch = ParsedChunks(numbers, is_lexical=False).parse([unit])
    assert batch.words[:, 0].tolist() == [numbers[word] for word in parsed.words]
    holder, target = parsed.holder or (-1, -1), parsed.target or (-1, -1)
    assert batch.mentions[0, :4].tolist() == [*holder, *target]
    is_name = [bool(flags & 1) and i > 0 for i, flags in enumerate(batch.words[:, 3])]
    assert is_name == list(parsed.is_name)


def test_white_space_is_that_of_the_expressions() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    spaces = np.flatnonzero(white_space()).tolist()
    assert spaces == [i for match in _SPACE.finditer(everything) for i in range(*match.span())]
    assert spaces == [ord(char) for char in everything if not char.strip()]
    # What `str.split` parts is never within a word.
    assert all(not (chr(code).isalnum() or chr(code) in "_'.!?,;:") for code in spaces)


@pytest.mark.parametrize("text", ["Kyiv is not " * 84_000, "a" * 1_000_000, "x,." * 340_000])
def test_a_million_characters(text: str) -> None:
    units = [Unit(text, "", "Kyiv"), KNOWN[0]]
    assert difference([NgramSpace("text", "char", (2, 3))], units) < 1e-9
    assert difference([NgramSpace("text", "word", (1, 2))], units) < 1e-9
    short = [unit._replace(text=unit.text[:100_000]) for unit in units]
    readings: list[Source] = ["nameless", "regions", "frame", "clause"]
    assert difference([NgramSpace(source, "word", (1, 2)) for source in readings], short) < 1e-9


def test_batches_longer_than_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    units = KNOWN * 5
    whole = difference(SPACES, units)
    monkeypatch.setattr(compiled, "_N_UNITS", 3)
    monkeypatch.setattr(compiled, "_N_CHARACTERS", 150)
    monkeypatch.setattr(compiled, "_MEMORY", 40)
    assert max(whole, difference(SPACES, units)) < 1e-12


def test_no_units_and_no_ngrams() -> None:
    assert difference(SPACES, []) == 0
    empty = Block(SPACES[0], [], 3, 0)
    got = CompiledModel([empty], np.array([1.0, 2.0, 3.0])).decision_function(KNOWN[:1])
    assert got.tolist() == [[1, 2, 3]]


def test_a_space_without_a_compiled_form_scores_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "COMPILED_READINGS", frozenset(("masked",)))
    assert difference(SPACES, KNOWN) < 1e-12


def test_threads_share_a_model() -> None:
    blocks, intercept = blocks_of(SPACES, KNOWN, 3), np.zeros(3)
    model = CompiledModel(blocks, intercept)
    batches = [
        [unit._replace(text=f"{unit.text} {n}{unit.text}") for unit in KNOWN] for n in range(40)
    ]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(model.decision_function, batches))
    for batch, scores in zip(batches, found, strict=True):
        assert np.abs(scores - expected(blocks, intercept, batch)).max() < 1e-12


def test_terms_that_no_text_has_are_never_met() -> None:
    block = Block(NgramSpace("regions", "word", (1, 2)), KNOWN, 3, 0)
    odd = ["", " ", "nato", "no-place|nato", "target0|nato extra|", "a  b", "target0|a b c d"]
    block.vocabulary = Vocabulary(*in_utf8(sorted({*block.vocabulary, *odd})))
    block.idf = np.append(block.idf, np.ones(len(odd)))
    block.coefficients = np.vstack([block.coefficients, np.ones((len(odd), 3))])
    got = CompiledModel([block], np.zeros(3)).decision_function(KNOWN)
    assert np.abs(got - expected([block], np.zeros(3), KNOWN)).max() < 1e-12


def test_equal_to_a_trained_model(model_folder: Path, dataset: Any) -> None:
    from stanceml import load_model
    from stanceml.corpus.units import read_units

    sealed: SealedModel = load_model(model_folder)
    units = read_units(dataset.X)
    got = CompiledModel(sealed._blocks, sealed._intercept).decision_function(units)
    assert np.abs(got - expected(sealed._blocks, sealed._intercept, units)).max() < 1e-12


class Unpaid(Batches):
    """Counts how often a model is made."""

    made = 0

    def _compiled(self) -> CompiledModel | None:
        self.made += 1
        return super()._compiled()


def batches_of(units: Sequence[Unit]) -> Unpaid:
    return Unpaid(blocks_of(SPACES[:1], units, 3), np.zeros(3))


def test_made_when_enough_rows_have_come_and_then_kept() -> None:
    batches = batches_of(KNOWN)
    assert batches.model(999) is None
    assert batches.made == 0
    model = batches.model(1)
    assert model is not None
    assert batches.model(1) is model
    assert batches.made == 1


def test_where_nothing_is_kept_more_rows_must_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "is_kept", lambda: False)
    batches = batches_of(KNOWN)
    assert batches.model(1000) is None
    assert batches.model(8999) is None
    assert batches.model(1) is not None


def test_without_numba_everything_is_scored_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stanceml.inference.compiled.model", None)
    batches = batches_of(KNOWN)
    assert batches.model(1_000_000) is None
    assert batches.model(1_000_000) is None
    assert batches.made == 1


def test_where_numba_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.DISABLE_JIT", 1)
    assert batches_of(KNOWN).model(1_000_000) is None


def test_one_sentence_does_not_load_numba() -> None:
    code = (
        "import sys; import stanceml.inference.sealed, stanceml.inference.compiled.batches\n"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


CODE = """
import json, sys, warnings
warnings.simplefilter("error")
from stanceml.corpus.units import Unit
from stanceml.features.spaces import NgramSpace
from stanceml.inference.compiled.model import CompiledModel, is_kept
from stanceml.inference.vocabulary import Vocabulary, in_utf8
import numpy as np
class Block:
    space = NgramSpace("text", "word", (1, 1))
    vocabulary, idf, sublinear_tf = Vocabulary(*in_utf8(["nato"])), np.ones(1), True
    coefficients = np.array([[1.0, 2.0]])
model = CompiledModel([Block()], np.zeros(2))
scores = model.decision_function([Unit("NATO waits.")]).tolist()
print(json.dumps([is_kept(), scores]))
"""


def test_where_no_cache_can_be_written(tmp_path: Path) -> None:
    # A copy of the package from which nothing can be written beside it, nor to any home.
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "stanceml", tmp_path / "stanceml", ignore=ignored)
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    for folder in [path for path in (tmp_path / "stanceml").rglob("*") if path.is_dir()]:
        (folder / "__pycache__").write_text("")
    environment = {
        "HOME": str(blocked),
        "XDG_CACHE_HOME": str(blocked),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.stderr, json.loads(done.stdout)) == ("", [False, [[1.0, 2.0]]])
    assert not list(tmp_path.rglob("*.nbi"))
