"""Makes the reports that are due, gathers warnings, and sends the letters to the desk's own people."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Any

from app import clock, log
from app.actions.mailings import outbox, reports, warnings
from app.models import Mailing, MailingCopy, ReportMail
from app.parts import Parts
from app.queries import mailings as queries
from app.queries.inboxes import Open
from app.rules.mailings.letter import compose
from channels.contract import Address, File, Outbound, TryAgain, Unconfirmed, Undeliverable

logger = log.get("mailings")
REPORTS, COPIES = 3, 20  # in one step


class Mailings:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._database = parts.database

    async def step(self) -> int:
        """Returns how many reports, warnings and letters were due."""
        async with self._database.read() as session:
            if not await queries.anything_due(session, clock.utcnow()):
                return 0
        async with self._database.write() as session:
            due = await reports.claim(session, clock.utcnow(), REPORTS)
        for each in due:
            await self._report(each)
        async with self._database.write() as session:
            judged = await warnings.judge(session, clock.utcnow(), self._parts.settings)
        async with self._database.write() as session:
            copies = await outbox.claim(session, clock.utcnow(), COPIES)
        for each in copies:
            await self._copy(each)
        return len(due) + judged + len(copies)

    async def _report(self, report_id: int) -> None:
        """The newest slot that has come; those that were missed before it are left out."""
        settings = self._parts.settings
        async with self._database.read() as session:
            report = await session.get(ReportMail, report_id)
            if report is None or not report.enabled:
                return
            slot = (await queries.schedule(session, report, settings.timezone)).newest(clock.utcnow())
            slot = max(slot, report.next_at)
        try:
            told = await queries.told(self._database, report, slot, settings)
            letter = None if report.skip_empty and told.empty else compose(told)
        except Exception as bug:
            logger.error("report.failed", report=report_id, error=type(bug).__name__)
            async with self._database.write() as session:
                await reports.not_made(session, report_id, type(bug).__name__, clock.utcnow())
            return
        async with self._database.write() as session:
            await reports.made(session, report_id, slot, letter, now=clock.utcnow(), zone=settings.timezone)

    async def _copy(self, copy_id: int) -> None:
        async with self._database.read() as session:
            copy = await session.get(MailingCopy, copy_id)
            mailing = await session.get(Mailing, copy.mailing_id) if copy else None
            if copy is None or mailing is None:
                return
            welcome = await queries.welcome(session, mailing, copy)
        error = await self._send(mailing, copy) if welcome else None
        async with self._database.write() as session:
            if not welcome:
                await outbox.dropped(session, copy_id)
            elif error is None:
                await outbox.sent(session, copy_id, clock.utcnow())
            else:
                await outbox.failed(session, copy_id, copy.attempts, error, clock.utcnow())

    async def _send(self, mailing: Mailing, copy: MailingCopy) -> Exception | None:
        """None: it went out."""
        by = await queries.carrier(self._parts.inboxes)
        if by is None or by.channel is None:
            return TryAgain("no_mail_inbox")
        try:
            await by.channel.send(_outbound(mailing, copy, by))
        except (TryAgain, Undeliverable, Unconfirmed) as said:
            logger.info("mailing.failed", copy=copy.id, code=said.code)
            return said
        except Exception as bug:
            logger.error("mailing.bug", copy=copy.id, error=type(bug).__name__)
            return bug
        return None


def _outbound(mailing: Mailing, copy: MailingCopy, by: Open) -> Outbound:
    return Outbound(
        key=copy.send_key, to=Address(kind=by.row.kind, value=copy.address), conversation="", now=clock.utcnow(),
        text=mailing.text, html=mailing.html, subject=mailing.subject, language=mailing.language,
        files=tuple(_file(each) for each in mailing.files), attempt=copy.attempts, params={"desk": True},
    )  # fmt: skip


def _file(given: dict[str, Any]) -> File:
    content = b64decode(given["base64"])
    return File(
        name=given["name"], media_type=given["media_type"], size=len(content), url="", read=_reader(content),
        content_id=given["content_id"],
    )  # fmt: skip


def _reader(content: bytes) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return content

    return read
