"""Settings: inboxes, agents, teams, dead letters. Each form says what it keeps; secrets are written, never read."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, select
from sqlmodel import col

from app import feed
from app.actions import inboxes as inbox_actions
from app.actions import people
from app.actions.hours import choose
from app.api.desk import AgentBrief, TeamOut, brief, team_out, teams
from app.api.door import Admin, Here, Now, Page, Reading, Writing, having, json_response
from app.api.shapes import Channel
from app.errors import Conflict, Missing
from app.models import Agent, Audit, HookState, Inbox, RawHook, Team, TeamMember, Ticket
from app.parts import Parts
from app.replay import replay
from channels import KINDS, channel_type
from channels.contract import Checks

router = APIRouter(prefix="/api/v1", tags=["settings"])
AgentAdmin = Annotated[Agent, Depends(having("agent.write"))]
TeamAdmin = Annotated[Agent, Depends(having("team.write"))]
LetterReader = Annotated[Agent, Depends(having("deadletter.read"))]
LetterRetrier = Annotated[Agent, Depends(having("deadletter.retry"))]


class NoInbox(Missing):
    """There is no such inbox."""


class InboxInUse(Conflict):
    """This inbox has tickets: switch it off instead."""


class NoLetter(Missing):
    """There is no such failed hook."""


class TeamExists(Conflict):
    """There is a team of this name already."""


class NoTeam(Missing):
    """There is no such team."""


class KindOut(BaseModel):
    kind: Channel
    json_schema: dict[str, Any] = Field(serialization_alias="schema")


class InboxIn(BaseModel):
    kind: Channel
    name: str = Field(min_length=1, max_length=80)
    language: Literal["ja", "en"] = "ja"
    team_id: int | None = None
    first_response_s: int = Field(default=3600, ge=60, le=30 * 86400)
    config: dict[str, Any] = Field(default_factory=dict)


class InboxChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=80)
    language: Literal["ja", "en"] | None = None
    team_id: int | None = None
    first_response_s: int | None = Field(default=None, ge=60, le=30 * 86400)
    enabled: bool | None = None
    config: dict[str, Any] | None = None
    clear_alarm: bool = False


class InboxOut(BaseModel):
    id: int
    kind: Channel
    name: str
    token: str
    language: str
    team_id: int | None
    first_response_s: int
    enabled: bool
    config: dict[str, Any]
    secrets_set: list[str]
    hook_url: str
    heard_at: datetime | None
    alarm: str
    alarm_detail: str
    alarm_at: datetime | None
    widget_snippet: str | None


class FindingOut(BaseModel):
    ok: bool
    code: str
    detail: str


class AgentIn(BaseModel):
    email: str = Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = Field(min_length=1, max_length=120)
    alias: str = Field(default="", max_length=60)
    role: Literal["owner", "lead", "agent", "success"] = "agent"
    phone: str = Field(default="", max_length=20, pattern=r"^(\+[1-9][0-9]{6,14})?$")
    team_ids: list[int] = Field(default_factory=list)
    password: str = Field(min_length=10, max_length=1000)


class AgentChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=120)
    alias: str | None = Field(default=None, max_length=60)
    role: Literal["owner", "lead", "agent", "success"] | None = None
    phone: str | None = Field(default=None, max_length=20, pattern=r"^(\+[1-9][0-9]{6,14})?$")
    team_ids: list[int] | None = None
    active: bool | None = None
    capacity: int | None = Field(default=None, ge=1, le=1000)
    needs_approval: bool | None = Field(default=None, description="A lead reads their answers before they go out")
    calendar_id: int | None = Field(default=None, description="Their own working hours; left out: stays")
    password: str | None = Field(default=None, min_length=10, max_length=1000)


class AgentOut(AgentBrief):
    email: str
    phone: str
    capacity: int
    needs_approval: bool
    calendar_id: int | None
    team_ids: list[int]


class TeamIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    member_ids: list[int] = Field(default_factory=list)
    calendar_id: int | None = Field(default=None, description="Left out of a change: stays")
    needs_approval: bool = Field(
        default=False, description="A lead reads answers to its tickets first. Left out: stays"
    )


class LetterOut(BaseModel):
    """A hook that could not be read: its bytes are kept."""

    id: int
    inbox_id: int
    route: str
    received_at: datetime
    error: str
    attempts: int
    size: int


class Retried(BaseModel):
    state: str
    error: str


def inbox_out(inbox: Inbox, here: Parts) -> dict[str, Any]:
    url = here.settings.public_url
    snippet = f'<script src="{url}/widget.js" data-widget="{inbox.token}" async></script>'
    fields = (
        "id", "kind", "name", "token", "language", "team_id", "first_response_s", "enabled", "config", "heard_at",
        "alarm", "alarm_detail", "alarm_at",
    )  # fmt: skip
    return {
        **{name: getattr(inbox, name) for name in fields},
        "secrets_set": sorted(here.vault.unseal(inbox.secrets)),
        "hook_url": f"{url}/hooks/{inbox.token}",
        "widget_snippet": snippet if inbox.kind == "chat" else None,
    }


async def _audit(session: Any, agent: Agent, code: str, subject: str, at: datetime) -> None:
    session.add(Audit(at=at, agent_id=agent.id, code=code, subject=subject))
    await session.flush()


@router.get("/kinds", response_model=list[KindOut])
async def kinds(agent: Admin) -> Response:
    """Each kind of channel with the JSON Schema of its settings, which draws the form."""
    found = await asyncio.to_thread(
        lambda: [{"kind": kind, "schema": channel_type(kind).Config.model_json_schema()} for kind in KINDS]
    )
    return json_response(found)


@router.get("/inboxes", response_model=list[InboxOut])
async def list_inboxes(session: Reading, agent: Admin, here: Here) -> Response:
    found = (await session.scalars(select(Inbox).order_by(col(Inbox.id)))).all()
    return json_response([inbox_out(each, here) for each in found])


@router.post("/inboxes", status_code=201, response_model=InboxOut)
async def add_inbox(session: Writing, agent: Admin, here: Here, now: Now, asked: InboxIn) -> Response:
    made = await inbox_actions.add(
        session, here.vault, kind=asked.kind, name=asked.name, config=asked.config, now=now, language=asked.language,
        team_id=asked.team_id, first_response_s=asked.first_response_s,
    )  # fmt: skip
    await _audit(session, agent, "inbox.added", f"{made.kind} {made.name}", now)
    return json_response(inbox_out(made, here), 201)


@router.get("/inboxes/{inbox_id}", response_model=InboxOut)
async def get_inbox(session: Reading, agent: Admin, here: Here, inbox_id: int) -> Response:
    found = await session.get(Inbox, inbox_id)
    if found is None:
        raise NoInbox
    return json_response(inbox_out(found, here))


@router.patch("/inboxes/{inbox_id}", response_model=InboxOut)
async def change_inbox(
    session: Writing, agent: Admin, here: Here, now: Now, inbox_id: int, change: InboxChange
) -> Response:
    inbox = await session.get(Inbox, inbox_id)
    if inbox is None:
        raise NoInbox
    for name in ("name", "language", "first_response_s", "enabled"):
        if (value := getattr(change, name)) is not None:
            setattr(inbox, name, value)
    if "team_id" in change.model_fields_set:
        inbox.team_id = change.team_id
    if change.config is not None:
        config = {**inbox.config, **change.config}
        inbox.config, inbox.secrets = inbox_actions.split(inbox.kind, config, here.vault, inbox.secrets)
    if change.clear_alarm:
        await inbox_actions.clear_alarm(session, inbox, now)
    await _audit(session, agent, "inbox.changed", inbox.name, now)
    await feed.record(session, feed.event("inbox.changed", now, agent=agent.id, inbox=inbox.id))
    return json_response(inbox_out(inbox, here))


@router.delete("/inboxes/{inbox_id}", status_code=204)
async def remove_inbox(session: Writing, agent: Admin, now: Now, inbox_id: int) -> Response:
    inbox = await session.get(Inbox, inbox_id)
    if inbox is None:
        raise NoInbox
    if await session.scalar(select(col(Ticket.id)).where(col(Ticket.inbox_id) == inbox_id).limit(1)) is not None:
        raise InboxInUse
    await session.delete(inbox)
    await _audit(session, agent, "inbox.removed", inbox.name, now)
    await feed.record(session, feed.event("inbox.changed", now, agent=agent.id, inbox=inbox_id))
    return Response(status_code=204)


@router.post("/inboxes/{inbox_id}/check", response_model=list[FindingOut])
async def check_inbox(agent: Admin, here: Here, inbox_id: int) -> Response:
    """Asks the provider with the stored settings."""
    await here.inboxes.refresh()
    opened = await here.inboxes.by_id(inbox_id)
    if opened is None:
        raise NoInbox
    if opened.channel is None:
        return json_response([{"ok": False, "code": "settings", "detail": ""}])
    if not isinstance(opened.channel, Checks):
        return json_response([{"ok": True, "code": "settings", "detail": ""}])
    found = await opened.channel.check()
    return json_response([{"ok": f.ok, "code": f.code, "detail": f.detail} for f in found])


async def _agent_out(session: Any, agent: Agent) -> dict[str, Any]:
    links = await session.scalars(select(col(TeamMember.team_id)).where(col(TeamMember.agent_id) == agent.id))
    own: dict[str, Any] = {"email": agent.email, "phone": agent.phone, "capacity": agent.capacity}
    own |= {"needs_approval": agent.needs_approval, "calendar_id": agent.calendar_id}
    return {**brief(agent), **own, "team_ids": sorted(links.all())}


@router.get("/agents", response_model=list[AgentOut])
async def list_agents(session: Reading, agent: AgentAdmin) -> Response:
    found = (await session.scalars(select(Agent).order_by(col(Agent.id)))).all()
    return json_response([await _agent_out(session, each) for each in found])


@router.post("/agents", status_code=201, response_model=AgentOut)
async def add_agent(session: Writing, agent: AgentAdmin, now: Now, asked: AgentIn) -> Response:
    made = await people.add_agent(session, now=now, **asked.model_dump())
    await _audit(session, agent, "agent.added", made.email, now)
    return json_response(await _agent_out(session, made), 201)


@router.patch("/agents/{agent_id}", response_model=AgentOut)
async def change_agent(session: Writing, agent: AgentAdmin, now: Now, agent_id: int, change: AgentChange) -> Response:
    given = change.model_dump(exclude_unset=True)
    chosen, calendar = "calendar_id" in given, given.pop("calendar_id", None)
    made = await people.change_agent(session, agent_id, given, now=now)
    if chosen:
        await choose(session, made, calendar)
    await _audit(session, agent, "agent.changed", made.email, now)
    return json_response(await _agent_out(session, made))


@router.get("/teams", response_model=list[TeamOut])
async def list_teams(session: Reading, agent: TeamAdmin) -> Response:
    return json_response(await teams(session))


@router.post("/teams", status_code=201, response_model=TeamOut)
async def add_team(session: Writing, agent: TeamAdmin, now: Now, asked: TeamIn) -> Response:
    if await session.scalar(select(col(Team.id)).where(col(Team.name) == asked.name)) is not None:
        raise TeamExists
    made = Team(name=asked.name, needs_approval=asked.needs_approval, created_at=now)
    await choose(session, made, asked.calendar_id)
    session.add(made)
    await session.flush()
    session.add_all([TeamMember(team_id=made.id, agent_id=each) for each in set(asked.member_ids)])
    await session.flush()
    await feed.record(session, feed.event("team.changed", now, agent=agent.id, team=made.id))
    return json_response(team_out(made, sorted(set(asked.member_ids))), 201)


@router.patch("/teams/{team_id}", response_model=TeamOut)
async def change_team(session: Writing, agent: TeamAdmin, now: Now, team_id: int, asked: TeamIn) -> Response:
    team = await session.get(Team, team_id)
    if team is None:
        raise NoTeam
    team.name = asked.name
    if "needs_approval" in asked.model_fields_set:
        team.needs_approval = asked.needs_approval
    if "calendar_id" in asked.model_fields_set:
        await choose(session, team, asked.calendar_id)
    await session.execute(delete(TeamMember).where(col(TeamMember.team_id) == team_id))
    session.add_all([TeamMember(team_id=team_id, agent_id=each) for each in set(asked.member_ids)])
    await session.flush()
    await feed.record(session, feed.event("team.changed", now, agent=agent.id, team=team.id))
    return json_response(team_out(team, sorted(set(asked.member_ids))))


@router.get("/dead-letters", response_model=Page[LetterOut])
async def dead_letters(session: Reading, agent: LetterReader, limit: Annotated[int, Query(ge=1)] = 100) -> Response:
    size = func.coalesce(func.length(col(RawHook.body)), 0)
    query = select(RawHook, size).where(col(RawHook.state) == HookState.FAILED).order_by(col(RawHook.id).desc())
    fields = ("id", "inbox_id", "route", "received_at", "error", "attempts")
    found = (await session.execute(query.limit(min(limit, 200)))).all()
    items = [{**{name: getattr(raw, name) for name in fields}, "size": size or 0} for raw, size in found]
    return json_response({"items": items, "next_cursor": None})


@router.post("/dead-letters/{letter_id}/retry", response_model=Retried)
async def retry_letter(agent: LetterRetrier, here: Here, letter_id: int) -> Response:
    state, error = await replay(here, letter_id)
    if state is None:
        raise NoLetter
    return json_response({"state": state, "error": error})
