"""Which articles may answer a case, by its words: what few articles share counts most (K9). Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from app.rules.knowledge.search import Words, fold
from app.rules.search import fuzzy

MOST_TEXT = 4000  # characters of a case that are looked at: the latest say most
FEWEST = 0.12  # below it an article has nothing to do with the case
_TITLE, _KEYWORDS, _BODY = 3.0, 2.0, 1.0


def grams(folded: str) -> set[str]:
    """Pairs of neighbouring characters of Japanese words, and whole words of letters."""
    found: set[str] = set()
    for word in folded.split():
        if word.isascii():
            found |= {word} if len(word) > 2 else set()
        else:
            found |= {word[i : i + 2] for i in range(len(word) - 1)}
    return found


def suggest(text: str, corpus: Sequence[Words], most: int = 5) -> list[tuple[int, float]]:
    """(id, score from 0 to 1), the best first; nothing rather than something far-fetched."""
    case = grams(fold(text[-MOST_TEXT:]))
    if not case or not corpus:
        return []
    known = [_weights(each) for each in corpus]
    spread = Counter(gram for each in known for gram in each)
    rare = {gram: math.log(1 + len(corpus) / count) for gram, count in spread.items()}
    found = [
        (each.id, _score(case, weights, rare) + _alike(text, each)) for each, weights in zip(corpus, known, strict=True)
    ]
    best = sorted((pair for pair in found if pair[1] >= FEWEST), key=lambda pair: (-pair[1], pair[0]))
    return [(number, round(min(score, 1.0), 3)) for number, score in best[:most]]


def _weights(words: Words) -> dict[str, float]:
    """A gram counts by the best place where it stands."""
    found: dict[str, float] = {}
    for part, weight in ((words.body, _BODY), (words.keywords, _KEYWORDS), (words.title, _TITLE)):
        for gram in grams(part):
            found[gram] = weight
    return found


def _score(case: set[str], weights: Mapping[str, float], rare: Mapping[str, float]) -> float:
    """How much of the case's known words the article has, and where."""
    shared = sum(rare[gram] * weights[gram] for gram in case & weights.keys())
    whole = sum(rare[gram] for gram in case if gram in rare) * _TITLE
    return shared / whole if whole else 0.0


def _alike(text: str, words: Words) -> float:
    """A little for a title that stands in the case nearly as it is."""
    alike = fuzzy.partial_ratio(words.title, fold(text[-MOST_TEXT:]), cutoff=60)
    return (alike - 60) / 400 if alike else 0.0
