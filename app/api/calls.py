"""Telephone calls: taken, made, hung up, and the token of an agent's browser telephone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from app.actions import callback, calls, desk
from app.api.door import Here, Now, Writing, having, json_response
from app.api.shapes import CallOut, MessageOut
from app.errors import Conflict
from app.models import Agent
from app.parts import Parts
from app.queries import messages
from channels.contract import Undeliverable
from channels.telephony import Dials, Softphone

router = APIRouter(prefix="/api/v1", tags=["calls"])
Answerer = Annotated[Agent, Depends(having("call.answer"))]


class NoSoftphone(Conflict):
    """This inbox has no browser telephone."""


class AnswerIn(BaseModel):
    via: Literal["browser", "phone"] = "browser"


class CallBackIn(BaseModel):
    """Whom to call, and where the agent is rung first. Without a number: the one of the ticket's latest call."""

    via: Literal["browser", "phone"] = "browser"
    identity_id: int | None = None
    confirmed: bool = False  # after 409 "costly_number": call all the same


class PhoneToken(BaseModel):
    token: str
    identity: str


@router.post("/tickets/{number}/calls", status_code=201, response_model=MessageOut)
async def call_back(
    session: Writing, agent: Answerer, here: Here, now: Now, number: int, asked: CallBackIn
) -> Response:
    """Calls the customer: the agent's browser or telephone rings first (T22)."""
    lines = await _lines(here)
    ticket = await desk.workable(session, number)
    wish = callback.Wish(via=asked.via, identity_id=asked.identity_id, confirmed=asked.confirmed)
    call = await callback.call_back(session, ticket, agent, wish, lines=lines, now=now)
    return json_response((await messages.shown(session, [call.message_id]))[0], 201)


async def _lines(here: Parts) -> dict[int, Dials]:
    """The inboxes that one can call from; none remembered: perhaps the first has just been added."""
    if found := await _remembered(here):
        return found
    await here.inboxes.refresh()
    return await _remembered(here)


async def _remembered(here: Parts) -> dict[int, Dials]:
    found: dict[int, Dials] = {}
    for opened in await here.inboxes.all():
        channel: object = opened.channel
        if opened.row.enabled and isinstance(channel, Dials):
            found[opened.row.id] = channel
    return found


@router.post("/calls/{call_id}/answer", response_model=CallOut)
async def answer(session: Writing, agent: Answerer, now: Now, call_id: int, how: AnswerIn) -> Response:
    """Takes a call that rings with whoever asks; a lead may take any."""
    call = await calls.answer(session, call_id, agent, via=how.via, now=now)
    return json_response(messages.call_shape(call))


@router.post("/calls/{call_id}/decline", status_code=204)
async def decline(session: Writing, agent: Answerer, now: Now, call_id: int) -> Response:
    """The call rings with somebody else; a while later with them, too, when nobody has taken it."""
    await calls.decline(session, call_id, agent, now)
    return Response(status_code=204)


@router.post("/calls/{call_id}/hangup", response_model=CallOut)
async def hang_up(session: Writing, agent: Answerer, now: Now, call_id: int) -> Response:
    call = await calls.hang_up(session, call_id, agent, now)
    return json_response(messages.call_shape(call))


@router.get("/phone/token", response_model=PhoneToken)
async def phone_token(agent: Answerer, here: Here, now: Now, inbox: int) -> Response:
    """A short-lived token for the agent's browser telephone (T14)."""
    opened = await here.inboxes.by_id(inbox)
    if opened is None or not isinstance(opened.channel, Softphone):
        raise NoSoftphone
    try:
        token = opened.channel.token(agent.id, now)
    except Undeliverable:
        raise NoSoftphone from None
    return json_response({"token": token, "identity": f"agent-{agent.id}"})
