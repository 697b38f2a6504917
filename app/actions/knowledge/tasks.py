"""Something is to be looked at in an article (K5): begun by a reader's "no" or an agent's flag, ended by a person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.knowledge.articles import NoArticle
from app.errors import Conflict, Missing
from app.models import Agent, Article, ArticleFeedback, ArticleTask, ArticleText
from app.text import plain


class NoArticleTask(Missing):
    """There is no such task."""


class TaskDone(Conflict):
    """Somebody has dealt with this already."""


async def from_feedback(session: AsyncSession, text: ArticleText, said: ArticleFeedback) -> None:
    """One open task for each reason that readers name; what a reader wrote is always one of its own."""
    same = (
        col(ArticleTask.article_id) == text.article_id, col(ArticleTask.locale) == text.locale,
        col(ArticleTask.kind) == "feedback", col(ArticleTask.reason) == said.reason, col(ArticleTask.done_at).is_(None),
    )  # fmt: skip
    if not said.comment and await session.scalar(select(col(ArticleTask.id)).where(*same).limit(1)) is not None:
        return
    session.add(
        ArticleTask(
            article_id=text.article_id, locale=text.locale, kind="feedback", reason=said.reason, comment=said.comment,
            feedback_id=said.id, at=said.at,
        )
    )  # fmt: skip
    await session.flush()


async def flag(
    session: AsyncSession, article_id: int, *, locale: str, reason: str, comment: str, by: Agent, now: datetime
) -> None:
    """An agent says that it is wrong: its owner sees it. NoArticle."""
    if await session.get(Article, article_id) is None:
        raise NoArticle
    made = ArticleTask(
        article_id=article_id, locale=locale, kind="flag", reason=reason, comment=plain(comment), agent_id=by.id, at=now
    )
    session.add(made)
    await session.flush()
    told = feed.event("article.flagged", now, agent=by.id, article=article_id, reason=reason)
    await feed.record(session, told, clocks=frozenset())


async def finish(session: AsyncSession, task_id: int, outcome: str, *, by: Agent, now: datetime) -> None:
    """NoArticleTask, TaskDone."""
    query = select(ArticleTask).where(col(ArticleTask.id) == task_id).with_for_update()
    task = (await session.scalars(query)).first()
    if task is None:
        raise NoArticleTask
    if task.done_at is not None:
        raise TaskDone(by=task.done_by)
    task.done_at, task.done_by, task.outcome = now, by.id, outcome
    await session.flush()
