"""When silence is worth a question (L12), and from when the month's allowance is worth a warning (L22)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.upkeep import allowance, hearing

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("silent", "asked_ago", "asks"),
    [
        (None, None, False),  # it has never heard anything: it is being set up
        (5.9, None, False),
        (6, None, True),
        (9, 2.9, False),
        (9, 3, True),
    ],
)
def test_L12_a_question_after_six_hours_and_then_every_three(
    silent: float | None, asked_ago: float | None, asks: bool
) -> None:
    news = None if silent is None else NOW - silent * HOUR
    asked = None if asked_ago is None else NOW - asked_ago * HOUR
    assert hearing.asks(news, asked, NOW) is asks


def test_L12_an_inbox_that_rests_at_weekends_is_not_ill_on_sunday() -> None:
    born = NOW - timedelta(days=60)
    assert hearing.unusual_at(born, NOW, 62 * 3600) == NOW + 124 * HOUR
    assert hearing.unusual_at(born, NOW, 60) == NOW + 24 * HOUR, "a busy one is worth a look after a day"
    assert hearing.unusual_at(NOW, NOW, 60) == NOW + timedelta(days=14), "a new one has no rhythm yet"


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_L12_the_rhythm_is_never_shorter_than_the_last_silence_and_fades(longest: int, gap: int) -> None:
    after = hearing.rhythm(longest, timedelta(seconds=gap))
    assert gap <= after <= max(longest, gap)
    assert hearing.rhythm(longest, timedelta(days=28)) >= longest // 2


@pytest.mark.parametrize(
    ("limit", "used", "level"),
    [
        (200, 159, 0),
        (200, 160, 80),
        (200, 189, 80),
        (200, 190, 95),
        (200, 400, 95),
        (None, 9, 0),
        (200, None, 0),
        (0, 0, 0),
    ],
)
def test_L22_warnings_at_80_and_95_percent(limit: int | None, used: int | None, level: int) -> None:
    assert allowance.level(limit, used) == level
