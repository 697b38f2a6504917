"""Settings of routing: each team's plan, what holds for the whole desk, and skills."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import plans
from app.api.door import Now, Reader, Reading, Writing, having, json_response
from app.api.shapes import ModeName
from app.models import Agent, AgentSkill, Requirement, RoutingSetup, Skill, Team, TeamRouting
from app.queries import crew

router = APIRouter(prefix="/api/v1", tags=["routing settings"])
Planner = Annotated[Agent, Depends(having("team.write"))]
DAY_S = 24 * 60 * 60
Weight = Annotated[int, Field(ge=0, le=1000)]
Level = Annotated[int, Field(ge=1, le=5)]


class StepIn(BaseModel):
    """After so long without an agent the ticket goes to another team, or skills no longer count."""

    after_s: int = Field(ge=0, le=7 * DAY_S)
    team_id: int | None = None
    widen: bool = False


class PlanIn(BaseModel):
    mode: ModeName
    strategy: Literal["longest_idle", "least_occupied", "round_robin", "skill_level"] = "longest_idle"
    offer_timeout_s: int = Field(default=30, ge=5, le=600)
    return_after_s: int | None = Field(default=None, ge=30, le=7 * DAY_S)
    sticky_s: int = Field(default=60, ge=0, le=DAY_S)
    calendar_id: int | None = None
    overflow: list[StepIn] = Field(default_factory=list)
    crowd_over: int | None = Field(
        default=None, ge=1, le=100_000, description="When more wait, those behind overflow at once"
    )
    crowd_team_id: int | None = Field(default=None, description="Where they go; none: skills no longer count for them")


class PlanOut(PlanIn):
    team_id: int


class Weights(BaseModel):
    """What each open ticket, or a call, takes of an agent's capacity."""

    phone: Weight
    chat: Weight
    line: Weight
    email: Weight


class SetupIn(BaseModel):
    weights: Weights
    rest_after_s: int = Field(ge=0, le=DAY_S)
    wrap_up_s: int = Field(ge=0, le=3600)
    away_after_s: int = Field(ge=30, le=3600)


class SettingsOut(SetupIn):
    plans: list[PlanOut]


class HeldIn(BaseModel):
    agent_id: int
    level: Level


class NeededIn(BaseModel):
    """One of the three."""

    team_id: int | None = None
    inbox_id: int | None = None
    tag_id: int | None = None
    level: Level = 1


class SkillIn(BaseModel):
    name: str = Field(min_length=1, max_length=60)
    kind: Literal["skill", "language"] = "skill"
    code: str = Field(default="", pattern=r"^([a-z]{2,3})?$")
    agents: list[HeldIn] = Field(default_factory=list)
    needed: list[NeededIn] = Field(default_factory=list)


class SkillOut(SkillIn):
    id: int


@router.get("/routing", response_model=SettingsOut)
async def get_routing(session: Reading, agent: Planner) -> Response:
    """Every team's plan, of those without one the defaults, and what holds for all."""
    rows = {row.team_id: row for row in (await session.scalars(select(TeamRouting))).all()}
    teams = (await session.scalars(select(col(Team.id)).order_by(col(Team.id)))).all()
    known = [_plan(rows.get(team) or TeamRouting(team_id=team)) for team in teams]
    return json_response({**_setup(await crew.setup(session)), "plans": known})


@router.put("/routing", response_model=SetupIn)
async def set_routing(session: Writing, agent: Planner, now: Now, asked: SetupIn) -> Response:
    return json_response(_setup(await plans.set_setup(session, asked.model_dump(), by=agent, now=now)))


@router.put("/teams/{team_id}/routing", response_model=PlanOut)
async def set_team_routing(session: Writing, agent: Planner, now: Now, team_id: int, asked: PlanIn) -> Response:
    await plans.set_plan(session, team_id, asked.model_dump(), by=agent, now=now)
    return json_response(_plan(await session.get_one(TeamRouting, team_id)))


@router.get("/skills", response_model=list[SkillOut])
async def list_skills(session: Reading, agent: Reader) -> Response:
    found = (await session.scalars(select(Skill).order_by(col(Skill.kind), col(Skill.name)))).all()
    return json_response([await _skill(session, each) for each in found])


@router.post("/skills", status_code=201, response_model=SkillOut)
async def add_skill(session: Writing, agent: Planner, now: Now, asked: SkillIn) -> Response:
    made = await plans.set_skill(session, None, asked.model_dump(), by=agent, now=now)
    return json_response(await _skill(session, made), 201)


@router.put("/skills/{skill_id}", response_model=SkillOut)
async def set_skill(session: Writing, agent: Planner, now: Now, skill_id: int, asked: SkillIn) -> Response:
    made = await plans.set_skill(session, skill_id, asked.model_dump(), by=agent, now=now)
    return json_response(await _skill(session, made))


@router.delete("/skills/{skill_id}", status_code=204)
async def drop_skill(session: Writing, agent: Planner, now: Now, skill_id: int) -> Response:
    await plans.drop_skill(session, skill_id, by=agent, now=now)
    return Response(status_code=204)


def _plan(row: TeamRouting) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PlanOut.model_fields}


def _setup(row: RoutingSetup) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SetupIn.model_fields}


async def _skill(session: AsyncSession, skill: Skill) -> dict[str, Any]:
    """A desk has a dozen."""
    held = select(AgentSkill).where(col(AgentSkill.skill_id) == skill.id).order_by(col(AgentSkill.agent_id))
    needed = select(Requirement).where(col(Requirement.skill_id) == skill.id).order_by(col(Requirement.id))
    return {
        **{name: getattr(skill, name) for name in ("id", "name", "kind", "code")},
        "agents": [{"agent_id": e.agent_id, "level": e.level} for e in (await session.scalars(held)).all()],
        "needed": [
            {name: getattr(each, name) for name in NeededIn.model_fields}
            for each in (await session.scalars(needed)).all()
        ],
    }
