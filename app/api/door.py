"""What every door shares: who is there, what they may do, the transaction, the shape of an error."""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlsplit

import orjson
from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from app import clock
from app.errors import Conflict, Forbidden, Invalid, Missing, Problem, TooLarge, Unauthorized
from app.models import Agent, ApiToken, Login
from app.parts import Parts
from app.rules.permissions import may
from app.security import token_hash

COOKIE = "mikawaya_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SEEN_EVERY = timedelta(minutes=1)
T = TypeVar("T")


class WrongOrigin(Forbidden):
    """This request did not come from our own pages."""


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null at the end."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and as what."""

    agent: Agent
    login_id: int | None = None  # empty for programs


def parts_of(connection: HTTPConnection) -> Parts:
    found: Parts = connection.app.state.parts
    return found


def now() -> datetime:
    return clock.utcnow()


async def reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with parts_of(request).database.read() as session:
        yield session


async def writing(request: Request) -> AsyncIterator[AsyncSession]:
    async with parts_of(request).database.write() as session:
        yield session


async def caller_of(connection: HTTPConnection) -> Caller | None:
    """The agent behind a cookie or a bearer token; None for anybody else."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    async with parts_of(connection).database.read() as session:
        if scheme.lower() == "bearer" and token:
            query = select(Agent).join(ApiToken, col(ApiToken.agent_id) == col(Agent.id))
            query = query.where(
                col(ApiToken.token_hash) == token_hash(token.strip()), col(ApiToken.revoked_at).is_(None)
            )
            agent = (await session.scalars(query)).first()
            return Caller(agent) if agent and agent.active else None
        cookie = connection.cookies.get(COOKIE)
        if not cookie:
            return None
        query2 = select(Agent, Login.id).join(Login, col(Login.agent_id) == col(Agent.id))  # type: ignore[call-overload]
        query2 = query2.where(col(Login.token_hash) == token_hash(cookie), col(Login.expires_at) > clock.utcnow())
        found = (await session.execute(query2)).first()
    return Caller(found[0], found[1]) if found and found[0].active else None


def own_origin(connection: HTTPConnection) -> bool:
    """The browser says that the request comes from a page of ours, or is no browser's cross-site request."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    ours = {urlsplit(parts_of(connection).settings.public_url).netloc, connection.headers.get("host", "")}
    return urlsplit(origin).netloc in ours


async def signed_in(request: Request) -> Caller:
    """Raises Unauthorized; a browser's unsafe request must come from our own page (CSRF)."""
    caller = await caller_of(request)
    if caller is None:
        raise Unauthorized
    by_browser = caller.login_id is not None and request.method not in SAFE
    if by_browser and (request.headers.get("x-mikawaya") != "1" or not own_origin(request)):
        raise WrongOrigin
    return caller


def having(permission: str) -> Callable[..., Coroutine[Any, Any, Agent]]:
    """A dependency: the agent who asks, if they may. Routes without it are listed as open in the house test."""

    async def agent(caller: Annotated[Caller, Depends(signed_in)]) -> Agent:
        if not may(caller.agent.role, permission):
            raise Forbidden(permission=permission)
        return caller.agent

    agent.permission = permission  # type: ignore[attr-defined]
    return agent


Reading = Annotated[AsyncSession, Depends(reading, scope="function")]
Writing = Annotated[AsyncSession, Depends(writing, scope="function")]
Signed = Annotated[Caller, Depends(signed_in)]
Now = Annotated[datetime, Depends(now)]
Here = Annotated[Parts, Depends(parts_of)]
Reader = Annotated[Agent, Depends(having("ticket.read"))]
Worker = Annotated[Agent, Depends(having("ticket.work"))]
Admin = Annotated[Agent, Depends(having("setting.write"))]


def json_response(content: Any, status: int = 200) -> Response:
    """Rows as they are: the shapes document them, orjson writes them (3,700 lists a second against 512)."""
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), status, media_type="application/json")


def problem(status: int, code: str, title: str, *, headers: Mapping[str, str] | None = None, **params: Any) -> Response:
    """RFC 9457."""
    body = {"type": f"urn:mikawaya:{code}", "title": title, "status": status, "code": code, **params}
    return Response(orjson.dumps(body, default=str), status, headers, media_type="application/problem+json")


# What `render` knows a word for.
KNOWN_ERRORS = (
    Problem,
    RequestValidationError,
    HTTPException,
    StatementError,
    OverflowError,
    UnicodeEncodeError,
    Exception,
)


async def render(request: Request, error: Exception) -> Response:
    """One handler renders every error that has a class."""
    if isinstance(error, HTTPException):
        known = {404: Missing, 413: TooLarge}.get(error.status_code, Invalid)
        return problem(error.status_code, known.code(), known.title(), headers=error.headers)
    if isinstance(error, IntegrityError):  # what it names is gone, or somebody made the same at this moment
        return problem(Conflict.status, Conflict.code(), Conflict.title())
    if _unfit(error):
        return problem(Invalid.status, Invalid.code(), Invalid.title())
    if isinstance(error, StatementError):
        raise error
    if isinstance(error, Problem):
        return problem(error.status, error.code(), error.title(), detail=error.detail, **error.params)
    if isinstance(error, RequestValidationError):
        fields = [{"at": ".".join(str(p) for p in e["loc"]), "says": e["msg"]} for e in error.errors()]
        return problem(422, "invalid", Invalid.title(), fields=fields)
    return problem(500, "problem", Problem.title())


def _unfit(error: Exception) -> bool:
    """A value that the shapes allow and the database cannot hold: over 64 bits, NUL, half a surrogate."""
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return isinstance(error.orig, OverflowError | UnicodeEncodeError)  # a time beyond the year 9999 in UTC
    if not isinstance(error, DBAPIError):
        return isinstance(error, OverflowError | UnicodeEncodeError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return state.startswith("22") or isinstance(getattr(error.orig, "__cause__", None), ValueError)
