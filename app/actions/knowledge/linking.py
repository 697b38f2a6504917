"""Says which articles served a case."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.knowledge.articles import NoArticle, add
from app.errors import Conflict
from app.models import Agent, Article, ArticleLink, Ticket
from app.queries.knowledge.flow import draft_of


class NothingAnswered(Conflict):
    """There is no answer yet from which an article could be written."""


async def link(session: AsyncSession, ticket: Ticket, article_id: int, *, how: str, by: Agent, now: datetime) -> None:
    """The same again changes nothing, but for a link that is now sent. NoArticle."""
    if await session.get(Article, article_id) is None:
        raise NoArticle
    held = await session.get(ArticleLink, (article_id, ticket.id))
    if held is None:
        session.add(ArticleLink(article_id=article_id, ticket_id=ticket.id, how=how, agent_id=by.id, at=now))
    elif held.how == "linked":
        held.how = how
    await session.flush()
    told = feed.event("article.linked", now, agent=by.id, article=article_id, number=ticket.id, how=how)
    await feed.record(session, told, clocks=frozenset())


async def unlink(session: AsyncSession, ticket: Ticket, article_id: int) -> None:
    mine = col(ArticleLink.article_id) == article_id, col(ArticleLink.ticket_id) == ticket.id
    await session.execute(delete(ArticleLink).where(*mine))


async def write_up(session: AsyncSession, ticket: Ticket, *, locale: str, by: Agent, now: datetime) -> Article:
    """A draft from the case in one step: internal, in progress, linked to it. NothingAnswered."""
    words = await draft_of(session, ticket)
    if words is None:
        raise NothingAnswered
    made = await add(session, {**words, "locale": locale}, by=by, now=now)
    await link(session, ticket, made.id, how="written", by=by, now=now)
    return made
