"""Calendars and public holidays on both databases: versions are kept, and only what fits is written (SLA2, SLA5-SLA7)."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app import clock
from app.actions import automations, policies
from app.actions import hours as verbs
from app.config import Settings
from app.db import Database
from app.jobs.holidays import EVERY_S, FIRST_S, Holidays
from app.models import Agent, Automation, Calendar, CalendarVersion, Event, Holiday, Policy, Team, TeamRouting
from app.parts import assemble
from app.queries import hours as queries
from app.rules.calendars import WrongCalendar, read_holidays
from app.rules.hours import add, is_open
from tests.cast import START, Cast
from tests.rules.test_hours import HOLIDAYS, tokyo

SPEC: dict[str, Any] = {
    "zone": "Asia/Tokyo",
    "week": [[["09:00", "18:00"]]] * 5 + [[], []],
    "country": "JP",
    "closures": [
        {"from": "08-13", "to": "08-15", "name": "お盆"},
        {"from": "12-29", "to": "01-03", "name": "年末年始"},
    ],
    "days": {},
}


async def made(database: Database, spec: Mapping[str, Any] = SPEC, name: str = "標準") -> int:
    async with database.write() as session:
        return (await verbs.add(session, name=name, spec=spec, agent_id=None, now=START)).id


async def versions(database: Database, calendar: int) -> list[CalendarVersion]:
    async with database.read() as session:
        query = select(CalendarVersion).where(col(CalendarVersion.calendar_id) == calendar)
        return list((await session.scalars(query.order_by(col(CalendarVersion.version)))).all())


async def test_SLA7_a_calendar_of_japan_knows_its_public_holidays(database: Database) -> None:
    calendar = await made(database)
    async with database.read() as session:
        found = await queries.current(session, calendar)
    assert found is not None and found[0] == 1
    assert {on for on in found[1].holidays if on.year in (2026, 2027)} == set(HOLIDAYS)
    oddities = [
        "2019-04-30",
        "2019-05-01",
        "2019-05-02",
        "2019-10-22",
        "2020-07-23",
        "2020-07-24",
        "2021-07-22",
        "2021-08-08",
    ]
    assert {date.fromisoformat(each) for each in oddities} <= set(found[1].holidays)
    assert add(found[1], tokyo("05-01 17:30"), 8 * 3600) == tokyo("05-07 16:30")  # SLA8, through the database


async def test_SLA2_a_change_is_a_new_version_and_the_old_one_stays(database: Database, cast: Cast) -> None:
    calendar = await made(database)
    later = {**SPEC, "week": [[["10:00", "19:00"]]] * 5 + [[], []]}
    async with database.write() as session:
        changed = await verbs.change(
            session, calendar, agent_id=cast.lead.id, now=START + timedelta(days=1), spec=later, name="遅番", version=1
        )
    assert (changed.version, changed.name) == (2, "遅番")
    async with database.read() as session:
        found = await queries.compiled(session, [(calendar, 1), (calendar, 2), (calendar, 3)])
    assert (calendar, 3) not in found
    assert [is_open(found[(calendar, n)], tokyo("07-01 09:30")) for n in (1, 2)] == [True, False]
    assert [(row.version, row.agent_id) for row in await versions(database, calendar)] == [(1, None), (2, cast.lead.id)]


async def test_what_says_the_same_is_no_new_version(database: Database, cast: Cast) -> None:
    calendar = await made(database)
    async with database.write() as session:
        same = await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, spec=deepcopy(SPEC), name="早番")
    assert (same.version, same.name) == (1, "早番")


async def test_two_who_edit_the_same_version_do_not_overwrite_each_other(database: Database, cast: Cast) -> None:
    calendar = await made(database)
    async with database.write() as session:
        await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, spec={**SPEC, "country": ""}, version=1)
    with pytest.raises(verbs.CalendarChanged):
        async with database.write() as session:
            await verbs.change(
                session, calendar, agent_id=cast.owner.id, now=START, spec={**SPEC, "closures": []}, version=1
            )
    assert [row.spec["country"] for row in await versions(database, calendar)] == ["JP", ""]


@pytest.mark.parametrize(
    ("change", "at", "reason"),
    [
        ({"week": [[]] * 7}, "week", "never"),
        ({"closures": [{"from": "01-01", "to": "12-31", "name": ""}]}, "week", "never"),
        ({"country": "XX"}, "country", "country"),
        ({"zone": "Mars"}, "zone", "zone"),
    ],
)
async def test_SLA5_a_calendar_without_sense_is_refused_and_nothing_is_written(
    database: Database, change: dict[str, Any], at: str, reason: str
) -> None:
    with pytest.raises(WrongCalendar) as refused:
        await made(database, {**SPEC, **change})
    assert [(each["at"], each["code"]) for each in refused.value.params["fields"]] == [(at, reason)]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Calendar)) == 0


async def test_names_are_unique(database: Database, cast: Cast) -> None:
    await made(database)
    with pytest.raises(verbs.CalendarExists):
        await made(database)
    other = await made(database, name="夜間")
    with pytest.raises(verbs.CalendarExists):
        async with database.write() as session:
            await verbs.change(session, other, agent_id=cast.lead.id, now=START, name="標準")


async def test_a_calendar_that_a_policy_a_plan_or_a_rule_needs_is_not_archived(database: Database, cast: Cast) -> None:
    calendar = await made(database)
    asks = {"all": [{"field": "open_now", "op": "is", "value": True, "calendar_id": calendar}]}
    async with database.write() as session:
        spec = {
            "conditions": [], "hours": "business", "calendar_id": calendar, "steps": [],
            "targets": {"resolution": {"normal": 60}},
        }  # fmt: skip
        policy = await policies.add(session, name="標準の約束", spec=spec, agent_id=None, now=START)
        rule = {"name": "夜間", "trigger": {"on": ["ticket.opened"]}, "conditions": asks,
                "actions": [{"do": "priority", "to": "high"}], "stop": False, "active": False}  # fmt: skip
        made_rule = await automations.add(session, rule, by=None, now=START)
        session.add(TeamRouting(team_id=cast.team.id, calendar_id=calendar))
        hanako = await session.get_one(Agent, cast.hanako.id)
        hanako.calendar_id = calendar
    with pytest.raises(verbs.CalendarInUse) as refused:
        async with database.write() as session:
            await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, archived=True)
    used = {"teams": [cast.team.name], "policies": ["標準の約束"], "rules": ["夜間"], "agents": [hanako.name]}
    assert refused.value.params == used
    async with database.write() as session:
        (await session.get_one(Policy, policy.id)).archived_at = START
        (await session.get_one(Automation, made_rule.id)).archived_at = START
        (await session.get_one(TeamRouting, cast.team.id)).calendar_id = None
        (await session.get_one(Agent, cast.hanako.id)).calendar_id = None
    async with database.write() as session:
        await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, archived=True)


async def test_a_calendar_in_use_is_not_archived_and_an_archived_one_not_chosen(database: Database, cast: Cast) -> None:
    calendar = await made(database)
    async with database.write() as session:
        team = await session.get_one(Team, cast.team.id)
        await verbs.choose(session, team, calendar)
        await session.flush()
    with pytest.raises(verbs.CalendarInUse) as refused:
        async with database.write() as session:
            await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, archived=True)
    assert refused.value.params["teams"] == [cast.team.name]
    async with database.write() as session:
        await verbs.choose(session, await session.get_one(Team, cast.team.id), None)
        await session.flush()
        await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, archived=True)
    for wrong in (calendar, 987):
        with pytest.raises(verbs.NoSuchCalendar):
            async with database.write() as session:
                await verbs.choose(session, await session.get_one(Team, cast.team.id), wrong)
    async with database.write() as session:
        back = await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, archived=False)
    assert back.archived_at is None


async def test_a_version_that_was_rolled_back_is_not_remembered(database: Database, cast: Cast) -> None:
    calendar = await made(database)

    async def changed(start: str, *, fails: bool) -> bool:
        """Whether 09:30 is open in version 2, as read in the transaction that wrote it."""
        async with database.write() as session:
            spec = {**SPEC, "week": [[[start, "18:00"]]] * 5 + [[], []]}
            await verbs.change(session, calendar, agent_id=cast.lead.id, now=START, spec=spec)
            found = (await queries.compiled(session, [(calendar, 2)]))[(calendar, 2)]
            if fails:
                raise InterruptedError
            return is_open(found, tokyo("07-01 09:30"))

    with pytest.raises(InterruptedError):
        await changed("10:00", fails=True)
    assert await changed("08:00", fails=False)
    async with database.read() as session:
        assert is_open((await queries.compiled(session, [(calendar, 2)]))[(calendar, 2)], tokyo("07-01 08:30"))


# -- public holidays ----------------------------------------------------------------------------------------------------

HEAD = "国民の祝日・休日月日,国民の祝日・休日名称\r\n"


async def imports(database: Database, rows: str) -> int:
    async with database.write() as session:
        return await verbs.import_holidays(session, read_holidays((HEAD + rows).encode("cp932")), now=START)


async def test_SLA6_an_imported_year_replaces_the_librarys_and_other_years_stay(database: Database) -> None:
    japan = await made(database)
    nobodys = await made(database, {**SPEC, "country": ""}, "祝日なし")
    assert await imports(database, "2026/1/1,元日\r\n2026/7/2,臨時の休日\r\n") == 1
    async with database.read() as session:
        found = await queries.compiled(session, [(japan, 1), (japan, 2), (nobodys, 1)])
        assert await queries.imported_years(session, "JP") == [2026]
    before, after = found[(japan, 1)], found[(japan, 2)]
    assert not is_open(after, tokyo("07-02 12:00")) and is_open(after, tokyo("07-20 12:00"))
    assert is_open(before, tokyo("07-02 12:00")) and not is_open(before, tokyo("07-20 12:00"))  # SLA2: as it was
    assert not is_open(after, tokyo("2027-07-19 12:00")) and is_open(found[(nobodys, 1)], tokyo("07-02 12:00"))
    assert await imports(database, "2026/1/1,元日\r\n2026/7/2,臨時の休日\r\n") == 0  # again: nothing new
    assert await imports(database, "2026/1/1,元日\r\n") == 1
    async with database.read() as session:
        assert list(await queries.imported(session, "JP")) == [date(2026, 1, 1)]


async def test_SLA6_newly_known_holidays_reach_calendars_in_use_once_a_day(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar, archived = await made(database), await made(database, name="古い")
    async with database.write() as session:  # as an older library knew them
        await session.execute(update(CalendarVersion).values(holidays={"2026-01-01": "元日"}))
        (await session.get_one(Calendar, archived)).archived_at = START
        await session.flush()
    at = 0.0
    monkeypatch.setattr(clock, "monotonic", lambda: at)
    parts = assemble(settings, database=database)
    job = Holidays(parts)
    assert await job.step() == 0
    at = FIRST_S
    assert await job.step() == 1
    at += EVERY_S
    assert await job.step() == 0  # all is known
    assert [len(row.holidays) > 500 for row in await versions(database, calendar)] == [False, True]
    assert len(await versions(database, archived)) == 1
    async with database.read() as session:
        kinds = await session.scalars(select(col(Event.kind)))
        assert list(kinds) == ["calendar.changed"] * 3  # two were made, one was renewed
        assert await session.scalar(select(func.count()).select_from(Holiday)) == 0
