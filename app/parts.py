"""The parts that doors and clocks share in one process, put together once by main.py."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from app import clock
from app.actions.receive import Arrival, Rules, cleaned, dead_letter, only_said, receive, take
from app.bus import Bus, LocalBus, RemoteBus, postgres_line, redis_line
from app.config import Settings
from app.db import Database, Done, GroupCommit
from app.errors import WrongSetting
from app.files import Files
from app.queries.inboxed import Inboxed
from app.queries.inboxes import Inboxes
from app.quotas import Quotas
from app.security import Vault
from channels.contract import Channel, Hook, Inbound, Item, Placement

WAKE_EVERY_S = 0.1
LARGE_BODY = 256 * 1024  # bytes; a larger raw body stands in the file store
SLOW_BODY = 32 * 1024  # bytes; a larger body is read in a thread


class Teller:
    """Says what a commit brought: {"log"} when there is something to read, {"news": names} when clocks may have work too.

    The clocks are woken ten times a second at most: under load they would look after each commit and find nothing.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._woken_at = -WAKE_EVERY_S
        self._later = False
        self._names: set[str] = set()

    def __call__(self, work: frozenset[str]) -> None:
        self._names |= work
        wait = self._woken_at + WAKE_EVERY_S - clock.monotonic()
        if work and wait <= 0:
            self._wake()
            return
        if work and not self._later:
            self._later = True
            asyncio.get_running_loop().call_later(wait, self._wake)
        self._bus.publish({"log": 1})

    def _wake(self) -> None:
        self._later, self._woken_at = False, clock.monotonic()
        names, self._names = sorted(self._names), set()
        self._bus.publish({"news": names})


@dataclass(slots=True)
class Parts:
    settings: Settings
    database: Database
    search: Database  # the search index: the same database, or on SQLite a file beside it
    bus: Bus
    vault: Vault
    files: Files
    inboxes: Inboxes
    intake: GroupCommit[Arrival, list[Placement]]
    quotas: Quotas

    async def start(self) -> None:
        self.settings.files.mkdir(parents=True, exist_ok=True)
        await self.bus.start()
        await self.inboxes.all()  # the first hooks find their channels open

    async def stop(self) -> None:
        await self.intake.drain()
        await self.inboxes.close()
        await self.bus.stop()
        if self.search is not self.database:
            await self.search.close()
        await self.database.close()

    async def take(
        self,
        inbox: Inboxed,
        channel: Channel,
        hook: Hook,
        *,
        raw_id: int | None = None,
        cursor: dict[str, object] | None = None,
    ) -> list[Placement]:
        """Reads a verified hook and commits what it says. A bug in the reading keeps the bytes for a retry."""
        try:
            slow = len(hook.body) > SLOW_BODY  # a large mail must not hold up everybody else's
            items, clean = await asyncio.to_thread(_read, channel, hook) if slow else _read(channel, hook)
            error = ""
        except Exception as bug:
            items, clean, error = [], {}, f"{type(bug).__name__}: {bug}"[:500]
        uploads: dict[str, str] = {}
        for item in items:
            if isinstance(item, Inbound) and item.parts:
                uploads |= await self._store(item)
        large = len(hook.body) > LARGE_BODY and raw_id is None
        arrival = Arrival(
            inbox=inbox, hook=hook, items=items, error=error, uploads=uploads, cleaned=clean, raw_id=raw_id, cursor=cursor,
            file_key=await self.files.put(hook.body) if large else "",
        )  # fmt: skip
        return await self.intake.put(arrival)

    async def _store(self, item: Inbound) -> dict[str, str]:
        """Attachments are durable before the row that names them: an orphan file harms nobody."""
        kept: dict[str, str] = {}
        for part in item.parts:
            if part.content is not None:
                key = await self.files.put(part.content)
                kept[sha256(part.content).hexdigest()] = key
                if preview := await self.files.preview(part.content, part.media_type):
                    kept[f"preview:{key}"] = preview
        return kept


def _read(channel: Channel, hook: Hook) -> tuple[list[Item], dict[str, str]]:
    """What a hook says, and what may be kept of its HTML."""
    items = channel.parse(hook)
    return items, cleaned(items)


def chosen_bus(settings: Settings) -> Bus:
    """What the settings say; by themselves: in-process with SQLite, NOTIFY with PostgreSQL. Raises WrongSetting."""
    match settings.bus:
        case "redis":
            if not settings.redis_url:
                raise WrongSetting("MIKAWAYA_BUS is redis: give MIKAWAYA_REDIS_URL too.")
            return RemoteBus(redis_line(settings.redis_url))
        case "postgres" if settings.is_sqlite:
            raise WrongSetting("MIKAWAYA_BUS is postgres, but the database is SQLite: leave it at auto.")
        case "local":
            return LocalBus()
        case _:
            return LocalBus() if settings.is_sqlite else RemoteBus(postgres_line(settings.database))


def assemble(settings: Settings, *, database: Database | None = None, bus: Bus | None = None) -> Parts:
    """The parts of one process. Nothing is opened before `start`."""
    made = database or Database(settings.database)
    vault = Vault(settings.key())
    rules = Rules(reopen_days=settings.reopen_days)

    async def work(session: AsyncSession, arrivals: Sequence[Arrival]) -> list[list[Placement]]:
        return await receive(session, arrivals, now=clock.utcnow(), rules=rules)

    def swift(arrivals: Sequence[Arrival]) -> Callable[[Connection], Done[list[list[Placement]]]] | None:
        now = clock.utcnow()
        return partial(take, arrivals=arrivals, now=now, rules=rules) if only_said(arrivals) else None

    async def rescue(session: AsyncSession, arrival: Arrival, error: Exception) -> list[Placement]:
        return await dead_letter(session, arrival, error, clock.utcnow())

    chosen = bus or chosen_bus(settings)
    made.on_news.append(Teller(chosen))
    return Parts(
        settings=settings,
        database=made,
        search=Database(settings.search_database, pool=4) if made.is_sqlite else made,
        bus=chosen,
        vault=vault,
        files=Files(settings.files),
        inboxes=Inboxes(made, vault, settings),
        intake=GroupCommit(made, work, rescue, swift=swift),
        quotas=Quotas(),
    )
