"""What a calendar may say, and the Cabinet Office's list of public holidays (SLA5, SLA6)."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendars import REASONS, WrongCalendar, WrongHolidays, check, read_holidays

SPEC: dict[str, Any] = {
    "zone": "Asia/Tokyo",
    "week": [[["09:00", "12:00"], ["13:00", "18:00"]], [["22:00", "05:00"]], [["22:00", "29:00"]], [], [], [], []],
    "country": "JP",
    "closures": [{"from": "12-29", "to": "01-03", "name": "年末年始"}, {"from": "02-29", "to": "02-29", "name": ""}],
    "days": {"2026-08-11": {"name": "臨時営業", "open": [["10:00", "15:00"]]}, "2026-08-24": {"name": "", "open": []}},
}


def test_a_sound_calendar_passes() -> None:
    check(SPEC)
    check({**SPEC, "week": [[["09:00", "12:00"], ["12:00", "18:00"]], *[[]] * 6]})  # they may touch
    check({**SPEC, "week": [[["00:00", "24:00"]]] * 7})


@pytest.mark.parametrize(
    ("change", "at", "reason"),
    [
        ({"zone": "Asia/Tokio"}, "zone", "zone"),
        ({"zone": "../../etc/passwd"}, "zone", "zone"),
        ({"zone": ""}, "zone", "zone"),
        ({"week": [[]] * 6}, "week", "seven"),
        ({"week": [[]] * 7}, "week", "never"),  # although single days are open
        ({"week": [[["9:00", "18:00"]], *[[]] * 6]}, "week.0.0", "time"),
        ({"week": [[], [["09:00", "48:01"]], *[[]] * 5]}, "week.1.0", "time"),
        ({"week": [[["24:00", "25:00"]], *[[]] * 6]}, "week.0.0", "time"),
        ({"week": [[["09:00"]], *[[]] * 6]}, "week.0.0", "time"),
        ({"week": [[["09:00", "12:00"], ["11:59", "18:00"]], *[[]] * 6]}, "week.0.1", "overlap"),
        ({"week": [[["13:00", "18:00"], ["09:00", "13:01"]], *[[]] * 6]}, "week.0.0", "overlap"),
        ({"week": [[["22:00", "05:00"]], [["04:00", "10:00"]], *[[]] * 5]}, "week.1.0", "overlap"),
        ({"week": [[["04:00", "10:00"]], *[[]] * 5, [["22:00", "05:00"]]]}, "week.0.0", "overlap"),  # Sunday's night
        ({"week": [[["00:00", "00:01"]] * 13, *[[]] * 6]}, "week.0", "many"),
        ({"closures": [{"from": "02-30", "to": "03-01", "name": ""}]}, "closures.0.from", "month_day"),
        ({"closures": [{"from": "12-29", "to": "1-3", "name": ""}]}, "closures.0.to", "month_day"),
        ({"closures": [{"from": "12-29", "to": "12-29", "name": "休" * 81}]}, "closures.0.name", "name"),
        ({"closures": [{"from": "12-29", "to": "12-29", "name": ""}] * 61}, "closures", "many"),
        ({"closures": [{"from": "12-29", "to": "12-29", "name": "a\x00b"}]}, "closures.0.name", "name"),
        ({"days": {"2026-02-28": {"name": "休" * 81, "open": []}}}, "days.2026-02-28.name", "name"),
        ({"days": {"2026-02-29": {"name": "", "open": []}}}, "days.2026-02-29", "date"),
        ({"days": {"20260801": {"name": "", "open": []}}}, "days.20260801", "date"),
        ({"days": {"2026-08-01": {"name": "", "open": [["10:00", "x"]]}}}, "days.2026-08-01.0", "time"),
        (
            {"days": {"2026-08-01": {"name": "", "open": [["10:00", "12:00"], ["11:00", "13:00"]]}}},
            "days.2026-08-01.1", "overlap",
        ),
    ],
)  # fmt: skip
def test_SLA5_what_does_not_fit_is_refused_with_its_place_and_reason(
    change: dict[str, Any], at: str, reason: str
) -> None:
    with pytest.raises(WrongCalendar) as refused:
        check({**deepcopy(SPEC), **change})
    assert refused.value.params["fields"] == [{"at": at, "code": reason, "says": REASONS[reason]}]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(WrongCalendar) as refused:
        check({**SPEC, "zone": "Mars", "week": [[["x", "y"]], [["09:00", "z"]], *[[]] * 5]})
    assert [each["at"] for each in refused.value.params["fields"]] == ["zone", "week.0.0", "week.1.0"]


# -- the Cabinet Office's list ------------------------------------------------------------------------------------------

CSV = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/1/1,元日\r\n2026/5/6,休日\r\n2026/9/22,休日\r\n"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_SLA6_the_list_is_read_as_published_and_as_saved_again(encoding: str) -> None:
    found = read_holidays(CSV.encode(encoding))
    assert found == {date(2026, 1, 1): "元日", date(2026, 5, 6): "休日", date(2026, 9, 22): "休日"}
    assert read_holidays(CSV.replace("\r\n", "\n").encode(encoding) + b"\n") == found


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (CSV + "2026/2/29,うるう\r\n", 5, "date"),
        (CSV + "2026-11-03,文化の日\r\n", 5, "date"),
        (CSV + "26/11/3,文化の日\r\n", 5, "date"),
        (CSV + "2026/11/３,文化の日\r\n", 5, "date"),
        (CSV + "2026/11/3,\r\n", 5, "name"),
        (CSV + "2026/11/3,文化\x00の日\r\n", 5, "name"),
        (CSV + "2026/11/3\r\n", 5, "columns"),
        (CSV + "2026/11/3,文化の日,水\r\n", 5, "columns"),
        (CSV + "2026/5/6,休日\r\n", 5, "double"),
        (CSV + '2026/11/3,"文化の日\r\n', 5, "columns"),
        (CSV.partition("\r\n")[0] + "\r\n", 1, "empty"),
        ("日付,名称\r\n2026/1/1,元日\r\n", 1, "header"),
        ("", 1, "header"),
    ],
)
def test_SLA6_a_list_that_is_none_is_refused_with_the_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(WrongHolidays) as refused:
        read_holidays(text.encode("cp932"))
    assert (refused.value.params["line"], refused.value.params["reason"]) == (line, reason)


def test_SLA6_bytes_that_are_no_text_are_refused_with_the_line() -> None:
    with pytest.raises(WrongHolidays) as refused:
        read_holidays(CSV.encode("cp932") + b"2026/11/3,\x81\x20\r\n")
    assert (refused.value.params["line"], refused.value.params["reason"]) == (5, "encoding")


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, headed: bool) -> None:
    try:
        found = read_holidays((CSV.encode("cp932") if headed else b"") + content)
    except WrongHolidays as refused:
        assert refused.params["line"] >= 1
    else:
        assert set(found) >= {date(2026, 1, 1)}
