"""Which articles may answer a case, by its words: what few articles share counts most (K9). Pure."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from app.rules.knowledge.search import Words, fold
from app.rules.search import fuzzy

MOST_TEXT = 4000  # characters of a case that are looked at: the latest say most
FEWEST = 0.26  # below it an article has nothing to do with the case: measured in tests/rules/knowledge/test_suggest.py
SHARED = 2  # pairs of characters: a single pair is chance, unless it is a word by itself (解約)
SURE = 0.35  # from here on a customer may be shown it unasked
UNKNOWN = 0.35  # how much a word of the case that no article has weighs against a rare one that they have
# Greetings, courtesy and grammar: they stand in every letter and in every article, and say nothing of what it is about.
_COURTESY = re.compile(
    "お?世話になって(?:おり|い)ます|(?:どうぞ)?よろしくお願い(?:いた|致)?し(?:ます|たいです)?|お願い(?:いた|致)?し(?:ます|たいです)?|お願い"
    "|ありがとうござい(?:ます|ました)|ありがとう|こんにちは|こんばんは|おはようございます|はじめまして|すみません|申し訳(?:あり|ござい)ません"
    "|お?手数(?:ですが|をおかけしますが)?|教えて|くださ(?:い|り)|下さい|いただ(?:け|き|く)|頂(?:け|き|く)|でしょうか|ございま(?:す|せん|した)"
    "|について|に関して|とのこと|という|ところ|(?:して|され|させて)?(?:いま|おりま)(?:す|した|せん)|(?:でき|され|し|き|り)?ま(?:すか|す|した|せん|しょう)"
    "|です(?:か|が|けど)?|でした|ですので|ますので|したい|したら|する(?:には|とき|と)?|した|して|から|まで|より|ので|のに|けど|こと|もの|とき|よう"
    "|はい|いいえ|どう(?:したら|すれば)?|どこ|いつ|なに|何か|(?:あり|なり)ま(?:す|せん)(?:か)?|のですが|んですが|ですか|連絡|お問い?合わせ|お客様"
)
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


def telling(text: str) -> str:
    """The text without what every text has, folded."""
    return fold(_COURTESY.sub(" ", unicodedata.normalize("NFKC", text)))


def suggest(text: str, corpus: Sequence[Words], most: int = 5) -> list[tuple[int, float]]:
    """(id, score from 0 to 1), the best first; nothing rather than something far-fetched."""
    said = telling(text[-MOST_TEXT:])
    case, words = grams(said), set(said.split())
    if not case or not corpus:
        return []
    known = [_weights(each) for each in corpus]
    spread = Counter(gram for each in known for gram in each)
    rare = {gram: math.log(1 + len(corpus) / count) for gram, count in spread.items()}
    unknown = math.log(1 + len(corpus)) * UNKNOWN
    whole = sum(rare.get(gram, unknown) for gram in case) * _TITLE
    found = [
        (each.id, _score(case, words, weights, rare) / whole + _alike(said, each))
        for each, weights in zip(corpus, known, strict=True)
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


def _score(case: set[str], whole_words: set[str], weights: Mapping[str, float], rare: Mapping[str, float]) -> float:
    """How much of the case's words the article has, how rare they are, and where they stand; 0 for what may be chance."""
    shared = case & weights.keys()
    if sum(SHARED if gram.isascii() or gram in whole_words else 1 for gram in shared) < SHARED:
        return 0.0
    return sum(rare[gram] * weights[gram] for gram in shared)


def _alike(said: str, words: Words) -> float:
    """A little for a title that stands in the case nearly as it is; a case shorter than a title is no place for one."""
    if len(said) < len(words.title):
        return 0.0
    alike = fuzzy.partial_ratio(words.title, said, cutoff=60)
    return (alike - 60) / 400 if alike else 0.0
