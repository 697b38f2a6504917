"""Where articles are filed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.errors import Conflict, Missing
from app.models import ArticleCategory

MOST = 200


class NoCategory(Missing):
    """There is no such category."""


class TooManyCategories(Conflict):
    """There are as many categories as can be."""


async def add(session: AsyncSession, given: Mapping[str, Any]) -> ArticleCategory:
    """`given`: name_ja, name_en. It goes last."""
    count, last = (
        await session.execute(select(func.count(), func.coalesce(func.max(ArticleCategory.position), 0)))
    ).one()
    if count >= MOST:
        raise TooManyCategories
    made = ArticleCategory(name_ja=given["name_ja"], name_en=given["name_en"], position=last + 1)
    session.add(made)
    await session.flush()
    return made


async def change(session: AsyncSession, category_id: int, given: Mapping[str, Any]) -> ArticleCategory:
    query = select(ArticleCategory).where(col(ArticleCategory.id) == category_id).with_for_update()
    found = (await session.scalars(query)).first()
    if found is None:
        raise NoCategory
    for name in ("name_ja", "name_en", "position"):
        if given.get(name) is not None:
            setattr(found, name, given[name])
    await session.flush()
    return found
