"""Finding articles: in Japanese down to one character, whatever the width and the kana, with typing errors (K7). Pure.

It reads what it is given from beginning to end: right for the thousands of articles that a desk has. The index over
tickets and messages is another thing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.search import fuzzy
from app.rules.search.fold import fold as spelled

MOST_WORDS = 8
LONGEST = 200
TYPED_WRONG = 3  # from so many characters on a word may have an error in it
CLOSE = {3: 66.0, 4: 74.0, 5: 79.0}  # how alike it must be, by length; longer ones as the longest here
_MARKS = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True, slots=True)
class Words:
    """An article's words, folded."""

    id: int
    title: str
    keywords: str
    body: str


def fold(text: str) -> str:
    """As the product's search folds, and one space for all that is no letter."""
    return _MARKS.sub(" ", spelled(text)).strip()


def asked(query: str) -> list[str]:
    """The words of a query."""
    words = " ".join(fold(each) for each in query[:LONGEST].split())  # before folding: it joins Japanese words
    return words.split()[:MOST_WORDS]


def words_of(number: int, title: str, keywords: str, body: str) -> Words:
    return Words(number, fold(title), fold(keywords), fold(body))


def find(query: str, corpus: Iterable[Words], most: int = 50) -> list[tuple[int, float]]:
    """(id, score), the best first: every word must be there, exactly or nearly."""
    sought = asked(query)
    if not sought:
        return []
    found = [(each.id, score) for each in corpus if (score := _score(sought, each)) > 0]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:most]


def _score(sought: list[str], words: Words) -> float:
    total = 0.0
    for word in sought:
        one = _word(word, words)
        if one == 0:
            return 0
        total += one
    return total / len(sought)


def _word(word: str, words: Words) -> float:
    if word in words.title:
        return 100 if words.title.startswith(word) else 95
    if word in words.keywords:
        return 85
    if word in words.body:
        return 60
    if len(word) < TYPED_WRONG:
        return 0
    close = CLOSE.get(len(word), CLOSE[max(CLOSE)])
    alike = max(
        fuzzy.partial_ratio(word, f"{words.title} {words.keywords}", cutoff=close),
        fuzzy.partial_ratio(word, words.body, cutoff=close + 4) * 0.6 if len(word) > TYPED_WRONG else 0,
    )
    return alike * 0.55
