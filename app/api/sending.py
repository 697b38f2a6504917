"""Before an answer goes out: what its writer should look at again."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.actions import desk, reply
from app.api.door import Here, Reading, json_response
from app.api.tickets import Answerer
from app.models import Thread, Ticket
from app.queries import sending

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])


class CheckIn(BaseModel):
    text: str = Field(default="", max_length=100_000)
    thread_id: int | None = None
    files: int = Field(default=0, ge=0, le=100, description="How many are attached")


class WarningOut(BaseModel):
    """`about`: the links or addresses."""

    code: Literal["forgotten_attachment", "outside_recipient", "internal_link"]
    about: list[str]


@router.post("/{number}/replies/check", response_model=list[WarningOut])
async def check_reply(session: Reading, agent: Answerer, here: Here, number: int, asked: CheckIn) -> Response:
    """Warnings, never refusals: nothing is written, and the answer may be sent all the same."""
    ticket = await session.get(Ticket, number)
    if ticket is None:
        raise desk.NoTicket
    thread = await session.get(Thread, asked.thread_id) if asked.thread_id is not None else None
    if asked.thread_id is not None and (thread is None or thread.ticket_id != number):
        raise reply.NoThread
    url = here.settings.public_url
    return json_response(await sending.warnings(session, ticket, thread, asked.text, files=asked.files, url=url))
