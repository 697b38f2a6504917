"""Which articles a chat's visitor is shown before they ask anything (K9). Pure."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

TOP = 5
READ_DAYS = 30  # popular is what was read in so many days
LONGEST_TITLE = 300
_BREAKS = re.compile(r"[-_/.]+")


def words_of(page: str, title: str) -> str:
    """What the page that they are on says of itself: its title, and its address without the host."""
    try:
        path = unquote(urlsplit(page).path)
    except ValueError:
        path = ""
    return f"{title[:LONGEST_TITLE]} {_BREAKS.sub(' ', path)}".strip()


def chosen(fitting: Iterable[int], popular: Iterable[int], newest: Iterable[int]) -> tuple[list[int], bool]:
    """Articles, the best first, and whether the first of them are for this page."""
    best = list(dict.fromkeys(fitting))[:TOP]
    return list(dict.fromkeys([*best, *popular, *newest]))[:TOP], bool(best)


def ranked(views: Sequence[tuple[int, int]]) -> list[int]:
    """(article, times read), of several languages: the most read first."""
    counts: dict[int, int] = {}
    for number, times in views:
        counts[number] = counts.get(number, 0) + times
    return sorted(counts, key=lambda number: (-counts[number], number))
