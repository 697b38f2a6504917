"""Reports: figures of a period with what they were made of, told apart, as files, and the tickets behind each."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from app.api.door import Here, Now, Page, Reading, having, json_response
from app.api.shapes import Channel, TicketRow
from app.errors import Forbidden, Invalid, Missing
from app.models import Agent
from app.queries.reports import arrivals, lists, overview
from app.queries.reports.asked import NOBODY, Asked
from app.rules.kpi import FIGURES
from app.rules.kpi_words import definition, name, titled
from app.rules.permissions import may
from app.rules.sheet import sheet

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
# An agent sees their own figures, a lead everybody's.
Looker = Annotated[Agent, Depends(having("report.own"))]
Lead = Annotated[Agent, Depends(having("report.read"))]
Code = Annotated[str, Path(max_length=30)]
By = Literal["day", "channel", "team", "agent", "inbox", "tier", "tag", "age"]
LONGEST = timedelta(days=800)
BASES = {"business": ("営業時間", "Business hours"), "elapsed": ("経過時間", "Elapsed time")}
FILTERS = {
    "channel": ("チャネル", "Channel"), "team": ("チーム", "Team"), "agent": ("担当", "Agent"), "inbox": ("受信箱", "Inbox"),
    "tier": ("区分", "Tier"), "tag": ("タグ", "Tag"),
}  # fmt: skip
MOST_ROWS = 20_000  # of a file: when there are more, its last line says so


class UnknownFigure(Missing):
    """There is no such figure."""


class WrongPeriod(Invalid):
    """The period ends before it begins, or is longer than two years."""


class FigureOut(BaseModel):
    """`value`: null without data. A ratio's is a fraction, a duration's its mean in seconds."""

    code: str
    group: str
    kind: Literal["count", "ratio", "duration", "mean"]
    good: Literal["", "up", "down"]
    unit: Literal["rows", "seconds"]
    name: str
    definition: str
    value: float | None
    numerator: float
    denominator: float
    p50: float | None
    p90: float | None
    before: float | None
    change: float | None


class PeriodOut(BaseModel):
    first: date
    last: date
    zone: str
    before_first: date
    before_last: date
    basis: Literal["business", "elapsed"]


class ReportOut(BaseModel):
    period: PeriodOut
    figures: list[FigureOut]


class PartOut(BaseModel):
    """One line of a table. `key`: a day, a channel, an id; null for nobody."""

    key: str | int | None
    name: str
    value: float | None
    numerator: float
    denominator: float
    p50: float | None
    p90: float | None


class TableOut(BaseModel):
    """`before`: the days of the period before, when it is told apart by day."""

    figure: FigureOut
    by: By
    rows: list[PartOut]
    before: list[PartOut]


class CountedCall(BaseModel):
    id: int
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str
    agent_id: int | None
    voicemail_s: int | None
    wrap_s: int | None


class CountedOut(BaseModel):
    """One row that a figure counted. `hit`: whether it is in the numerator."""

    at: datetime | None
    agent_id: int | None
    hit: bool | None
    value: float | None
    ticket: TicketRow | None
    call: CountedCall | None


class HourOut(BaseModel):
    """One hour of the week. `arrivals`: null when the weekday is not in the period, or was before the desk began.
    `agents`: how many it takes; null without arrivals or without a handling time."""

    weekday: int
    hour: int
    arrivals: float | None
    agents: int | None
    roster: int | None


class ArrivalsOut(BaseModel):
    handling_s: float | None
    handling_from: Literal["measured", "given", "none"]
    method: Literal["erlang_c", "workload"]
    weeks: float
    hours: list[HourOut]


async def asked(
    session: Reading,
    here: Here,
    agent: Looker,
    now: Now,
    first: date | None = None,
    last: date | None = None,
    basis: Literal["business", "elapsed"] = "business",
    channel: Channel | None = None,
    team: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    who: Annotated[int | None, Query(alias="agent", ge=0, lt=2**63)] = None,
    inbox: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    tier: Annotated[str | None, Query(max_length=16)] = None,
    tag: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    abandon_s: Annotated[int, Query(ge=0, le=600)] = 5,
    target_s: Annotated[int, Query(ge=1, le=3600)] = 20,
    variant: Literal["A", "B", "C"] = "A",
) -> Asked:
    """The last 28 days unless said otherwise, in the zone of the team's calendar or the desk's. Raises WrongPeriod."""
    zone = await overview.zone_of(session, team, here.settings.timezone)
    today = now.astimezone(ZoneInfo(zone)).date()
    end = last or today
    begin = first or end - timedelta(days=27)
    if not timedelta(0) <= end - begin < LONGEST or not 2000 <= begin.year <= end.year <= 2200:
        raise WrongPeriod
    if not may(agent.role, "report.read"):
        who = agent.id
    return Asked(
        first=begin, last=end, zone=zone, now=now, basis=basis, channel=channel, team=team, agent=who, inbox=inbox,
        tier=tier, tag=tag, abandon_s=abandon_s, target_s=target_s, variant=variant,
    )  # fmt: skip


Wanted = Annotated[Asked, Depends(asked, scope="function")]


def _codes(agent: Agent) -> list[str]:
    everything = may(agent.role, "report.read")
    return [code for code, figure in FIGURES.items() if everything or figure.own]


def _known(code: str, agent: Agent) -> str:
    if code not in FIGURES:
        raise UnknownFigure
    if code not in _codes(agent):
        raise Forbidden(permission="report.read")
    return code


def _figure(code: str, agent: Agent, wanted: Asked) -> dict[str, Any]:
    figure = FIGURES[code]
    given = {"abandon_s": wanted.abandon_s, "target_s": wanted.target_s, "variant": wanted.variant}
    return {
        "code": code, "group": figure.group, "kind": figure.kind, "good": figure.good,
        "unit": "seconds" if figure.fact == "span" else "rows", "name": titled(code, agent.language, given),
        "definition": definition(code, agent.language, given),
    }  # fmt: skip


@router.get("", response_model=ReportOut)
async def report(agent: Looker, here: Here, wanted: Wanted) -> Response:
    """Every figure of the period, and what it was in the period before."""
    earlier, codes = overview.before(wanted), _codes(agent)
    now, past = await overview.all_figures(here.database, codes, wanted, earlier)
    return json_response({
        "period": {
            "first": wanted.first, "last": wanted.last, "zone": wanted.zone, "before_first": earlier.first,
            "before_last": earlier.last, "basis": wanted.basis,
        },
        "figures": [
            {**_figure(code, agent, wanted), **overview.shown(code, now.get(code), past.get(code))} for code in codes
        ],
    })  # fmt: skip


@router.get("/arrivals", response_model=ArrivalsOut)
async def report_arrivals(
    session: Reading,
    agent: Lead,
    wanted: Wanted,
    handling_s: Annotated[int | None, Query(ge=10, le=86400)] = None,
    share: Annotated[float, Query(gt=0, lt=1)] = 0.8,
    occupancy: Annotated[float, Query(gt=0.1, le=1)] = 0.85,
    shrinkage: Annotated[float, Query(ge=0, le=0.9)] = 0.3,
    concurrency: Annotated[float, Query(ge=1, le=20)] = 1,
) -> Response:
    """Arrivals by weekday and hour, and how many agents they take: Erlang C for calls, the work itself for the rest."""
    plan = arrivals.Plan(share, float(wanted.target_s), occupancy, shrinkage, concurrency, handling_s)
    return json_response(await arrivals.week(session, wanted, plan))


@router.get("/export.csv")
async def export_report(agent: Looker, here: Here, wanted: Wanted) -> Response:
    """Every figure of the period as a file."""
    ja = agent.language != "en"
    codes, earlier = _codes(agent), overview.before(wanted)
    now, past = await overview.all_figures(here.database, codes, wanted, earlier)
    head = ["指標", "値", "分子", "分母", "中央値 (秒)", "90% (秒)", "前の期間", "定義"] if ja else [
        "Figure", "Value", "Numerator", "Denominator", "Median (s)", "90 % (s)", "Period before", "Definition"]  # fmt: skip
    rows: list[list[object]] = [*await _asked_for(here, agent, wanted), [], [*head]]
    for code in codes:
        told, shown = _figure(code, agent, wanted), overview.shown(code, now.get(code), past.get(code))
        rows.append(
            [told["name"], *(shown[part] for part in ("value", "numerator", "denominator", "p50", "p90", "before")),
             told["definition"]]
        )  # fmt: skip
    return _file(sheet(rows), f"report-{wanted.first}-{wanted.last}.csv")


async def _asked_for(here: Here, agent: Agent, wanted: Asked) -> list[list[object]]:
    """What the file is of: its period and zone, how time is counted, what it is limited to."""
    ja, earlier, known = agent.language != "en", overview.before(wanted), {}
    async with here.database.read() as session:
        for by in wanted.filters:
            known[by] = await overview.names(session, by)
    lines: list[list[object]] = [
        ["期間" if ja else "Period", f"{wanted.first} – {wanted.last}"],
        ["前の期間" if ja else "Period before", f"{earlier.first} – {earlier.last}"],
        ["時間帯" if ja else "Time zone", wanted.zone],
        ["時間の数え方" if ja else "Time counted", BASES[wanted.basis][0 if ja else 1]],
    ]
    for by, value in wanted.filters.items():
        nobody = ("なし" if ja else "None") if value == NOBODY else str(value)
        lines.append([FILTERS[by][0 if ja else 1], known[by].get(value, nobody)])
    return lines


def _file(content: bytes, called: str) -> Response:
    return Response(
        content, media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{called}"', "x-content-type-options": "nosniff"},
    )  # fmt: skip


@router.get("/{figure}", response_model=TableOut)
async def report_table(session: Reading, agent: Looker, wanted: Wanted, figure: Code, by: By = "day") -> Response:
    """One figure told apart: by day, or by what its rows are told apart by."""
    code = _known(figure, agent)
    known = await overview.names(session, by)
    rows = _parts(code, await overview.table(session, code, wanted, by), known)
    past = _parts(code, await overview.table(session, code, overview.before(wanted), by), known) if by == "day" else []
    whole = await overview.one(session, code, wanted)
    earlier = await overview.one(session, code, overview.before(wanted))
    told = {**_figure(code, agent, wanted), **overview.shown(code, whole, earlier)}
    return json_response({"figure": told, "by": by, "rows": rows, "before": past})


def _parts(code: str, table: list[tuple[Any, Any]], known: dict[Any, str]) -> list[dict[str, Any]]:
    return [
        {"key": key, "name": known.get(key, "" if key is None else str(key)), **_part(code, value)}
        for key, value in table
    ]


def _part(code: str, value: Any) -> dict[str, Any]:
    shown = overview.shown(code, value)
    return {name: shown[name] for name in ("value", "numerator", "denominator", "p50", "p90")}


@router.get("/{figure}/rows", response_model=Page[CountedOut])
async def report_rows(
    session: Reading,
    agent: Looker,
    wanted: Wanted,
    figure: Code,
    which: Literal["all", "hit", "miss"] = "all",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Exactly the tickets or calls that were counted, newest first."""
    code = _known(figure, agent)
    rows, after = await lists.page(session, code, wanted, which=which, cursor=cursor, limit=limit)
    return json_response({"items": rows, "next_cursor": after})


