"""What every screen needs once: agents, teams, tags, inboxes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from app import feed
from app.api.door import Here, Now, Reader, Reading, Writing, having, json_response
from app.api.shapes import Channel, ModeName, PresenceName
from app.errors import Conflict
from app.models import Agent, Inbox, Tag, Team, TeamMember
from app.queries.routing import modes
from app.version import VERSION

router = APIRouter(prefix="/api/v1", tags=["desk"])
Tagger = Annotated[Agent, Depends(having("tag.write"))]


class TagExists(Conflict):
    """There is a tag of this name already."""


class AgentBrief(BaseModel):
    id: int
    name: str
    alias: str
    role: Literal["owner", "lead", "agent", "success"]
    presence: PresenceName
    presence_at: datetime | None
    presence_reason: str
    channels_off: list[str]
    active: bool


class TeamOut(BaseModel):
    id: int
    name: str
    calendar_id: int | None
    needs_approval: bool
    member_ids: list[int]


class TagOut(BaseModel):
    id: int
    name: str
    color: str


class TagIn(BaseModel):
    name: str = Field(min_length=1, max_length=60)
    color: str = Field(default="", max_length=16, pattern=r"^$|^#[0-9a-fA-F]{6}$")


class InboxBrief(BaseModel):
    id: int
    kind: Channel
    name: str
    language: str
    enabled: bool
    alarm: str
    alarm_detail: str
    alarm_at: datetime | None


class Product(BaseModel):
    version: str
    mode: Literal["production", "demo"]
    language: str
    timezone: str


class FileRules(BaseModel):
    max_mb: int


class DeskOut(BaseModel):
    product: Product
    agents: list[AgentBrief]
    teams: list[TeamOut]
    tags: list[TagOut]
    inboxes: list[InboxBrief]
    files: FileRules
    routing: dict[int, ModeName]  # of the teams that are routed


async def teams(session: Any) -> list[dict[str, Any]]:
    members: dict[int, list[int]] = {}
    links = select(col(TeamMember.team_id), col(TeamMember.agent_id)).order_by(col(TeamMember.agent_id))
    for team, agent in await session.execute(links):
        members.setdefault(team, []).append(agent)
    found = (await session.scalars(select(Team).order_by(col(Team.id)))).all()
    return [team_out(each, members.get(each.id, [])) for each in found]


def team_out(team: Team, member_ids: list[int]) -> dict[str, Any]:
    own = {"id": team.id, "name": team.name, "calendar_id": team.calendar_id, "needs_approval": team.needs_approval}
    return {**own, "member_ids": member_ids}


BRIEF = ("id", "name", "alias", "role", "presence", "presence_at", "presence_reason", "channels_off", "active")


def brief(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in BRIEF}


@router.get("/desk", response_model=DeskOut)
async def get_desk(session: Reading, agent: Reader, here: Here) -> Response:
    shown = ("id", "kind", "name", "language", "enabled", "alarm", "alarm_detail", "alarm_at")
    agents = (await session.scalars(select(Agent).order_by(col(Agent.id)))).all()
    tags = (await session.scalars(select(Tag).order_by(col(Tag.name)))).all()
    inboxes = (await session.scalars(select(Inbox).order_by(col(Inbox.id)))).all()
    settings = here.settings
    return json_response({
        "product": {
            "version": VERSION, "mode": settings.mode, "language": settings.language, "timezone": settings.timezone,
        },
        "agents": [brief(each) for each in agents],
        "teams": await teams(session),
        "tags": [{"id": t.id, "name": t.name, "color": t.color} for t in tags],
        "inboxes": [{name: getattr(each, name) for name in shown} for each in inboxes],
        "files": {"max_mb": settings.max_upload_mb},
        "routing": {str(team): mode for team, mode in (await modes(session)).items()},
    })  # fmt: skip


@router.post("/tags", status_code=201, response_model=TagOut)
async def make_tag(session: Writing, agent: Tagger, now: Now, asked: TagIn) -> Response:
    if await session.scalar(select(col(Tag.id)).where(col(Tag.name) == asked.name)) is not None:
        raise TagExists
    made = Tag(name=asked.name, color=asked.color)
    session.add(made)
    await session.flush()
    await feed.record(session, feed.event("tag.made", now, agent=agent.id, tag=made.id))
    return json_response({"id": made.id, "name": made.name, "color": made.color}, 201)
