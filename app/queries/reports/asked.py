"""What a report is asked for, and the words in which the two databases say the same."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

DIMENSIONS = ("channel", "team", "agent", "inbox", "tier", "tag")
NOBODY = 0  # as a filter: no team, no agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A period of whole days in a zone, and filters. `basis`: "business" (open hours) or "elapsed"."""

    first: date
    last: date
    zone: str
    now: datetime
    basis: str = "business"
    channel: str | None = None
    team: int | None = None
    agent: int | None = None
    inbox: int | None = None
    tier: str | None = None
    tag: int | None = None
    abandon_s: int = 5
    target_s: int = 20
    variant: str = "A"

    @property
    def begin(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def filters(self) -> dict[str, Any]:
        given = {name: getattr(self, name) for name in DIMENSIONS}
        return {name: value for name, value in given.items() if value is not None}


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Words:
    """SQL in the words of one database."""

    sqlite: bool

    def secs(self, begin: str, end: str) -> str:
        """Seconds between two columns, to the millisecond. (SQLite's ROUND to a number of digits goes by way of a text.)"""
        if self.sqlite:
            return f"(ROUND((julianday({end}) - julianday({begin})) * 86400000) / 1000)"
        return f"date_part('epoch', {end} - {begin})"

    def plus(self, at: str, seconds: int) -> str:
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {at}, '{seconds:+d} seconds')"
        return f"({at} + INTERVAL '{seconds} seconds')"

    def later(self, one: str, other: str) -> str:
        return f"MAX({one}, {other})" if self.sqlite else f"GREATEST({one}, {other})"

    def earlier(self, one: str, other: str) -> str:
        return f"MIN({one}, {other})" if self.sqlite else f"LEAST({one}, {other})"

    def whole(self, value: str) -> str:
        """To the nearest, halves up."""
        return f"CAST(ROUND({value}) AS INTEGER)" if self.sqlite else f"CAST(FLOOR({value} + 0.5) AS INTEGER)"

    def listed(self, value: str) -> str:
        """An aggregate: all the values, in one text or, four bytes each, the highest first, in one string of bytes."""
        return f"group_concat({value})" if self.sqlite else f"string_agg(int4send({value}), CAST('' AS BYTEA))"

    @property
    def fence(self) -> str:
        """The end of an inner query whose columns are worked out once, wherever the outer one uses them."""
        return " LIMIT -1" if self.sqlite else " OFFSET 0"

    def slot(self, at: str, *, minutes: bool) -> str:
        """The hour or minute, UTC, as text."""
        if self.sqlite:
            return f"substr({at}, 1, {16 if minutes else 13})"
        return f"to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24{':MI' if minutes else ''}')"


def words(session: AsyncSession | Connection) -> Words:
    bind = session if isinstance(session, Connection) else session.get_bind()
    return Words(bind.dialect.name == "sqlite")


def odd_minutes(asked: Asked) -> bool:
    """Whether the zone's hours do not begin with those of UTC (India, Nepal)."""
    offsets = (
        asked.begin.astimezone(ZoneInfo(asked.zone)).utcoffset(),
        asked.end.astimezone(ZoneInfo(asked.zone)).utcoffset(),
    )
    return any(each is not None and each % timedelta(hours=1) for each in offsets)


def local(slot: str, zone: str) -> datetime:
    """A slot on the zone's clock."""
    return (
        datetime.fromisoformat(slot if len(slot) > 13 else f"{slot}:00").replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    )
