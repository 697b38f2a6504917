"""Hand-overs: offered from a ticket, accepted, declined, returned, closed; and what sets them off."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions.success import handovers as verbs
from app.actions.success import hints
from app.api.door import Now, Page, Reader, Reading, Writing, having, json_response
from app.api.shapes import TicketRow
from app.api.success.accounts import SetupWriter, SuccessReader
from app.models import Agent, Handover, Ticket
from app.queries import tickets
from app.queries.success import handovers as queries
from app.rules.permissions import may
from app.rules.success import causes

router = APIRouter(prefix="/api/v1", tags=["success"])
Offerer = Annotated[Agent, Depends(having("handover.offer"))]
Taker = Annotated[Agent, Depends(having("handover.take"))]
Form = Literal["inform", "consult", "transfer"]
Outcome = Literal["solved", "saved", "renewed", "expanded", "lost", "none"]
Cause = Literal["health", "words", "rival", "executive", "csat", "repeats", "reopened", "breach", "harassment"]
Words = Annotated[str, Field(max_length=4000)]


class PackageIn(BaseModel):
    """What people write; the rest of the package is the desk's."""

    facts: Words | None = None
    asked: Words | None = None
    tried: Words | None = None
    promised: Words | None = None
    told: Words | None = None
    deadline: Words | None = None
    sentiment: Literal["", "pleased", "calm", "worried", "upset", "angry"] | None = Field(
        default=None, description="How the customer feels, in the agent's own judgment"
    )


class OfferIn(BaseModel):
    form: Form
    cause: Literal["agent", "expansion"] = "agent"
    reason: str = Field(min_length=1, max_length=2000)
    to_id: int | None = Field(default=None, description="None: the account's success manager, else whoever takes it")
    package: PackageIn = PackageIn()


class HintIn(BaseModel):
    note: str = Field(default="", max_length=2000)


class AnswerIn(BaseModel):
    reason: str = Field(min_length=1, max_length=2000)


class CloseIn(BaseModel):
    outcome: Outcome
    answer: str = Field(min_length=1, max_length=4000, description="What was done: it comes back to the ticket")


class HandoverOut(BaseModel):
    id: int
    ticket_id: int
    account_id: int | None
    cause: str
    form: Form
    state: Literal["offered", "accepted", "declined", "returned", "closed"]
    reason: str
    package: dict[str, Any]
    offered_by: int | None
    to_id: int | None
    taken_by: int | None
    offered_at: datetime
    due_at: datetime
    overdue_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    outcome: str
    answer: str
    ticket: TicketRow | None


class TicketHandovers(BaseModel):
    items: list[HandoverOut]
    writer_id: int | None = Field(description="Who alone writes to the customer; null: the desk")
    may_hint: bool = Field(description="Expansion may be hinted at: it is no complaint")


class TriggerRule(BaseModel):
    on: bool = True
    form: Form = "consult"
    rest_h: int = Field(default=24, ge=0, le=24 * 366, description="So long the account is left alone with it")


class TriggersIO(BaseModel):
    """What hands a case to success by itself. A number of 0 switches its cause off."""

    words: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(max_length=100)
    rivals: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(max_length=100)
    repeats: int = Field(ge=0, le=100)
    days: int = Field(ge=1, le=365)
    reopened: int = Field(ge=0, le=100)
    rules: dict[Cause, TriggerRule] = Field(default={}, description="By cause; one that is not named is as usual")
    accept_s: int = Field(ge=60, le=30 * 86400, description="So long success may take to accept")


async def _out(session: Any, handover: Handover, agent: Agent, status: int = 200) -> Response:
    return json_response(_seen((await queries.shown(session, [handover]))[0], agent), status)


def _seen(shown: dict[str, Any], agent: Agent) -> dict[str, Any]:
    """Contracts and health are success's (C16)."""
    if may(agent.role, "success.read"):
        return shown
    package = {name: value for name, value in shown["package"].items() if name != "health"}
    if account := package.get("account"):
        package["account"] = {name: value for name, value in account.items() if name != "contracts"}
    return shown | {"package": package}


