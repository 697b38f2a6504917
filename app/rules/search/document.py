"""What an index holds: a document's tokens, its place among the newest, and the marks by which it may be found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from app.rules.search.fold import VERSION as FOLDED
from app.rules.search.fold import fold
from app.rules.search.tokens import runs, tokens_of_folded

VERSION = f"{FOLDED}.2"  # an index that was made by another is made anew
MOST_FOLDED = 50_000  # characters of one document: PostgreSQL holds a megabyte of tokens
KINDS = ("message", "ticket", "person", "account", "article")  # the place in here is a part of the id: add at the end
_SECOND, _KIND = 10, 44  # bits
MOST_PAIRS = 9

Clause = tuple[tuple[str, bool], ...]  # (token, it is a beginning): one of them has to be there


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`scope`: whoever holds it may find this: a permission, or "team:3". `named`: found with typing errors, too."""

    kind: str
    number: int
    text: str
    at: datetime
    scope: str
    marks: tuple[str, ...] = ()
    named: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as an index stores it."""

    kind: str
    number: int
    wanted_id: int
    folded: str
    marks: str  # tokens that nobody types, with blanks between

    @property
    def tokens(self) -> list[str]:
        return tokens_of(self.folded, self.marks)


def entry(document: Document) -> Entry:
    folded = fold(document.text[: MOST_FOLDED * 2])[:MOST_FOLDED]
    marks = [scope_mark(document.scope), *document.marks, *sorted(f"_g{pair}" for pair in pairs(document.named))]
    place = first_id(document.kind, document.at) + document.number % 1024
    return Entry(document.kind, document.number, place, folded, " ".join(marks))


def apart(*texts: str) -> str:
    """Several texts as one: what stands on both sides of a full stop are no neighbours."""
    return "\n.\n".join(filter(None, texts))


def lines(folded: str) -> list[str]:
    """Folded, what was put together by `apart`."""
    return folded.split(" . ")


def tokens_of(folded: str, marks: str) -> list[str]:
    return [*tokens_of_folded(folded), *marks.split()]


def first_id(kind: str, at: datetime | None = None) -> int:
    """The ids of a kind rise with the time: the newest is the greatest, and a day is a range."""
    seconds = min(max(int(at.timestamp()), 0), 2 ** (_KIND - _SECOND) - 1) if at else 0
    return (KINDS.index(kind) << _KIND) + (seconds << _SECOND)


def end_id(kind: str) -> int:
    return (KINDS.index(kind) + 1) << _KIND


def scope_mark(scope: str) -> str:
    return "_s" + "".join(filter(str.isalnum, scope))


def any_of(marks: Iterable[str]) -> Clause:
    return tuple((mark, False) for mark in marks)


def pairs(name: str) -> set[str]:
    """Neighbouring characters of a name in any writing: what misspelt names have in common."""
    found: set[str] = set()
    for _, run in runs(fold(name)):
        found.update(run[n : n + 2] for n in range(len(run) - 1))
    return found


def sharing(name: str) -> tuple[tuple[str, ...], ...]:
    """Sets of marks; a name that resembles holds all of one: two pairs of neighbours, or the only one."""
    known = [f"_g{pair}" for pair in sorted(pairs(name))[:MOST_PAIRS]]
    return tuple(combinations(known, 2)) if len(known) > 2 else tuple((mark,) for mark in known)
