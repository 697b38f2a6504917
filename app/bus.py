"""Something new, between processes. Lossy by design: readers follow the log with a cursor and look once a second anyway."""

import asyncio
import importlib
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from app import log

logger = log.get("bus")
Note = dict[str, Any]
CHANNEL = "mikawaya"
NOTE_BYTES = 7500  # PostgreSQL's NOTIFY carries at most 8,000


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


class PostgresBus(LocalBus):
    """NOTIFY and LISTEN on one connection of its own; reconnects by itself. Our own ears hear at once."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url.replace("postgresql+asyncpg://", "postgresql://")
        self._out: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1000)
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._pid = 0

    def publish(self, note: Note) -> None:
        super().publish(note)
        body = orjson.dumps(note)
        if len(body) <= NOTE_BYTES and not self._out.full():
            self._out.put_nowait(body)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())
        await asyncio.wait_for(self._listening.wait(), 10)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        asyncpg = importlib.import_module("asyncpg")  # an extra: only there with PostgreSQL
        while True:
            try:
                connection = await asyncpg.connect(self._url)
            except OSError as down:
                logger.warning("bus.down", error=type(down).__name__)
                await asyncio.sleep(1)
                continue
            try:
                self._pid = connection.get_server_pid()
                await connection.add_listener(CHANNEL, self._heard)
                self._listening.set()
                while not connection.is_closed():
                    await self._speak(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as down:
                logger.warning("bus.down", error=type(down).__name__)
            finally:
                await asyncio.shield(connection.close(timeout=2))

    async def _speak(self, connection: Any) -> None:
        try:
            body = await asyncio.wait_for(self._out.get(), 5)
        except TimeoutError:
            return
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, body.decode())

    def _heard(self, connection: Any, pid: int, channel: str, payload: str) -> None:
        if pid != self._pid:
            super().publish(orjson.loads(payload))