@router.get("/success/handovers", response_model=Page[HandoverOut])
async def list_handovers(
    session: Reading,
    agent: Taker,
    mine: bool = False,
    done: bool = False,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The open ones, or those that are over; the latest first."""
    before = int(cursor) if cursor else None
    items, more = await queries.listing(session, agent=agent.id, mine=mine, done=done, before=before, limit=limit)
    return json_response({"items": items, "next_cursor": str(items[-1]["id"]) if more else None})


@router.get("/tickets/{number}/handovers", response_model=TicketHandovers)
async def ticket_handovers(session: Reading, agent: Reader, number: int) -> Response:
    if not await tickets.rows(session, [number]):
        raise desk.NoTicket
    items = [_seen(each, agent) for each in await queries.of_ticket(session, number)]
    found = {
        "writer_id": await queries.writer(session, number),
        "may_hint": not await hints.in_complaint(session, number),
    }
    return json_response({"items": items} | found)


@router.get("/tickets/{number}/handovers/draft", response_model=dict[str, Any])
async def draft_handover(session: Reading, agent: Offerer, now: Now, number: int) -> Response:
    """The package as the desk would write it now."""
    ticket = await session.get(Ticket, number)
    if ticket is None:
        raise desk.NoTicket
    return json_response(_seen({"package": await queries.draft(session, ticket, now)}, agent)["package"])


@router.post("/tickets/{number}/handovers", status_code=201, response_model=HandoverOut)
async def offer_handover(session: Writing, agent: Offerer, now: Now, number: int, asked: OfferIn) -> Response:
    ticket = await desk.workable(session, number)
    if asked.cause == "expansion":
        await hints.check(session, number)
    given = asked.model_dump() | {"package": asked.package.model_dump(exclude_none=True)}
    return await _out(session, await verbs.offer(session, ticket, given, by=agent, now=now), agent, 201)


@router.post("/tickets/{number}/messages/{message_id}/hint", status_code=201, response_model=HandoverOut)
async def hint_expansion(
    session: Writing, agent: Offerer, now: Now, number: int, message_id: int, asked: HintIn
) -> Response:
    """The customer's own words go to the success team, which accepts or declines; not inside a complaint."""
    ticket = await desk.workable(session, number)
    made = await hints.hint(session, ticket, message_id, asked.note, agent=agent, now=now)
    return await _out(session, made, agent, 201)


@router.patch("/handovers/{handover_id}", response_model=HandoverOut)
async def write_handover(session: Writing, agent: Offerer, now: Now, handover_id: int, asked: PackageIn) -> Response:
    found = await verbs.locked(session, handover_id)
    await verbs.write(session, found, asked.model_dump(exclude_none=True), agent=agent, now=now)
    return await _out(session, found, agent)


@router.post("/handovers/{handover_id}/accept", response_model=HandoverOut)
async def accept_handover(session: Writing, agent: Taker, now: Now, handover_id: int) -> Response:
    """Of a transfer: from now on nobody else writes to the customer."""
    found = await verbs.locked(session, handover_id)
    await verbs.move(session, found, "accepted", agent=agent, now=now)
    return await _out(session, found, agent)


@router.post("/handovers/{handover_id}/decline", response_model=HandoverOut)
async def decline_handover(session: Writing, agent: Taker, now: Now, handover_id: int, asked: AnswerIn) -> Response:
    found = await verbs.locked(session, handover_id)
    await verbs.move(session, found, "declined", agent=agent, now=now, answer=asked.reason)
    return await _out(session, found, agent)


@router.post("/handovers/{handover_id}/return", response_model=HandoverOut)
async def return_handover(session: Writing, agent: Taker, now: Now, handover_id: int, asked: AnswerIn) -> Response:
    found = await verbs.locked(session, handover_id)
    await verbs.move(session, found, "returned", agent=agent, now=now, answer=asked.reason)
    return await _out(session, found, agent)


@router.post("/handovers/{handover_id}/close", response_model=HandoverOut)
async def close_handover(session: Writing, agent: Taker, now: Now, handover_id: int, asked: CloseIn) -> Response:
    found = await verbs.locked(session, handover_id)
    await verbs.move(session, found, "closed", agent=agent, now=now, answer=asked.answer, outcome=asked.outcome)
    return await _out(session, found, agent)


@router.get("/success/setup/triggers", response_model=TriggersIO)
async def get_triggers(session: Reading, agent: SuccessReader) -> Response:
    setup = await queries.setup(session)
    return json_response(causes.configured(setup.triggers) | {"accept_s": setup.accept_s})


@router.put("/success/setup/triggers", response_model=TriggersIO)
async def set_triggers(session: Writing, agent: SetupWriter, asked: TriggersIO) -> Response:
    setup = await queries.setup(session)
    given = asked.model_dump()
    setup.accept_s, setup.triggers = given.pop("accept_s"), given
    await session.flush()
    return json_response(causes.configured(setup.triggers) | {"accept_s": setup.accept_s})
