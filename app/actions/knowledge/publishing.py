"""What customers see of an article: a version of a text, from a time on and until another."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Missing
from app.models import Agent, Article, ArticleText, Audit
from app.rules.knowledge import life


class NoArticleText(Missing):
    """The article has no text in this language."""


async def publish(
    session: AsyncSession, article_id: int, locale: str, window: tuple[datetime | None, datetime | None], *,
    by: Agent, now: datetime,
) -> ArticleText:  # fmt: skip
    """Its newest version now, or at the window's beginning; until its end. NotPublishable, PublishWindow, NoArticleText."""
    article, text = await _both(session, article_id, locale)
    begins, ends = window
    life.check_publish(article.state, article.audience, text.resolution)
    life.check_window(begins, ends, now)
    text.unpublish_at = ends
    if begins is not None and begins > now:
        text.publish_at = begins
        await _say(session, "article.planned", article, text, by.id, now)
    else:
        await _show(session, article, text, by.id, now)
    return text


async def unpublish(session: AsyncSession, article_id: int, locale: str, *, by: Agent, now: datetime) -> ArticleText:
    """Nobody sees it any more, and no plan shows it again."""
    article, text = await _both(session, article_id, locale)
    await _hide(session, article, text, by.id, now)
    return text


async def withdraw(session: AsyncSession, article: Article, *, by: int | None, now: datetime) -> None:
    """In all languages: it is no longer meant for customers, or no longer held to be true."""
    query = select(ArticleText).where(col(ArticleText.article_id) == article.id)
    for text in (await session.scalars(query)).all():
        if text.live_version is not None or text.publish_at is not None:
            await _hide(session, article, text, by, now)


async def publish_due(session: AsyncSession, now: datetime, most: int) -> int:
    """What was planned until now. Ends go last: who was down over a whole window shows nothing."""
    due = or_(col(ArticleText.publish_at) <= now, col(ArticleText.unpublish_at) <= now)
    query = select(ArticleText).where(due).order_by(col(ArticleText.id)).limit(most).with_for_update(skip_locked=True)
    found = (await session.scalars(query)).all()
    for text in found:
        article = await session.get_one(Article, text.article_id)
        if text.unpublish_at is not None and text.unpublish_at <= now:
            await _hide(session, article, text, None, now)
        elif life.stays_live(article.state, article.audience) and text.resolution.strip():
            await _show(session, article, text, None, now)
        else:
            text.publish_at = None
    await session.flush()
    return len(found)


async def _both(session: AsyncSession, article_id: int, locale: str) -> tuple[Article, ArticleText]:
    query = select(Article).where(col(Article.id) == article_id).with_for_update()
    article = (await session.scalars(query)).first()
    mine = col(ArticleText.article_id) == article_id, col(ArticleText.locale) == locale
    text = (await session.scalars(select(ArticleText).where(*mine))).first()
    if article is None or text is None:
        raise NoArticleText
    return article, text


async def _show(session: AsyncSession, article: Article, text: ArticleText, by: int | None, now: datetime) -> None:
    text.live_version, text.published_at, text.publish_at = text.version, now, None
    text.first_published_at = text.first_published_at or now
    article.updated_at = now
    await _say(session, "article.published", article, text, by, now, version=text.version)


async def _hide(session: AsyncSession, article: Article, text: ArticleText, by: int | None, now: datetime) -> None:
    text.live_version = text.published_at = text.publish_at = text.unpublish_at = None
    article.updated_at = now
    await _say(session, "article.unpublished", article, text, by, now)


async def _say(
    session: AsyncSession, kind: str, article: Article, text: ArticleText, by: int | None, now: datetime, **params: Any
) -> None:
    """In the log, and in the audit: who let the public see what (K10)."""
    session.add(Audit(at=now, agent_id=by, code=kind, subject=f"KB-{article.id} {text.locale} {text.title}"[:200]))
    await session.flush()
    told = feed.event(kind, now, agent=by, article=article.id, locale=text.locale, **params)
    await feed.record(session, told, clocks=frozenset())
