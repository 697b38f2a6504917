"""Warnings of deadlines that come by mail too: those of one agent that come together make one letter, and each is judged once."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.mailings.outbox import Reader, post
from app.config import Settings
from app.models import Agent, Mailing, Notification, Ticket
from app.models.sla import UNJUDGED
from app.rules import lifecycle
from app.rules.mailings import warnings as rules

AT_ONCE = 1000


async def judge(session: AsyncSession, now: datetime, settings: Settings) -> int:
    """What has settled: mailed, or left to the bell. The marks and the letters are one transaction: nothing is mailed twice."""
    due = (
        select(Notification)
        .where(UNJUDGED, col(Notification.mail_at) <= now)
        .order_by(col(Notification.mail_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = (await session.scalars(due)).all()
    by_agent: dict[int, list[Notification]] = defaultdict(list)
    for each in found:
        by_agent[each.agent_id].append(each)
    for agent_id in sorted(by_agent):
        await _tell(session, await session.get_one(Agent, agent_id), by_agent[agent_id], now=now, settings=settings)
    await session.flush()
    return len(found)


async def _tell(
    session: AsyncSession, agent: Agent, notes: list[Notification], *, now: datetime, settings: Settings
) -> None:
    if agent.warned_at is not None and now < agent.warned_at + rules.REST:
        for each in notes:
            each.mail_at = agent.warned_at + rules.REST
        return
    warned = [] if not agent.active else await _worth(session, agent, notes, now)
    for each in notes:
        each.mail_at = None
    if not warned:
        return
    agent.warned_at = now
    letter = rules.compose(warned, language=agent.language, zone=settings.timezone, url=settings.public_url)
    mailing = Mailing(kind="warnings", subject="", text="", html="", language=agent.language, created_at=now)
    await post(session, mailing, letter, [Reader(agent.id, agent.email)], now)


async def _worth(session: AsyncSession, agent: Agent, notes: list[Notification], now: datetime) -> list[rules.Warned]:
    """Unread ones that this agent wants by mail, of tickets that still wait for something."""
    connected = agent.live_at is not None and now - agent.live_at < rules.CONNECTED
    ids = {each.ticket_id for each in notes}
    tickets = {each.id: each for each in (await session.scalars(select(Ticket).where(col(Ticket.id).in_(ids)))).all()}
    found = []
    for each in notes:
        ticket, percent = tickets.get(each.ticket_id or 0), int(each.params["percent"])
        over = ticket is None or ticket.status in lifecycle.SOLVED
        if ticket is None or over or each.read_at or not rules.wanted(agent.warn_mail, percent, connected=connected):
            continue
        due_at = datetime.fromisoformat(each.params["due_at"])
        found.append(rules.Warned(ticket.id, ticket.subject, each.params["metric"], percent, due_at))
    return found
