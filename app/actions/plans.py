"""How teams are routed, what skills there are, and who has them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.desk import NoSuchTeam
from app.errors import Conflict, Invalid, Missing
from app.models import (
    Agent,
    AgentSkill,
    Audit,
    Calendar,
    Inbox,
    Mode,
    Requirement,
    RoutingSetup,
    Skill,
    Tag,
    Team,
    TeamRouting,
)
from app.rules import plans as rules

ABOUT: Mapping[str, Any] = {"team_id": Team, "inbox_id": Inbox, "tag_id": Tag}


class SkillExists(Conflict):
    """There is a skill of this name, or for this language, already."""


class NoSkill(Missing):
    """There is no such skill."""


class WrongSkill(Invalid):
    """This skill does not fit."""


async def set_plan(session: AsyncSession, team_id: int, plan: dict[str, Any], *, by: Agent, now: datetime) -> None:
    """Raises NoSuchTeam, WrongPlan."""
    team = await session.get(Team, team_id)
    if team is None:
        raise NoSuchTeam
    await session.execute(select(TeamRouting).with_for_update())  # two plans at once could close a circle
    query = select(TeamRouting).where(col(TeamRouting.mode) != Mode.OFF, col(TeamRouting.team_id) != team_id)
    others = {
        each.team_id: frozenset(
            to for to in (*(step.get("team_id") for step in each.overflow), each.crowd_team_id) if to is not None
        )
        for each in (await session.scalars(query)).all()
    }
    plan["crowd_team_id"] = plan["crowd_team_id"] if plan["crowd_over"] is not None else None
    faults = rules.check(team_id, plan["overflow"], others, crowd_team=plan["crowd_team_id"])
    if plan["calendar_id"] is not None and not await _in_use(session, plan["calendar_id"]):
        faults.append(("calendar_id", "calendar"))
    if faults:
        raise rules.WrongPlan.of(faults)
    row = await session.get(TeamRouting, team_id) or TeamRouting(team_id=team_id)
    for name, value in plan.items():
        setattr(row, name, value)
    session.add(row)
    await _changed(session, by, "routing.changed", team.name, now)
    await feed.record(session, feed.event("team.changed", now, agent=by.id, team=team_id))


async def _in_use(session: AsyncSession, calendar_id: int) -> bool:
    found = await session.get(Calendar, calendar_id)
    return found is not None and found.archived_at is None


async def set_setup(session: AsyncSession, given: dict[str, Any], *, by: Agent, now: datetime) -> RoutingSetup:
    """What holds for the whole desk."""
    row = await session.get(RoutingSetup, 1) or RoutingSetup(id=1)
    for name, value in given.items():
        setattr(row, name, value)
    session.add(row)
    await _changed(session, by, "routing.changed", "", now)
    await feed.record(session, feed.event("routing.changed", now, agent=by.id))
    return row


async def set_skill(
    session: AsyncSession, skill_id: int | None, given: dict[str, Any], *, by: Agent, now: datetime
) -> Skill:
    """A new one, or this one as a whole: its name, who has it, and which tickets need it. NoSkill, SkillExists, WrongSkill."""
    skill = await session.get(Skill, skill_id) if skill_id is not None else Skill(name=given["name"], created_at=now)
    if skill is None:
        raise NoSkill
    same = col(Skill.name) == given["name"]
    if given["code"]:
        same = same | (col(Skill.code) == given["code"])
    if await session.scalar(select(col(Skill.id)).where(same, col(Skill.id) != (skill_id or 0)).limit(1)) is not None:
        raise SkillExists
    if (given["kind"] == "language") != bool(given["code"]):
        raise WrongSkill(fields=[{"at": "code", "code": "language", "says": "a language has a code, nothing else has"}])
    skill.name, skill.kind, skill.code = given["name"], given["kind"], given["code"]
    session.add(skill)
    await session.flush()
    await _held_by(session, skill.id, given["agents"])
    await _needed_by(session, skill.id, given["needed"])
    await _changed(session, by, "skill.changed", skill.name, now)
    await feed.record(session, feed.event("routing.changed", now, agent=by.id))
    return skill


async def drop_skill(session: AsyncSession, skill_id: int, *, by: Agent, now: datetime) -> None:
    """Nobody has it and nothing needs it any more. NoSkill."""
    skill = await session.get(Skill, skill_id)
    if skill is None:
        raise NoSkill
    await session.delete(skill)
    await _changed(session, by, "skill.removed", skill.name, now)
    await feed.record(session, feed.event("routing.changed", now, agent=by.id))


async def _held_by(session: AsyncSession, skill_id: int, levels: Sequence[dict[str, int]]) -> None:
    given = {each["agent_id"]: each["level"] for each in levels}
    await _all_known(session, Agent, given, "agents")
    await session.execute(delete(AgentSkill).where(col(AgentSkill.skill_id) == skill_id))
    session.add_all([AgentSkill(agent_id=who, skill_id=skill_id, level=level) for who, level in given.items()])
    await session.flush()


async def _needed_by(session: AsyncSession, skill_id: int, needed: Sequence[dict[str, Any]]) -> None:
    for name, model in ABOUT.items():
        await _all_known(session, model, [each[name] for each in needed if each[name] is not None], f"needed.{name}")
    if any(sum(each[name] is not None for name in ABOUT) != 1 for each in needed):
        raise WrongSkill(fields=[{"at": "needed", "code": "one", "says": "a team, an inbox or a tag: one of them"}])
    await session.execute(delete(Requirement).where(col(Requirement.skill_id) == skill_id))
    session.add_all([Requirement(skill_id=skill_id, **each) for each in needed])
    await session.flush()


async def _all_known(session: AsyncSession, model: Any, ids: Collection[int], at: str) -> None:
    known = set((await session.scalars(select(model.id).where(model.id.in_(ids)))).all())
    if known != set(ids):
        raise WrongSkill(fields=[{"at": at, "code": "unknown", "says": "there is no such thing"}])


async def _changed(session: AsyncSession, by: Agent, code: str, subject: str, now: datetime) -> None:
    session.add(Audit(at=now, agent_id=by.id, code=code, subject=subject))
    await session.flush()
