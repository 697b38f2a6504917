"""What a person types into the search box: words, quotes, and filters (from:山田 channel:line before:2026-11-01)."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.rules.search.fold import fold
from app.rules.search.tokens import compounds, numbers_at, runs, stem

MOST_QUERY = 300  # characters
MOST_TERMS = 12
MANY = ("from", "tag")  # may be given several times; of the others the last counts
CHANNELS = {
    "line": "line", "ライン": "line", "email": "email", "mail": "email", "メール": "email",
    "chat": "chat", "チャット": "chat", "phone": "phone", "tel": "phone", "電話": "phone",
}  # fmt: skip
STATUSES = {
    "open": "open", "対応中": "open", "pending": "pending", "お客様待ち": "pending", "snoozed": "snoozed",
    "スヌーズ": "snoozed", "resolved": "resolved", "解決": "resolved", "解決済ミ": "resolved",
    "closed": "closed", "終了": "closed", "spam": "spam", "迷惑": "spam",
}  # fmt: skip
FILTERS = ("from", "channel", "status", "tag", "assignee", "before", "after")

_PART = re.compile(
    rf"(?P<name>{'|'.join(FILTERS)})[:：](?P<value>\"[^\"]*\"?|\S*)|[\"“”](?P<quoted>[^\"“”]*)(?P<end>[\"“”]?)|(?P<word>[^\s\"“”]+)",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?\Z")
_AGO = re.compile(r"(\d{1,4})(?:d|日前?)\Z")
_TODAY = {"today": 0, "今日": 0, "yesterday": 1, "昨日": 1}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that has to be there: all of the tokens, one that begins with `prefix`, and `whole` in the folded text."""

    tokens: tuple[str, ...] = ()
    prefix: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    terms: tuple[Term, ...] = ()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)  # as typed; channel and status as we call them
    before: date | None = None  # earlier than this day
    after: date | None = None  # on this day or later
    wrong: tuple[tuple[str, str], ...] = ()  # filters with a value that nobody understands
    marks: tuple[str, ...] = ()  # folded: what is highlighted

    @property
    def empty(self) -> bool:
        return not (self.terms or self.filters or self.before or self.after)


def parse(typed: str, today: date) -> Query:
    """Never fails: what is no filter is a word, and what cannot be understood is told in `wrong`."""
    typed = typed[:MOST_QUERY]
    filters: dict[str, tuple[str, ...]] = {}
    days: dict[str, date] = {}
    wrong: list[tuple[str, str]] = []
    terms: list[Term] = []
    words: list[str] = []
    for match in _PART.finditer(typed):
        if match["name"]:
            name, value = match["name"].lower(), match["value"].strip('"')
            _filter(name, value, today, filters=filters, days=days, wrong=wrong)
        elif match["quoted"] is not None:
            terms += _quoted(match["quoted"])
        else:
            words.append(match["word"])
    typing = bool(typed) and not typed[-1].isspace() and typed.endswith(words[-1] if words else "\0")
    terms += _worded(words, typing=typing)
    kept = tuple(dict.fromkeys(terms))[:MOST_TERMS]
    return Query(
        kept, filters, before=days.get("before"), after=days.get("after"), wrong=tuple(wrong), marks=_marks(kept)
    )


def _filter(
    name: str, value: str, today: date, *, filters: dict[str, tuple[str, ...]], days: dict[str, date],
    wrong: list[tuple[str, str]],
) -> None:  # fmt: skip
    if not value:  # still being typed
        return
    if name in ("before", "after"):
        day = _day(value, today)
        if day is None:
            wrong.append((name, value))
        else:
            days[name] = day
        return
    known = {"channel": CHANNELS, "status": STATUSES}.get(name)
    if known is not None:
        if (meant := known.get(value.lower()) or known.get(fold(value))) is None:
            wrong.append((name, value))
            return
        value = meant
    filters[name] = (*filters.get(name, ()), value) if name in MANY else (value,)


def _day(value: str, today: date) -> date | None:
    value = fold(value)
    if value in _TODAY:
        return today - timedelta(days=_TODAY[value])
    if ago := _AGO.match(value):
        return today - timedelta(days=int(ago[1]))
    if not (given := _DAY.match(value)):
        return None
    year, month, day = int(given[1]), int(given[2]), int(given[3] or 1)
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _quoted(text: str) -> Iterator[Term]:
    """Exactly this, side by side."""
    folded = fold(text)
    term = _term(folded)
    if term is not None:
        yield Term(term.tokens, whole=folded if len(folded) > 2 or not _japanese(folded) else "")


def _worded(words: list[str], *, typing: bool) -> Iterator[Term]:
    """Each word; telephone numbers may have blanks inside. The last word may be the beginning of one."""
    folded = [each for each in map(fold, words) if each]
    line = " ".join(folded)
    for number, joined in numbers_at(line):
        if " " in number:
            yield Term((joined,))
            line = line.replace(number, "\0", 1)
    parts = line.split()
    for place, part in enumerate(parts):
        if part == "\0":
            continue
        last = typing and place == len(parts) - 1
        term = _number(part, last=last) or _term(part, last=last)
        if term is not None:
            yield term


def _number(part: str, *, last: bool) -> Term | None:
    """A-1234 and A1234, 1,980 and 1980 are the same number."""
    for match, joined in compounds(part):
        if match == part.strip(".,:;!?"):
            return Term(prefix=joined) if last else Term((joined,))
    return None


def _term(folded: str, *, last: bool = False) -> Term | None:
    found: list[str] = []
    prefix, whole = "", folded if "@" in folded else ""
    pieces = list(runs(folded))
    for place, (japanese, run) in enumerate(pieces):
        if not japanese:
            if not last or place < len(pieces) - 1 or (run.isdigit() and len(run) < 3):
                found.append(stem(run))
            elif len(run) > 1:  # one letter is the beginning of too much
                prefix = stem(run)
        elif len(run) < 3:
            found.append(run)
        else:
            found += [run[n : n + 2] for n in range(len(run) - 1)]
            whole = whole or run
    if not found and not prefix:
        return None
    return Term(tuple(dict.fromkeys(found)), prefix, whole)


def _japanese(folded: str) -> bool:
    return all(japanese for japanese, _ in runs(folded))


def _marks(terms: tuple[Term, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for term in terms:
        for each in [term.whole] if term.whole else [*term.tokens, term.prefix]:
            if each:
                found[each] = None
    return tuple(found)
