"""What a chat's visitor did with articles before asking: it is all that deflection may count of them (K4)."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.knowledge import readers
from app.models import ArticleVisit
from app.models.columns import table_of

TABLE = table_of(ArticleVisit)
KEY = ("inbox_id", "visitor", "day")


async def opened(session: AsyncSession, who: tuple[int, str], article: tuple[int, int], now: datetime) -> None:
    """`who`: inbox and key of the identity; `article`: its id and the one of the text that was shown."""
    await readers.seen(session, article[1], now)
    await _note(session, who, now, article_id=article[0])


async def solved(session: AsyncSession, who: tuple[int, str], article_id: int, now: datetime) -> None:
    """They said that it helped. The same again changes nothing that is counted."""
    await _note(session, who, now, article_id=article_id, solved_at=now)


async def _note(session: AsyncSession, who: tuple[int, str], now: datetime, **said: Any) -> None:
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    row = {"inbox_id": who[0], "visitor": who[1], "day": now.date(), "opened_at": now, **said}
    await session.execute(insert(TABLE).values(row).on_conflict_do_update(index_elements=KEY, set_=said))
