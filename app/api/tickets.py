"""The queue and the ticket."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from app.actions import desk, reply
from app.actions.knowledge import capture
from app.api.door import Here, Now, Page, Reader, Reading, Worker, Writing, having, json_response
from app.api.knowledge.capture import WaiverIn
from app.api.shapes import Channel, MessageOut, PriorityName, StatusName, TicketDetail, TicketRow
from app.errors import Forbidden, Invalid
from app.models import Agent, Inbox, Team
from app.parts import Parts
from app.queries import detail, messages, tickets
from app.queries.views import saved
from app.rules.permissions import may
from channels import KINDS
from channels.contract import Quota

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
Replier = Annotated[Agent, Depends(having("ticket.reply"))]
Answerer = Annotated[Agent, Depends(having("customer.answer"))]
Writer = Annotated[Agent, Depends(having("note.write"))]


class NoSuchInbox(Invalid):
    """There is no such inbox, or nobody can be written to from it."""


class Change(BaseModel):
    """Only what is named changes."""

    subject: str | None = Field(default=None, max_length=400)
    status: StatusName | None = None
    snoozed_until: AwareDatetime | None = None
    priority: PriorityName | None = None
    team_id: int | None = None
    tag_ids: list[int] | None = None
    no_article: WaiverIn | None = Field(default=None, description="Resolved without an article, and why")


class AssignIn(BaseModel):
    agent_id: int | None = None
    team_id: int | None = None


class ReplyIn(BaseModel):
    text: str = Field(default="", max_length=100_000)
    html: str = Field(default="", max_length=500_000)
    thread_id: int | None = None
    attachments: list[str] = Field(default_factory=list, max_length=20)
    client_id: str = Field(default="", max_length=64)
    then: Literal["", "open", "pending", "resolved"] = ""
    override: bool = Field(default=False, description="A lead writes although success has the customer")
    seen: int | None = Field(default=None, description="The last message that was seen: 409 when others added more")
    quotes: int | None = Field(default=None, description="A message of the same conversation that this one quotes")
    when: Literal["now", "wait", "silent"] = Field(
        default="now", description="wait: until the customer's morning, when they sleep; silent: now, without a sound"
    )


class NoteIn(BaseModel):
    text: str = Field(default="", max_length=100_000)
    attachments: list[str] = Field(default_factory=list, max_length=20)
    client_id: str = Field(default="", max_length=64)
    audience: Literal["internal", "success"] = "internal"


class NewTicket(BaseModel):
    inbox_id: int
    to: str = Field(max_length=320, pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")
    subject: str = Field(min_length=1, max_length=400)
    text: str = Field(max_length=100_000)
    html: str = Field(default="", max_length=500_000)
    attachments: list[str] = Field(default_factory=list, max_length=20)
    client_id: str = Field(default="", max_length=64)


class Counts(BaseModel):
    """Each counted to 100 at most: 100 means "99+"."""

    views: dict[str, int]
    least: list[str] = Field(description="Of saved views, those in which there may be more")


async def _row(session: Any, number: int) -> Response:
    return json_response((await tickets.rows(session, [number]))[0])


@router.get("", response_model=Page[TicketRow])
async def list_tickets(
    session: Reading,
    agent: Reader,
    view: str = "open",
    team: int | None = None,
    channel: Channel | None = None,
    status: StatusName | None = None,
    priority: PriorityName | None = None,
    assignee: int | None = None,
    tag: int | None = None,
    person: int | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Literal["due", "updated"] = "due",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    asked = tickets.Asked(
        view=view, agent_id=agent.id, team=team, channel=channel, status=status, priority=priority, assignee=assignee,
        tag=tag, person=person, text=q, sort=sort, cursor=cursor, limit=limit,
    )  # fmt: skip
    items, following = await tickets.page(session, asked)
    return json_response({"items": items, "next_cursor": following})


@router.get("/counts", response_model=Counts)
async def counts(session: Reading, agent: Reader) -> Response:
    teams = list((await session.scalars(select(col(Team.id)).order_by(col(Team.id)))).all())
    views = await tickets.counts(session, agent.id, teams, list(KINDS))
    kept, least = await saved.counts(session, agent.id, shares=may(agent.role, "view.share"))
    return json_response({"views": views | kept, "least": least})


@router.post("", status_code=201, response_model=TicketRow)
async def new_ticket(session: Writing, agent: Replier, now: Now, asked: NewTicket) -> Response:
    inbox = await session.get(Inbox, asked.inbox_id)
    if inbox is None or inbox.kind != "email" or not inbox.enabled:
        raise NoSuchInbox
    draft = reply.Draft(
        text=asked.text, html=asked.html, attachments=tuple(asked.attachments), client_id=asked.client_id
    )
    made = await reply.write_first(
        session, inbox, agent, to=asked.to.lower(), subject=asked.subject, draft=draft, now=now
    )
    return json_response((await tickets.rows(session, [made.id]))[0], 201)


@router.get("/{number}", response_model=TicketDetail)
async def get_ticket(session: Reading, agent: Reader, here: Here, now: Now, number: int) -> Response:
    found = await detail.detail(session, number, here.inboxes, now)
    if found is None:
        raise desk.NoTicket
    await _quotas(found, here)
    return json_response(found)


async def _quotas(found: dict[str, Any], here: Parts) -> None:
    """What is left of the counted messages, from a memory of a minute: the screen never waits for a provider."""
    for thread in found["threads"]:
        opened = await here.inboxes.by_id(thread["inbox_id"])
        if opened and isinstance(opened.channel, Quota):
            thread["quota"] = here.quotas.get(opened.row.id)
            here.quotas.ask(opened.row.id, opened.channel.quota)


@router.get("/{number}/messages", response_model=Page[MessageOut])
async def list_messages(
    session: Reading,
    agent: Reader,
    number: int,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    if not await tickets.rows(session, [number]):
        raise desk.NoTicket
    items, more = await messages.of_ticket(session, number, before=before, limit=limit)
    following = str(min(m["id"] for m in items)) if more else None
    return json_response({"items": items, "next_cursor": following})


@router.patch("/{number}", response_model=TicketRow)
async def change_ticket(session: Writing, agent: Worker, now: Now, number: int, change: Change) -> Response:
    ticket = await desk.workable(session, number)
    given = change.model_fields_set
    if change.subject is not None:
        await desk.set_subject(session, ticket, change.subject.strip(), by=agent.id, now=now)
    if change.priority is not None:
        await desk.set_priority(session, ticket, change.priority, by=agent.id, now=now)
    if "team_id" in given:
        await desk.set_team(session, ticket, change.team_id, by=agent.id, now=now)
    if change.tag_ids is not None:
        await desk.set_tags(session, ticket, set(change.tag_ids), by=agent.id, now=now)
    if change.no_article is not None:
        said = change.no_article
        await capture.waive(session, ticket, said.reason, comment=said.comment, by=agent, now=now)
    if change.status is not None:
        before = ticket.status
        if change.status == "spam" and not may(agent.role, "ticket.spam"):
            raise Forbidden
        await desk.set_status(session, ticket, change.status, agent_id=agent.id, now=now, until=change.snoozed_until)
        await capture.check(session, ticket, before)
    return await _row(session, number)


@router.post("/{number}/claim", response_model=TicketRow)
async def claim(session: Writing, agent: Worker, now: Now, number: int) -> Response:
    await desk.claim(session, await desk.workable(session, number), agent, now)
    return await _row(session, number)


@router.post("/{number}/assign", response_model=TicketRow)
async def assign(session: Writing, agent: Worker, now: Now, number: int, to: AssignIn) -> Response:
    ticket = await desk.workable(session, number)
    if "team_id" in to.model_fields_set:
        await desk.set_team(session, ticket, to.team_id, by=agent.id, now=now)
    if "agent_id" in to.model_fields_set:
        await desk.assign(session, ticket, agent_id=to.agent_id, by=agent.id, reason="assigned", now=now)
    return await _row(session, number)


@router.post("/{number}/release", response_model=TicketRow)
async def release(session: Writing, agent: Worker, now: Now, number: int) -> Response:
    ticket = await desk.workable(session, number)
    await desk.assign(session, ticket, agent_id=None, by=agent.id, reason="released", now=now)
    return await _row(session, number)


def drafted(asked: ReplyIn) -> reply.Draft:
    return reply.Draft(
        text=asked.text, html=asked.html, attachments=tuple(asked.attachments), client_id=asked.client_id,
        thread_id=asked.thread_id, then=asked.then, override=asked.override,
        seen=asked.seen, when=asked.when, quotes=asked.quotes,
    )  # fmt: skip


@router.post("/{number}/replies", status_code=201, response_model=MessageOut)
async def reply_to(session: Writing, agent: Answerer, now: Now, number: int, asked: ReplyIn) -> Response:
    ticket = await desk.workable(session, number)
    before = ticket.status
    message, fresh = await reply.reply(session, ticket, agent, drafted(asked), now=now)
    await capture.check(session, ticket, before)
    return json_response((await messages.shown(session, [message.id]))[0], 201 if fresh else 200)


@router.post("/{number}/notes", status_code=201, response_model=MessageOut)
async def note_on(session: Writing, agent: Writer, now: Now, number: int, asked: NoteIn) -> Response:
    ticket = await desk.workable(session, number)
    draft = reply.Draft(
        text=asked.text, attachments=tuple(asked.attachments), client_id=asked.client_id, audience=asked.audience
    )
    message, fresh = await reply.note(session, ticket, agent, draft, now=now)
    return json_response((await messages.shown(session, [message.id]))[0], 201 if fresh else 200)
