"""Tickets put together and taken apart."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions.cases import incident, links, merge, split, unmerge
from app.api.door import Now, Reader, Reading, Worker, Writing, having, json_response
from app.api.shapes import Channel, LinkOut, TicketRow
from app.models import Agent, Ticket
from app.queries import cases, tickets
from app.queries import incident as previews

router = APIRouter(prefix="/api/v1/tickets", tags=["cases"])
Answerer = Annotated[Agent, Depends(having("customer.answer"))]


class MergeIn(BaseModel):
    into: int = Field(description="The master; of a merged one, what it was merged into")
    other_customer: bool = Field(default=False, description="The two are of different customers, and that is wanted")


class SplitIn(BaseModel):
    message_id: int
    following: bool = Field(
        default=False, description="With what the same customer wrote after it in this conversation"
    )
    subject: str = Field(
        default="", max_length=400, description="Of the new ticket; without one, the message's beginning"
    )


class ChildrenIn(BaseModel):
    text: str = Field(min_length=1, max_length=5000, description="May say {{person.name}} and the like, as macros do")


class ChildrenReplyIn(ChildrenIn):
    client_id: str = Field(min_length=8, max_length=64, description="The same again is the same answers")
    resolve: bool = Field(default=False, description="Solves the children with it, and the parent")


class ChildPreview(BaseModel):
    """What one child would get."""

    ticket: TicketRow
    channel: Channel
    to: str
    text: str
    why: str = Field(description="Why it gets nothing; empty: it gets the text")


class ChildAnswered(BaseModel):
    number: int
    message: int | None
    why: str = Field(description="Why it got nothing; empty: it is on its way")


class LinkIn(BaseModel):
    other: int
    kind: links.Kin = Field(description="What the other ticket is to this one")


class MovedThread(BaseModel):
    channel: Channel
    name: str


class MergePreview(BaseModel):
    """What a merge would do."""

    ticket: TicketRow
    into: TicketRow
    other_customer: bool
    customer: str
    threads: list[MovedThread]
    messages: int
    reopens: bool = Field(description="The master is solved, and would be open again")
    waits_since: datetime | None = Field(description="Since when a customer waits in the two together")


@router.get("/{number}/candidates", response_model=list[TicketRow])
async def list_candidates(
    session: Reading, agent: Reader, number: int, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Tickets to merge with or to link, those of the same customer first; other customers' only when searched for."""
    if await session.get(Ticket, number) is None:
        raise desk.NoTicket
    return json_response(await cases.candidates(session, number, q))


@router.get("/{number}/merge", response_model=MergePreview)
async def preview_merge(session: Reading, agent: Reader, number: int, into: int) -> Response:
    """What merging this ticket into another would do; nothing is done."""
    part, master = await session.get(Ticket, number), await session.get(Ticket, await cases.root(session, into))
    if part is None or master is None:
        raise desk.NoTicket
    return json_response(await cases.preview(session, part, master))


@router.post("/{number}/merge", response_model=TicketRow)
async def merge_ticket(session: Writing, agent: Worker, now: Now, number: int, asked: MergeIn) -> Response:
    """Puts this ticket into another, which is the answer. Its conversations, and what comes in them, are there from now on."""
    made = await merge.merge(session, number, asked.into, agent=agent, now=now, other_customer=asked.other_customer)
    return json_response((await tickets.rows(session, [made.into_id]))[0])


@router.delete("/{number}/merge", response_model=TicketRow)
async def unmerge_ticket(session: Writing, agent: Worker, now: Now, number: int) -> Response:
    """Undoes a merge: what was moved goes back, with what came in it since."""
    part = await unmerge.unmerge(session, number, agent=agent, now=now)
    return json_response((await tickets.rows(session, [part.id]))[0])


@router.post("/{number}/split", response_model=TicketRow, status_code=201)
async def split_ticket(session: Writing, agent: Worker, now: Now, number: int, asked: SplitIn) -> Response:
    """A customer's message becomes a ticket of its own, which is the answer; the two are related."""
    made = await split.split(
        session, number, asked.message_id, agent=agent, now=now, following=asked.following, subject=asked.subject
    )
    return json_response((await tickets.rows(session, [made.id]))[0], 201)


@router.post("/{number}/links", response_model=list[LinkOut], status_code=201)
async def link_ticket(session: Writing, agent: Worker, now: Now, number: int, asked: LinkIn) -> Response:
    """Says that another ticket is related to this one, its parent or its child. Answers with all links of this one."""
    await links.link(session, number, asked.other, asked.kind, agent=agent, now=now)
    return json_response(await cases.links(session, number), 201)


@router.delete("/{number}/links/{link_id}", response_model=list[LinkOut])
async def unlink_ticket(session: Writing, agent: Worker, now: Now, number: int, link_id: int) -> Response:
    """Takes a link away. Answers with those that are left."""
    await links.unlink(session, number, link_id, agent=agent, now=now)
    return json_response(await cases.links(session, number))


@router.post("/{number}/children/preview", response_model=list[ChildPreview])
async def preview_children(session: Reading, agent: Answerer, number: int, asked: ChildrenIn) -> Response:
    """What each child would get; nothing is sent."""
    if await session.get(Ticket, number) is None:
        raise desk.NoTicket
    return json_response(await previews.preview(session, number, asked.text, agent))


@router.post("/{number}/children/replies", response_model=list[ChildAnswered], status_code=201)
async def answer_children(session: Writing, agent: Answerer, now: Now, number: int, asked: ChildrenReplyIn) -> Response:
    """Answers all unsolved children at once, each in its own channel."""
    found = await incident.answer_children(
        session, number, asked.text, client_id=asked.client_id, agent=agent, now=now, resolve=asked.resolve
    )
    return json_response(found, 201)
