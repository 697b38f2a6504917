"""Calendars: made, changed, put away; public holidays imported. Each change of what a calendar says is a new version."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, extract, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Conflict, Invalid, Missing
from app.models import Agent, Automation, Calendar, CalendarVersion, Holiday, Policy, PolicyVersion, Team, TeamRouting
from app.queries import hours as known_hours
from app.rules.automation_spec import references
from app.rules.calendars import WrongCalendar, check
from app.rules.hours import NeverOpen, hours, next_open

JAPAN = "JP"


class NoCalendar(Missing):
    """There is no such calendar."""


class NoSuchCalendar(Invalid):
    """There is no such calendar, or it was archived."""


class CalendarExists(Conflict):
    """There is a calendar of this name already."""


class CalendarChanged(Conflict):
    """Somebody else has changed this calendar meanwhile."""


class CalendarInUse(Conflict):
    """Teams, agents, policies or rules work by this calendar: give them another one first."""


async def add(
    session: AsyncSession, *, name: str, spec: Mapping[str, Any], agent_id: int | None, now: datetime
) -> Calendar:
    """Raises CalendarExists, WrongCalendar."""
    await _must_be_free(session, name)
    holidays = await sound(session, spec, now)
    made = Calendar(name=name, created_at=now)
    session.add(made)
    await session.flush()
    await _version(session, made, spec, known_hours.stored(holidays), agent_id=agent_id, now=now)
    await feed.record(session, feed.event("calendar.changed", now, agent=agent_id, calendar=made.id))
    return made


async def change(
    session: AsyncSession,
    calendar_id: int,
    *,
    agent_id: int,
    now: datetime,
    name: str | None = None,
    spec: Mapping[str, Any] | None = None,
    version: int | None = None,
    archived: bool | None = None,
) -> Calendar:
    """`version`: the one that was edited. Raises NoCalendar, CalendarChanged, CalendarExists, CalendarInUse, WrongCalendar."""
    calendar = await locked(session, calendar_id)
    if version is not None and version != calendar.version:
        raise CalendarChanged(version=calendar.version)
    if name is not None and name != calendar.name:
        await _must_be_free(session, name)
        calendar.name = name
    if archived is not None and archived != (calendar.archived_at is not None):
        await _archive(session, calendar, now if archived else None)
    if spec is not None:
        holidays = known_hours.stored(await sound(session, spec, now))
        before = await _present(session, calendar)
        if (before.spec, before.holidays) != (spec, holidays):
            calendar.version += 1
            await _version(session, calendar, spec, holidays, agent_id=agent_id, now=now)
    await session.flush()
    await feed.record(session, feed.event("calendar.changed", now, agent=agent_id, calendar=calendar.id))
    return calendar


async def choose(session: AsyncSession, whose: Team | Agent, calendar_id: int | None) -> None:
    """The team, or one agent, works by this calendar from now on. NoSuchCalendar."""
    if calendar_id is not None and calendar_id != whose.calendar_id:
        found = await session.get(Calendar, calendar_id)
        if found is None or found.archived_at is not None:
            raise NoSuchCalendar
    whose.calendar_id = calendar_id


async def import_holidays(session: AsyncSession, given: Mapping[date, str], *, now: datetime) -> int:
    """Japan's, for the years that the list contains; calendars that keep them get a new version. How many did (SLA6)."""
    years = {on.year for on in given}
    listed = extract("year", col(Holiday.date)).in_(years)
    await session.execute(delete(Holiday).where(col(Holiday.country) == JAPAN, listed))
    session.add_all([Holiday(country=JAPAN, date=on, name=name) for on, name in sorted(given.items())])
    await session.flush()
    return await refresh(session, now)


