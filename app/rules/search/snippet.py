"""Snippets: the piece of a text around what was looked for, as plain pieces. The screen makes the marks; no HTML here."""

import re
from collections.abc import Sequence
from unicodedata import combining, normalize

import regex

from app.rules.search.fold import fold

AROUND, MOST = 24, 120  # characters before the first hit, and in all
MOST_SOUGHT = 20_000  # characters of a text in which a hit is looked for
_SPACES = re.compile(r"\s+")
_HALF_MARKS = "ﾞﾟ"

Piece = tuple[str, bool]


def snippet(text: str, marks: Sequence[str], most: int = MOST) -> list[Piece]:
    """(text, highlighted or not), joined: at most about `most` characters of the text around its first hit."""
    line = _SPACES.sub(" ", text[:MOST_SOUGHT]).strip()
    spans = found(line, marks)
    start = max(0, spans[0][0] - AROUND) if spans else 0
    start = _whole(line, start)
    end = _whole(line, min(len(line), start + most))
    pieces: list[Piece] = [("…", False)] if start else []
    at = start
    for first, last in spans:
        if first < at or last > end:
            continue
        pieces += [(line[at:first], False), (line[first:last], True)]
        at = last
    pieces += [(line[at:end], False)] + ([("…", False)] if end < len(line) else [])
    return [piece for piece in pieces if piece[0]]


def found(text: str, marks: Sequence[str]) -> list[tuple[int, int]]:
    """Where in the text as it was written the folded marks stand, in order and apart from each other."""
    folded, places = _mapped(text)
    spans = sorted(
        (places[m.start()], places[m.end() - 1] + 1)
        for mark in marks if mark
        for m in re.finditer(_pattern(mark), folded)
        if m.end() > m.start()
    )  # fmt: skip
    apart: list[tuple[int, int]] = []
    for first, last in spans:
        last = _cluster_end(text, last)
        if apart and first <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(last, apart[-1][1])
        else:
            apart.append((first, last))
    return apart


def _pattern(mark: str) -> str:
    """A word at a word's beginning; a number however it is parted."""
    if mark.isascii() and mark.isalnum():
        apart = r"[-./,() ]?" if any(map(str.isdigit, mark)) and len(mark) > 3 else ""
        return r"(?<![0-9a-z])" + apart.join(mark)
    return re.escape(mark)


def _mapped(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in the text. Folded piece by piece, it may differ a little
    from what is folded at once (that is what indexes hold): then a hit is not highlighted, and still shown."""
    folded: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and (combining(text[end]) or text[end] in _HALF_MARKS):
            end += 1
        piece = fold(text[at:end]) if text[at] != "ー" else "ー"
        piece = piece or (" " if text[at:end].isspace() else normalize("NFKC", text[at:end]))
        folded.append(piece)
        places += [at] * len(piece)
        at = end
    return "".join(folded), places


def _cluster_end(text: str, end: int) -> int:
    while end < len(text) and (combining(text[end]) or text[end] in _HALF_MARKS):
        end += 1
    return end


def _whole(text: str, at: int) -> int:
    """Not within an emoji of several code points."""
    if at <= 0 or at >= len(text):
        return at
    near = max(0, at - 16)
    end = near
    for cluster in regex.finditer(r"\X", text[near : at + 16]):
        if near + cluster.end() > at:
            break
        end = near + cluster.end()
    return end
