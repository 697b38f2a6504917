"""What agents have begun to write: their own, and what colleagues share."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.actions import desk, drafts
from app.api.door import Now, Reading, Writing, having, json_response
from app.models import Agent, Ticket
from app.queries import drafts as queries

router = APIRouter(prefix="/api/v1/tickets", tags=["drafts"])
Writer = Annotated[Agent, Depends(having("note.write"))]


class KeptDraftIn(BaseModel):
    text: str = Field(default="", max_length=100_000)
    note: str = Field(default="", max_length=100_000)
    shared: bool = Field(default=False, description="Colleagues may read it and take it over")


class KeptDraftOut(KeptDraftIn):
    agent_id: int
    updated_at: datetime


class TicketDrafts(BaseModel):
    own: KeptDraftOut | None
    shared: list[KeptDraftOut] = Field(description="Colleagues', the oldest first")


@router.get("/{number}/drafts", response_model=TicketDrafts)
async def list_drafts(session: Reading, agent: Writer, number: int) -> Response:
    if await session.get(Ticket, number) is None:
        raise desk.NoTicket
    return json_response(await queries.of_ticket(session, number, agent.id))


@router.put("/{number}/draft", response_model=KeptDraftOut | None)
async def keep_draft(session: Writing, agent: Writer, now: Now, number: int, asked: KeptDraftIn) -> Response:
    """One's own draft, as it is now. Without words it is removed, and the answer is null."""
    ticket = await desk.workable(session, number)
    kept = await drafts.keep(session, ticket, agent, text=asked.text, note=asked.note, shared=asked.shared, now=now)
    return json_response(queries.shown(kept) if kept else None)


@router.post("/{number}/drafts/{owner}/take", response_model=KeptDraftOut)
async def take_draft(session: Writing, agent: Writer, now: Now, number: int, owner: int) -> Response:
    """A colleague's shared draft becomes one's own, behind one's own words."""
    ticket = await desk.workable(session, number)
    return json_response(queries.shown(await drafts.take(session, ticket, owner, agent, now=now)))
