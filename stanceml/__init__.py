"""Stance in diplomatic news: who stands where on what, sentence by sentence."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stanceml.exceptions import StancemlError
    from stanceml.inference.sealed import SealedModel, load_model

__all__ = ["SealedModel", "StancemlError", "load_model"]

_HOMES = {
    "SealedModel": "stanceml.inference.sealed",
    "StancemlError": "stanceml.exceptions",
    "load_model": "stanceml.inference.sealed",
}


def __getattr__(name: str) -> Any:
    # Looked up when it is asked for: `import stanceml` alone must cost nothing.
    if name not in _HOMES:
        raise AttributeError(f"module 'stanceml' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
