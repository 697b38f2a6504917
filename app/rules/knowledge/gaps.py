"""What nobody has written down yet (K8): cases alike without an article, and what writing one would save. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.rules.knowledge.search import fold
from app.rules.knowledge.suggest import grams

KINDS = ("cluster", "search", "reopened", "unhelpful")
REASONS = ("not_worth", "exists", "product", "other")
DAYS = 90  # that are looked at
MOST_CASES, MOST_TEXT = 2000, 300  # cases, and characters of each: what is compared stays bounded
MOST_GRAMS = 80  # of one case: the rarest say most
SMALLEST = 3  # cases alike, before anybody should write
ALIKE = 0.30  # of the weight of two cases' rare words; measured in tests/rules/knowledge/test_gaps.py
COMMON = 0.25  # what stands in more than this share of the cases says nothing
ANSWER_S = 6 * 60  # taken for one written answer: nothing measures how long an agent writes
SAVED = 0.5  # of the cases alike that an article is taken to spare
ASKS = 0.2  # of the readers who find nothing, or no help, that are taken to write to us
REOPENED, VIEWED, ANSWERED = 3, 20, 3  # cases, views, answers from which an article is judged
OFTEN, HELPFUL = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """One case that no article served."""

    id: int
    text: str
    handling_s: float = 0


@dataclass(slots=True)
class Cluster:
    """Cases alike. Its leader is the oldest: the name that it is known by."""

    leader: int
    cases: list[int] = field(default_factory=list)


def handling(calls_s: float, answers: int) -> float:
    """Seconds of work on one case: the time on the telephone, and so much for each written answer."""
    return calls_s + answers * ANSWER_S


def monthly_hours(seconds: float, share: float = SAVED) -> float:
    """What would be saved in 30 days, from the work of DAYS days."""
    return round(seconds * share * 30 / DAYS / 3600, 1)


def clusters(cases: Iterable[Case]) -> list[Cluster]:
    """Sets of cases that ask alike, the largest first. A case joins the leader that it is most like, or leads."""
    known = {each.id: _said(each.text) for each in sorted(cases, key=lambda each: each.id)[-MOST_CASES:]}
    weights = _weights(known)
    lines: dict[str, list[int]] = defaultdict(list)  # gram → the leaders that have it
    found: dict[int, Cluster] = {}
    for number, words in weights.items():
        if not words:
            continue
        leader = _closest(words, lines, weights)
        if leader is None:
            found[number], leader = Cluster(number), number
            for gram in words:
                lines[gram].append(number)
        found[leader].cases.append(number)
    grown = [each for each in found.values() if len(each.cases) >= SMALLEST]
    return sorted(grown, key=lambda each: (-len(each.cases), each.leader))


def _said(text: str) -> set[str]:
    return grams(fold(text[:MOST_TEXT]))


def _weights(known: Mapping[int, set[str]]) -> dict[int, dict[str, float]]:
    """Of each case's words by how rare they are; what nobody else says, or nearly everybody, joins no cases."""
    spread = Counter(gram for words in known.values() for gram in words)
    most = max(SMALLEST, len(known) * COMMON)
    rare = {gram: math.log(1 + len(known) / count) for gram, count in spread.items() if 1 < count <= most}
    told = {}
    for number, words in known.items():
        best = sorted((gram for gram in words if gram in rare), key=lambda gram: (-rare[gram], gram))[:MOST_GRAMS]
        told[number] = {gram: rare[gram] for gram in best}
    return told


def _closest(
    words: Mapping[str, float], lines: Mapping[str, Sequence[int]], weights: Mapping[int, Mapping[str, float]]
) -> int | None:
    shared: dict[int, float] = defaultdict(float)
    for gram, weight in words.items():
        for leader in lines.get(gram, ()):
            shared[leader] += weight * weight
    length = _length(words)
    alike = {leader: sum_ / (length * _length(weights[leader])) for leader, sum_ in shared.items()}
    best = min(alike, key=lambda leader: (-alike[leader], leader), default=None)
    return best if best is not None and alike[best] >= ALIKE else None


def _length(words: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in words.values())) or 1.0
