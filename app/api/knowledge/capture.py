"""Knowledge at the end of a case: what its team asks, why a case has no article, whether a linked one was right."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions.knowledge import capture as verbs
from app.api.door import Now, Reader, Reading, Worker, Writing, having, json_response
from app.api.knowledge.flow import LinkedArticle
from app.api.knowledge.shapes import Number
from app.models import Agent, Ticket
from app.queries.knowledge import capture as queries

router = APIRouter(prefix="/api/v1", tags=["articles"])
TeamAdmin = Annotated[Agent, Depends(having("team.write"))]
Mode = Literal["off", "ask", "required"]
Reason = Literal["no_question", "one_off", "personal", "duplicate", "other"]


class WaiverIn(BaseModel):
    reason: Reason
    comment: str = Field(default="", max_length=400, description='Needed with "other"')


class WaiverOut(BaseModel):
    reason: Reason
    comment: str
    agent_id: int | None
    at: datetime


class TicketKnowledge(BaseModel):
    mode: Mode = Field(description="What the ticket's team is asked when it resolves a case")
    open: bool = Field(description="Asked, and neither linked nor waived yet")
    linked: list[LinkedArticle]
    waiver: WaiverOut | None


class Judged(BaseModel):
    accurate: bool | None = Field(description="Null takes the judgment back")


class TeamCaptureOut(BaseModel):
    team_id: int
    name: str
    mode: Mode


class TeamCaptureIn(BaseModel):
    mode: Mode


async def _ticket(session: Reading, number: Number) -> Ticket:
    found = await session.get(Ticket, number)
    if found is None:
        raise desk.NoTicket
    return found


Found = Annotated[Ticket, Depends(_ticket)]


@router.get("/tickets/{number}/knowledge", response_model=TicketKnowledge)
async def get_ticket_knowledge(session: Reading, agent: Reader, ticket: Found) -> Response:
    return json_response(await queries.shown(session, ticket))


@router.put("/tickets/{number}/knowledge/waiver", response_model=TicketKnowledge)
async def waive_article(session: Writing, agent: Worker, now: Now, number: Number, asked: WaiverIn) -> Response:
    """This case needs no article, and why."""
    ticket = await desk.workable(session, number)
    await verbs.waive(session, ticket, asked.reason, comment=asked.comment, by=agent, now=now)
    return json_response(await queries.shown(session, ticket))


@router.delete("/tickets/{number}/knowledge/waiver", response_model=TicketKnowledge)
async def unwaive_article(session: Writing, agent: Worker, number: Number) -> Response:
    ticket = await desk.workable(session, number)
    await verbs.unwaive(session, ticket)
    return json_response(await queries.shown(session, ticket))


@router.patch("/tickets/{number}/articles/{article_id}", response_model=TicketKnowledge)
async def judge_article(
    session: Writing, agent: Worker, now: Now, number: Number, article_id: Number, asked: Judged
) -> Response:
    """Whether the linked article was the right one for this case."""
    ticket = await desk.locked(session, number)
    await verbs.judge(session, ticket, article_id, asked.accurate, by=agent, now=now)
    return json_response(await queries.shown(session, ticket))


@router.get("/knowledge/teams", response_model=list[TeamCaptureOut])
async def list_team_capture(session: Reading, agent: Reader) -> Response:
    """What each team is asked when it resolves a case."""
    return json_response(await queries.teams(session))


@router.put("/knowledge/teams/{team_id}", response_model=list[TeamCaptureOut])
async def set_team_capture(
    session: Writing, agent: TeamAdmin, now: Now, team_id: Number, asked: TeamCaptureIn
) -> Response:
    await verbs.ask_team(session, team_id, asked.mode, by=agent, now=now)
    return json_response(await queries.teams(session))
