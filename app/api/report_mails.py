"""Reports that go out by mail by themselves: saved, sent once now, and what became of each."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.actions.mailings import outbox, reports
from app.actions.mailings.outbox import Reader
from app.api.door import Here, Now, Reading, Writing, having, json_response
from app.api.shapes import Channel
from app.models import Agent
from app.queries import mailings as queries
from app.rules.kpi import FIGURES
from app.rules.kpi_words import name
from app.rules.mailings.letter import compose

router = APIRouter(prefix="/api/v1/report-mails", tags=["report mails"])
Lead = Annotated[Agent, Depends(having("report.read"))]
Number = Annotated[int, Field(ge=1, lt=2**63)]
OrNobody = Annotated[int | None, Field(ge=0, lt=2**63)]
ReportId = Annotated[int, Path(ge=1, lt=2**63)]
SHOWN = 20  # letters of a report's history


class FiltersIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: Channel | None = None
    team: OrNobody = None
    agent: OrNobody = None
    inbox: Number | None = None
    tier: str | None = Field(default=None, max_length=16)
    tag: Number | None = None


class ReportMailIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    language: Literal["ja", "en"] = "ja"
    figures: list[Annotated[str, Field(max_length=30)]] = Field(
        min_length=1, max_length=12, description="In their order"
    )
    period: Literal["yesterday", "last_7_days", "last_week", "last_28_days", "last_month"]
    filters: FiltersIn = FiltersIn()
    basis: Literal["business", "elapsed"] = "business"
    every: Literal["daily", "weekly", "monthly"]
    weekday: int = Field(default=0, ge=0, le=6, description="Weekly: 0 is Monday")
    day: int = Field(default=1, ge=1, le=31, description="Monthly: a month without this day takes its last")
    hour: int = Field(default=9, ge=0, le=23, description="On the clock of the team's calendar, or of the desk")
    skip_empty: bool = Field(default=False, description="Nothing is sent of a period in which nothing was counted")
    enabled: bool = True
    agent_ids: list[Number] = Field(default_factory=list, max_length=100, description="Owners and leads")
    outside: list[Annotated[str, Field(max_length=320)]] = Field(
        default_factory=list, max_length=20, description="Other addresses; only an owner may give them"
    )

    @field_validator("name")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        return value


class CopyOut(BaseModel):
    id: int
    agent_id: int | None
    address: str
    state: Literal["queued", "sending", "sent", "failed", "unconfirmed", "dropped"]
    attempts: int
    failure: str
    detail: str
    retry_at: datetime | None
    sent_at: datetime | None


class MailingOut(BaseModel):
    """One letter. `slot_at`: null when somebody asked for it."""

    id: int
    slot_at: datetime | None
    subject: str
    created_at: datetime
    copies: list[CopyOut]


class ReportMailOut(ReportMailIn):
    """`error`: why the slot that is due could not be made; it is tried again."""

    id: int
    made_by: int | None
    next_at: datetime | None
    sent_at: datetime | None
    skipped_at: datetime | None
    error: str
    latest: MailingOut | None


class FigureName(BaseModel):
    code: str
    group: str
    name: str


class ReportMailsOut(BaseModel):
    """`sender`: the inbox that sends them; null: there is none, and nothing goes out. `figures`: what may be chosen."""

    items: list[ReportMailOut]
    sender: str | None
    figures: list[FigureName]


def _given(asked: ReportMailIn) -> dict[str, Any]:
    filters = asked.filters.model_dump(exclude_none=True)
    given = asked.model_dump(exclude={"filters"})
    outside = list(dict.fromkeys(each.strip() for each in asked.outside))
    return {**given, "filters": filters, "outside": outside, "agent_ids": sorted(set(asked.agent_ids))}


@router.get("", response_model=ReportMailsOut)
async def list_report_mails(session: Reading, agent: Lead, here: Here) -> Response:
    by = await queries.carrier(here.inboxes)
    figures = [
        {"code": code, "group": figure.group, "name": name(code, agent.language)} for code, figure in FIGURES.items()
    ]
    sender = by.row.name if by else None
    return json_response({"items": await queries.page(session), "sender": sender, "figures": figures})


@router.post("", status_code=201, response_model=ReportMailOut)
async def make_report_mail(session: Writing, agent: Lead, here: Here, now: Now, asked: ReportMailIn) -> Response:
    made = await reports.save(session, None, _given(asked), by=agent, now=now, zone=here.settings.timezone)
    return json_response(await queries.shown(session, made), 201)


@router.put("/{report_id}", response_model=ReportMailOut)
async def change_report_mail(
    session: Writing, agent: Lead, here: Here, now: Now, report_id: ReportId, asked: ReportMailIn
) -> Response:
    report = await reports.find(session, report_id, lock=True)
    await reports.save(session, report, _given(asked), by=agent, now=now, zone=here.settings.timezone)
    return json_response(await queries.shown(session, report))


@router.delete("/{report_id}", status_code=204)
async def drop_report_mail(session: Writing, agent: Lead, now: Now, report_id: ReportId) -> Response:
    await reports.remove(session, await reports.find(session, report_id, lock=True), by=agent, now=now)
    return Response(status_code=204)


@router.post("/{report_id}/now", status_code=202, response_model=ReportMailOut)
async def send_report_mail_now(agent: Lead, here: Here, now: Now, report_id: ReportId) -> Response:
    """One copy to who asks, of what would go out at this moment. The schedule stays as it is."""
    async with here.database.read() as session:
        report = await reports.find(session, report_id)
    letter = compose(await queries.told(here.database, report, now, here.settings))
    async with here.database.write() as session:
        report = await reports.find(session, report_id)
        await reports.send_to(session, report, [Reader(agent.id, agent.email)], letter, now=now)
        return json_response(await queries.shown(session, report), 202)


@router.get("/{report_id}/letters", response_model=list[MailingOut])
async def list_letters(session: Reading, agent: Lead, report_id: ReportId) -> Response:
    """The latest, newest first."""
    await reports.find(session, report_id)
    return json_response(await queries.history(session, report_id, SHOWN))


@router.post("/{report_id}/copies/{copy_id}/again", response_model=list[MailingOut])
async def send_copy_again(session: Writing, agent: Lead, now: Now, report_id: ReportId, copy_id: ReportId) -> Response:
    """What failed, or what nobody knows of whether it went out."""
    await outbox.again(session, report_id, copy_id, now)
    return json_response(await queries.history(session, report_id, SHOWN))
