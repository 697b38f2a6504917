"""How alike two texts are, by rapidfuzz. It is loaded with the first comparison: a server at rest does without its 7 MB."""

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any


@cache
def _module(name: str) -> Any:
    return importlib.import_module(f"rapidfuzz.{name}")


def ratio(one: str, other: str) -> float:
    """0 to 100."""
    return float(_module("fuzz").ratio(one, other))


def partial_ratio(part: str, whole: str, *, cutoff: float = 0) -> float:
    """0 to 100: the best place of the shorter text in the longer one; 0 below the cutoff."""
    return float(_module("fuzz").partial_ratio(part, whole, score_cutoff=cutoff))


def closest(name: str, names: Mapping[int, str], *, limit: int, cutoff: float) -> list[tuple[str, float, int]]:
    """(name, ratio, its key) of the names most alike, the closest first."""
    found = _module("process").extract(name, names, scorer=_module("fuzz").ratio, limit=limit, score_cutoff=cutoff)
    return list(found)
