"""JSON that says each thing once."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["strict_json"]


def strict_json(text: str, most_keys: int = sys.maxsize) -> Any:
    """Read JSON in which no key stands twice.

    Python keeps the last of two equal keys, and says nothing. An object may have `most_keys`.

    Raises
    ------
    ValueError
        When it is none, is nested too deeply, or an object has a key twice or too many.

    Examples
    --------
    >>> strict_json('{"stance": "favor", "stance": "against"}')
    Traceback (most recent call last):
        ...
    ValueError: the key 'stance' stands twice
    """
    try:
        return _decoder(most_keys)(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


@cache
def _decoder(most_keys: int) -> Callable[[str], Any]:
    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) > most_keys:
            raise ValueError(f"an object of {len(pairs)} keys; expected {most_keys} at most")
        values = dict(pairs)
        if len(values) < len(pairs):
            ((doubled, _),) = Counter(key for key, _ in pairs).most_common(1)
            raise ValueError(f"the key {doubled[:80]!r} stands twice")
        return values

    return json.JSONDecoder(object_pairs_hook=distinct).decode
