"""What a report's letter tells, which of them are due, and what became of those that went out."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.config import Settings
from app.db import Database
from app.models import Agent, Mailing, MailingCopy, ReportMail
from app.queries.inboxes import Inboxes, Open
from app.queries.reports import overview
from app.queries.reports.asked import Asked
from app.rules.kpi import FIGURES, result
from app.rules.mailings.letter import Line, Told
from app.rules.mailings.schedule import Schedule, days_of
from app.rules.mailings.words import CHANNELS, TIERS, say
from app.rules.permissions import may

SHORTEST = 14  # days of a chart: a single bar would tell nothing
_NOW = bindparam("now", type_=UTCDateTime())
DUE = text(
    "SELECT EXISTS (SELECT 1 FROM report_mail WHERE next_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now))"
    " OR EXISTS (SELECT 1 FROM mailing_copy WHERE state IN ('queued', 'sending') AND retry_at <= :now)"
    " OR EXISTS (SELECT 1 FROM notification WHERE mail_at IS NOT NULL AND mail_at <= :now)"
).bindparams(_NOW)


async def anything_due(session: AsyncSession, now: datetime) -> bool:
    """Index look-ups: a tick with nothing to do takes no write lock."""
    return bool(await session.scalar(DUE, {"now": now}))


async def schedule(session: AsyncSession, report: ReportMail, otherwise: str) -> Schedule:
    """On the clock of its team's calendar, or of the desk."""
    zone = await overview.zone_of(session, report.filters.get("team"), otherwise)
    return Schedule(every=report.every, hour=report.hour, zone=zone, weekday=report.weekday, day=report.day)


async def asked(session: AsyncSession, report: ReportMail, at: datetime, otherwise: str) -> Asked:
    """What the report asks for when it is due at `at`."""
    zone = (await schedule(session, report, otherwise)).zone
    given = Asked(first=date.min, last=date.min, zone=zone, now=at, basis=report.basis, **report.filters)
    first, last = days_of(report.period, given.today)
    return Asked(first=first, last=last, zone=zone, now=at, basis=report.basis, **report.filters)


async def told(database: Database, report: ReportMail, at: datetime, settings: Settings) -> Told:
    """Reads the figures: the same statements as the screen's."""
    async with database.read() as session:
        wanted = await asked(session, report, at, settings.timezone)
        filters = await _filters(session, report)
    now, before = await overview.all_figures(database, report.figures, wanted, overview.before(wanted))
    lines = [
        Line(code=code, shown=overview.shown(code, now.get(code), before.get(code)), days=await _days(database, code, wanted))
        for code in report.figures
    ]  # fmt: skip
    return Told(
        name=report.name, language=report.language, first=wanted.first, last=wanted.last, zone=wanted.zone,
        basis=wanted.basis, url=_address(settings.public_url, wanted), lines=lines, filters=filters,
        terms={"abandon_s": wanted.abandon_s, "target_s": wanted.target_s, "variant": wanted.variant},
    )  # fmt: skip


async def _days(database: Database, code: str, wanted: Asked) -> list[tuple[date, float | None]]:
    """Of the period, or of a fortnight up to its end when it is shorter; none without any data."""
    length = (wanted.last - wanted.first).days + 1
    whole = wanted
    while length < SHORTEST:
        whole, length = Asked(**{**_fields(whole), "first": overview.before(whole).first}), length * 2
    async with database.read() as session:
        found = await overview.table(session, code, whole, "day")
    values = [(day, result(FIGURES[code].kind, value)) for day, value in found]
    return values if any(value is not None for _, value in values) else []


def _fields(wanted: Asked) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Asked.__dataclass_fields__}


def _address(url: str, wanted: Asked) -> str:
    """The same report on screen."""
    given = {"period": "custom", "first": wanted.first, "last": wanted.last, "basis": wanted.basis, **wanted.filters}
    return f"{url}/reports?{urlencode(given)}"


