"""What is to be looked at in articles: readers' complaints, agents' flags, and reviews that are due."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Article, ArticleTask
from app.queries.knowledge.figures import titles

Json = dict[str, Any]
MOST = 200


async def waiting(session: AsyncSession, owner_id: int | None) -> list[Json]:
    """Open ones, the oldest first; of one owner's articles or of everybody's."""
    query = select(ArticleTask, col(Article.owner_id)).join(Article, col(Article.id) == col(ArticleTask.article_id))
    query = query.where(col(ArticleTask.done_at).is_(None)).order_by(col(ArticleTask.at), col(ArticleTask.id))
    if owner_id is not None:
        query = query.where(col(Article.owner_id) == owner_id)
    found = (await session.execute(query.limit(MOST))).all()
    named = await titles(session, [task.article_id for task, _ in found])
    fields = ("id", "article_id", "locale", "kind", "reason", "comment", "agent_id", "at")
    return [
        {**{name: getattr(task, name) for name in fields}, "title": named.get(task.article_id, ""), "owner_id": owner}
        for task, owner in found
    ]
