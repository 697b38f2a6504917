"""三河屋's rhythm (C10): robust against one odd order, adjusted to the quantity, silent when it would be rude."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.rules.success.cadence import Around, beat, why_quiet

DAY = date(2026, 1, 10)


def every(days: int, times: int, begin: date = DAY) -> list[tuple[date, float | None]]:
    return [(begin + timedelta(days=days * n), None) for n in range(times)]


def test_C10_usually_every_32_days_and_45_is_late() -> None:
    found = beat([(DAY + timedelta(days=n), None) for n in (0, 31, 63, 96, 128)])
    assert found is not None and (found.every, found.spread, found.count) == (32, 0.5, 5)
    last = found.last
    states = [found.state(last + timedelta(days=n)) for n in (32, 34, 35, 37, 38, 45)]
    assert states == ["kept", "kept", "hint", "hint", "overdue", "overdue"]


def test_C10_three_times_are_no_rhythm_and_neither_is_daily_use_nor_chaos() -> None:
    assert beat(every(32, 3)) is None
    assert beat(every(1, 30)) is None
    assert beat([(DAY + timedelta(days=n), None) for n in (0, 4, 50, 80, 85, 160)]) is None


def test_C10_twice_as_much_lasts_twice_as_long() -> None:
    usual = [(DAY + timedelta(days=10 * n), 5.0) for n in range(6)]
    found = beat([*usual, (DAY + timedelta(days=60), 10.0)])
    assert found is not None and found.expected == found.last + timedelta(days=20)
    vast = beat([*usual, (DAY + timedelta(days=60), 500.0)])
    assert vast is not None and vast.expected == vast.last + timedelta(days=20), "but not for ever"


def test_C10_days_on_which_everybody_is_closed_do_not_count() -> None:
    found = beat(every(10, 6, date(2026, 10, 31)))
    assert found is not None and found.last == date(2026, 12, 20)
    assert found.expected == date(2027, 1, 5)  # 29 December to 3 January: six days
    summer = beat(every(10, 5, date(2026, 7, 1)))
    assert summer is not None and (summer.last, summer.expected) == (date(2026, 8, 10), date(2026, 8, 23))


def test_C10_it_is_quiet_when_it_would_be_rude() -> None:
    done, today = [DAY + timedelta(days=30 * n) for n in range(5)], DAY + timedelta(days=170)
    assert why_quiet(done, Around(complaint=True, contact=2), today) == "complaint"
    assert why_quiet(done, Around(opted_out=True), today) == "opted_out"
    assert why_quiet(done, Around(contact=13.9), today) == "contacted"
    assert why_quiet(done, Around(contact=14.0), today) == ""
    found = beat(every(30, 5))
    assert found is not None and not found.stopped(found.last + timedelta(days=120))
    assert found.stopped(found.last + timedelta(days=121))
    assert why_quiet(done, Around(stopped=True), today) == "stopped", "that is an early warning's, not a reminder"


def test_C10_who_pauses_each_summer_is_not_late_in_summer() -> None:
    spring = [date(2026, 4, 1) + timedelta(days=20 * n) for n in range(4)]  # until 31 May
    autumn = [date(2026, 9, 1) + timedelta(days=20 * n) for n in range(13)]  # until 29 April
    assert why_quiet([*spring, *autumn], Around(), date(2027, 7, 1)) == "season"
    assert why_quiet([*spring, *autumn], Around(), date(2027, 5, 30)) == ""


days = st.lists(st.tuples(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.none() | st.floats(0, 1000)), max_size=40)


@given(days, st.randoms(use_true_random=False))
def test_C10_no_order_and_no_repetition_changes_a_rhythm(done: list[tuple[date, float | None]], dice: Random) -> None:
    known = [(day, None) for day, _ in done]
    again = [*known, *known]
    dice.shuffle(again)
    assert beat(again) == beat(known)


@given(days)
def test_C10_a_rhythm_is_never_expected_before_the_last_time_and_its_steps_are_in_order(
    done: list[tuple[date, float | None]],
) -> None:
    found = beat(done)
    if found is not None:
        assert found.last < found.expected <= found.hint <= found.overdue
        assert found.last == max(day for day, _ in done) and 3 <= found.every <= 200


@given(st.integers(3, 60), st.integers(4, 20), st.integers(-400, 400))
def test_C10_one_odd_interval_hardly_moves_it(days: int, times: int, off: int) -> None:
    plain = beat(every(days, times + 3))
    odd = [*every(days, times + 3)]
    odd[1] = (odd[1][0] + timedelta(days=max(min(off, days - 1), 1 - days)), None)
    moved = beat(odd)
    assert plain is not None and moved is not None and abs(moved.every - plain.every) <= days / 2
