"""What becomes of a gap in the knowledge base: a draft is begun, or it is left aside with a reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.desk import NoTicket
from app.actions.knowledge.articles import add
from app.actions.knowledge.linking import link
from app.errors import Invalid, Missing
from app.models import Agent, Article, GapAnswer, Ticket
from app.queries.knowledge.flow import draft_of
from app.rules.knowledge.capture import check_reason
from app.text import plain


class NoSuchGap(Missing):
    """There is no such gap."""


class NothingToDraft(Invalid):
    """This gap has an article already: that is the one to change."""


async def draft(session: AsyncSession, kind: str, subject: str, *, locale: str, by: Agent, now: datetime) -> Article:
    """A draft in one step: from the oldest case of a cluster, or with the words that were searched for."""
    if kind == "cluster":
        made = await _from_case(session, subject, locale, by, now)
    elif kind == "search":
        words = {"title": subject, "issue": subject, "keywords": subject, "locale": locale}
        made = await add(session, words, by=by, now=now)
    else:
        raise NothingToDraft
    held = await _answer(session, kind, subject, by, now)
    held.article_id, held.reason, held.comment = made.id, "", ""
    await session.flush()
    return made


async def _from_case(session: AsyncSession, subject: str, locale: str, by: Agent, now: datetime) -> Article:
    """Written from its answer; with the question alone when nobody wrote one. NoSuchGap, NoTicket."""
    if not (subject.isascii() and subject.isdigit() and len(subject) <= 18):
        raise NoSuchGap
    ticket = await session.get(Ticket, int(subject))
    if ticket is None:
        raise NoTicket
    words: Mapping[str, Any] = await draft_of(session, ticket) or {
        "title": ticket.subject or f"#{ticket.id}", "issue": ticket.subject or f"#{ticket.id}", "ticket": ticket.id
    }  # fmt: skip
    made = await add(session, {**words, "title": words["title"][:200], "locale": locale}, by=by, now=now)
    await link(session, ticket, made.id, how="written", by=by, now=now)
    return made


async def dismiss(
    session: AsyncSession, kind: str, subject: str, given: Mapping[str, str], *, by: Agent, now: datetime
) -> None:
    """`given`: reason, comment. NeedsComment."""
    check_reason(given["reason"], given["comment"])
    held = await _answer(session, kind, subject, by, now)
    held.reason, held.comment = given["reason"], plain(given["comment"])
    await session.flush()


async def reopen(session: AsyncSession, kind: str, subject: str) -> None:
    """Takes the answer back. NoSuchGap."""
    held = await session.get(GapAnswer, (kind, subject))
    if held is None:
        raise NoSuchGap
    await session.delete(held)
    await session.flush()


async def _answer(session: AsyncSession, kind: str, subject: str, by: Agent, now: datetime) -> GapAnswer:
    held = await session.get(GapAnswer, (kind, subject))
    if held is None:
        held = GapAnswer(kind=kind, subject=subject, at=now)
        session.add(held)
    held.agent_id, held.at = by.id, now
    return held