@router.get("/{figure}/export.csv")
async def export_rows(
    session: Reading,
    agent: Looker,
    wanted: Wanted,
    figure: Code,
    which: Literal["all", "hit", "miss"] = "all",
    by: By | None = None,
) -> Response:
    """A table, or the counted tickets and calls, as a file."""
    code, ja = _known(figure, agent), agent.language != "en"
    called = f"{code}-{wanted.first}-{wanted.last}.csv"
    if by is not None:
        known = await overview.names(session, by)
        head = ["区分", "値", "分子", "分母", "中央値 (秒)", "90% (秒)"] if ja else [
            "By", "Value", "Numerator", "Denominator", "Median (s)", "90 % (s)"]  # fmt: skip
        told = await overview.table(session, code, wanted, by)
        lines = [
            [known.get(key, "–" if key is None else str(key)), *_part(code, value).values()] for key, value in told
        ]
        return _file(sheet([[name(code, agent.language)], head, *lines]), called)
    rows, after = await lists.page(session, code, wanted, which=which, cursor=None, limit=MOST_ROWS)
    people, zone = await overview.names(session, "agent"), ZoneInfo(wanted.zone)
    head = ["日時", "チケット", "件名", "お客様", "チャネル", "担当", "分子に入る", "秒"] if ja else [
        "At", "Ticket", "Subject", "Customer", "Channel", "Agent", "In the numerator", "Seconds"]  # fmt: skip
    if FIGURES[code].fact == "call":
        head += ["結果", "待ち (秒)", "通話 (秒)", "後処理 (秒)", "留守番電話 (秒)"] if ja else [
            "Outcome", "Wait (s)", "Talk (s)", "Wrap-up (s)", "Voicemail (s)"]  # fmt: skip
    more = f"新しい順に {MOST_ROWS:,} 件まで" if ja else f"The newest {MOST_ROWS:,} only"
    return _file(sheet([head, *(_line(each, people, zone) for each in rows), *([[more]] if after else [])]), called)


def _line(each: dict[str, Any], people: dict[Any, str], zone: ZoneInfo) -> list[object]:
    ticket = each["ticket"] or {}
    at = f"{each['at'].astimezone(zone):%Y-%m-%d %H:%M:%S}" if each["at"] else ""
    hit = None if each["hit"] is None else int(each["hit"])
    person = ticket.get("person") or {}
    return [
        at, ticket.get("number"), ticket.get("subject"), person.get("name"), ticket.get("channel"),
        people.get(each["agent_id"] or ticket.get("assignee_id"), ""), hit, each["value"], *_call(each["call"]),
    ]  # fmt: skip


def _call(call: dict[str, Any] | None) -> list[object]:
    """What became of a call, how long it waited and was talked."""
    if call is None:
        return []
    begun, answered, ended = (call[name] for name in ("started_at", "answered_at", "ended_at"))
    waited = round(((answered or ended) - begun).total_seconds()) if answered or ended else None
    talked = round((ended - answered).total_seconds()) if answered and ended else None
    return [call["outcome"], waited, talked, call["wrap_s"], call["voicemail_s"]]
