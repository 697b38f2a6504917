"""Calendars: what they say, compiled once for each version, and which public holidays are known."""

import asyncio
import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, and_, extract, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Calendar, CalendarVersion, Holiday, Team
from app.rules.hours import Hours, hours

YEARS = range(2010, 2051)  # whose public holidays a calendar knows
UNSEEN = "calendars"  # in a session's info: it wrote a calendar that others do not see yet

Key = tuple[int, int]  # calendar id and version

# Versions never change, so what they compile to is kept for as long as the process has the database open.
_compiled: WeakKeyDictionary[Engine, dict[Key, Hours]] = WeakKeyDictionary()


async def current(session: AsyncSession, calendar_id: int) -> tuple[int, Hours] | None:
    """The present version of a calendar, and what it compiles to."""
    version = await session.scalar(select(col(Calendar.version)).where(col(Calendar.id) == calendar_id))
    if version is None:
        return None
    return version, (await compiled(session, [(calendar_id, version)]))[(calendar_id, version)]


async def compiled(session: AsyncSession, keys: Iterable[Key]) -> Mapping[Key, Hours]:
    """At least these versions, as far as they exist. One statement when one of them is new to this process."""
    bind = session.get_bind()
    kept = _compiled.setdefault(bind if isinstance(bind, Engine) else bind.engine, {})
    missing = set(keys) - kept.keys()
    if not missing:
        return kept
    place = tuple_(col(CalendarVersion.calendar_id), col(CalendarVersion.version))
    rows = (await session.scalars(select(CalendarVersion).where(place.in_(missing)))).all()
    found = {(row.calendar_id, row.version): _compile(row) for row in rows}
    if UNSEEN in session.info:  # it may be rolled back, and another version may take its number
        return {**kept, **found}
    kept.update(found)
    return kept


def _compile(row: CalendarVersion) -> Hours:
    return hours(row.spec, {date.fromisoformat(on): name for on, name in row.holidays.items()})


async def listing(session: AsyncSession) -> list[dict[str, Any]]:
    """All calendars with their present spec and the teams that keep them, archived ones last."""
    teams: dict[int | None, list[int]] = defaultdict(list)
    for team, calendar in await session.execute(select(col(Team.id), col(Team.calendar_id)).order_by(col(Team.id))):
        teams[calendar].append(team)
    query = _present().order_by(col(Calendar.archived_at).is_not(None), col(Calendar.id))
    return [shown(row, version, teams[row.id]) for row, version in await session.execute(query)]


async def one(session: AsyncSession, calendar_id: int) -> dict[str, Any]:
    """As in the listing. It must be there."""
    row, version = (await session.execute(_present().where(col(Calendar.id) == calendar_id))).one()
    teams = await session.scalars(select(col(Team.id)).where(col(Team.calendar_id) == calendar_id))
    return shown(row, version, sorted(teams))


def _present() -> Select[Calendar, CalendarVersion]:
    same = col(CalendarVersion.calendar_id) == col(Calendar.id), col(CalendarVersion.version) == col(Calendar.version)
    return select(Calendar, CalendarVersion).join(CalendarVersion, and_(*same))


def shown(row: Calendar, version: CalendarVersion, team_ids: list[int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "version": row.version,
        "spec": version.spec,
        "team_ids": team_ids,
        "created_at": row.created_at,
        "changed_at": version.created_at,
        "archived_at": row.archived_at,
    }


# -- public holidays ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _library() -> Any:
    return importlib.import_module("holidays")  # a third of a second: only who edits a calendar waits for it


@lru_cache(maxsize=1)
def _countries() -> tuple[str, ...]:
    return tuple(sorted(_library().list_supported_countries(include_aliases=False)))


@lru_cache(maxsize=64)
def _of_library(country: str, language: str) -> Mapping[date, str]:
    """Names in the asked language where the library has it, else in English, else in the country's own."""
    if country not in _countries():
        return {}
    found = _library().country_holidays(country)
    spoken = found.supported_languages
    chosen = next((each for asked in (language, "en") for each in spoken if each.partition("_")[0] == asked), None)
    years = [year for year in YEARS if found.start_year <= year <= found.end_year]
    return dict(_library().country_holidays(country, years=years, language=chosen))


async def countries() -> tuple[str, ...]:
    """ISO codes of the countries whose public holidays are known."""
    return await asyncio.to_thread(_countries)


async def ready(country: str) -> None:
    """The library is loaded and asked, so that a transaction need not wait for it."""
    await asyncio.to_thread(_of_library, country, "ja")


async def imported(session: AsyncSession, country: str) -> dict[date, str]:
    found = await session.scalars(select(Holiday).where(col(Holiday.country) == country))
    return {each.date: each.name for each in found}


async def imported_years(session: AsyncSession, country: str) -> list[int]:
    year = extract("year", col(Holiday.date))
    found = await session.scalars(select(year).where(col(Holiday.country) == country).distinct())
    return sorted(int(each) for each in found)


async def known(session: AsyncSession, country: str, language: str = "ja") -> dict[date, str]:
    """What the library knows, replaced by what was imported for the years that it contains (SLA6)."""
    if not country:
        return {}
    library = await asyncio.to_thread(_of_library, country, language)
    given = await imported(session, country)
    years = {on.year for on in given}
    wanted = {on: name for on, name in given.items() if on.year in YEARS}
    return {on: name for on, name in library.items() if on.year not in years} | wanted


async def outdated(session: AsyncSession) -> list[tuple[Calendar, CalendarVersion, dict[str, str]]]:
    """The calendars in use whose public holidays are known better by now, with what is known."""
    found = []
    for row, version in (await session.execute(_present().where(col(Calendar.archived_at).is_(None)))).all():
        holidays = stored(await known(session, version.spec.get("country", "")))
        if holidays != version.holidays:
            found.append((row, version, holidays))
    return found


def stored(holidays: Mapping[date, str]) -> dict[str, str]:
    """As a version keeps them."""
    return {on.isoformat(): holidays[on] for on in sorted(holidays)}
