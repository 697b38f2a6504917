"""Something new, between processes.

Lossy by design: readers follow the log with a cursor and look once a second anyway.
"""

import asyncio
import contextlib
import importlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import orjson

from app import log

logger = log.get("bus")
Note = dict[str, Any]
Hear = Callable[[bytes], None]
Speak = Callable[[bytes], Awaitable[None]]
Broken = asyncio.Future[None]  # done when the line no longer hears
Line = Callable[[Hear], AbstractAsyncContextManager[tuple[Speak, Broken]]]
CHANNEL = "mikawaya"
NOTE_BYTES = 7500  # PostgreSQL's NOTIFY carries at most 8,000
WAITING = 1000  # notes; more are dropped: they are only hints


class Bus(Protocol):
    """`publish` never blocks and never raises; every subscriber of every process hears it, the sender's own too."""

    def publish(self, note: Note) -> None: ...

    def subscribe(self, hear: Callable[[Note], None]) -> Callable[[], None]:
        """Returns how to stop hearing."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class LocalBus:
    """For one process."""

    def __init__(self) -> None:
        self._ears: list[Callable[[Note], None]] = []

    def publish(self, note: Note) -> None:
        for hear in tuple(self._ears):
            hear(note)

    def subscribe(self, hear: Callable[[Note], None]) -> Callable[[], None]:
        self._ears.append(hear)
        return lambda: self._ears.remove(hear) if hear in self._ears else None

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return


class RemoteBus(LocalBus):
    """Over a line to the other processes, opened again when it breaks. Our own ears hear at once."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._me = secrets.token_hex(6)
        self._out: asyncio.Queue[bytes] = asyncio.Queue(maxsize=WAITING)
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    def publish(self, note: Note) -> None:
        super().publish(note)
        body = orjson.dumps({"from": self._me, "note": note})
        if len(body) <= NOTE_BYTES and not self._out.full():
            self._out.put_nowait(body)

    async def start(self) -> None:
        """Returns when the line is open, or after ten seconds without it: the product works all the same, a second late."""
        self._task = asyncio.create_task(self._run())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 10)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                async with self._line(self._heard) as (speak, broken):
                    self._listening.set()
                    await self._talk(speak, broken)
            except Exception as down:
                logger.warning("bus.down", error=type(down).__name__)
                await asyncio.sleep(1)

    async def _talk(self, speak: Speak, broken: Broken) -> None:
        """Passes notes on until the line is broken, which who only listens would never notice."""
        while not broken.done():
            waiting = asyncio.ensure_future(self._out.get())
            await asyncio.wait((waiting, broken), return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                await speak(waiting.result())
            else:
                waiting.cancel()
        raise ConnectionError("the line is broken")

    def _heard(self, body: bytes) -> None:
        said = orjson.loads(body)
        if said["from"] != self._me:
            super().publish(said["note"])


def postgres_line(url: str) -> Line:
    """NOTIFY and LISTEN on one connection of its own."""

    @asynccontextmanager
    async def line(hear: Hear) -> AsyncIterator[tuple[Speak, Broken]]:
        asyncpg = importlib.import_module("asyncpg")  # an extra: only there with PostgreSQL
        connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
        try:
            await connection.add_listener(CHANNEL, lambda _c, _p, _ch, payload: hear(payload.encode()))
            broken: Broken = asyncio.get_running_loop().create_future()
            connection.add_termination_listener(lambda _c: broken.cancel())

            async def speak(body: bytes) -> None:
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, body.decode())

            yield speak, broken
        finally:
            connection.terminate()

    return line


def redis_line(url: str) -> Line:
    """Publish and subscribe on Redis or Valkey."""

    @asynccontextmanager
    async def line(hear: Hear) -> AsyncIterator[tuple[Speak, Broken]]:
        redis = importlib.import_module("redis.asyncio")  # an extra
        client = redis.Redis.from_url(url)
        listening = client.pubsub(ignore_subscribe_messages=True)
        await listening.subscribe(CHANNEL)

        async def listen() -> None:
            with contextlib.suppress(redis.RedisError, OSError):
                async for message in listening.listen():
                    hear(message["data"])

        async def speak(body: bytes) -> None:
            await client.publish(CHANNEL, body)

        task = asyncio.create_task(listen())
        try:
            yield speak, task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await listening.aclose()
            await client.aclose()

    return line
