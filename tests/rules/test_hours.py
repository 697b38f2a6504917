"""Business hours (SLA5-SLA8): the vectors, daylight saving, nights, and what must hold for any calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.hours import Hours, NeverOpen, add, day, elapsed, hours, intervals, is_open, next_open, opening

DAYS_OFF = {  # SLA7
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
}
HOLIDAYS = {date.fromisoformat(f"{year}-{each}"): "祝日" for year, all_ in DAYS_OFF.items() for each in all_.split()}
CLOSURES = [
    {"from": "08-13", "to": "08-15", "name": "お盆"},
    {"from": "12-29", "to": "01-03", "name": "年末年始"},
]
TOKYO = ZoneInfo("Asia/Tokyo")
WORKDAY = [["09:00", "18:00"]]


def calendar(open_: list[list[str]], *, zone: str = "Asia/Tokyo", workdays: int = 5, **more: Any) -> Hours:
    week: list[list[list[str]]] = [open_] * workdays + [[]] * (7 - workdays)
    return hours({"zone": zone, "week": week, "country": "JP", "closures": CLOSURES, **more}, HOLIDAYS)


OFFICE = calendar(WORKDAY)
LUNCH = calendar([["09:00", "12:00"], ["13:00", "18:00"]])
BERLIN = hours({"zone": "Europe/Berlin", "week": [[["00:00", "24:00"]]] * 7}, {})
NIGHT = calendar([["22:00", "05:00"]], workdays=7)
EVER = [OFFICE, LUNCH, BERLIN, NIGHT, calendar([["02:15", "02:45"]], zone="America/New_York", workdays=7)]


def tokyo(text: str) -> datetime:
    """ "04-30 17:00" of 2026, or with a year before it."""
    return datetime.fromisoformat(text if text[4] == "-" else f"2026-{text}").replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("04-30 17:00", 240, "05-01 12:00"),
        ("05-01 17:30", 480, "05-07 16:30"),
        ("09-18 17:00", 240, "09-24 12:00"),
        ("08-10 17:00", 480, "08-12 16:00"),
        ("08-12 17:00", 120, "08-17 10:00"),
        ("12-28 17:00", 480, "2027-01-04 16:00"),
        ("07-18 10:00", 60, "07-21 10:00"),
        ("07-17 18:00", 60, "07-21 10:00"),
        ("07-17 17:00", 60, "07-17 18:00"),
        ("07-17 17:00", 61, "07-21 09:01"),
    ],
)
def test_SLA8_vectors(start: str, minutes: int, due: str) -> None:
    assert add(OFFICE, tokyo(start), minutes * 60) == tokyo(due)
    assert elapsed(OFFICE, tokyo(start), tokyo(due)) == minutes * 60


def test_SLA8_a_pause_moves_the_deadline_by_the_open_time_in_it() -> None:
    start, paused, resumed = tokyo("07-14 10:00"), tokyo("07-14 11:00"), tokyo("07-15 11:00")
    left = 4 * 3600 - elapsed(OFFICE, start, paused)
    assert add(OFFICE, resumed, left) == tokyo("07-15 14:00")


def test_SLA8_lunch_does_not_count() -> None:
    assert add(LUNCH, tokyo("07-14 11:00"), 4 * 3600) == tokyo("07-14 16:00")
    assert not is_open(LUNCH, tokyo("07-14 12:00")) and is_open(LUNCH, tokyo("07-14 13:00"))
    assert next_open(LUNCH, tokyo("07-14 12:30")) == tokyo("07-14 13:00")


def test_SLA7_every_public_holiday_is_closed_unless_the_calendar_has_no_country() -> None:
    everywhere = hours({"zone": "Asia/Tokyo", "week": [WORKDAY] * 7, "country": ""}, HOLIDAYS)
    for holiday in HOLIDAYS:
        noon = datetime(holiday.year, holiday.month, holiday.day, 12, tzinfo=TOKYO)
        assert not is_open(OFFICE, noon) and is_open(everywhere, noon), holiday
    assert (day(OFFICE, date(2026, 9, 22)).why, day(OFFICE, date(2026, 9, 22)).name) == ("holiday", "祝日")


@pytest.mark.parametrize(
    ("on", "closed"),
    [
        ("08-12", False), ("08-13", True), ("08-14", True), ("08-17", False),
        ("12-28", False), ("12-29", True), ("12-31", True), ("2027-01-01", True), ("2027-01-04", False),
    ],
)  # fmt: skip
def test_SLA5_closures_hold_every_year_and_over_its_end(on: str, closed: bool) -> None:
    assert is_open(OFFICE, tokyo(f"{on} 12:00")) is not closed


def test_SLA5_a_dates_own_entry_wins_over_everything() -> None:
    found = calendar(
        WORKDAY,
        days={
            "2026-08-11": {"name": "臨時営業", "open": [["10:00", "15:00"]]},  # a public holiday
            "2026-08-14": {"name": "当番", "open": [["10:00", "11:00"]]},  # a closure
            "2026-08-22": {"name": "", "open": [["09:00", "12:00"]]},  # a Saturday
            "2026-08-24": {"name": "棚卸", "open": []},  # a Monday
        },
    )
    open_on = {
        on: [(f"{a.astimezone(TOKYO):%H:%M}", f"{b.astimezone(TOKYO):%H:%M}") for a, b in intervals(
            found, tokyo(f"{on} 00:00"), tokyo(f"{on} 00:00") + timedelta(days=1)
        )]
        for on in ("08-11", "08-14", "08-22", "08-24")
    }  # fmt: skip
    assert open_on == {
        "08-11": [("10:00", "15:00")], "08-14": [("10:00", "11:00")], "08-22": [("09:00", "12:00")], "08-24": [],
    }  # fmt: skip
    assert day(found, date(2026, 8, 24)).name == "棚卸"


# -- nights -------------------------------------------------------------------------------------------------------------


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    weeknights = calendar([["22:00", "05:00"]], workdays=5)
    assert is_open(weeknights, tokyo("07-11 04:59")) and not is_open(weeknights, tokyo("07-11 05:00"))  # from Friday
    assert not is_open(weeknights, tokyo("07-13 04:00"))  # Sunday's night was none
    assert is_open(weeknights, tokyo("07-20 00:00")) is False  # Marine Day after a Sunday
    assert is_open(weeknights, tokyo("08-11 04:00"))  # a holiday's small hours end the night before
    assert add(weeknights, tokyo("07-10 22:00"), 8 * 3600) == tokyo("07-13 23:00")


def test_an_end_may_be_written_past_midnight_and_shifts_that_touch_are_one() -> None:
    assert opening("22:00", "05:00") == opening("22:00", "29:00") == (1320, 1740)
    assert opening("23:00", "47:00") == opening("23:00", "23:00") == (1380, 2820)
    with pytest.raises(ValueError, match="47:01"):
        opening("23:00", "47:01")
    assert opening("00:00", "00:00") == opening("00:00", "24:00") == (0, 1440)
    always = calendar([["00:00", "24:00"]], workdays=7, country="", closures=[])
    begin, end = tokyo("2025-01-01 00:00"), tokyo("2031-01-01 00:00")
    assert intervals(always, begin, end) == [(begin, end)]


# -- daylight saving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "on", "open_", "hours_open"),
    [
        ("Europe/Berlin", date(2026, 3, 29), ("00:00", "24:00"), 23),
        ("Europe/Berlin", date(2026, 10, 25), ("00:00", "24:00"), 25),
        ("Europe/Berlin", date(2026, 3, 29), ("01:00", "04:00"), 2),
        ("Europe/Berlin", date(2026, 10, 25), ("01:00", "04:00"), 4),
        ("Europe/Berlin", date(2026, 3, 29), ("02:15", "02:45"), 0),  # the clock never shows it
        ("Europe/Berlin", date(2026, 3, 29), ("02:30", "10:00"), 7),  # from the jump on
        ("Europe/Berlin", date(2026, 3, 28), ("22:00", "02:30"), 4),  # to the jump
        ("Europe/Berlin", date(2026, 10, 25), ("02:15", "02:45"), 0.5),  # the first time that the clock shows it
        ("America/New_York", date(2026, 3, 8), ("00:00", "12:00"), 11),
        ("America/New_York", date(2026, 11, 1), ("00:00", "12:00"), 13),
        ("America/New_York", date(2026, 10, 31), ("22:00", "05:00"), 8),
        ("Australia/Lord_Howe", date(2026, 10, 4), ("00:00", "24:00"), 23.5),  # half an hour
        ("Pacific/Apia", date(2011, 12, 30), ("00:00", "24:00"), 0),  # a date that never was
    ],
)
def test_SLA5_wall_clock_hours_on_days_of_another_length(
    zone: str, on: date, open_: tuple[str, str], hours_open: float
) -> None:
    never: list[list[list[str]]] = [[]] * 7
    found = hours({"zone": zone, "week": never, "days": {f"{on}": {"open": [list(open_)]}}}, {})
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    assert elapsed(found, noon - timedelta(days=3), noon + timedelta(days=3)) == hours_open * 3600


def test_SLA5_nine_oclock_is_nine_oclock_before_and_after_the_change() -> None:
    for zone, changes in (("Europe/Berlin", date(2026, 3, 29)), ("America/New_York", date(2026, 11, 1))):
        office = hours({"zone": zone, "week": [WORKDAY] * 7}, {})
        for shift in range(-3, 4):
            on = changes + timedelta(days=shift)
            begin = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone))
            opened = next_open(office, begin).astimezone(ZoneInfo(zone))
            assert (opened.date(), opened.hour, opened.minute) == (on, 9, 0)


# -- never ---------------------------------------------------------------------------------------------------------------


def test_a_calendar_that_is_never_open_says_so_at_once() -> None:
    shut = hours({"zone": "Asia/Tokyo", "week": [[]] * 7}, {})
    for ask in (lambda: add(shut, tokyo("07-01 00:00"), 1), lambda: next_open(shut, tokyo("07-01 00:00"))):
        with pytest.raises(NeverOpen):
            ask()
    assert not is_open(shut, tokyo("07-01 12:00")) and elapsed(shut, tokyo("07-01 12:00"), tokyo("08-01 12:00")) == 0
    assert add(shut, tokyo("07-01 00:00"), 0) == tokyo("07-01 00:00")


def test_a_calendar_whose_last_day_has_passed_is_never_open_again() -> None:
    days = {"2026-07-01": {"open": WORKDAY}, "2027-07-01": {"open": WORKDAY}, "2029-07-01": {"open": WORKDAY}}
    found = hours({"zone": "Asia/Tokyo", "week": [[]] * 7, "days": days}, {})
    assert add(found, tokyo("07-01 09:00"), 10 * 3600) == tokyo("2027-07-01 10:00")  # a year apart is not never
    assert next_open(found, tokyo("07-01 18:00")) == tokyo("2027-07-01 09:00")
    with pytest.raises(NeverOpen):
        add(found, tokyo("07-01 09:00"), 19 * 3600)
    with pytest.raises(NeverOpen):
        next_open(found, tokyo("2027-07-01 18:00"))


def test_a_target_that_would_take_decades_is_refused_at_once() -> None:
    rare = hours({"zone": "Asia/Tokyo", "week": [[["09:00", "09:01"]], *[[]] * 6]}, {})
    assert add(rare, tokyo("07-01 00:00"), 60) == tokyo("07-06 09:01")
    with pytest.raises(NeverOpen):
        add(rare, tokyo("07-01 00:00"), 86_400)


def test_open_time_is_not_taken_back() -> None:
    with pytest.raises(ValueError, match="only added"):
        add(OFFICE, tokyo("07-01 12:00"), -1)


@pytest.mark.parametrize(
    "wrong", ["9:00", "24:00", "48:01", "09:60", "0900", "", "９:00", "ab:cd", "-1:00", "09:00:00"]
)
def test_malformed_times_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(wrong)}$"):
        opening(wrong, "18:00")


# -- what holds for any calendar and moment ------------------------------------------------------------------------------

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=5 * 365)).map(lambda since: FIRST + since)
spans = st.integers(0, 60 * 86_400 * 1_000_000)  # microseconds
calendars = st.sampled_from(EVER)


@given(calendars, moments, spans, spans)
def test_adding_twice_is_adding_the_sum(hours: Hours, at: datetime, a: int, b: int) -> None:
    assert add(hours, add(hours, at, a / 1e6), b / 1e6) == add(hours, at, (a + b) / 1e6)


@given(calendars, moments, spans)
def test_what_was_added_has_elapsed(hours: Hours, at: datetime, a: int) -> None:
    due = add(hours, at, a / 1e6)
    assert round(elapsed(hours, at, due) * 1e6) == a
    assert elapsed(hours, due, at) == -elapsed(hours, at, due)
    assert due.tzinfo is UTC


@given(calendars, moments, moments, st.integers(1, 10**12), st.integers(0, 10**12))
def test_later_and_longer_are_never_due_earlier(
    hours: Hours, one: datetime, other: datetime, a: int, more: int
) -> None:
    first, second = sorted((one, other))
    assert first < add(hours, first, a / 1e6) <= add(hours, second, a / 1e6) <= add(hours, second, (a + more) / 1e6)
    assert 0 <= elapsed(hours, first, second) <= (second - first).total_seconds()


@given(calendars, moments, st.integers(1, 20 * 86_400))
def test_intervals_are_what_elapsed_counts(hours: Hours, at: datetime, seconds: int) -> None:
    end = at + timedelta(seconds=seconds)
    found = intervals(hours, at, end)
    assert sum((stop - start).total_seconds() for start, stop in found) == pytest.approx(
        elapsed(hours, at, end), abs=1e-6
    )
    assert all(one[1] < other[0] for one, other in pairwise(found))
    for start, stop in found:
        assert at <= start < stop <= end and is_open(hours, start) and next_open(hours, start) == start
        assert not is_open(hours, stop) or stop == end


@given(st.sampled_from([OFFICE, LUNCH, NIGHT]), st.integers(0, 2 * 365 * 1440))
def test_a_clock_watched_minute_by_minute_says_the_same(hours: Hours, minutes: int) -> None:
    begin = tokyo("01-01 00:00") + timedelta(minutes=minutes)
    watched = 0
    for minute in range(36 * 60):
        at = begin + timedelta(minutes=minute)
        of_day = at.hour * 60 + at.minute
        today, before = day(hours, at.date()).open, day(hours, at.date() - timedelta(days=1)).open
        watched += any(a <= of_day < b for a, b in today) or any(a <= of_day + 1440 < b for a, b in before)
    assert elapsed(hours, begin, begin + timedelta(hours=36)) == watched * 60
