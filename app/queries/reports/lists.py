"""Exactly those tickets or calls that a figure counted, newest first, by keyset."""

import base64
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.models import Call
from app.queries import tickets
from app.queries.reports import backlog
from app.queries.reports.asked import Asked, words
from app.queries.reports.facts import FACTS, rows, where
from app.queries.reports.figures import bound
from app.queries.reports.measures import Measure, measures
from app.queries.tickets import WrongCursor
from app.rules.kpi import FIGURES

WHICH = ("all", "hit", "miss")  # the denominator, the numerator, and what is missing between the two
CALL = (
    "id", "started_at", "answered_at", "ended_at", "outcome", "agent_id", "voicemail_s", "wrap_s",
)  # fmt: skip
Cut = tuple[list[dict[str, Any]], str | None]


async def page(session: AsyncSession, code: str, asked: Asked, *, which: str, cursor: str | None, limit: int) -> Cut:
    """One page of rows with their tickets and calls, and the next cursor, None at the end. Raises WrongCursor."""
    if FIGURES[code].fact == "snapshot":
        rows, after = await _of_backlog(session, asked, cursor, limit)
    else:
        rows, after = await _of_fact(session, code, asked, which=which, cursor=cursor, limit=limit)
    shown = {each["number"]: each for each in await tickets.rows(session, [r["ticket"] for r in rows if r["ticket"]])}
    calls = await _calls(session, [r["id"] for r in rows]) if FIGURES[code].fact == "call" else {}
    for each in rows:
        each["ticket"], each["call"] = shown.get(each["ticket"]), calls.get(each.pop("id"))
    return rows, after


async def _of_fact(
    session: AsyncSession, code: str, asked: Asked, *, which: str, cursor: str | None, limit: int
) -> Cut:
    fact, said = FACTS[FIGURES[code].fact], words(session)
    measure = measures(said, asked)[code]
    limits = where(fact, asked)
    if limits is None:
        return [], None
    wanted = [measure.of, *_only(measure, which)]
    more: dict[str, Any] = {"most": limit + 1}
    if cursor:
        more["before"], more["number"] = _place(cursor)
        wanted.append(f"({fact.at}, f.id) < (:before, :number)")
    agent, joins = fact.by["agent"]
    columns = (
        f"f.id AS id, {fact.ticket} AS ticket, {fact.at} AS at, {agent} AS agent_id,"
        f" {f'CASE WHEN {measure.hit} THEN 1 ELSE 0 END' if measure.hit else 'NULL'} AS hit,"
        f" {measure.value or measure.weight or 'NULL'} AS value"
    )
    conditions = "".join(f" AND ({each})" for each in wanted)
    tables = rows(fact, (limits[0], limits[1] | set(joins)), said, used=columns + conditions, once=False)
    sql = f"SELECT {columns} {tables}{conditions} ORDER BY {fact.at} DESC, f.id DESC LIMIT :most"
    clause = bound(sql, asked, said, **more).columns(at=UTCDateTime())
    found = [_row(each) for each in (await session.execute(clause)).mappings()]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _cursor([last["at"].isoformat(), last["id"]])


def _row(each: Any) -> dict[str, Any]:
    hit, value = each["hit"], each["value"]
    return {
        **{name: each[name] for name in ("id", "ticket", "at", "agent_id")},
        "hit": bool(hit) if hit is not None else None,
        "value": float(value) if value is not None else None,
    }


def _only(measure: Measure, which: str) -> list[str]:
    if which == "hit" and measure.hit:
        return [measure.hit]
    if which == "miss":  # SQL knows a third answer: what is not known to be a hit is missing
        return [f"CASE WHEN {measure.hit} THEN 0 ELSE 1 END = 1"] if measure.hit else ["f.id < 0"]
    return []


async def _of_backlog(session: AsyncSession, asked: Asked, cursor: str | None, limit: int) -> Cut:
    day, numbers = await backlog.numbers(session, asked)
    if cursor:
        said = _read(cursor)
        if not (isinstance(said, list) and len(said) == 1 and isinstance(said[0], int)):
            raise WrongCursor
        numbers = [each for each in numbers if each < said[0]]
    rows = [
        {"id": each, "ticket": each, "at": day, "agent_id": None, "hit": None, "value": None}
        for each in numbers[:limit]
    ]
    return rows, _cursor([numbers[limit - 1]]) if len(numbers) > limit else None


async def _calls(session: AsyncSession, ids: list[int]) -> dict[int, dict[str, Any]]:
    query = select(*(col(getattr(Call, name)) for name in CALL)).where(col(Call.id).in_(ids))
    return {each["id"]: dict(each) for each in (await session.execute(query)).mappings()}


def _cursor(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def _read(cursor: str) -> Any:
    try:
        return orjson.loads(base64.urlsafe_b64decode(cursor))
    except ValueError as wrong:
        raise WrongCursor from wrong


def _place(cursor: str) -> tuple[datetime, int]:
    try:
        at, number = _read(cursor)
        place = datetime.fromisoformat(at).astimezone(UTC), int(number)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise WrongCursor from wrong
    if not 0 <= place[1] < 2**63:
        raise WrongCursor
    return place
