"""Signing in and out, and one's own settings."""

import asyncio
from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import people, presence
from app.api.desk import brief
from app.api.door import COOKIE, Here, Now, Signed, Writing, WrongOrigin, json_response, own_origin
from app.api.shapes import PresenceName
from app.api.throttle import Throttle, peer_of
from app.errors import Invalid, Missing, Unauthorized
from app.models import Agent, ApiToken, Audit, Login, Presence, TeamMember
from app.parts import Parts
from app.rules.permissions import GRANTS
from app.security import hash_password, new_token, password_fits, token_hash

router = APIRouter(prefix="/api/v1", tags=["session"])
TRIES, WINDOW_S = 10, 60.0


class WrongCredentials(Unauthorized):
    """The mail address or the password is wrong."""


class WrongPassword(Invalid):
    """The present password is wrong."""


class NoToken(Missing):
    """There is no such token."""


class SignIn(BaseModel):
    email: str = Field(max_length=320)
    password: str = Field(max_length=1000)


WarnMail = Literal["never", "away", "breaches", "all"]


class Me(BaseModel):
    """The agent who is signed in."""

    id: int
    name: str
    alias: str
    role: Literal["owner", "lead", "agent", "success"]
    presence: PresenceName
    presence_at: datetime | None
    presence_reason: str
    presence_before: str
    presence_until: datetime | None
    channels_off: list[str]
    active: bool
    email: str
    language: str
    phone: str
    warn_mail: WarnMail
    team_ids: list[int]
    permissions: list[str]


class MeChange(BaseModel):
    language: Literal["ja", "en"] | None = None
    alias: str | None = Field(default=None, max_length=60)
    phone: str | None = Field(default=None, max_length=20, pattern=r"^(\+[1-9][0-9]{6,14})?$")
    warn_mail: WarnMail | None = Field(default=None, description="Which warnings of deadlines come by mail too")


class PasswordChange(BaseModel):
    present: str = Field(max_length=1000)
    new: str = Field(min_length=10, max_length=1000)


class TokenIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)


class TokenOut(BaseModel):
    """`token` is told once, when it is made."""

    id: int
    name: str
    created_at: str
    token: str | None = None


async def me(session: AsyncSession, agent: Agent) -> dict[str, object]:
    teams = await session.scalars(select(col(TeamMember.team_id)).where(col(TeamMember.agent_id) == agent.id))
    fields = ("presence_before", "presence_until", "email", "language", "phone", "warn_mail")
    return {
        **brief(agent),
        **{name: getattr(agent, name) for name in fields},
        "team_ids": sorted(teams.all()),
        "permissions": sorted(GRANTS.get(agent.role, frozenset())),
    }


@router.post("/session", response_model=Me)
async def sign_in(request: Request, here: Here, now: Now, given: SignIn) -> Response:
    if not own_origin(request):
        raise WrongOrigin
    email = given.email.strip().lower()
    peer = peer_of(request)
    throttle: Throttle = request.app.state.throttle
    throttle.check(**{f"email {email}": TRIES, f"peer {peer}": TRIES})
    async with here.database.read() as session:
        known = (await session.scalars(select(Agent).where(col(Agent.email) == email))).first()
    # Outside of a transaction: strangers who try passwords must not hold up those who write.
    fits = await asyncio.to_thread(password_fits, given.password, known.password_hash if known else "")
    if known is None or not fits or not known.active:
        raise WrongCredentials
    throttle.forget(f"email {email}", f"peer {peer}")
    async with here.database.write() as session:
        return await _let_in(request, session, here, now, known)


