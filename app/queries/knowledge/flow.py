"""Articles beside a case: which may answer it, in the form that can be sent, and which did."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Article, ArticleAudience, ArticleLink, ArticleText, Audience, Confidence, Message, Ticket
from app.queries.knowledge import help as readers
from app.queries.knowledge.articles import words_of
from app.rules.knowledge import search
from app.rules.knowledge.help_page import address
from app.rules.knowledge.markdown import to_plain
from app.rules.knowledge.suggest import suggest
from app.security import Vault

Json = dict[str, Any]
MOST, MOST_MESSAGES = 5, 5


async def suggestions(session: AsyncSession, ticket: Ticket, q: str, vault: Vault, url: str) -> list[Json]:
    """By what the customer wrote, or by words. Archived ones are not suggested; each article once."""
    query = select(Article, ArticleText).join(ArticleText, col(ArticleText.article_id) == col(Article.id))
    found = (await session.execute(query.where(col(Article.state) != Confidence.ARCHIVED))).all()
    texts = {text.id: (article, text) for article, text in found}
    corpus = [words_of(number, text) for number, (_, text) in texts.items()]
    best = search.find(q, corpus) if q.strip() else suggest(await said(session, ticket), corpus, most=MOST * 2)
    chosen: dict[int, Json] = {}
    for number, _ in best:
        article, text = texts[number]
        if article.id not in chosen and len(chosen) < MOST:
            chosen[article.id] = await _shown(session, article, text, vault, url)
    return list(chosen.values())


async def said(session: AsyncSession, ticket: Ticket) -> str:
    """The subject and the customer's latest words."""
    mine = col(Message.ticket_id) == ticket.id, col(Message.direction) == "in"
    query = select(col(Message.text)).where(*mine).order_by(col(Message.id).desc()).limit(MOST_MESSAGES)
    return "\n".join([ticket.subject, *reversed((await session.scalars(query)).all())])


async def _shown(session: AsyncSession, article: Article, text: ArticleText, vault: Vault, url: str) -> Json:
    """What goes to a customer is the published version, never a draft; an internal one is only for reading."""
    live = await readers.by_text(session, text.id)
    link = plain = ""
    if live is not None:
        own = article.audience == ArticleAudience.CUSTOMER
        link = readers.shared(url, vault, article.id, text.locale) if own else url + address(text.locale, text.slug)
        plain = to_plain(live.version.resolution)
    return {
        "id": article.id, "title": live.version.title if live else text.title, "locale": text.locale,
        "state": article.state, "audience": article.audience, "link": link, "text": plain,
    }  # fmt: skip


async def linked(session: AsyncSession, number: int) -> list[Json]:
    query = select(ArticleLink, col(ArticleText.title), col(Article.state))
    query = query.join(Article, col(Article.id) == col(ArticleLink.article_id))
    first = (col(ArticleText.article_id) == col(Article.id)) & (col(ArticleText.locale) == col(Article.locale))
    query = query.join(ArticleText, first).where(col(ArticleLink.ticket_id) == number).order_by(col(ArticleLink.at))
    return [
        {
            "id": link.article_id, "title": title, "how": link.how, "state": state, "accurate": link.accurate,
            "agent_id": link.agent_id, "at": link.at,
        }
        for link, title, state in (await session.execute(query)).all()
    ]  # fmt: skip


async def draft_of(session: AsyncSession, ticket: Ticket) -> Json | None:
    """The customer's first words and our latest answer; None while nobody has answered."""
    mine = col(Message.ticket_id) == ticket.id, col(Message.audience) == Audience.PUBLIC, col(Message.auto).is_(False)
    asked = select(col(Message.text)).where(*mine, col(Message.direction) == "in").order_by(col(Message.id))
    told = select(col(Message.text)).where(*mine, col(Message.author) == "agent").order_by(col(Message.id).desc())
    answer = (await session.scalars(told.limit(1))).first()
    issue = (await session.scalars(asked.limit(1))).first() or ""
    if not answer:
        return None
    title = (ticket.subject or issue.strip().split("\n")[0] or f"#{ticket.id}")[:200]
    return {"title": title, "issue": issue[:20_000], "resolution": answer[:20_000], "ticket": ticket.id}
