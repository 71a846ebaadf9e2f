"""How scores are written."""

from stanceml.modeling.resampling import Score
from stanceml.reports.scores import score_text, score_values


def test_a_score_in_words() -> None:
    score = Score(-0.1234, -0.2, 0.0, 0.5)
    assert score_text(score) == str(score) == "-0.123 [-0.200, 0.000]"
    assert score_text(score, "+.3f") == "-0.123 [-0.200, +0.000]"
    assert score_text(score, ".1%") == "-12.3% [-20.0%, 0.0%]"


def test_a_score_as_values() -> None:
    assert score_values(Score(0.5, 0.25, 0.75, 0.01)) == {"value": 0.5, "low": 0.25, "high": 0.75}
    assert score_values(None) is None
