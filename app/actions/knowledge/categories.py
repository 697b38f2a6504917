"""Where articles are filed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.errors import Conflict, Missing
from app.models import ArticleCategory, ArticleFiling

MOST = 200


class NoCategory(Missing):
    """There is no such category."""


class OtherCategories(Conflict):
    """Somebody has added or removed a category: look again."""


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


async def order(session: AsyncSession, ids: Sequence[int]) -> None:
    """All of them, in the order in which readers see them. OtherCategories: somebody added one meanwhile."""
    found = {each.id: each for each in (await session.scalars(select(ArticleCategory).with_for_update())).all()}
    if sorted(found) != sorted(ids):
        raise OtherCategories
    for place, number in enumerate(ids, 1):
        found[number].position = place
    await session.flush()


async def remove(session: AsyncSession, category_id: int) -> None:
    """Its articles stay, in no category of this name. NoCategory."""
    found = await session.get(ArticleCategory, category_id)
    if found is None:
        raise NoCategory
    await session.execute(delete(ArticleFiling).where(col(ArticleFiling.category_id) == category_id))
    await session.delete(found)
    await session.flush()


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
