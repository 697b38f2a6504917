"""What the sample desk has learned from its cases: linked articles, reasons for none, readers' searches and answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.knowledge import readers, tasks
from app.models import (
    Agent,
    Article,
    ArticleLink,
    ArticleText,
    ArticleViews,
    ArticleVisit,
    ArticleWaiver,
    Inbox,
    MissedSearch,
    Resolution,
    Team,
    TeamCapture,
    Ticket,
)
from app.queries.knowledge.articles import corpus
from app.rules.knowledge.suggest import SURE, suggest
from demo.desk_learning import ANSWERS, FLAG, OFFERING, READ_BEFORE, SEARCHES, VIEWS

MOST = 400  # of the latest cases


async def seed_learning(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    """The articles and the cases must be there."""
    team = (await session.scalars(select(col(Team.id)).order_by(col(Team.id)).limit(1))).one()
    session.add(TeamCapture(team_id=team, mode="ask"))
    await _linked(session, agents["aoki"])
    texts = {(each.slug, each.locale): each for each in (await session.scalars(select(ArticleText))).all()}
    for n, words in enumerate(SEARCHES):
        session.add(MissedSearch(locale="ja", words=words, at=now - timedelta(hours=7 * n + 2)))
    for slug, daily in VIEWS.items():
        session.add_all(
            ArticleViews(text_id=texts[slug, "ja"].id, day=(now - timedelta(days=n)).date(), views=daily + n % 3)
            for n in range(28)
        )
    for n, (slug, helpful, reason, comment) in enumerate(ANSWERS):
        at = now - timedelta(hours=9 * n + 1)
        await readers.said(session, texts[slug, "ja"], 1, helpful=helpful, reason=reason, comment=comment, now=at)
    await _offered(session, {slug: text.article_id for (slug, _), text in texts.items()}, now)
    slug, agent, why, said = FLAG
    by, at = await session.get_one(Agent, agents[agent]), now - timedelta(hours=5)
    await tasks.flag(session, texts[slug, "ja"].article_id, locale="ja", reason=why, comment=said, by=by, now=at)


async def _offered(session: AsyncSession, articles: Mapping[str, int], now: datetime) -> None:
    """Customers are shown articles; over four weeks visitors of the chat have read some, and not all wrote afterwards."""
    inboxes = (await session.scalars(select(Inbox).where(col(Inbox.kind).in_(OFFERING)))).all()
    for each in inboxes:
        each.offers_articles = True
    chat = next(each for each in inboxes if each.kind == "chat")
    for n in range(56):
        at = now - timedelta(hours=12 * n + 3)
        session.add(
            ArticleVisit(
                inbox_id=chat.id, visitor=f"chat::sample-reader-{n}", day=at.date(), opened_at=at,
                article_id=articles[READ_BEFORE[n % len(READ_BEFORE)]], solved_at=at if n % 3 == 0 else None,
            )
        )  # fmt: skip


async def _linked(session: AsyncSession, judge: int) -> None:
    """As agents would have: most cases that an article fits have it, some were looked at again, some need none."""
    words = await corpus(session)
    owner = {text.id: article for article, text in words}
    began = {each.id: each.created_at for each in (await session.scalars(select(Article))).all()}
    query = select(Resolution, col(Ticket.subject)).join(Ticket, col(Ticket.id) == col(Resolution.ticket_id))
    rows = (
        await session.execute(query.where(col(Resolution.initial)).order_by(col(Resolution.id).desc()).limit(MOST))
    ).all()
    for solved, subject in rows:
        best = suggest(subject, [text for _, text in words], most=1)
        article = owner[best[0][0]] if best and best[0][1] >= SURE else None
        if article is not None and solved.ticket_id % 10 < 7 and began[article] < solved.resolved_at:
            session.add(_link(article, solved, judge))
        elif solved.ticket_id % 11 == 0:
            session.add(
                ArticleWaiver(
                    ticket_id=solved.ticket_id, reason="no_question", agent_id=solved.agent_id, at=solved.resolved_at
                )
            )
    await session.flush()


def _link(article: int, solved: Resolution, judge: int) -> ArticleLink:
    made = ArticleLink(
        article_id=article, ticket_id=solved.ticket_id, how="sent" if solved.ticket_id % 3 else "linked",
        agent_id=solved.agent_id, at=solved.resolved_at,
    )  # fmt: skip
    if solved.ticket_id % 5 == 0:
        made.accurate, made.judged_by = solved.ticket_id % 4 != 0, judge
        made.judged_at = solved.resolved_at + timedelta(hours=3)
    return made
