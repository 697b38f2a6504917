"""The live board of a lead: one picture a second for everybody who looks."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from app import clock
from app.api.door import Here, Now, Page, Reading, having, json_response
from app.api.shapes import Channel, PresenceName, TicketRow
from app.models import Agent
from app.parts import Parts
from app.queries import board as queries
from app.queries.reports import overview
from app.queries.reports.asked import Asked

router = APIRouter(prefix="/api/v1", tags=["reports"])
Watcher = Annotated[Agent, Depends(having("report.read"))]
Basis = Literal["business", "elapsed"]
Tile = Literal["waiting", "breached", "in_15", "in_60", "calls", "talking"]
Picked = tuple[int | None, Basis]
TODAY = ("inbound", "response_rate", "first_response", "sla_first_response", "sla_next_response", "sla_resolution",
         "answer_rate")  # fmt: skip
WEEK = timedelta(days=7)
FRESH_S, FIGURES_S = 1.0, 15.0  # how old a picture may be, and the day's figures in it


class WaitingOut(BaseModel):
    channel: Channel
    team_id: int | None
    count: int
    oldest: datetime
    unassigned: int


class DueOut(BaseModel):
    breached: int
    in_15: int
    in_60: int


class SeatOut(BaseModel):
    """`load`: what of the capacity is taken."""

    id: int
    name: str
    presence: PresenceName
    reason: str
    since: datetime | None
    capacity: int
    load: int
    phone: Literal["", "ringing", "call"]
    role: str


class QueueOut(BaseModel):
    waiting: int
    oldest: datetime | None
    talking: int


class TodayOut(BaseModel):
    code: str
    value: float | None
    numerator: float
    denominator: float
    before: float | None


class BoardOut(BaseModel):
    """`day`: today in the zone of the team's calendar, or the desk's."""

    at: datetime
    day: date
    waiting: list[WaitingOut]
    due: DueOut
    first: list[TicketRow]
    basis: Basis
    agents: list[SeatOut]
    calls: QueueOut
    today: list[TodayOut]


class BehindOut(BaseModel):
    """A ticket, or a call's, and since when it waits or when it is due."""

    at: datetime
    ticket: TicketRow


class Pictures:
    """Taken at most once a second for each team, however many screens ask."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._kept: dict[Picked, tuple[float, dict[str, Any]]] = {}
        self._figures: dict[Picked, tuple[float, dict[str, Any]]] = {}
        self._lock = asyncio.Lock()

    async def of(self, team: int | None, basis: Basis, at: datetime) -> dict[str, Any]:
        async with self._lock:
            taken, picture = self._kept.get((team, basis), (-FRESH_S, {}))
            if clock.monotonic() - taken >= FRESH_S:
                async with self._parts.database.read() as session:
                    picture = await queries.now(session, at, team)
                picture |= {"basis": basis, **await self._today(team, basis, at)}
                self._kept[team, basis] = clock.monotonic(), picture
            return picture

    async def _today(self, team: int | None, basis: Basis, at: datetime) -> dict[str, Any]:
        taken, found = self._figures.get((team, basis), (-FIGURES_S, {}))
        if clock.monotonic() - taken < FIGURES_S:
            return found
        async with self._parts.database.read() as session:
            zone = await overview.zone_of(session, team, self._parts.settings.timezone)
        day = at.astimezone(ZoneInfo(zone)).date()
        asked = Asked(first=day, last=day, zone=zone, now=at, team=team, basis=basis)
        week_ago = replace(asked, first=day - WEEK, last=day - WEEK)
        now, past = await overview.all_figures(self._parts.database, TODAY, asked, week_ago)
        names = ("value", "numerator", "denominator", "before")
        figures = []
        for code in TODAY:
            shown = overview.shown(code, now.get(code), past.get(code))
            figures.append({"code": code, **{name: shown[name] for name in names}})
        found = {"day": day, "today": figures}
        self._figures[team, basis] = clock.monotonic(), found
        return found


@router.get("/board", response_model=BoardOut)
async def board(
    request: Request,
    agent: Watcher,
    here: Here,
    now: Now,
    team: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    basis: Basis = "business",
) -> Response:
    """The desk at this moment, or one team of it. Today's figures stand beside those of the same weekday a week ago; times
    of them in business or elapsed hours, as in reports."""
    pictures: Pictures = request.app.state.pictures
    return json_response(await pictures.of(team, basis, now))


@router.get("/board/{tile}", response_model=Page[BehindOut])
async def board_tile(
    session: Reading,
    agent: Watcher,
    now: Now,
    tile: Tile,
    team: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    channel: Channel | None = None,
    unassigned: bool = False,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Exactly the tickets, or the calls' tickets, that a tile counts at this moment; 0 as team is "of no team"."""
    asked = queries.Behind(
        tile=tile, at=now, team=team, channel=channel, unassigned=unassigned, cursor=cursor, limit=limit
    )
    rows, after = await queries.behind(session, asked)
    return json_response({"items": rows, "next_cursor": after})
