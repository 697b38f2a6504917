"""Tokens: single characters and pairs of Japanese text, words of the rest, numbers in the shape people look for them.

Tokens hold letters and digits only, so that every index can keep them apart by blanks. What several tokens cannot say,
that they stand side by side, is looked up in the folded text itself.
"""

import re
from collections.abc import Iterable, Iterator
from operator import add

from app.rules.search.fold import CJK, fold

MOST_WORD = 64  # characters of a word that count: the rest is no word but a file in letters
MOST_TEXT = 200_000  # folded characters of one document

_CJK_RUN = re.compile(f"[{CJK}]+")
_WORD = re.compile(f"[^\\W_{CJK}]+")
_RUN = re.compile(f"({_CJK_RUN.pattern})|({_WORD.pattern})")
_HAS_DIGIT = re.compile(r"[0-9]")
# Pieces that are one number to a person: 090-1234-5678, (03)1234-5678, A-1234, 1,980, 2026/11/22.
_COMPOUND = re.compile(r"(?<![0-9a-z+])\(?[0-9a-z]+(?:(?:\)\(|[-./,()])[0-9a-z]+)+(?![0-9a-z])")
_TELEPHONE = re.compile(
    r"\+81[ -]?(?:\(0\))?[0-9]{1,4}(?:[ -]?[0-9]{2,4}){1,3}(?![0-9])"
    r"|(?<![0-9a-z+])\(?0[0-9]{1,4}(?:[)-] ?| )[0-9]{2,4}[ -][0-9]{3,4}(?![0-9a-z])"
)
_DIGITS = re.compile(r"[0-9]{3,}")
_PIECE = re.compile(r"[0-9a-z]+")


def tokens(text: str) -> list[str]:
    """The tokens of a text, each once, in no order that means something."""
    return tokens_of_folded(fold(text))


def tokens_of_folded(folded: str) -> list[str]:
    folded = folded[:MOST_TEXT]
    found: set[str] = set()
    for run in _CJK_RUN.findall(folded):
        found.update(run)
        found.update(map(add, run, run[1:]))
    for word in _WORD.findall(folded):
        found.update(_of_word(word))
    if _HAS_DIGIT.search(folded):
        found.update(joined for _, joined in compounds(folded))
    return list(found)


def runs(folded: str) -> Iterator[tuple[bool, str]]:
    """(Japanese or not, its characters), as they stand."""
    for match in _RUN.finditer(folded):
        yield match.lastindex == 1, match[0]


def numbers_at(folded: str) -> Iterator[tuple[str, str]]:
    """The telephone numbers alone: they may have blanks inside."""
    for match in _TELEPHONE.finditer(folded):
        yield match[0], _dialled(match[0])


def compounds(folded: str) -> Iterator[tuple[str, str]]:
    """(as it stands, joined): numbers that are written in pieces, and telephone numbers of Japan as they are dialled."""
    for match in _numbers(folded):
        joined = _dialled(match)
        if len(joined) <= MOST_WORD and _HAS_DIGIT.search(joined):
            yield match, stem(joined)


def _dialled(number: str) -> str:
    joined = "".join(_PIECE.findall(number))
    return "0" + joined[2:].removeprefix("0") if number.startswith("+81") else joined


def stem(word: str) -> str:
    """A plural's s is not typed by everybody: refunds, refund."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss") and word.isalpha():
        return word[:-1]
    return word


def _numbers(folded: str) -> Iterable[str]:
    return [m[0] for pattern in (_COMPOUND, _TELEPHONE) for m in pattern.finditer(folded)]


def _of_word(word: str) -> Iterator[str]:
    word = word[:MOST_WORD]
    yield stem(word)
    if not word.isalpha() and not word.isdigit():
        yield from _DIGITS.findall(word)
