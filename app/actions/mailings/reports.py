"""Saved reports: changing them, and turning the slot that is due into a letter, once."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.mailings.outbox import Reader, post
from app.errors import Forbidden, Invalid, Missing
from app.models import Agent, Audit, Inbox, Mailing, ReportMail, Tag, Team
from app.models.columns import NEVER
from app.queries import mailings as queries
from app.rules import retry
from app.rules.kpi import FIGURES
from app.rules.mailings.letter import Letter
from app.rules.permissions import may
from app.text import plain

LEASE = timedelta(minutes=10)  # longer than any report takes to be read
ADDRESS = re.compile(r"[^\s<>,;\"()\x00-\x1f\x7f]{1,64}@[^\s<>,;\"()@\x00-\x1f\x7f]{1,255}")


class NoReportMail(Missing):
    """There is no such report mail."""


class UnknownFigures(Invalid):
    """One of these figures does not exist, or stands there twice."""


class NobodyReads(Invalid):
    """A report mail needs at least one reader."""


class ReaderMayNot(Invalid):
    """Report mails go to owners and leads of this desk only."""


class UnknownFilter(Invalid):
    """What the report is filtered by does not exist."""


class OutsideAddress(Forbidden):
    """Only an owner may write addresses outside the desk, or change a report that goes to one."""


class NoAddress(Invalid):
    """This is no mail address."""


async def save(
    session: AsyncSession, report: ReportMail | None, given: dict[str, Any], *, by: Agent, now: datetime, zone: str
) -> ReportMail:
    """Makes a report mail or changes one. The next slot is the first after now: what was due before is not made up for."""
    await _check(session, report, given, by)
    made = report or ReportMail(
        made_by=by.id, created_at=now, next_at=NEVER, name="", period="", every="", agent_ids=[], outside=[]
    )
    for name, value in given.items():
        setattr(made, name, value)
    made.name = plain(made.name).strip()
    made.attempts, made.error, made.claimed_until = 0, "", None
    made.next_at = (await queries.schedule(session, made, zone)).following(now) if made.enabled else NEVER
    session.add(made)
    session.add(Audit(at=now, agent_id=by.id, code="report_mail.changed", subject=made.name))
    await session.flush()
    feed.tell(session, frozenset({"mailings"}))
    return made


async def _check(session: AsyncSession, report: ReportMail | None, given: dict[str, Any], by: Agent) -> None:
    figures, outside = given["figures"], given["outside"]
    if len(set(figures)) < len(figures) or not set(figures) <= FIGURES.keys():
        raise UnknownFigures(fields=[{"at": "figures", "says": UnknownFigures.title()}])
    if not given["agent_ids"] and not outside:
        raise NobodyReads(fields=[{"at": "agent_ids", "says": NobodyReads.title()}])
    if set(await queries.readers(session, given["agent_ids"])) != set(given["agent_ids"]):
        raise ReaderMayNot(fields=[{"at": "agent_ids", "says": ReaderMayNot.title()}])
    if (outside or (report is not None and report.outside)) and not may(by.role, "setting.write"):
        raise OutsideAddress(permission="setting.write")
    if not all(ADDRESS.fullmatch(each) for each in outside):
        raise NoAddress(fields=[{"at": "outside", "says": NoAddress.title()}])
    known: dict[str, Any] = {"team": Team, "agent": Agent, "inbox": Inbox, "tag": Tag}
    for name, value in given["filters"].items():
        if name in known and value and await session.get(known[name], value) is None:
            raise UnknownFilter(fields=[{"at": f"filters.{name}", "says": UnknownFilter.title()}])


async def find(session: AsyncSession, report_id: int, *, lock: bool = False) -> ReportMail:
    """Raises NoReportMail."""
    found = await session.get(ReportMail, report_id, with_for_update=lock or None)
    if found is None:
        raise NoReportMail
    return found


async def remove(session: AsyncSession, report: ReportMail, *, by: Agent, now: datetime) -> None:
    """With its letters; what is on its way is not sent any more."""
    session.add(Audit(at=now, agent_id=by.id, code="report_mail.removed", subject=report.name))
    await session.delete(report)
    await session.flush()


async def claim(session: AsyncSession, now: datetime, most: int) -> list[int]:
    """Reports whose slot is due, ours for ten minutes. The attempt is counted now: a process that dies leaves a trace."""
    free = or_(col(ReportMail.claimed_until).is_(None), col(ReportMail.claimed_until) <= now)
    due = (
        select(col(ReportMail.id))
        .where(col(ReportMail.next_at) <= now, free)
        .order_by(col(ReportMail.next_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list((await session.scalars(due)).all())
    if ids:
        claimed = update(ReportMail).where(col(ReportMail.id).in_(ids))
        await session.execute(
            claimed.values(claimed_until=now + LEASE, attempts=col(ReportMail.attempts) + 1),
            execution_options={"synchronize_session": False},
        )
    return ids


async def made(
    session: AsyncSession, report_id: int, slot: datetime, letter: Letter | None, *, now: datetime, zone: str
) -> bool:
    """Writes the slot's letter and moves on, in one transaction. None: nothing happened, and nothing is sent of that.

    False when somebody else was first, or the report was changed or removed while it was read.
    """
    report = await session.get(ReportMail, report_id, with_for_update=True)
    if report is None or not report.enabled or report.next_at > slot:
        return False
    report.next_at = (await queries.schedule(session, report, zone)).following(max(slot, now))
    report.claimed_until, report.attempts, report.error = None, 0, ""
    if letter is None:
        report.skipped_at = slot
    else:
        await send_to(session, report, await _readers(session, report), letter, now=now, slot=slot)
    await session.flush()
    return True


async def _readers(session: AsyncSession, report: ReportMail) -> list[Reader]:
    people = await queries.readers(session, report.agent_ids)
    inside = [Reader(each.id, each.email) for each in people.values()]
    known = {each.address for each in inside}
    return inside + [Reader(None, each) for each in report.outside if each.lower() not in known]


async def send_to(
    session: AsyncSession,
    report: ReportMail,
    people: list[Reader],
    letter: Letter,
    *,
    now: datetime,
    slot: datetime | None = None,
) -> Mailing:
    """The letter with a copy for each reader."""
    mailing = Mailing(kind="report", report_id=report.id, slot_at=slot, subject="", text="", html="", created_at=now)
    mailing.language = report.language
    return await post(session, mailing, letter, people, now)


async def not_made(session: AsyncSession, report_id: int, error: str, now: datetime) -> None:
    """The figures could not be read. It is tried again, less and less often, of the newest slot each time."""
    report = await session.get(ReportMail, report_id, with_for_update=True)
    if report is None:
        return
    delay = retry.send_delay(max(report.attempts, 1))
    report.error, report.claimed_until = error[:300], now + timedelta(seconds=delay if delay is not None else 86400)
    await session.flush()
