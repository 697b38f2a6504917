"""Work that finds its agent: offers, the next ticket, and why a ticket is where it is."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.actions import desk, offers, routing
from app.api.door import Now, Reader, Reading, Worker, Writing, json_response
from app.api.shapes import ModeName, TicketRow
from app.queries import routing as queries
from app.queries import tickets

router = APIRouter(prefix="/api/v1", tags=["routing"])


class OfferOut(BaseModel):
    id: int
    ticket: TicketRow
    offered_at: datetime
    expires_at: datetime


class NextOut(BaseModel):
    """Empty: nothing waits that the agent can take."""

    ticket: TicketRow | None


class DecisionOut(BaseModel):
    id: int
    at: datetime
    outcome: Literal["offered", "assigned", "waiting", "returned", "overflowed", "declined", "expired"]
    why: str
    team_id: int | None
    agent_id: int | None
    reasons: dict[str, Any]


class VerdictOut(BaseModel):
    """What would be decided at this moment."""

    agent_id: int | None
    why: str
    reasons: dict[str, Any]


class RoutingOut(BaseModel):
    mode: ModeName
    team_id: int | None
    since: datetime | None
    overflow_at: datetime | None
    returns_at: datetime | None
    offered_to: int | None
    now: VerdictOut | None
    decisions: list[DecisionOut]


@router.get("/offers", response_model=list[OfferOut])
async def my_offers(session: Reading, agent: Worker) -> Response:
    """What is offered to whoever asks."""
    found = await queries.offers_to(session, agent.id)
    rows = {row["number"]: row for row in await tickets.rows(session, [each.ticket_id for each in found])}
    return json_response([
        {
            "id": each.id, "ticket": rows[each.ticket_id], "offered_at": each.offered_at,
            "expires_at": each.expires_at,
        }
        for each in found
    ])  # fmt: skip


@router.post("/offers/{offer_id}/accept", response_model=TicketRow)
async def accept_offer(session: Writing, agent: Worker, now: Now, offer_id: int) -> Response:
    number = await offers.accept(session, offer_id, agent, now)
    return json_response((await tickets.rows(session, [number]))[0])


@router.post("/offers/{offer_id}/decline", status_code=204)
async def decline_offer(session: Writing, agent: Worker, now: Now, offer_id: int) -> Response:
    await offers.decline(session, offer_id, agent, now)
    return Response(status_code=204)


@router.post("/queue/next", response_model=NextOut)
async def next_in_queue(session: Writing, agent: Worker, now: Now) -> Response:
    """The next ticket that fits, of the agent's teams that work by asking; it is theirs at once."""
    number = await routing.next_ticket(session, agent, now)
    found = await tickets.rows(session, [number]) if number is not None else []
    return json_response({"ticket": found[0] if found else None})


@router.get("/tickets/{number}/routing", response_model=RoutingOut)
async def ticket_routing(session: Reading, agent: Reader, now: Now, number: int) -> Response:
    """Why this agent, why it waits: every decision, newest first."""
    found = await queries.standing(session, number, now)
    if found is None:
        raise desk.NoTicket
    return json_response({**found, "decisions": await queries.decisions(session, number)})
