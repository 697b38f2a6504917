"""The open channels of this process: inbox rows with their channel objects, kept in memory and looked up again when stale."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock, log
from app.config import Settings
from app.db import Database
from app.errors import WrongSetting
from app.models import Inbox
from app.queries.inboxed import Inboxed
from app.security import Vault
from channels import open_channel
from channels.contract import Channel, Profiles, Site

logger = log.get("inboxes")
FRESH_S = 5.0  # another process may have changed an inbox
LONGEST_TOKEN = 64  # characters, as in the table
MOST_UNKNOWN = 10_000  # tokens that strangers made up; above it, the oldest is forgotten


@dataclass(slots=True)
class Open:
    """One inbox with its channel; `channel` is None when its settings do not fit."""

    row: Inbox
    brief: Inboxed
    channel: Channel | None
    stamp: tuple[Any, ...] = field(default=())


class Inboxes:
    """By token for the doors, by id for the clocks."""

    def __init__(self, database: Database, vault: Vault, settings: Settings) -> None:
        self._database, self._vault, self._settings = database, vault, settings
        self._open: dict[int, Open] = {}
        self._tokens: dict[str, int] = {}
        self._off: frozenset[str] = frozenset()  # tokens of inboxes that are not enabled now
        self._unknown: dict[str, None] = {}
        self._read_at = -FRESH_S
        self._begun = self._done = 0  # readings, numbered
        self._one = asyncio.Lock()
        self._retired: list[Channel] = []

    async def by_token(self, token: str) -> Open | None:
        if len(token) > LONGEST_TOKEN or (token in self._unknown and not self._stale()):
            return None
        if token not in self._tokens or self._stale():
            await self.refresh()
            self._learn(token)
        found = self._tokens.get(token)
        return self._open[found] if found is not None else None

    def _learn(self, token: str) -> None:
        """A made-up token costs one reading, not one each time. A new inbox's is random: nobody asked for it before.

        One that is off may be enabled by another process at any moment, so it is never remembered as unknown.
        """
        if token in self._tokens or token in self._off:
            return
        self._unknown[token] = None
        if len(self._unknown) > MOST_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]

    async def by_id(self, inbox_id: int) -> Open | None:
        if inbox_id not in self._open or self._stale():
            await self.refresh()
        return self._open.get(inbox_id)

    async def all(self) -> Iterable[Open]:
        if self._stale():
            await self.refresh()
        return tuple(self._open.values())

    def expire(self) -> None:
        """An inbox was changed: what is remembered is read again when it is next asked for."""
        self._read_at = -FRESH_S

    def _stale(self) -> bool:
        return clock.monotonic() - self._read_at > FRESH_S

    async def refresh(self) -> None:
        """Reads the inboxes again. Those who ask while a reading runs share the next one: theirs must begin after they ask."""
        asked = self._begun
        async with self._one:
            if self._done > asked:
                return
            self._begun += 1
            await self._read()
            self._done = self._begun

    async def _read(self) -> None:
        """A channel whose settings are unchanged stays open."""
        self._read_at = clock.monotonic()
        async with self._database.read() as session:
            rows = (await session.scalars(select(Inbox).order_by(col(Inbox.id)))).all()
        kept: dict[int, Open] = {}
        for row in rows:
            stamp = (row.kind, row.token, repr(row.config), row.secrets, row.enabled)
            before = self._open.get(row.id)
            channel = before.channel if before and before.stamp == stamp else self._channel(row)
            if before and before.channel is not None and before.channel is not channel:
                self._retired.append(before.channel)
            brief = Inboxed(
                row.id, row.kind, row.team_id, row.first_response_s, row.language, row.heard_at,
                isinstance(channel, Profiles), row.news_at, row.quiet_s,
            )  # fmt: skip
            kept[row.id] = Open(row, brief, channel, stamp)
        self._retired += [o.channel for i, o in self._open.items() if i not in kept and o.channel is not None]
        self._open, self._tokens = kept, {row.token: row.id for row in rows if row.enabled}
        self._off = frozenset(row.token for row in rows if not row.enabled)
        for row in rows:
            self._unknown.pop(row.token, None)
        retired, self._retired = self._retired, []
        for channel in retired:
            await channel.close()

    def _channel(self, row: Inbox) -> Channel | None:
        try:
            return open_channel(row.kind, {**row.config, **self._vault.unseal(row.secrets)}, self.site(row.token))
        except (ValueError, KeyError, WrongSetting) as wrong:
            logger.error("inbox.wrong_settings", inbox=row.id, error=type(wrong).__name__)
            return None

    def site(self, token: str) -> Site:
        return Site(
            public_url=self._settings.public_url,
            hook_url=f"{self._settings.public_url}/hooks/{token}",
            key=self._vault.derive(f"inbox {token}"),
            installation=self._vault.installation,
            private_hosts=self._settings.private_hosts,
        )

    async def close(self) -> None:
        for each in self._open.values():
            if each.channel is not None:
                await each.channel.close()
        self._open, self._tokens = {}, {}
