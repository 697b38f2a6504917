"""What readers of the help centre leave behind: whether an article helped, and what they looked for in vain."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.models import ArticleFeedback, ArticleText, MissedSearch
from app.rules.knowledge.search import asked
from app.text import plain


async def said(
    session: AsyncSession, text: ArticleText, version: int, *, helpful: bool, reason: str, comment: str, now: datetime
) -> None:
    """A reason goes with "no" only."""
    session.add(
        ArticleFeedback(
            text_id=text.id, version=version, helpful=helpful, reason="" if helpful else reason, comment=plain(comment), at=now
        )
    )  # fmt: skip
    await session.flush()
    told = feed.event("article.rated", now, article=text.article_id, locale=text.locale, helpful=helpful)
    await feed.record(session, told, clocks=frozenset())


async def missed(session: AsyncSession, q: str, locale: str, now: datetime) -> None:
    """Kept folded: two spellings of one word are one wish."""
    session.add(MissedSearch(locale=locale, words=plain(" ".join(asked(q)))[:100], at=now))
    await session.flush()
