"""The figures of the knowledge base: with definition and what they are made of, what they counted, and as files."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.door import Page, Reading, having, json_response
from app.api.reports import MOST_ROWS, ReportOut, UnknownFigure, Wanted
from app.models import Agent
from app.queries.knowledge import figures as queries
from app.queries.reports import overview
from app.queries.reports.asked import Asked
from app.rules.knowledge.kpi import FIGURES, named
from app.rules.kpi import change, result
from app.rules.sheet import sheet

router = APIRouter(prefix="/api/v1/knowledge/figures", tags=["articles"])
Lead = Annotated[Agent, Depends(having("report.read"))]
Code = Annotated[str, Path(max_length=30)]
Which = Literal["all", "hit", "miss"]
Json = dict[str, Any]
PAGE = 50


class CountedTicket(BaseModel):
    number: int
    subject: str


class CountedArticle(BaseModel):
    id: int
    title: str


class CountedForKnowledge(BaseModel):
    """One row that a figure counted. `hit`: whether it is in the numerator; `value`: a duration's seconds."""

    at: datetime
    hit: bool | None
    value: float | None
    ticket: CountedTicket | None
    article: CountedArticle | None


def _known(code: str) -> str:
    if code not in FIGURES:
        raise UnknownFigure
    return code


async def _figure(session: AsyncSession, code: str, agent: Agent, wanted: Asked) -> Json:
    figure, (name, definition) = FIGURES[code], named(code, agent.language)
    value, past = [await queries.value(session, code, each) for each in (wanted, overview.before(wanted))]
    now, before = result(figure.kind, value), result(figure.kind, past)
    return {
        "code": code, "group": figure.rows, "kind": figure.kind, "good": figure.good, "unit": "rows", "name": name,
        "definition": definition, "value": now, "numerator": value.numerator, "denominator": value.denominator,
        "p50": value.p50, "p90": value.p90, "before": before, "change": change(figure.kind, now, before),
    }  # fmt: skip


@router.get("", response_model=ReportOut)
async def knowledge_report(session: Reading, agent: Lead, wanted: Wanted) -> Response:
    """Every figure of the period, of one team or the desk, and what it was before."""
    earlier = overview.before(wanted)
    period = {
        "first": wanted.first, "last": wanted.last, "zone": wanted.zone, "before_first": earlier.first,
        "before_last": earlier.last, "basis": wanted.basis,
    }  # fmt: skip
    return json_response(
        {"period": period, "figures": [await _figure(session, each, agent, wanted) for each in FIGURES]}
    )


@router.get("/export.csv")
async def export_knowledge_report(session: Reading, agent: Lead, wanted: Wanted) -> Response:
    """Every figure of the period as a file."""
    ja = agent.language != "en"
    head = ["指標", "値", "分子", "分母", "前の期間", "定義"] if ja else [
        "Figure", "Value", "Numerator", "Denominator", "Period before", "Definition"]  # fmt: skip
    parts = ("name", "value", "numerator", "denominator", "before", "definition")
    told = [await _figure(session, each, agent, wanted) for each in FIGURES]
    rows: list[list[object]] = [["期間" if ja else "Period", f"{wanted.first} – {wanted.last}", wanted.zone], [*head]]
    rows += [[each[part] for part in parts] for each in told]
    return _file(rows, f"knowledge-{wanted.first}-{wanted.last}.csv")


@router.get("/{code}/rows", response_model=Page[CountedForKnowledge])
async def knowledge_rows(
    session: Reading, agent: Lead, wanted: Wanted, code: Code, *, which: Which = "all",
    cursor: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:  # fmt: skip
    """Exactly what the figure counted, the newest first."""
    found = await queries.counted(session, _known(code), wanted, which=which, skip=cursor, limit=PAGE + 1)
    more = len(found) > PAGE
    return json_response({"items": found[:PAGE], "next_cursor": str(cursor + PAGE) if more else None})


@router.get("/{code}/export.csv")
async def export_knowledge_rows(
    session: Reading, agent: Lead, wanted: Wanted, code: Code, *, which: Which = "all"
) -> Response:
    """What the figure counted as a file."""
    found = await queries.counted(session, _known(code), wanted, which=which, limit=MOST_ROWS)
    ja, zone = agent.language != "en", ZoneInfo(wanted.zone)
    head = ["日時", "チケット", "件名", "記事", "題名", "分子に入る", "秒"] if ja else [
        "At", "Ticket", "Subject", "Article", "Title", "In the numerator", "Seconds"]  # fmt: skip
    rows: list[list[object]] = [[*head], *(_line(each, zone) for each in found)]
    return _file(rows, f"{code}-{wanted.first}-{wanted.last}.csv")


def _line(each: Json, zone: ZoneInfo) -> list[object]:
    ticket, article = each["ticket"] or {}, each["article"] or {}
    code = f"KB-{article['id']}" if article else None
    hit = None if each["hit"] is None else int(each["hit"])
    return [
        f"{each['at'].astimezone(zone):%Y-%m-%d %H:%M:%S}", ticket.get("number"), ticket.get("subject"), code,
        article.get("title"), hit, each["value"],
    ]  # fmt: skip


def _file(rows: list[list[object]], called: str) -> Response:
    return Response(
        sheet(rows), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{called}"', "x-content-type-options": "nosniff"},
    )  # fmt: skip
