"""Knowledge at the end of a case: somebody says why it needs no article, or that a linked one was right (K3)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.actions.desk import NoSuchTeam
from app.errors import Missing
from app.models import Agent, ArticleLink, ArticleWaiver, Audit, Team, TeamCapture, Ticket
from app.queries.knowledge import capture as queries
from app.rules.knowledge import capture
from app.text import plain


class NoArticleLink(Missing):
    """This article is not linked to this ticket."""


async def check(session: AsyncSession, ticket: Ticket, before: str) -> None:
    """After a person, or a program in a person's name, set the status: a team may not resolve a case without an answer.

    Rules of automation and clocks do not ask: they end cases that nobody looks at. KnowledgeNeeded.
    """
    if not capture.solves(before, ticket.status):
        return
    mode = await queries.mode_of(session, ticket.team_id)
    if mode == capture.REQUIRED and await queries.is_open(session, ticket, mode):
        raise capture.KnowledgeNeeded(ticket=ticket.id)


async def waive(
    session: AsyncSession, ticket: Ticket, reason: str, *, comment: str = "", by: Agent, now: datetime
) -> None:
    """The latest reason counts. NeedsComment."""
    capture.check_reason(reason, comment)
    held = await session.get(ArticleWaiver, ticket.id)
    if held is None:
        held = ArticleWaiver(ticket_id=ticket.id, reason=reason, at=now)
        session.add(held)
    held.reason, held.comment, held.agent_id, held.at = reason, plain(comment), by.id, now
    await session.flush()
    told = feed.event("article.waived", now, agent=by.id, number=ticket.id, reason=reason)
    await feed.record(session, told, clocks=frozenset())


async def unwaive(session: AsyncSession, ticket: Ticket) -> None:
    if (held := await session.get(ArticleWaiver, ticket.id)) is not None:
        await session.delete(held)
        await session.flush()


async def judge(
    session: AsyncSession, ticket: Ticket, article_id: int, accurate: bool | None, *, by: Agent, now: datetime
) -> None:
    """Whether the linked article was the right one; None takes the judgment back. NoArticleLink."""
    held = await session.get(ArticleLink, (article_id, ticket.id))
    if held is None:
        raise NoArticleLink
    judged = accurate is not None
    held.accurate, held.judged_by, held.judged_at = accurate, by.id if judged else None, now if judged else None
    await session.flush()
    params = {"number": ticket.id, "accurate": accurate}
    told = feed.event("article.judged", now, agent=by.id, article=article_id, **params)
    await feed.record(session, told, clocks=frozenset())


async def ask_team(session: AsyncSession, team_id: int, mode: str, *, by: Agent, now: datetime) -> None:
    """NoSuchTeam."""
    team = await session.get(Team, team_id)
    if team is None:
        raise NoSuchTeam
    held = await session.get(TeamCapture, team_id)
    if held is None:
        session.add(TeamCapture(team_id=team_id, mode=mode))
    else:
        held.mode = mode
    session.add(Audit(at=now, agent_id=by.id, code="capture.changed", subject=f"{team.name}: {mode}"))
    await session.flush()
