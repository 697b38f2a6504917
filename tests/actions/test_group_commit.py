"""The one writer of all doors: shared commits, in order, and a failure that stays with whom it belongs to."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.db import Database, GroupCommit
from app.models import Tag


async def work(session: AsyncSession, names: Sequence[str]) -> list[str]:
    session.add_all([Tag(name=name) for name in names])
    await session.flush()
    if "poison" in names:
        raise ZeroDivisionError
    return [name.upper() for name in names]


async def rescue(session: AsyncSession, name: str, error: Exception) -> str:
    if name == "poison":
        return f"kept: {type(error).__name__}"
    raise error


async def tags(database: Database) -> set[str]:
    async with database.read() as session:
        return set((await session.scalars(select(col(Tag.name)))).all())


async def test_each_hears_its_own_result_after_the_commit(database: Database) -> None:
    sizes: list[int] = []

    async def counted(session: AsyncSession, names: Sequence[str]) -> list[str]:
        sizes.append(len(names))
        return await work(session, names)

    group = GroupCommit(database, counted, rescue)
    told = await asyncio.gather(*[group.put(f"t{n}") for n in range(100)])
    assert told == [f"T{n}" for n in range(100)]
    assert await tags(database) == {f"t{n}" for n in range(100)}
    assert sum(sizes) == 100 and len(sizes) <= 3, "what waits shares a commit"


async def test_no_more_than_a_portion_at_once(database: Database) -> None:
    sizes: list[int] = []

    async def counted(session: AsyncSession, names: Sequence[str]) -> list[str]:
        sizes.append(len(names))
        return await work(session, names)

    group = GroupCommit(database, counted, rescue, most=10)
    await asyncio.gather(*[group.put(f"t{n}") for n in range(35)])
    assert max(sizes) == 10


async def test_one_poisoned_member_spoils_nobody_elses(database: Database) -> None:
    group = GroupCommit(database, work, rescue)
    told = await asyncio.gather(*[group.put(n) for n in ("a", "poison", "b")])
    assert told == ["A", "kept: ZeroDivisionError", "B"]
    assert await tags(database) == {"a", "b"}


async def test_what_even_the_rescue_refuses_is_told_to_its_door_alone(database: Database) -> None:
    group = GroupCommit(database, work, rescue)
    await group.put("twice")
    told = await asyncio.gather(group.put("twice"), group.put("c"), return_exceptions=True)
    assert isinstance(told[0], Exception) and told[1] == "C"


async def test_a_door_that_went_away_loses_nothing_and_stops_nobody(database: Database) -> None:
    group = GroupCommit(database, work, rescue)
    gone = asyncio.create_task(group.put("gone"))
    stays = asyncio.create_task(group.put("stays"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == "STAYS"
    with pytest.raises(asyncio.CancelledError):
        await gone
    await group.drain()
    assert await tags(database) == {"gone", "stays"}
