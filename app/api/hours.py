"""Calendars: the hours that teams work, with a look ahead, and the public holidays that they keep."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.actions import hours as verbs
from app.api.door import Here, Now, Reader, Reading, having, json_response
from app.api.files import read_upload
from app.models import Agent, Audit
from app.queries import hours as queries
from app.rules import hours as rules
from app.rules.calendars import read_holidays

router = APIRouter(prefix="/api/v1/calendars", tags=["calendars"])
Planner = Annotated[Agent, Depends(having("calendar.write"))]
DAYS_AHEAD = 14
MOST_CSV_MB = 1

Opening = tuple[str, str]


class YearlyClosure(BaseModel):
    """Closed every year from one day to another, both included."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from", max_length=5)
    to: str = Field(max_length=5)
    name: str = ""


class DayInstead(BaseModel):
    """What one date has instead of everything else; nothing: closed."""

    name: str = ""
    open: list[Opening] = Field(default_factory=list)


class CalendarSpec(BaseModel):
    """What a calendar says. An end that is not after its start is on the next day."""

    zone: str = Field(max_length=64)
    week: list[list[Opening]] = Field(description="Seven days, Monday first")
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$", description="Whose public holidays are closed")
    closures: list[YearlyClosure] = Field(default_factory=list)
    days: dict[str, DayInstead] = Field(default_factory=dict)


class CalendarIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    spec: CalendarSpec


class CalendarChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=80)
    spec: CalendarSpec | None = None
    version: int | None = Field(default=None, description="The version that was edited: another one is a conflict")
    archived: bool | None = None


class CalendarOut(BaseModel):
    id: int
    name: str
    version: int
    spec: CalendarSpec
    team_ids: list[int]
    created_at: datetime
    changed_at: datetime
    archived_at: datetime | None


class AheadIn(BaseModel):
    spec: CalendarSpec
    target_minutes: int = Field(default=60, ge=1, le=60 * 24 * 60)


class DayAhead(BaseModel):
    date: date
    why: Literal["week", "holiday", "closure", "day"]
    name: str
    open: list[tuple[int, int]] = Field(description="Minutes of the local day, what ends a night before included")
    open_s: int


class CalendarAhead(BaseModel):
    open_now: bool
    opens_at: datetime
    due_at: datetime
    days: list[DayAhead]


class HolidayOut(BaseModel):
    date: date
    name: str
    imported: bool


class HolidaysOut(BaseModel):
    items: list[HolidayOut]
    imported_years: list[int]


class ImportedOut(BaseModel):
    days: int
    years: list[int]
    calendars: int


def _spec(given: CalendarSpec) -> dict[str, Any]:
    return given.model_dump(mode="json", by_alias=True)


@router.get("", response_model=list[CalendarOut])
async def list_calendars(session: Reading, agent: Reader) -> Response:
    return json_response(await queries.listing(session))


@router.post("", status_code=201, response_model=CalendarOut)
async def add_calendar(agent: Planner, here: Here, now: Now, asked: CalendarIn) -> Response:
    await queries.ready(asked.spec.country)
    async with here.database.write() as session:
        made = await verbs.add(session, name=asked.name, spec=_spec(asked.spec), agent_id=agent.id, now=now)
        session.add(Audit(at=now, agent_id=agent.id, code="calendar.added", subject=made.name))
        await session.flush()
        shown = await queries.one(session, made.id)
    return json_response(shown, 201)


@router.get("/countries", response_model=list[str])
async def countries(agent: Reader) -> Response:
    """Whose public holidays are known, as ISO codes."""
    return json_response(await queries.countries())


@router.post("/preview", response_model=CalendarAhead)
async def preview(session: Reading, agent: Reader, now: Now, asked: AheadIn) -> Response:
    """What a calendar, saved or not, has open in the coming days, and when a message of now would be due."""
    spec = _spec(asked.spec)
    holidays = await verbs.sound(session, spec, now)
    found = rules.hours(spec, holidays)
    names = await queries.known(session, asked.spec.country, agent.language)
    today = now.astimezone(ZoneInfo(found.zone)).date()
    return json_response({
        "open_now": rules.is_open(found, now),
        "opens_at": rules.next_open(found, now),
        "due_at": rules.add(found, now, asked.target_minutes * 60),
        "days": [_day(found, today + timedelta(days=n), names) for n in range(DAYS_AHEAD)],
    })  # fmt: skip


def _day(hours: rules.Hours, on: date, names: dict[date, str]) -> dict[str, Any]:
    zone, has = ZoneInfo(hours.zone), rules.day(hours, on)
    begin, end = (datetime.combine(each, time(), zone) for each in (on, on + timedelta(days=1)))
    opened = rules.intervals(hours, begin, end)
    return {
        "date": on,
        "why": has.why,
        "name": names.get(on, has.name) if has.why == "holiday" else has.name,
        "open": [(_minute(start, on, zone), _minute(stop, on, zone)) for start, stop in opened],
        "open_s": round(rules.elapsed(hours, begin, end)),
    }


def _minute(at: datetime, on: date, zone: ZoneInfo) -> int:
    wall = at.astimezone(zone)
    return wall.hour * 60 + wall.minute if wall.date() == on else 24 * 60


@router.get("/holidays", response_model=HolidaysOut)
async def holidays(
    session: Reading,
    agent: Reader,
    now: Now,
    country: Annotated[str, Query(pattern=r"^[A-Z]{2}$")] = verbs.JAPAN,
    year: Annotated[int | None, Query(ge=queries.YEARS.start, lt=queries.YEARS.stop)] = None,
) -> Response:
    """The public holidays of one year, the present one unless said; imported ones count instead of the library's."""
    asked = year or now.year
    years = await queries.imported_years(session, country)
    known = await queries.known(session, country, agent.language)
    items = [
        {"date": on, "name": known[on], "imported": asked in years} for on in sorted(known) if on.year == asked
    ]  # fmt: skip
    return json_response({"items": items, "imported_years": years})


@router.post("/holidays", status_code=201, response_model=ImportedOut)
async def import_holidays(agent: Planner, here: Here, now: Now, file: UploadFile) -> Response:
    """The Cabinet Office's syukujitsu.csv. A line that does not fit refuses the whole file."""
    given = read_holidays(await read_upload(file, MOST_CSV_MB))
    await queries.ready(verbs.JAPAN)
    async with here.database.write() as session:
        renewed = await verbs.import_holidays(session, given, now=now)
        session.add(Audit(at=now, agent_id=agent.id, code="holidays.imported", subject=(file.filename or "")[:200]))
        await session.flush()
    years = sorted({on.year for on in given})
    return json_response({"days": len(given), "years": years, "calendars": renewed}, 201)


@router.patch("/{calendar_id}", response_model=CalendarOut)
async def change_calendar(agent: Planner, here: Here, now: Now, calendar_id: int, change: CalendarChange) -> Response:
    if change.spec is not None:
        await queries.ready(change.spec.country)
    async with here.database.write() as session:
        made = await verbs.change(
            session, calendar_id, agent_id=agent.id, now=now, name=change.name, version=change.version,
            archived=change.archived, spec=_spec(change.spec) if change.spec is not None else None,
        )  # fmt: skip
        session.add(Audit(at=now, agent_id=agent.id, code="calendar.changed", subject=made.name))
        await session.flush()
        shown = await queries.one(session, made.id)
    return json_response(shown)
