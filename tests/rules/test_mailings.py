"""When a report is due, of which days it tells, and what its letter says."""

import io
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.rules.mailings.chart import BAR, LAST, LEFT, PAPER, WIDTH, axis, bars
from app.rules.mailings.letter import Line, Told, compose
from app.rules.mailings.schedule import Schedule, days_of

DAY = date(2026, 7, 1)  # a Wednesday


def schedule(**more: Any) -> Schedule:
    return Schedule(**{"every": "daily", "hour": 9, "zone": "Asia/Tokyo", **more})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_slots_are_an_hour_on_the_zone_s_clock() -> None:
    assert schedule().following(utc(2026, 7, 1, 0, 0)) == utc(2026, 7, 2, 0, 0), "the slot itself has come"
    assert schedule().newest(utc(2026, 7, 1, 0, 0)) == utc(2026, 7, 1, 0, 0)
    weekly = schedule(every="weekly", weekday=0)
    assert weekly.following(utc(2026, 7, 1, 3, 0)) == utc(2026, 7, 6, 0, 0)
    assert weekly.newest(utc(2026, 7, 1, 3, 0)) == utc(2026, 6, 29, 0, 0)
    monthly = schedule(every="monthly", day=31)
    assert monthly.following(utc(2026, 1, 31, 1, 0)) == utc(2026, 2, 28, 0, 0), "February's last"
    berlin = schedule(zone="Europe/Berlin", hour=9)
    assert berlin.following(utc(2026, 3, 28, 8, 0)) == utc(2026, 3, 29, 7, 0), "an hour earlier in UTC: summer time"


NAIVE = (utc(2024, 1, 1).replace(tzinfo=None), utc(2028, 1, 1).replace(tzinfo=None))


@given(
    at=st.datetimes(*NAIVE, timezones=st.just(UTC)), every=st.sampled_from(["daily", "weekly", "monthly"]),
    hour=st.integers(0, 23), weekday=st.integers(0, 6), day=st.integers(1, 31),
    zone=st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "UTC"]),
)  # fmt: skip
def test_slots_follow_each_other_without_gap_or_repetition(at: datetime, **more: Any) -> None:
    made = schedule(**more)
    slots = [made.newest(at)]
    for _ in range(3):
        slots.append(made.following(slots[-1]))
    assert slots[0] <= at < slots[1]
    assert all(made.newest(later - timedelta(seconds=1)) == sooner < later for sooner, later in pairwise(slots))


def test_a_period_s_days_seen_from_its_slot() -> None:
    assert days_of("yesterday", DAY) == (date(2026, 6, 30), date(2026, 6, 30))
    assert days_of("last_week", DAY) == (date(2026, 6, 22), date(2026, 6, 28))
    assert days_of("last_week", date(2026, 6, 29)) == (date(2026, 6, 22), date(2026, 6, 28)), "on a Monday too"
    assert days_of("last_month", DAY) == (date(2026, 6, 1), date(2026, 6, 30))
    assert days_of("last_7_days", DAY) == (date(2026, 6, 24), date(2026, 6, 30))
    assert days_of("last_28_days", DAY) == (date(2026, 6, 3), date(2026, 6, 30))


def shown(**more: Any) -> dict[str, Any]:
    given = {"value": 0.9, "numerator": 9, "denominator": 10, "p50": None, "p90": None, "before": 0.8, "change": 0.1}
    return {**given, **more}


def told(*lines: Line, **more: Any) -> Told:
    given = {
        "name": "週報",
        "language": "ja",
        "first": date(2026, 6, 22),
        "last": date(2026, 6, 28),
        "zone": "Asia/Tokyo",
    }
    given |= {"basis": "business", "url": "http://desk.example/reports?first=2026-06-22&last=2026-06-28"}
    return Told(**{**given, "lines": lines, **more})


def test_a_letter_says_each_figure_in_both_shapes() -> None:
    days = [(date(2026, 6, 22) + timedelta(days=n), value) for n, value in enumerate([0.5, None, 1.0])]
    letter = compose(told(Line(code="response_rate", shown=shown(), days=days)))
    assert letter.subject == "【レポート】週報 (2026-06-22 〜 2026-06-28)"
    for said in ("返信率", "90.0%", "9 / 10", "80.0%", "+10.0 pt", "良くなりました"):
        assert said in letter.text and said in letter.html, said
    assert "first=2026-06-22&last=2026-06-28" in letter.text
    assert 'src="cid:chart0"' in letter.html and "6/23 –" in letter.html, "a day without data is a dash in the words"
    chart, table = letter.files
    assert (chart["content_id"], table["content_id"]) == ("chart0", "")
    text = b64decode(table["base64"]).decode("utf-8-sig")
    assert "返信率,0.9,9,10" in text and "2026-06-23," in text


def test_a_figure_without_data_is_a_dash_and_markup_stays_text() -> None:
    nothing = shown(value=None, numerator=0, denominator=0, before=None, change=None)
    letter = compose(told(Line(code="csat", shown=nothing), name="<b>=1+1", language="en"))
    assert "<b>=1" not in letter.html and "&lt;b&gt;=1+1" in letter.html
    assert "Satisfaction (CSAT): –  (0 / 0)" in letter.text
    assert told(Line(code="csat", shown=nothing)).empty
    assert not told(Line(code="csat", shown=nothing), Line(code="inbound", shown=shown())).empty
    assert not any(each["content_id"] for each in letter.files), "no picture of nothing"


def test_a_worse_change_says_so_and_none_says_nothing() -> None:
    slower = shown(value=120.0, before=60.0, change=1.0, numerator=240, denominator=2, p50=100, p90=140)
    letter = compose(told(Line(code="first_response", shown=slower), Line(code="inbound", shown=shown(change=0.0))))
    assert "悪くなりました" in letter.text and "2件 · 中央値 1分40秒 · 90% 2分20秒" in letter.text
    assert letter.text.count("なりました") == 1 and "±0%" in letter.text


@pytest.mark.parametrize("values", [[1.0], [0.0, None, 3.0], [float(n) for n in range(400)]])
def test_a_chart_is_a_picture_with_a_bar_for_each_day_that_has_one(values: list[float | None]) -> None:
    days = [(DAY + timedelta(days=n), value) for n, value in enumerate(values)]
    image = Image.open(io.BytesIO(bars("count", days))).convert("RGB")
    assert image.width == WIDTH
    colours = {colour for _, colour in image.getcolors(100_000) or []}
    last = tuple(bytes.fromhex(LAST[1:]))
    assert last in colours and (tuple(bytes.fromhex(BAR[1:])) in colours) == (len(values) > 3)
    assert image.getpixel((LEFT + 1, 2)) == tuple(bytes.fromhex(PAPER[1:]))


def test_an_axis_ends_at_a_round_number_above_all_values() -> None:
    assert axis("count", 0).lines == ((1.0, "1"), (2.0, "2"))
    assert axis("count", 37).lines[-1] == (40.0, "40")
    assert axis("count", 81).lines[-1] == (100.0, "100")
    assert axis("duration", 5400).lines == ((3600.0, "1 h"), (7200.0, "2 h"))
    assert axis("ratio", 0.1).top == 1
    for most in (0.5, 3, 9.9, 10, 11, 99, 101, 12345):
        assert axis("count", most).top >= most
