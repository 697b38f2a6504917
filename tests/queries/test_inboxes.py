"""The remembered inboxes: strangers' tokens cost little, and no inbox is ever hidden by them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import inboxes
from app.db import Database
from app.models import Inbox
from app.parts import Parts
from app.queries import inboxes as remembered
from tests.cast import START


@pytest.fixture
async def elsewhere(parts: Parts) -> AsyncIterator[Database]:
    """Another process, which says nothing to this one."""
    made = Database(parts.settings.database)
    yield made
    await made.close()


@pytest.fixture
def readings(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read of the inboxes from now on. Nothing grows stale meanwhile."""
    monkeypatch.setattr(remembered, "FRESH_S", 1e9)
    found: list[str] = []

    def read(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if "FROM inbox" in statement:
            found.append(statement)

    event.listen(parts.database.reader.sync_engine, "before_cursor_execute", read)
    return found


async def add(session: AsyncSession, parts: Parts, name: str = "new") -> Inbox:
    return await inboxes.add(session, parts.vault, kind="chat", name=name, config={}, now=START)


async def test_J11_a_made_up_token_is_read_for_once(parts: Parts, readings: list[str]) -> None:
    for _ in range(50):
        assert await parts.inboxes.by_token("made-up") is None
    assert len(readings) == 1


async def test_J11_a_crowd_of_made_up_tokens_shares_the_reading(parts: Parts, readings: list[str]) -> None:
    crowd = [parts.inboxes.by_token(f"made-up-{number}") for number in range(200)]
    assert await asyncio.gather(*crowd) == [None] * 200
    assert len(readings) == 2, "one runs, the others share the next"


async def test_J11_made_up_tokens_do_not_fill_the_memory(
    parts: Parts, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST_UNKNOWN", 20)
    for number in range(50):
        await parts.inboxes.by_token(f"made-up-{number}")
    assert len(parts.inboxes._unknown) == 20
    before = len(readings)
    assert await parts.inboxes.by_token("made-up-49") is None
    assert await parts.inboxes.by_token("x" * 65) is None
    assert len(readings) == before
    assert max(len(each) for each in parts.inboxes._unknown) <= 64


async def test_a_new_inbox_is_there_at_once_whatever_strangers_asked_for(
    parts: Parts, elsewhere: Database, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made by another process while a stranger's reading runs that does not see it yet."""
    read, has_read, go_on = parts.inboxes._read, asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        await read()
        has_read.set()
        await go_on.wait()

    monkeypatch.setattr(parts.inboxes, "_read", slowly)
    stranger = asyncio.create_task(parts.inboxes.by_token("made-up"))
    await has_read.wait()
    async with elsewhere.write() as session:
        made = await add(session, parts)
    customer = asyncio.create_task(parts.inboxes.by_token(made.token))
    await asyncio.sleep(0)
    go_on.set()
    assert await stranger is None
    opened = await customer
    assert opened is not None
    assert opened.row.id == made.id


async def test_an_inbox_that_is_enabled_again_is_there_at_once(
    parts: Parts, elsewhere: Database, readings: list[str]
) -> None:
    async with elsewhere.write() as session:
        made = await add(session, parts)
        made.enabled = False
    for _ in range(3):
        assert await parts.inboxes.by_token(made.token) is None
    async with elsewhere.write() as session:
        await session.execute(update(Inbox).where(col(Inbox.id) == made.id).values(enabled=True))
    assert await parts.inboxes.by_token(made.token) is not None
    assert readings


async def test_a_token_that_was_made_up_first_is_known_by_the_next_reading(
    parts: Parts, elsewhere: Database, readings: list[str]
) -> None:
    """A database that is put back from a copy brings tokens that were asked for already."""
    assert await parts.inboxes.by_token("from-the-copy") is None
    async with elsewhere.write() as session:
        (await add(session, parts)).token = "from-the-copy"
    parts.inboxes.expire()
    before = len(readings)
    assert await parts.inboxes.by_token("from-the-copy") is not None
    assert len(readings) == before + 1
