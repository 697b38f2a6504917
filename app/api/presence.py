"""Presence: one's own, and for leads their people's (R5)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from app.actions import presence
from app.api.door import Now, Signed, Writing, having, json_response
from app.api.shapes import Channel, PresenceName
from app.models import Agent, Audit

router = APIRouter(prefix="/api/v1", tags=["presence"])
Lead = Annotated[Agent, Depends(having("presence.write"))]


class PresenceIn(BaseModel):
    """Only what is named changes. Busy comes by itself."""

    presence: Literal["available", "wrap_up", "away", "break", "training", "offline"] | None = None
    channels_off: list[Channel] | None = None


class PresenceOut(BaseModel):
    """`presence_before`: what they go back to after a call, a wrap-up or a lost connection."""

    id: int
    presence: PresenceName
    presence_at: datetime | None
    presence_reason: str
    presence_before: str
    presence_until: datetime | None
    channels_off: list[str]


def shown(agent: Agent) -> dict[str, object]:
    return {name: getattr(agent, name) for name in PresenceOut.model_fields}


@router.put("/me/presence", response_model=PresenceOut)
async def set_my_presence(session: Writing, caller: Signed, now: Now, asked: PresenceIn) -> Response:
    """A program has no connection whose loss would make it away: what it says holds until it says otherwise."""
    agent = await presence.declare(
        session, caller.agent.id, asked.presence, by=caller.agent.id, now=now, channels_off=asked.channels_off,
        expects_browser=caller.login_id is not None,
    )  # fmt: skip
    return json_response(shown(agent))


@router.put("/agents/{agent_id}/presence", response_model=PresenceOut)
async def set_presence(session: Writing, lead: Lead, now: Now, agent_id: int, asked: PresenceIn) -> Response:
    """A lead knows that somebody has gone home."""
    agent = await presence.declare(
        session, agent_id, asked.presence, by=lead.id, now=now, channels_off=asked.channels_off
    )
    what = f"{agent.email} {asked.presence or ''} {' '.join(asked.channels_off or [])}"
    session.add(Audit(at=now, agent_id=lead.id, code="presence.set", subject=what.strip()))
    await session.flush()
    return json_response(shown(agent))
