"""Whisper: what is known of a customer's hours before something is sent, and what waits for their morning."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, model_validator

from app.actions import desk
from app.actions.success import waking as verbs
from app.api.door import Now, Reader, Reading, Writing, having, json_response
from app.api.shapes import MessageOut
from app.api.success.accounts import SuccessWriter
from app.models import Agent, Ticket, Waking
from app.queries import messages
from app.queries.success import waking as queries

router = APIRouter(prefix="/api/v1", tags=["messages"])
Replier = Annotated[Agent, Depends(having("customer.answer"))]
PersonWriter = Annotated[Agent, Depends(having("person.write"))]


class UsualOut(BaseModel):
    channel: str
    hour: int = Field(description="Of their own day")
    count: int = Field(description="Of the messages that this is computed from")


class WhisperOut(BaseModel):
    asleep: bool
    wakes_at: datetime
    zone: str
    awake_from: int = Field(description="Minutes of their day")
    awake_to: int
    whose: str = Field(description='Whose hours these are: "person", "account" or "desk"')
    usual: UsualOut | None = Field(description="How they usually write; null while too little is known")
    silent: list[str] = Field(description="Channels that can send without a sound")


class WakingIn(BaseModel):
    """Minutes of their day; an end after midnight is more than 1440."""

    zone: str = Field(default="", max_length=60, description="Empty: the desk's")
    awake_from: int = Field(ge=0, lt=1440)
    awake_to: int = Field(gt=0, le=2880)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.awake_from < self.awake_to <= self.awake_from + 1440:
            raise ValueError("the hours end after they begin, and within a day")
        return self


@router.get("/tickets/{number}/whisper", response_model=WhisperOut)
async def whisper(session: Reading, agent: Reader, now: Now, number: int) -> Response:
    ticket = await session.get(Ticket, number)
    if ticket is None:
        raise desk.NoTicket
    return json_response(await queries.whisper(session, ticket, now))


@router.put("/people/{person_id}/waking", status_code=204)
async def set_persons_hours(session: Writing, agent: PersonWriter, person_id: int, asked: WakingIn) -> Response:
    await verbs.set_hours(session, person=person_id, given=Waking(person_id=person_id, **asked.model_dump()))
    return Response(status_code=204)


@router.delete("/people/{person_id}/waking", status_code=204)
async def drop_persons_hours(session: Writing, agent: PersonWriter, person_id: int) -> Response:
    await verbs.set_hours(session, person=person_id, given=None)
    return Response(status_code=204)


@router.put("/success/accounts/{account_id}/waking", status_code=204)
async def set_accounts_hours(session: Writing, agent: SuccessWriter, account_id: int, asked: WakingIn) -> Response:
    await verbs.set_hours(session, account=account_id, given=Waking(account_id=account_id, **asked.model_dump()))
    return Response(status_code=204)


@router.post("/messages/{message_id}/now", response_model=MessageOut)
async def send_now(session: Writing, agent: Replier, now: Now, message_id: int) -> Response:
    """What waits for the morning goes at once."""
    await verbs.hasten(session, message_id, by=agent.id, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])


@router.post("/messages/{message_id}/drop", response_model=MessageOut)
async def drop_waiting(session: Writing, agent: Replier, now: Now, message_id: int) -> Response:
    """What waits for the morning never goes."""
    await verbs.drop(session, message_id, by=agent.id, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])
