"""Calendars over HTTP: who may change them, what is refused and why, the look ahead, the Cabinet Office's list."""

from copy import deepcopy
from typing import Any

import pytest

from tests.api.conftest import Desk
from tests.conftest import Hands

SPEC: dict[str, Any] = {
    "zone": "Asia/Tokyo",
    "week": [[["09:00", "12:00"], ["13:00", "18:00"]]] * 5 + [[], []],
    "country": "JP",
    "closures": [{"from": "08-13", "to": "08-15", "name": "お盆"}],
    "days": {"2026-07-04": {"name": "臨時営業", "open": [["10:00", "15:00"]]}},
}
HEAD = "国民の祝日・休日月日,国民の祝日・休日名称\r\n"


def fields(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["at"], each.get("code", "")) for each in answer.json()["fields"]]


async def test_a_lead_makes_changes_and_archives_a_calendar_and_everybody_reads_it(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    made = await lead.post("/api/v1/calendars", json={"name": "標準", "spec": SPEC})
    assert made.status_code == 201 and made.json()["version"] == 1 and made.json()["spec"] == SPEC
    path = f"/api/v1/calendars/{made.json()['id']}"
    later = {**SPEC, "week": [[["10:00", "19:00"]]] * 5 + [[], []]}
    changed = await lead.patch(path, json={"spec": later, "version": 1})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await lead.patch(path, json={"spec": SPEC, "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "calendar_changed")
    for member in desk.cast.roles.values():
        listed = (await desk.client(member).get("/api/v1/calendars")).json()
        assert [(each["name"], each["version"], each["spec"]) for each in listed] == [("標準", 2, later)]
    archived = await lead.patch(path, json={"archived": True})
    assert archived.json()["archived_at"] is not None and archived.json()["spec"] == later
    for member in (desk.cast.hanako, desk.cast.success):
        refused = await desk.client(member).patch(path, json={"name": "x"})
        assert refused.status_code == 403


async def test_SLA5_what_makes_no_sense_is_refused_with_field_and_reason(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"zone": "Asia/Tokio"}, [("zone", "zone")]),
        ({"week": [[]] * 7}, [("week", "never")]),
        ({"week": [[["09:00", "12:00"], ["11:00", "18:00"]], *[[]] * 6]}, [("week.0.1", "overlap")]),
        ({"week": [[["9", "12:00"]], *[[]] * 6]}, [("week.0.0", "time")]),
        ({"country": "XX"}, [("country", "country")]),
        ({"closures": [{"from": "02-30", "to": "03-01"}]}, [("closures.0.from", "month_day")]),
        ({"days": {"2026-13-01": {"open": []}}}, [("days.2026-13-01", "date")]),
    ]
    for change, expected in cases:
        spec = {**deepcopy(SPEC), **change}
        assert fields(await lead.post("/api/v1/calendars", json={"name": "n", "spec": spec})) == expected
        assert fields(await lead.post("/api/v1/calendars/preview", json={"spec": spec})) == expected
    assert fields(await lead.post("/api/v1/calendars", json={"name": "n", "spec": {**SPEC, "week": 7}}))
    assert (await lead.get("/api/v1/calendars")).json() == []


@pytest.mark.usefixtures("hands")
async def test_SLA8_the_preview_shows_two_weeks_and_what_would_be_due(desk: Desk, hands: Hands) -> None:
    asked = {"spec": SPEC, "target_minutes": 8 * 60}
    shown = (await desk.client(desk.cast.hanako).post("/api/v1/calendars/preview", json=asked)).json()
    assert shown["open_now"] is False and shown["opens_at"] == "2026-07-01T04:00:00Z"  # noon in Tokyo: lunch
    assert shown["due_at"] == "2026-07-02T03:00:00Z"
    days = {each["date"]: each for each in shown["days"]}
    assert len(days) == 14 and next(iter(days)) == "2026-07-01"
    assert days["2026-07-01"]["open"] == [[540, 720], [780, 1080]] and days["2026-07-01"]["open_s"] == 8 * 3600
    assert (days["2026-07-04"]["why"], days["2026-07-04"]["name"]) == ("day", "臨時営業")
    assert days["2026-07-05"]["open"] == []


async def test_a_night_is_drawn_on_both_of_its_days(desk: Desk) -> None:
    spec = {"zone": "America/New_York", "week": [[["22:00", "05:00"]]] * 7}
    shown = (await desk.client(desk.cast.hanako).post("/api/v1/calendars/preview", json={"spec": spec})).json()
    assert {str(each["open"]) for each in shown["days"]} == {"[[0, 300], [1320, 1440]]"}


async def test_a_team_works_by_a_calendar(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    calendar = (await lead.post("/api/v1/calendars", json={"name": "標準", "spec": SPEC})).json()["id"]
    made = (await lead.post("/api/v1/teams", json={"name": "夜間", "calendar_id": calendar})).json()
    assert made["calendar_id"] == calendar
    path = f"/api/v1/teams/{made['id']}"
    assert (await lead.patch(path, json={"name": "夜"})).json()["calendar_id"] == calendar
    assert (await lead.patch(path, json={"name": "夜", "calendar_id": 987})).json()["code"] == "no_such_calendar"
    used = await lead.patch(f"/api/v1/calendars/{calendar}", json={"archived": True})
    assert (used.status_code, used.json()["code"], used.json()["teams"]) == (409, "calendar_in_use", ["夜"])
    assert (await lead.get("/api/v1/calendars")).json()[0]["team_ids"] == [made["id"]]
    shown = (await desk.client(desk.cast.hanako).get("/api/v1/desk")).json()["teams"]
    assert [each["calendar_id"] for each in shown] == [None, calendar]
    assert (await lead.patch(path, json={"name": "夜", "calendar_id": None})).json()["calendar_id"] is None


async def test_SLA7_the_public_holidays_of_a_year_in_the_readers_language(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    shown = (await client.get("/api/v1/calendars/holidays", params={"year": 2026})).json()
    assert len(shown["items"]) == 18 and shown["imported_years"] == []
    assert {"date": "2026-09-22", "name": "国民の休日", "imported": False} in shown["items"]
    await client.patch("/api/v1/session", json={"language": "en"})
    shown = (await client.get("/api/v1/calendars/holidays", params={"year": 2026})).json()
    assert shown["items"][0] == {"date": "2026-01-01", "name": "New Year's Day", "imported": False}
    known = (await client.get("/api/v1/calendars/countries")).json()
    assert {"JP", "US", "DE"} <= set(known)
    america = (await client.get("/api/v1/calendars/holidays", params={"year": 2026, "country": "US"})).json()
    assert "2026-11-26" in [each["date"] for each in america["items"]]


async def test_SLA6_the_cabinet_offices_list_counts_and_a_bad_one_changes_nothing(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    calendar = (await lead.post("/api/v1/calendars", json={"name": "標準", "spec": SPEC})).json()["id"]

    async def imports(text: str) -> Any:
        return await lead.post(
            "/api/v1/calendars/holidays", files={"file": ("syukujitsu.csv", (HEAD + text).encode("cp932"))}
        )

    bad = await imports("2026/1/1,元日\r\n2026/2/30,うるう\r\n")
    assert (bad.status_code, bad.json()["code"]) == (422, "wrong_holidays")
    assert (bad.json()["line"], bad.json()["reason"]) == (3, "date")
    good = await imports("2026/1/1,元日\r\n2026/7/2,臨時の休日\r\n")
    assert (good.status_code, good.json()) == (201, {"days": 2, "years": [2026], "calendars": 1})
    shown = (await lead.get("/api/v1/calendars/holidays", params={"year": 2026})).json()
    assert [(each["date"], each["imported"]) for each in shown["items"]] == [("2026-01-01", True), ("2026-07-02", True)]
    listed = (await lead.get("/api/v1/calendars")).json()
    assert [(each["id"], each["version"]) for each in listed] == [(calendar, 2)]
    large = await lead.post("/api/v1/calendars/holidays", files={"file": ("x.csv", b"x" * 1_200_000)})
    assert large.status_code == 413
    refused = await desk.client(desk.cast.hanako).post("/api/v1/calendars/holidays", files={"file": ("x.csv", b"x")})
    assert refused.status_code == 403