async def refresh(session: AsyncSession, now: datetime) -> int:
    """A new version of each calendar whose public holidays are known better by now. How many there were."""
    await session.execute(select(col(Calendar.id)).order_by(col(Calendar.id)).with_for_update())
    found = await known_hours.outdated(session)
    for calendar, before, holidays in found:
        calendar.version += 1
        await _version(session, calendar, before.spec, holidays, agent_id=None, now=now)
        await feed.record(session, feed.event("calendar.changed", now, calendar=calendar.id))
    return len(found)


async def locked(session: AsyncSession, calendar_id: int) -> Calendar:
    found = (await session.scalars(select(Calendar).where(col(Calendar.id) == calendar_id).with_for_update())).first()
    if found is None:
        raise NoCalendar
    return found


async def sound(session: AsyncSession, spec: Mapping[str, Any], now: datetime) -> dict[date, str]:
    """The public holidays of a spec that fits and is open some day. WrongCalendar."""
    check(spec)
    country = spec["country"]
    if country and country not in await known_hours.countries():
        raise WrongCalendar.of([("country", "country")])
    holidays = await known_hours.known(session, country)
    try:
        next_open(hours(spec, holidays), now)
    except NeverOpen:
        raise WrongCalendar.of([("week", "never")]) from None
    return holidays


async def _version(
    session: AsyncSession,
    calendar: Calendar,
    spec: Mapping[str, Any],
    holidays: dict[str, str],
    *,
    agent_id: int | None,
    now: datetime,
) -> None:
    session.info[known_hours.UNSEEN] = True
    session.add(
        CalendarVersion(
            calendar_id=calendar.id, version=calendar.version, spec=dict(spec), holidays=holidays, created_at=now,
            agent_id=agent_id,
        )
    )  # fmt: skip
    await session.flush()


async def _present(session: AsyncSession, calendar: Calendar) -> CalendarVersion:
    query = select(CalendarVersion).where(col(CalendarVersion.calendar_id) == calendar.id)
    return (await session.scalars(query.where(col(CalendarVersion.version) == calendar.version))).one()


async def _must_be_free(session: AsyncSession, name: str) -> None:
    if await session.scalar(select(col(Calendar.id)).where(col(Calendar.name) == name)) is not None:
        raise CalendarExists


async def _archive(session: AsyncSession, calendar: Calendar, at: datetime | None) -> None:
    if at is not None:
        used = await _users(session, calendar.id)
        if any(used.values()):
            raise CalendarInUse(
                teams=used["teams"], agents=used["agents"], policies=used["policies"], rules=used["rules"]
            )
    calendar.archived_at = at


async def _users(session: AsyncSession, calendar_id: int) -> dict[str, list[str]]:
    """The names of those who work by it: {teams, agents, policies, rules}. Old versions of policies keep it as it was."""
    plan = select(col(TeamRouting.team_id)).where(col(TeamRouting.calendar_id) == calendar_id)
    teams = select(col(Team.name)).where(or_(col(Team.calendar_id) == calendar_id, col(Team.id).in_(plan)))
    mine = col(Agent.calendar_id) == calendar_id, col(Agent.active).is_(True)
    agents = select(col(Agent.name)).where(*mine).order_by(col(Agent.id))
    present = (
        select(col(Policy.name), col(PolicyVersion.spec))
        .join(PolicyVersion, col(PolicyVersion.policy_id) == col(Policy.id))
        .where(col(PolicyVersion.version) == col(Policy.version), col(Policy.archived_at).is_(None))
    )
    rules = select(Automation).where(col(Automation.archived_at).is_(None)).order_by(col(Automation.position))
    return {
        "teams": list((await session.scalars(teams.order_by(col(Team.id)))).all()),
        "agents": list((await session.scalars(agents)).all()),
        "policies": [name for name, spec in await session.execute(present) if spec.get("calendar_id") == calendar_id],
        "rules": [
            rule.name
            for rule in (await session.scalars(rules)).all()
            if any(kind == "calendar" and number == calendar_id
                   for _, kind, number in references(rule.conditions, rule.actions))
        ],
    }  # fmt: skip
