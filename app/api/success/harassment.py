"""Harassment (J6): whoever works on a ticket may report it; the report is read and acted on by designated staff."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions.success import harassment as verbs
from app.api.door import Now, Reader, Reading, Writing, having, json_response
from app.api.shapes import TicketRow
from app.models import Agent, Harassment, Ticket
from app.queries.success import harassment as queries
from app.rules.permissions import may
from app.rules.success.harassment import seen

router = APIRouter(prefix="/api/v1", tags=["success"])
Reporter = Annotated[Agent, Depends(having("note.write"))]
Designated = Annotated[Agent, Depends(having("harassment.read"))]
Category = Literal["abuse", "threat", "holding", "repetition", "demand", "exposure", "sexual", "other"]
TOKYO = ZoneInfo("Asia/Tokyo")  # the figures' months


class ReportIn(BaseModel):
    category: Category
    reason: str = Field(min_length=1, max_length=4000, description="What happened")
    care: str = Field(default="", max_length=2000, description="What has to be thought of: a disability, an illness")


class ArrangementIn(BaseModel):
    arranged: str = Field(max_length=2000, description="How this person is spoken with; empty: as everybody")
    review_on: date | None = Field(default=None, description="When that is looked at again")


class LiftIn(BaseModel):
    reason: str = Field(min_length=1, max_length=2000)


class HarassmentOut(BaseModel):
    """The words are empty for who may not see them."""

    id: int
    ticket_id: int
    person_id: int
    category: str
    reason: str
    care: str
    at: datetime
    by_id: int | None
    taken_by: int | None
    taken_at: datetime | None
    arranged: str
    review_on: date | None
    arranged_by: int | None
    evidence: list[dict[str, Any]] = Field(description="What the customer took back while it stands")
    lifted_at: datetime | None
    lifted_by: int | None
    lifted_why: str


class ListedHarassment(HarassmentOut):
    ticket: TicketRow | None


class ArrangementOut(BaseModel):
    id: int
    ticket_id: int
    arranged: str
    review_on: date | None


class TicketHarassment(BaseModel):
    items: list[HarassmentOut]
    arrangements: list[ArrangementOut] = Field(description="How this person is spoken with, by whatever ticket")


class HarassmentMonth(BaseModel):
    month: str
    category: str
    reports: int
    lifted: int
    taken: int


class HarassmentList(BaseModel):
    items: list[ListedHarassment]
    months: list[HarassmentMonth] = Field(description="Of the last twelve months, in Tokyo's time")


def _out(found: Harassment, agent: Agent, status: int = 200) -> Response:
    return json_response(_seen(queries.shown(found), agent), status)


def _seen(shown: dict[str, Any], agent: Agent) -> dict[str, Any]:
    return seen(shown, designated=may(agent.role, "harassment.read"), viewer=agent.id)


@router.get("/tickets/{number}/harassment", response_model=TicketHarassment)
async def ticket_harassment(session: Reading, agent: Reader, number: int) -> Response:
    ticket = await session.get(Ticket, number)
    if ticket is None:
        raise desk.NoTicket
    items = [_seen(each, agent) for each in await queries.of_ticket(session, number)]
    return json_response({"items": items, "arrangements": await queries.arrangements(session, ticket.person_id)})


@router.post("/tickets/{number}/harassment", status_code=201, response_model=HarassmentOut)
async def report_harassment(session: Writing, agent: Reporter, now: Now, number: int, asked: ReportIn) -> Response:
    """The leads hear of it, the evidence stays, and nobody is blocked."""
    ticket = await desk.workable(session, number)
    made = await verbs.report(
        session, ticket, asked.category, reason=asked.reason, care=asked.care, agent=agent, now=now
    )
    return _out(made, agent, 201)


@router.get("/harassment", response_model=HarassmentList)
async def list_harassment(
    session: Reading, agent: Designated, now: Now, standing: Annotated[bool, Query()] = True
) -> Response:
    """Those to be looked at again first."""
    items = await queries.listing(session, standing=standing)
    months = await queries.months(session, now - timedelta(days=365), TOKYO)
    return json_response({"items": items, "months": months})


@router.post("/harassment/{report_id}/take", response_model=HarassmentOut)
async def take_harassment(session: Writing, agent: Designated, now: Now, report_id: int) -> Response:
    """The ticket is yours from now on."""
    found = await verbs.standing(session, report_id)
    await verbs.take(session, found, agent=agent, now=now)
    return _out(found, agent)


@router.put("/harassment/{report_id}/arrangement", response_model=HarassmentOut)
async def arrange_harassment(
    session: Writing, agent: Designated, now: Now, report_id: int, asked: ArrangementIn
) -> Response:
    found = await verbs.standing(session, report_id)
    await verbs.arrange(session, found, asked.arranged, asked.review_on, agent=agent, now=now)
    return _out(found, agent)


@router.post("/harassment/{report_id}/lift", response_model=HarassmentOut)
async def lift_harassment(session: Writing, agent: Designated, now: Now, report_id: int, asked: LiftIn) -> Response:
    found = await verbs.standing(session, report_id)
    await verbs.lift(session, found, asked.reason, agent=agent, now=now)
    return _out(found, agent)
