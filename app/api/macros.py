"""Macros: kept, shown for a ticket, and used in one stroke with the answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions import macros as verbs
from app.actions.knowledge import capture
from app.actions.reply import Draft
from app.api.door import Now, Reading, Writing, having, json_response
from app.api.shapes import MessageOut, TicketRow
from app.errors import Forbidden
from app.models import Agent, Ticket
from app.queries import messages, rulebook, tickets
from app.rules.permissions import may

router = APIRouter(prefix="/api/v1", tags=["macros"])
Replier = Annotated[Agent, Depends(having("ticket.reply"))]
SHARED = "automation.write"  # who may change everybody's
Json = dict[str, Any]
Actions = Annotated[list[Json], Field(max_length=50)]


class MacroIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    text: str = Field(default="", max_length=10_000)
    actions: Actions = Field(default_factory=list)
    shared: bool = Field(default=False, description="Everybody's; else one's own")


class MacroChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=80)
    text: str | None = Field(default=None, max_length=10_000)
    actions: Actions | None = None


class MacroOut(BaseModel):
    id: int
    name: str
    text: str
    actions: list[Json]
    agent_id: int | None = Field(description="Whose own it is; null: everybody's")
    uses: int
    used_at: datetime | None
    created_at: datetime


class MacroUse(BaseModel):
    """The answer as the agent sends it. Without `text` it is the macro's own, if it has one."""

    text: str | None = Field(default=None, max_length=100_000)
    attachments: list[str] = Field(default_factory=list, max_length=20)
    thread_id: int | None = None
    client_id: str = Field(default="", max_length=64)
    then: Literal["", "open", "pending", "resolved"] = ""
    seen: int | None = Field(default=None, description="As in a reply: 409 when others added more")
    quotes: int | None = None


class WordsForTicket(BaseModel):
    text: str


class MacroDid(BaseModel):
    do: str
    ok: bool
    why: str


class MacroUsed(BaseModel):
    ticket: TicketRow
    message: MessageOut | None
    did: list[MacroDid]


@router.get("/macros", response_model=list[MacroOut])
async def list_macros(session: Reading, agent: Replier) -> Response:
    """Everybody's and one's own, the most used first."""
    return json_response(await rulebook.macros(session, agent.id))


@router.post("/macros", status_code=201, response_model=MacroOut)
async def add_macro(session: Writing, agent: Replier, now: Now, asked: MacroIn) -> Response:
    if asked.shared and not may(agent.role, SHARED):
        raise Forbidden(permission=SHARED)
    owner = None if asked.shared else agent.id
    made = await verbs.add(session, asked.model_dump(), owner=owner, by=agent.id, now=now)
    return json_response(rulebook.macro(made), 201)


@router.patch("/macros/{macro_id}", response_model=MacroOut)
async def change_macro(session: Writing, agent: Replier, now: Now, macro_id: int, change: MacroChange) -> Response:
    given = change.model_dump(exclude_unset=True)
    made = await verbs.change(session, macro_id, given, by=agent, shared=may(agent.role, SHARED), now=now)
    return json_response(rulebook.macro(made))


@router.delete("/macros/{macro_id}", status_code=204)
async def remove_macro(session: Writing, agent: Replier, now: Now, macro_id: int) -> Response:
    given = {"archived": True}
    await verbs.change(session, macro_id, given, by=agent, shared=may(agent.role, SHARED), now=now)
    return Response(status_code=204)


@router.get("/tickets/{number}/macros/{macro_id}", response_model=WordsForTicket)
async def macro_words(session: Reading, agent: Replier, number: int, macro_id: int) -> Response:
    """Its text with this ticket's values, for the composer."""
    ticket = await session.get(Ticket, number)
    if ticket is None:
        raise desk.NoTicket
    macro = await verbs.found(session, macro_id, agent)
    return json_response({"text": await verbs.words(session, ticket, macro, agent)})


@router.post("/tickets/{number}/macros/{macro_id}", status_code=201, response_model=MacroUsed)
async def use_macro(
    session: Writing, agent: Replier, now: Now, number: int, macro_id: int, asked: MacroUse
) -> Response:
    """The answer and the deeds in one transaction. The same `client_id` again is the same use."""
    ticket = await desk.workable(session, number)
    text = asked.text
    if text is None:
        text = await verbs.words(session, ticket, await verbs.found(session, macro_id, agent), agent)
    draft = Draft(
        text=text, attachments=tuple(asked.attachments), client_id=asked.client_id, thread_id=asked.thread_id,
        then=asked.then, seen=asked.seen, quotes=asked.quotes,
    )  # fmt: skip
    said = draft if text.strip() or asked.attachments else None
    before = ticket.status
    message, did = await verbs.apply(session, ticket, macro_id, agent, said, now)
    await capture.check(session, ticket, before)
    shown = await messages.shown(session, [message.id]) if message else [None]
    return json_response({"ticket": (await tickets.rows(session, [number]))[0], "message": shown[0], "did": did}, 201)
