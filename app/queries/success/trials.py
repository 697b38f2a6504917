"""A formula before it is switched on: whose colour it would change, and how it would have warned of known churn.

What was known then is read from what is kept: use, cases, answers and pulses by their times. Who is of a segment is decided
by the touch; the stage that an account had then is not kept.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import col

from app.models import Account, Contract, Health
from app.queries.success.facts import facts
from app.queries.success.health import by_hand, formulas
from app.rules.success import health, trial
from app.rules.success.formula import Formula, Segment, chosen, held
from app.rules.success.trial import AHEAD, STEPS

MOST, MOST_LEFT, MOST_STAYED, LISTED = 5000, 300, 1000, 50
YEAR = timedelta(days=365)


def preview(connection: Connection, segment: Segment, given: Formula, now: datetime) -> dict[str, Any]:
    """Those of the segment that would be scored by it, up to MOST."""
    known = [(s, f) for s, f in formulas(connection) if s != segment]
    wanted = _of(segment, select(col(Account.id)).where(col(Account.stage) != "churned").order_by(col(Account.id)))
    numbers = list(connection.execute(wanted.limit(MOST + 1)).scalars())
    moves: Counter[tuple[str, str]] = Counter()
    moved: list[tuple[int, str, str, int | None]] = []
    looked = 0
    for some in _pieces(numbers[:MOST]):
        was, hands = _colours(connection, some), by_hand(connection, some)
        for number, each in facts(connection, some, now).items():
            if chosen([*known, (segment, given)], each.tier, each.stage) is not given:
                continue
            looked += 1
            found = health.score(given, each)
            hand = hands[number][0] if number in hands and hands[number][1] > now else ""
            to = health.shown(health.by_score(given, found.points, None, now).colour, held(given, each), hand)
            if to != was.get(number, "grey"):
                moves[was.get(number, "grey"), to] += 1
                moved.append((number, was.get(number, "grey"), to, found.whole))
    return {
        "looked": looked, "more": len(numbers) > MOST, "moved": len(moved),
        "moves": [{"from": a, "to": b, "count": n} for (a, b), n in sorted(moves.items())],
        "accounts": _named(connection, moved[:LISTED]),
    }  # fmt: skip


def back_test(connection: Connection, segment: Segment, given: Formula, now: datetime) -> dict[str, Any]:
    """Who left within a year and a half, held against who stayed."""
    ended = _ended(connection, segment, now)
    left, colours = _left(connection, given, ended)
    stays = _of(segment, select(col(Account.id)).where(col(Account.id).not_in(ended), col(Account.stage) != "churned"))
    numbers = list(connection.execute(stays.order_by(col(Account.id)).limit(MOST_STAYED)).scalars())
    stayed = _scores(connection, given, numbers, now)
    return asdict(trial.trial(left, list(stayed.values()), colours)) | {"ahead_days": AHEAD}


def _left(
    connection: Connection, given: Formula, ended: dict[int, datetime]
) -> tuple[list[float], list[dict[int, str]]]:
    """Their scores AHEAD of the end, and their colours at each step before it. Who ended on one day goes together."""
    scores: list[float] = []
    colours: dict[int, dict[int, str]] = {number: {} for number in ended}
    for day in sorted(set(ended.values())):
        group = [number for number, end in ended.items() if end == day]
        for step in STEPS:
            then = day - timedelta(days=step)
            for number, each in facts(connection, group, then).items():
                found = health.score(given, each)
                colour = health.by_score(given, found.points, None, then).colour
                colours[number][step] = health.shown(colour, held(given, each))
                if step == AHEAD and found.points is not None:
                    scores.append(found.points)
    return scores, list(colours.values())


def _scores(connection: Connection, given: Formula, numbers: list[int], at: datetime) -> dict[int, float]:
    found = {}
    for some in _pieces(numbers):
        for number, each in facts(connection, some, at).items():
            points = health.score(given, each).points
            if points is not None:
                found[number] = points
    return found


def _ended(connection: Connection, segment: Segment, now: datetime) -> dict[int, datetime]:
    """Accounts whose last contract has ended, with the day."""
    last, running = func.max(col(Contract.ended_on)), func.count().filter(col(Contract.ended_on).is_(None))
    query = select(col(Contract.account_id), last).join(Account, col(Account.id) == col(Contract.account_id))
    query = _of(Segment(segment.tier), query).group_by(col(Contract.account_id)).having(running == 0)
    query = query.having(last <= now.date(), last > (now - YEAR * 1.5).date()).order_by(last.desc()).limit(MOST_LEFT)
    return {number: datetime.combine(day, time(), UTC) for number, day in connection.execute(query)}


def _of(segment: Segment, query: Any) -> Any:
    for column, value in ((Account.tier, segment.tier), (Account.stage, segment.stage)):
        if value:
            query = query.where(col(column) == value)
    return query


def _colours(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    query = select(col(Health.account_id), col(Health.colour)).where(col(Health.account_id).in_(numbers))
    return {row[0]: row[1] for row in connection.execute(query)}


def _named(connection: Connection, moved: list[tuple[int, str, str, int | None]]) -> list[dict[str, Any]]:
    query = select(col(Account.id), col(Account.name)).where(col(Account.id).in_([each[0] for each in moved]))
    names = {row[0]: row[1] for row in connection.execute(query)}
    return [{"id": n, "name": names[n], "from": a, "to": b, "score": points} for n, a, b, points in moved]


def _pieces(numbers: list[int]) -> list[list[int]]:
    return [numbers[n : n + 1000] for n in range(0, len(numbers), 1000)]
