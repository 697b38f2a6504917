"""What readers of the help centre leave behind: whether an article helped, and what they looked for in vain."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.actions.knowledge import tasks
from app.models import ArticleFeedback, ArticleText, ArticleViews, MissedSearch
from app.models.columns import table_of
from app.rules.knowledge.search import asked
from app.text import plain


async def said(
    session: AsyncSession, text: ArticleText, version: int, *, helpful: bool, reason: str, comment: str, now: datetime
) -> None:
    """A reason goes with "no" only, which is something for the article's owner to look at (K5)."""
    made = ArticleFeedback(
        text_id=text.id, version=version, helpful=helpful, reason="" if helpful else reason, comment=plain(comment), at=now
    )  # fmt: skip
    session.add(made)
    await session.flush()
    if not helpful:
        await tasks.from_feedback(session, text, made)
    told = feed.event("article.rated", now, article=text.article_id, locale=text.locale, helpful=helpful)
    await feed.record(session, told, clocks=frozenset())


async def missed(session: AsyncSession, q: str, locale: str, now: datetime) -> None:
    """Kept folded: two spellings of one word are one wish."""
    session.add(MissedSearch(locale=locale, words=plain(" ".join(asked(q)))[:100], at=now))
    await session.flush()


async def seen(session: AsyncSession, text_id: int, now: datetime) -> None:
    """A page was read: counted by the day, without anything about the reader."""
    table = table_of(ArticleViews)
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    made = insert(table).values(text_id=text_id, day=now.date(), views=1)
    once_more = made.on_conflict_do_update(index_elements=["text_id", "day"], set_={"views": table.c.views + 1})
    await session.execute(once_more)
