"""Figures for a period: all of one kind of row in one statement, told apart by a dimension or by time."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.sqltypes import UTCDateTime

from app.queries.reports.asked import Asked, Words, local, odd_minutes, words
from app.queries.reports.facts import FACTS, Fact, source, where
from app.queries.reports.measures import Measure, measures
from app.rules.kpi import COUNT, DURATION, FIGURES, Value, spread

Key = Any  # of a dimension: a channel's name, an id, None for nobody
ALL = ""  # the key when nothing is told apart


async def of_fact(session: AsyncSession, codes: Collection[str], asked: Asked) -> dict[str, Value]:
    """These figures, all of the same kind of row. One that the filters do not apply to is left out."""
    fact, known, said = FACTS[_fact_of(codes)], measures(words(session), asked), {}
    plain = [code for code in codes if FIGURES[code].kind != DURATION]
    for code, found in (
        await _counts(session, fact, {code: known[code] for code in plain}, asked, ("", set()))
    ).items():
        said[code] = found.get(ALL, Value())
    for code in codes:
        if FIGURES[code].kind == DURATION:
            found = await _spreads(session, fact, known[code], asked, ("", set()))
            said |= {code: found[ALL]} if found else {}
    return said


async def told_apart(session: AsyncSession, code: str, asked: Asked, by: str) -> dict[Key, Value]:
    """One figure by a dimension; none when it does not apply."""
    fact, measure = FACTS[FIGURES[code].fact], measures(words(session), asked)[code]
    if by not in fact.by:
        return {}
    column, joins = fact.by[by]
    if FIGURES[code].kind == DURATION:
        return await _spreads(session, fact, measure, asked, (column, set(joins)))
    return (await _counts(session, fact, {code: measure}, asked, (column, set(joins)))).get(code, {})


async def by_day(session: AsyncSession, code: str, asked: Asked) -> dict[date, Value]:
    """One figure of each local day that has rows. A duration's mean; its percentiles are the period's."""
    found: dict[date, list[Value]] = defaultdict(list)
    for slot, value in (await _by_slot(session, code, asked)).items():
        found[local(slot, asked.zone).date()].append(value)
    return {day: _sum(values) for day, values in found.items()}


async def by_hour(session: AsyncSession, code: str, asked: Asked) -> dict[tuple[int, int], Value]:
    """One figure by (weekday from Monday, hour) on the zone's clock, over the whole period."""
    found: dict[tuple[int, int], list[Value]] = defaultdict(list)
    for slot, value in (await _by_slot(session, code, asked)).items():
        at = local(slot, asked.zone)
        found[(at.weekday(), at.hour)].append(value)
    return {place: _sum(values) for place, values in found.items()}


def _sum(values: Sequence[Value]) -> Value:
    return Value(sum(each.numerator for each in values), sum(each.denominator for each in values))


async def _by_slot(session: AsyncSession, code: str, asked: Asked) -> dict[Key, Value]:
    said, fact = words(session), FACTS[FIGURES[code].fact]
    slot = said.slot(fact.at, minutes=odd_minutes(asked)), set[str]()
    measure = measures(said, asked)[code]
    if FIGURES[code].kind == DURATION:
        measure = Measure(measure.of, measure.of, value=measure.value)
    return (await _counts(session, fact, {code: measure}, asked, slot)).get(code, {})


def _fact_of(codes: Collection[str]) -> str:
    (found,) = {FIGURES[code].fact for code in codes}
    return found


async def _counts(
    session: AsyncSession, fact: Fact, wanted: dict[str, Measure], asked: Asked, by: tuple[str, set[str]]
) -> dict[str, dict[Key, Value]]:
    """code -> key -> what was counted. One statement, however many figures."""
    limits = where(fact, asked)
    if limits is None or not wanted:
        return {}
    column, joins = by
    columns = [f"{column or chr(39) * 2} AS k"]
    for number, each in enumerate(wanted.values()):
        columns.append(f"{_amount(each, each.hit or each.of, each.value)} AS n{number}")
        columns.append(f"{_amount(each, each.of)} AS d{number}")
    grouped = " GROUP BY k" if column else ""
    sql = f"SELECT {', '.join(columns)} FROM {source(fact, limits[1] | joins)} WHERE {limits[0]}{grouped}"  # noqa: S608
    found: dict[str, dict[Key, Value]] = {code: {} for code in wanted}
    for row in (await session.execute(bound(sql, asked, words(session)))).all():
        for number, code in enumerate(wanted):
            n, d = float(row[1 + 2 * number] or 0), float(row[2 + 2 * number] or 0)
            found[code][row[0]] = Value(n, 0 if FIGURES[code].kind == COUNT else d)
    return found


def _amount(measure: Measure, condition: str, value: str = "") -> str:
    limit = condition if condition == measure.of else f"{measure.of} AND {condition}"
    counted = f"SUM({value or measure.weight})" if value or measure.weight else "COUNT(*)"
    return f"{counted} FILTER (WHERE {limit})"


async def _spreads(
    session: AsyncSession, fact: Fact, measure: Measure, asked: Asked, by: tuple[str, set[str]]
) -> dict[Key, Value]:
    """key -> mean and percentiles. The database counts how often each number of seconds occurs: exact, and one pass."""
    limits = where(fact, asked)
    if limits is None:
        return {}
    column, joins = by
    key = column or chr(39) * 2
    sql = (
        f"SELECT {key} AS k, {measure.value} AS v, COUNT(*) FROM {source(fact, limits[1] | joins)}"  # noqa: S608
        f" WHERE {limits[0]} AND {measure.of} GROUP BY {'k, ' if column else ''}v"
    )
    counted: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for found, seconds, count in (await session.execute(bound(sql, asked, words(session)))).all():
        counted[found].append((int(seconds), count))
    return {found: spread(each) for found, each in counted.items()} or ({} if column else {ALL: Value()})


def bound(sql: str, asked: Asked, said: Words, **more: Any) -> TextClause:
    """The statement with those of the parameters that it names."""
    times = {"begin": asked.begin, "end": asked.end, "now": asked.now}
    given = {**times, **asked.filters, "abandon_s": asked.abandon_s, "target_s": asked.target_s, **more}
    clause = text(sql)
    names = clause._bindparams.keys()
    typed = [
        bindparam(name, value, type_=UTCDateTime() if name in times or name == "before" else None)
        for name, value in given.items() if name in names
    ]  # fmt: skip
    return clause.bindparams(*typed)
