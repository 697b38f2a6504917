"""承認: answers that wait for a lead."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.actions import approvals as verbs
from app.actions import desk
from app.actions.knowledge import capture
from app.api.door import Now, Reader, Reading, Writing, having, json_response
from app.api.shapes import MessageOut
from app.api.tickets import Answerer, ReplyIn, drafted
from app.models import Agent, Ticket
from app.queries import approvals, messages
from app.rules.approval import APPROVE

router = APIRouter(prefix="/api/v1", tags=["approvals"])
Approver = Annotated[Agent, Depends(having(APPROVE))]


class WaitingFile(BaseModel):
    id: str
    name: str
    media_type: str
    size: int | None


class ApprovalOut(BaseModel):
    """`comment`: why it was returned."""

    id: int
    ticket_id: int
    agent_id: int
    thread_id: int | None
    text: str
    html: str
    then: Literal["", "open", "pending", "resolved"]
    when: Literal["now", "wait", "silent"]
    state: Literal["waiting", "returned", "approved", "withdrawn"]
    asked_at: datetime
    decided_at: datetime | None
    decided_by: int | None
    comment: str
    message_id: int | None
    files: list[WaitingFile]


class TicketApprovals(BaseModel):
    needed: bool = Field(description="Whether an answer of yours to this ticket would wait")
    items: list[ApprovalOut]


class ApproveIn(BaseModel):
    """What is left out goes as it was written."""

    text: str | None = Field(default=None, max_length=100_000)
    html: str | None = Field(default=None, max_length=500_000)
    seen: int | None = Field(default=None, description="The last message that was seen: 409 when others added more")


class ReturnIn(BaseModel):
    comment: str = Field(min_length=1, max_length=2000)


@router.get("/tickets/{number}/approvals", response_model=TicketApprovals)
async def list_approvals(session: Reading, agent: Reader, number: int) -> Response:
    ticket = await session.get(Ticket, number)
    if ticket is None:
        raise desk.NoTicket
    needed = await approvals.is_needed(session, ticket, agent)
    return json_response({"needed": needed, "items": await approvals.of_ticket(session, number)})


@router.post("/tickets/{number}/approvals", status_code=201, response_model=ApprovalOut)
async def ask_approval(session: Writing, agent: Answerer, now: Now, number: int, asked: ReplyIn) -> Response:
    """An answer for a lead to read first."""
    ticket = await desk.workable(session, number)
    made, fresh = await verbs.ask(session, ticket, agent, drafted(asked), now=now)
    return json_response(await approvals.shown(session, made), 201 if fresh else 200)


@router.post("/approvals/{approval_id}/approve", response_model=MessageOut)
async def approve_reply(session: Writing, agent: Approver, now: Now, approval_id: int, said: ApproveIn) -> Response:
    """It goes out. Approving twice sends once."""
    change = verbs.Change(text=said.text, html=said.html, seen=said.seen)
    before = await verbs.status_of(session, approval_id)
    message, _ = await verbs.approve(session, approval_id, change, by=agent, now=now)
    await capture.check(session, await session.get_one(Ticket, message.ticket_id), before)
    return json_response((await messages.shown(session, [message.id]))[0])


@router.post("/approvals/{approval_id}/return", response_model=ApprovalOut)
async def return_reply(session: Writing, agent: Approver, now: Now, approval_id: int, said: ReturnIn) -> Response:
    found = await verbs.send_back(session, approval_id, said.comment, by=agent, now=now)
    return json_response(await approvals.shown(session, found))


@router.post("/approvals/{approval_id}/withdraw", response_model=ApprovalOut)
async def withdraw_reply(session: Writing, agent: Answerer, now: Now, approval_id: int) -> Response:
    """Its author takes it back."""
    found = await verbs.withdraw(session, approval_id, by=agent, now=now)
    return json_response(await approvals.shown(session, found))
