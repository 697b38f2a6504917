"""When somebody may be written to, and when and where they usually answer (whisper). Pure.

Hours are minutes of the person's day; an end beyond 1440 is after midnight: 10:00 to 2:00 is 600 to 1560.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
AWAKE = timedelta(minutes=60)  # who has just written is awake, whatever the clock says
FEWEST = 4  # messages: fewer say nothing about somebody's habits


@dataclass(frozen=True, slots=True)
class Waking:
    zone: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Habit:
    """Where somebody writes most, and at which hour of their day."""

    channel: str
    hour: int
    count: int  # of the messages that this is computed from


def asleep(given: Waking, now: datetime, wrote_at: datetime | None = None) -> bool:
    """Outside their hours, and they have not just written."""
    if wrote_at is not None and timedelta(0) <= now - wrote_at <= AWAKE:
        return False
    local = now.astimezone(ZoneInfo(given.zone))
    minute = local.hour * 60 + local.minute
    return not any(given.begins <= minute + more < given.ends for more in (0, DAY))


def wakes_at(given: Waking, now: datetime) -> datetime:
    """The next beginning of their hours, by their clock."""
    zone = ZoneInfo(given.zone)
    local = now.astimezone(zone)
    begins = time(given.begins // 60 % 24, given.begins % 60)
    day = local.date() if local.time() < begins else local.date() + timedelta(days=1)
    return datetime.combine(day, begins, zone).astimezone(now.tzinfo)


def habit(wrote: Sequence[tuple[str, datetime]], zone: str) -> Habit | None:
    """From their own messages, each with its channel. An hour counts with its neighbours: people are not clocks."""
    if len(wrote) < FEWEST:
        return None
    channels = Counter(channel for channel, _ in wrote)
    hours = Counter(at.astimezone(ZoneInfo(zone)).hour for _, at in wrote)
    near = {hour: 2 * hours[hour] + hours[(hour - 1) % 24] + hours[(hour + 1) % 24] for hour in range(24)}
    return Habit(
        min(channels, key=lambda each: (-channels[each], each)),
        min(near, key=lambda each: (-near[each], each)),
        len(wrote),
    )
