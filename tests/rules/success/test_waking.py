"""Waking hours: by the person's own clock, beyond midnight too; habits only from enough messages."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.rules.success.waking import Habit, Waking, asleep, habit, wakes_at

TOKYO = Waking("Asia/Tokyo", 480, 1260)
INN = Waking("Asia/Tokyo", 600, 1560)
NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)


def at(hour: float) -> datetime:
    """An hour of that day in Tokyo."""
    return NOON + timedelta(hours=hour - 12)


def test_hours_are_the_persons_own_and_may_end_after_midnight() -> None:
    assert [asleep(TOKYO, at(hour)) for hour in (7.9, 8, 20.9, 21)] == [True, False, False, True]
    assert [asleep(INN, at(hour)) for hour in (1.9, 2, 9.9, 10, 23.9)] == [False, True, True, False, False]
    assert wakes_at(TOKYO, at(23)) == at(32) and wakes_at(TOKYO, at(3)) == at(8)
    assert wakes_at(Waking("Europe/London", 480, 1260), at(12)) == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_who_has_just_written_is_awake() -> None:
    assert not asleep(TOKYO, at(23), at(22.5)) and asleep(TOKYO, at(23), at(21.9))


@given(st.sampled_from([TOKYO, INN, Waking("America/New_York", 420, 1380)]), st.integers(0, 366 * 24 * 60))
def test_nobody_is_asleep_when_they_are_said_to_wake(who: Waking, minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    wakes = wakes_at(who, now)
    assert now < wakes <= now + timedelta(hours=25) and not asleep(who, wakes)


def test_a_habit_is_where_and_when_they_write_most() -> None:
    wrote = [("line", at(21)), ("line", at(22)), ("line", at(22)), ("email", at(9))]
    assert habit(wrote, "Asia/Tokyo") == Habit("line", 22, 4)
    assert habit(wrote[:3], "Asia/Tokyo") is None