async def _filters(session: AsyncSession, report: ReportMail) -> list[str]:
    """What the letter leaves out, in words."""
    known, ja, said = {"channel": CHANNELS, "tier": TIERS}, report.language, []
    for dimension, value in report.filters.items():
        names: Any = known[dimension]["en" if ja == "en" else "ja"] if dimension in known else None
        names = names or await overview.names(session, dimension)
        called = names.get(value, say("nobody", ja) if value == 0 else str(value))
        said.append(f"{say(dimension, ja)}: {called}")
    return said


async def readers(session: AsyncSession, ids: Collection[int]) -> dict[int, Agent]:
    """Those of these agents who work here and may read everybody's figures."""
    query = select(Agent).where(col(Agent.id).in_(ids), col(Agent.active).is_(True))
    return {each.id: each for each in (await session.scalars(query)).all() if may(each.role, "report.read")}


async def welcome(session: AsyncSession, mailing: Mailing, copy: MailingCopy) -> bool:
    """Whether the reader may still have it. Somebody outside the desk was written down by an owner."""
    if copy.agent_id is None:
        return mailing.kind == "report"
    if mailing.kind == "report":
        return copy.agent_id in await readers(session, [copy.agent_id])
    agent = await session.get(Agent, copy.agent_id)
    return agent is not None and agent.active


async def carrier(inboxes: Inboxes) -> Open | None:
    """The first inbox that may send mails to the desk's own people."""
    found = _first(await inboxes.all())
    if found is None:  # it may have been made a moment ago
        await inboxes.refresh()
        found = _first(await inboxes.all())
    return found


def _first(inboxes: Iterable[Open]) -> Open | None:
    able = (each for each in inboxes if each.channel is not None and each.channel.limits.desk_mail)
    return next((each for each in able if each.row.enabled), None)


async def page(session: AsyncSession) -> list[dict[str, Any]]:
    """All reports in the order of their names, each with what became of its latest letters."""
    reports = (await session.scalars(select(ReportMail).order_by(col(ReportMail.name), col(ReportMail.id)))).all()
    return [await shown(session, each) for each in reports]


async def shown(session: AsyncSession, report: ReportMail) -> dict[str, Any]:
    fields = (
        "id", "name", "language", "figures", "period", "filters", "basis", "every", "weekday", "day", "hour", "skip_empty",
        "enabled", "agent_ids", "outside", "made_by", "error", "skipped_at",
    )  # fmt: skip
    latest = await history(session, report.id, 1)
    query = select(col(MailingCopy.sent_at)).join(Mailing, col(Mailing.id) == col(MailingCopy.mailing_id))
    query = query.where(col(Mailing.report_id) == report.id, col(MailingCopy.sent_at).is_not(None))
    sent_at = await session.scalar(query.order_by(col(MailingCopy.sent_at).desc()).limit(1))
    return {
        **{name: getattr(report, name) for name in fields},
        "next_at": report.next_at if report.enabled else None,
        "sent_at": sent_at,
        "latest": latest[0] if latest else None,
    }


async def history(session: AsyncSession, report_id: int, most: int) -> list[dict[str, Any]]:
    """The latest letters, newest first, with every copy."""
    query = select(Mailing).where(col(Mailing.report_id) == report_id).order_by(col(Mailing.id).desc()).limit(most)
    mailings = (await session.scalars(query)).all()
    copies = select(MailingCopy).where(col(MailingCopy.mailing_id).in_([each.id for each in mailings]))
    by_letter: dict[int, list[MailingCopy]] = {}
    for each in (await session.scalars(copies.order_by(col(MailingCopy.id)))).all():
        by_letter.setdefault(each.mailing_id, []).append(each)
    return [_letter(each, by_letter.get(each.id, [])) for each in mailings]


def _letter(mailing: Mailing, copies: Sequence[MailingCopy]) -> dict[str, Any]:
    fields = ("id", "agent_id", "address", "state", "attempts", "failure", "detail", "retry_at", "sent_at")
    return {
        "id": mailing.id, "slot_at": mailing.slot_at, "subject": mailing.subject, "created_at": mailing.created_at,
        "copies": [{name: getattr(each, name) for name in fields} for each in copies],
    }  # fmt: skip
