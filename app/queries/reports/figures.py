"""Figures for a period: all of one kind of row in one statement, told apart by a dimension or by time."""

import asyncio
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.sqltypes import UTCDateTime

from app.queries.reports.asked import Asked, Words, local, odd_minutes, words
from app.queries.reports.facts import FACTS, Fact, rows, where
from app.queries.reports.measures import Measure, measures
from app.rules.kpi import COUNT, DURATION, FIGURES, Value, spread

Key = Any  # of a dimension: a channel's name, an id, None for nobody
By = tuple[str, set[str]]  # a column and the joins that it needs
ALL = ""  # the key when nothing is told apart
PIECE = 50_000  # characters, or bytes


async def of_fact(
    session: AsyncSession, codes: Collection[str], asked: Asked, *, spreads: bool = True
) -> dict[str, Value]:
    """These figures, all of the same kind of row. One that the filters do not apply to is left out."""
    fact, known = FACTS[_fact_of(codes)], measures(words(session), asked)
    statements = [[code] for code in codes] if fact.alone else [list(codes)]
    said: dict[str, Value] = {}
    for each in statements:
        wanted = {code: known[code] for code in each}
        found = await _counts(session, fact, wanted, asked, ("", set()), spreads=spreads)
        said |= {code: values.get(ALL, Value()) for code, values in found.items()}
    return said


async def told_apart(session: AsyncSession, code: str, asked: Asked, by: str) -> dict[Key, Value]:
    """One figure by a dimension; none when it does not apply."""
    fact, measure = FACTS[FIGURES[code].fact], measures(words(session), asked)[code]
    if by not in fact.by:
        return {}
    column, joins = fact.by[by]
    found = (await _counts(session, fact, {code: measure}, asked, (column, set(joins)))).get(code, {})
    return {key: value for key, value in found.items() if value.denominator or FIGURES[code].kind != DURATION}


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
    return (await _counts(session, fact, {code: measures(said, asked)[code]}, asked, slot, spreads=False)).get(code, {})


def _fact_of(codes: Collection[str]) -> str:
    (found,) = {FIGURES[code].fact for code in codes}
    return found


async def _counts(
    session: AsyncSession, fact: Fact, wanted: dict[str, Measure], asked: Asked, by: By, *, spreads: bool = True
) -> dict[str, dict[Key, Value]]:
    """code -> key -> what was counted: one statement over the rows, however many figures. `spreads`: with percentiles."""
    limits, said = where(fact, asked), words(session)
    if limits is None or not wanted:
        return {}
    (column, joins), key = by, by[0] or chr(39) * 2
    listed = {code for code in wanted if FIGURES[code].kind == DURATION and spreads}
    columns: dict[str, int] = {}  # what is counted alike is counted once
    for code, each in wanted.items():
        for sql in _amounts(each, said, listed=code in listed):
            columns.setdefault(sql, len(columns) + 1)
    only = [each.of for each in wanted.values()] if len(wanted) == 1 else []
    used = ", ".join(columns)
    tables = rows(fact, (limits[0], limits[1] | joins), said, used=used, key=key)
    key = "f.k" if column and " AS k" in tables else key
    told_by = " GROUP BY 1" if column else ""
    sql = f"SELECT {key} AS key, {used} {tables}{''.join(f' AND ({each})' for each in only)}{told_by}"
    found: dict[str, dict[Key, Value]] = {code: {} for code in wanted}
    for row in (await session.execute(bound(sql, asked, said))).all():
        for code, each in wanted.items():
            amounts = [row[columns[sql]] for sql in _amounts(each, said, listed=code in listed)]
            found[code][row[0]] = await _value(code, amounts, listed=code in listed)
    return found


async def _value(code: str, amounts: Sequence[Any], *, listed: bool) -> Value:
    if listed:
        # Beside the event loop: a million values take a tenth of a second.
        return spread((await asyncio.to_thread(counted, amounts[0])).items())
    n, d = (float(each or 0) for each in amounts)
    return Value(n, 0 if FIGURES[code].kind == COUNT else d)


def _amounts(measure: Measure, said: Words, *, listed: bool) -> list[str]:
    """What is counted for a figure: its numerator and denominator, or all its values."""
    if listed:
        return [f"{said.listed(measure.value)} FILTER (WHERE {measure.of})"]
    hit = f"{measure.of} AND {measure.hit}" if measure.hit else measure.of
    sums = f"SUM({measure.value or measure.weight})"
    top = sums if measure.value or measure.weight else "COUNT(*)"
    bottom = sums if measure.weight else "COUNT(*)"
    return [f"{top} FILTER (WHERE {hit})", f"{bottom} FILTER (WHERE {measure.of})"]


def counted(listed: str | bytes | None) -> Counter[int]:
    """How often each value occurs; the database has not sorted them."""
    return counted_text(listed) if isinstance(listed, str) else counted_bytes(listed or b"")


def counted_text(listed: str) -> Counter[int]:
    """Of a text."""
    found: Counter[int] = Counter()
    begin = 0
    while begin < len(listed):  # in pieces, so that other threads run meanwhile
        end = listed.find(",", begin + PIECE)
        end = len(listed) if end < 0 else end
        found.update(orjson.loads(f"[{listed[begin:end]}]"))
        begin = end + 1
    return found


def counted_bytes(listed: bytes) -> Counter[int]:
    """Of four bytes each, the highest first."""
    found: Counter[int] = Counter()
    for begin in range(0, len(listed), PIECE):
        values = array("i", listed[begin : begin + PIECE])
        if sys.byteorder == "little":
            values.byteswap()
        found.update(values)
    return found


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