async def _let_in(request: Request, session: AsyncSession, here: Parts, now: datetime, known: Agent) -> Response:
    agent = await _unchanged(session, known)
    token, life = new_token(), timedelta(days=here.settings.session_days)
    agent.seen_at = agent.live_at = now  # a browser, whose connection is expected
    if agent.presence in (Presence.OFFLINE, Presence.AWAY):
        await session.flush()
        await presence.declare(session, agent.id, Presence.AVAILABLE, by=agent.id, now=now)
    session.add(
        Login(
            agent_id=agent.id, token_hash=token_hash(token), created_at=now, expires_at=now + life,
            user_agent=request.headers.get("user-agent", "")[:200],
        )
    )  # fmt: skip
    await session.flush()
    answer = json_response(await me(session, agent))
    answer.set_cookie(
        COOKIE, token, max_age=int(life.total_seconds()), httponly=True, samesite="lax",
        secure=here.settings.cookies_secure, path="/",
    )  # fmt: skip
    return answer


async def _unchanged(session: AsyncSession, known: Agent) -> Agent:
    """Held until the commit. Unauthorized when they were let go or got a new password since we looked: that ends all keys."""
    agent = await session.get_one(Agent, known.id, with_for_update=True)
    if not agent.active or agent.password_hash != known.password_hash:
        raise Unauthorized
    return agent


@router.get("/session", response_model=Me)
async def who_am_i(caller: Signed, here: Here) -> Response:
    async with here.database.read() as session:
        return json_response(await me(session, caller.agent))


@router.delete("/session", status_code=204)
async def sign_out(session: Writing, caller: Signed, now: Now) -> Response:
    if caller.login_id is not None:
        await presence.declare(session, caller.agent.id, Presence.OFFLINE, by=caller.agent.id, now=now)
        await session.execute(delete(Login).where(col(Login.id) == caller.login_id))
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.patch("/session", response_model=Me)
async def change_me(session: Writing, caller: Signed, now: Now, change: MeChange) -> Response:
    agent = await session.get_one(Agent, caller.agent.id)
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(agent, name, value)
    await session.flush()
    await feed.record(session, feed.event("agent.changed", now, agent=agent.id, who=agent.id))
    return json_response(await me(session, agent))


@router.put("/me/password", status_code=204)
async def change_password(request: Request, caller: Signed, here: Here, now: Now, given: PasswordChange) -> Response:
    """All other browsers and all programs of this agent are signed out."""
    throttle: Throttle = request.app.state.throttle
    throttle.check(**{f"password {caller.agent.id}": TRIES})
    if not await asyncio.to_thread(password_fits, given.present, caller.agent.password_hash):
        raise WrongPassword
    throttle.forget(f"password {caller.agent.id}")
    hashed = await asyncio.to_thread(hash_password, given.new)
    async with here.database.write() as session:
        agent = await _unchanged(session, caller.agent)
        await people.change_password(session, agent, hashed, login_id=caller.login_id, now=now)
        session.add(Audit(at=now, agent_id=agent.id, code="password.changed", subject=agent.email))
    return Response(status_code=204)


@router.get("/me/tokens", response_model=list[TokenOut])
async def list_tokens(caller: Signed, here: Here) -> Response:
    query = select(ApiToken).where(col(ApiToken.agent_id) == caller.agent.id, col(ApiToken.revoked_at).is_(None))
    async with here.database.read() as session:
        found = (await session.scalars(query.order_by(col(ApiToken.id)))).all()
    return json_response([{"id": t.id, "name": t.name, "created_at": t.created_at, "token": None} for t in found])


@router.post("/me/tokens", status_code=201, response_model=TokenOut)
async def make_token(session: Writing, caller: Signed, now: Now, asked: TokenIn) -> Response:
    await _unchanged(session, caller.agent)
    token = new_token()
    made = ApiToken(agent_id=caller.agent.id, name=asked.name, token_hash=token_hash(token), created_at=now)
    session.add(made)
    await session.flush()
    return json_response({"id": made.id, "name": made.name, "created_at": now, "token": token}, 201)


@router.delete("/me/tokens/{token_id}", status_code=204)
async def revoke_token(session: Writing, caller: Signed, now: Now, token_id: int) -> Response:
    found = await session.get(ApiToken, token_id)
    if found is None or found.agent_id != caller.agent.id:
        raise NoToken
    found.revoked_at = now
    return Response(status_code=204)
