"""What changed between two versions of a text, in pieces small enough to see it in Japanese too. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from app.rules.knowledge.life import FIELDS

# Words of letters, or single characters, or the space between: Japanese has no spaces to cut at.
_PIECES = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
MOST_PIECES = 1500  # of one changed stretch: above it is shown as removed and added whole
Change = dict[str, str]  # {"op": same | removed | added, "text"}


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Change]]:
    """The fields that differ, each as its pieces in order."""
    return {name: changes(old[name], new[name]) for name in FIELDS if old[name] != new[name]}


def changes(old: str, new: str) -> list[Change]:
    """Line by line, and within lines that differ piece by piece."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    found: list[Change] = []
    for op, a, b in _steps(before, after):
        if op == "replace" and len(a) + len(b) <= MOST_PIECES * 2:
            found += _within(a, b)
        else:
            found += _whole(op, a, b)
    return _joined(found)


def _within(old: str, new: str) -> list[Change]:
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if max(len(before), len(after)) > MOST_PIECES:
        return _whole("replace", old, new)
    return [each for op, a, b in _steps(before, after) for each in _whole(op, a, b)]


def _steps(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for op, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield op, "".join(before[a:b]), "".join(after[c:d])


def _whole(op: str, old: str, new: str) -> list[Change]:
    if op == "equal":
        return [{"op": "same", "text": new}]
    removed, added = {"op": "removed", "text": old}, {"op": "added", "text": new}
    return [each for each in (removed, added) if each["text"]]


def _joined(found: Sequence[Change]) -> list[Change]:
    joined: list[Change] = []
    for each in found:
        if joined and joined[-1]["op"] == each["op"]:
            joined[-1]["text"] += each["text"]
        else:
            joined.append(dict(each))
    return joined
