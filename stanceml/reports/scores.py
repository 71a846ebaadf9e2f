"""A score in words, and as plain values."""

from stanceml.modeling.resampling import Score

__all__ = ["score_text", "score_values"]


def score_text(score: Score, format: str = ".3f") -> str:
    """Write a value and its interval, each number in a format.

    Examples
    --------
    >>> score = Score(0.5, 0.25, 0.75)
    >>> score_text(score), score_text(score, "+.3f"), score_text(score, ".0%")
    ('0.500 [0.250, 0.750]', '+0.500 [+0.250, +0.750]', '50% [25%, 75%]')
    """
    return f"{score.value:{format}} [{score.low:{format}}, {score.high:{format}}]"


def score_values(score: Score | None) -> dict[str, float] | None:
    """Give a value and the ends of its interval by their names, ready for JSON.

    Examples
    --------
    >>> score_values(Score(0.5, 0.25, 0.75))
    {'value': 0.5, 'low': 0.25, 'high': 0.75}
    """
    return None if score is None else {"value": score.value, "low": score.low, "high": score.high}
