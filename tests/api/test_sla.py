"""Promises over HTTP: what is refused and why, the order, the preview, why a deadline is when it is, warnings and their bell."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions import timers
from app.models import Audit
from tests.api.conftest import Desk
from tests.conftest import Hands

WEEK = [[["09:00", "18:00"]]] * 5 + [[], []]
CALENDAR = {
    "name": "平日",
    "spec": {"zone": "Asia/Tokyo", "week": WEEK, "days": {"2026-07-02": {"name": "棚卸", "open": []}}},
}
SPEC: dict[str, Any] = {
    "conditions": [], "hours": "elapsed", "calendar_id": None, "by_team": False,
    "targets": {"first_response": {"urgent": 600, "normal": 7200}, "resolution": {"normal": 43200}},
    "pauses": {"resolution": ["pending", "snoozed"]}, "reopen": "resume",
    "steps": [{"percent": 75, "metrics": [], "to": ["assignee", "leads"]}],
}  # fmt: skip
START = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)  # noon in Tokyo, a Wednesday


def fields(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["at"], each.get("code", "")) for each in answer.json()["fields"]]


async def made(desk: Desk, name: str = "標準", **more: Any) -> dict[str, Any]:
    answer = await desk.client(desk.cast.lead).post("/api/v1/policies", json={"name": name, "spec": {**SPEC, **more}})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def calendar(desk: Desk) -> int:
    answer = await desk.client(desk.cast.lead).post("/api/v1/calendars", json=CALENDAR)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_a_lead_makes_changes_orders_and_puts_away_policies_and_everybody_reads_them(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    first, second = await made(desk), await made(desk, "特別", conditions=[{"field": "tier", "any": ["high"]}])
    assert (first["version"], first["spec"], second["position"]) == (1, SPEC, 2)
    twice = await lead.post("/api/v1/policies", json={"name": "標準", "spec": SPEC})
    assert (twice.status_code, twice.json()["code"]) == (409, "policy_exists")
    path = f"/api/v1/policies/{first['id']}"
    later = {**SPEC, "reopen": "restart"}
    changed = await lead.patch(path, json={"spec": later, "version": 1})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    same = await lead.patch(path, json={"spec": later, "name": "ふつう"})
    assert (same.json()["version"], same.json()["name"]) == (2, "ふつう")
    stale = await lead.patch(path, json={"spec": SPEC, "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "policy_changed")
    ordered = await lead.put("/api/v1/policies/order", json={"policy_ids": [second["id"], first["id"]]})
    assert [each["name"] for each in ordered.json()] == ["特別", "ふつう"]
    for wrong in ([first["id"]], [first["id"], first["id"]], [first["id"], second["id"], 99]):
        assert (await lead.put("/api/v1/policies/order", json={"policy_ids": wrong})).json()["code"] == "wrong_order"
    away = await lead.patch(f"/api/v1/policies/{second['id']}", json={"archived": True})
    assert away.json()["archived_at"] is not None
    for member in desk.cast.roles.values():
        listed = (await desk.client(member).get("/api/v1/policies")).json()
        assert (listed[0]["name"], listed[0]["spec"]) == ("ふつう", later)
    async with desk.database.read() as session:
        codes = (await session.scalars(select(col(Audit.code)).order_by(col(Audit.id)))).all()
    assert [each for each in codes if each.startswith("policy.")] == [
        "policy.added", "policy.added", "policy.changed", "policy.changed", "policy.ordered", "policy.changed",
    ]  # fmt: skip


async def test_SLA1_what_makes_no_sense_is_refused_with_field_and_reason(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    office = await calendar(desk)
    gone = (await lead.post("/api/v1/calendars", json={**CALENDAR, "name": "もうない"})).json()["id"]
    await lead.patch(f"/api/v1/calendars/{gone}", json={"archived": True})
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"hours": "business"}, [("calendar_id", "calendar")]),
        ({"hours": "business", "calendar_id": 99}, [("calendar_id", "unknown")]),
        ({"hours": "business", "calendar_id": gone}, [("calendar_id", "unknown")]),
        ({"targets": {}}, [("targets", "targets")]),
        ({"targets": {"resolution": {}}}, [("targets", "targets")]),
        ({"conditions": [{"field": "team", "any": [99]}]}, [("conditions.0.any", "unknown")]),
        ({"conditions": [{"field": "channel", "any": ["fax"]}]}, [("conditions.0.any", "unknown")]),
        ({"conditions": [{"field": "tag", "any": [1, 2]}, {"field": "account", "any": [3]}]},
         [("conditions.0.any", "unknown"), ("conditions.1.any", "unknown")]),
        ({"conditions": [{"field": "channel", "any": ["line"]}, {"field": "channel", "any": ["chat"]}]},
         [("conditions.1.field", "twice")]),
        ({"steps": [{"percent": 50, "to": [{"agent": desk.cast.outsider.id}]}]}, [("steps.0.to", "unknown")]),
    ]  # fmt: skip
    for change, expected in cases:
        answer = await lead.post("/api/v1/policies", json={"name": "n", "spec": {**deepcopy(SPEC), **change}})
        assert fields(answer) == expected, change
    for shape in (
        {"targets": {"first_response": {"normal": 59}}}, {"targets": {"first_response": {"soon": 600}}},
        {"targets": {"speed": {"normal": 600}}}, {"steps": [{"percent": 60, "to": ["leads"]}]},
        {"steps": [{"percent": 50, "to": []}]}, {"hours": "sometimes"}, {"pauses": {"resolution": ["open"]}},
        {"conditions": [{"field": "weather", "any": ["rain"]}]}, {"conditions": [{"field": "tag", "any": []}]},
    ):  # fmt: skip
        assert fields(await lead.post("/api/v1/policies", json={"name": "n", "spec": {**SPEC, **shape}}))
    assert (await lead.get("/api/v1/policies")).json() == []
    assert (await lead.patch("/api/v1/policies/99", json={"name": "x"})).status_code == 404
    assert (await made(desk, hours="business", calendar_id=office))["spec"]["calendar_id"] == office


async def test_SLA1_the_preview_says_which_policy_a_ticket_would_have(desk: Desk, hands: Hands) -> None:
    office = await calendar(desk)
    vip = await made(desk, "特別", conditions=[{"field": "tier", "any": ["high"]}])
    await made(
        desk, "営業時間", hours="business", calendar_id=office, conditions=[{"field": "channel", "any": ["line"]}]
    )
    agent = desk.client(desk.cast.hanako)

    async def asked(**given: Any) -> Any:
        answer = await agent.post("/api/v1/policies/preview", json=given)
        return answer.json() if answer.status_code == 200 else answer.json()["code"]

    hands.now = START
    found = await asked(tier="high", channel="line")
    assert found["policy_id"] == vip["id"]
    assert [(p["metric"], p["target_s"], p["due_at"]) for p in found["promises"]] == [
        ("first_response", 7200, "2026-07-01T05:00:00Z"), ("resolution", 43200, "2026-07-01T15:00:00Z"),
    ]  # fmt: skip
    (first, solution) = (await asked(channel="line"))["promises"]
    assert (first["due_at"], solution["due_at"]) == ("2026-07-01T05:00:00Z", "2026-07-03T06:00:00Z")  # 7/2 is closed
    inbox = await asked(inbox_id=desk.inboxes["email"].id)
    assert (inbox["policy_id"], [p["metric"] for p in inbox["promises"]]) == (None, ["first_response", "next_response"])
    assert (await asked(inbox_id=99), await asked(ticket=99)) == ("no_such_inbox", "no_ticket_here")
    await desk.say(1)
    assert (await asked(ticket=1))["policy_id"] is not None


async def test_why_a_deadline_is_when_it_is_adds_up(desk: Desk, hands: Hands) -> None:
    office = await calendar(desk)
    policy = await made(desk, hours="business", calendar_id=office)
    hands.now = START
    await desk.say(1)
    agent = desk.client(desk.cast.hanako)
    hands.now = START + timedelta(hours=1)
    await agent.patch("/api/v1/tickets/1", json={"status": "pending"})
    hands.now = START + timedelta(hours=3)
    await agent.patch("/api/v1/tickets/1", json={"status": "open"})
    clocks = (await agent.get("/api/v1/tickets/1/clocks")).json()
    assert [(clock["metric"], clock["state"]) for clock in clocks] == [
        ("first_response", "running"), ("resolution", "running"),
    ]  # fmt: skip
    told = (await agent.get("/api/v1/tickets/1/clocks/resolution/why")).json()
    assert (told["policy"]["name"], told["policy"]["version"], told["policy"]["present"]) == ("標準", 1, 1)
    assert (told["calendar"]["name"], told["calendar"]["zone"]) == ("平日", "Asia/Tokyo")
    stretches = [(each["begin"], each["end"], each["seconds"]) for each in told["stretches"]]
    assert stretches == [
        ("2026-07-01T03:00:00Z", "2026-07-01T04:00:00Z", 3600), ("2026-07-01T06:00:00Z", "2026-07-01T09:00:00Z", 10800),
        ("2026-07-03T00:00:00Z", "2026-07-03T08:00:00Z", 28800),
    ]  # fmt: skip
    assert sum(seconds for _, _, seconds in stretches) == told["clock"]["target_s"] == 43200
    assert told["clock"]["due_at"] == stretches[-1][1]
    assert told["skipped"] == [{"date": "2026-07-02", "why": "day", "name": "棚卸"}]
    assert told["pauses"] == [{"begin": "2026-07-01T04:00:00Z", "end": "2026-07-01T06:00:00Z", "reason": "pending"}]
    assert told["counted_s"] == 3600
    await desk.client(desk.cast.lead).patch(f"/api/v1/policies/{policy['id']}", json={"spec": SPEC})
    again = (await agent.get("/api/v1/tickets/1/clocks/resolution/why")).json()
    assert (again["policy"]["version"], again["policy"]["present"], again["stretches"]) == (1, 2, told["stretches"])
    for path, status in (
        ("/1/clocks/callback/why", 404),
        ("/9/clocks/resolution/why", 404),
        ("/1/clocks/speed/why", 422),
    ):
        assert (await agent.get(f"/api/v1/tickets{path}")).status_code == status
    assert (await agent.get("/api/v1/tickets/9/clocks")).status_code == 404


async def test_SLA4_another_company_is_another_tier(desk: Desk, hands: Hands) -> None:
    vip = await made(
        desk, "特別", conditions=[{"field": "tier", "any": ["high"]}], targets={"resolution": {"normal": 600}}
    )
    hands.now = START
    await desk.say(1)
    agent = desk.client(desk.cast.hanako)
    firm = (await agent.post("/api/v1/accounts", json={"name": "割烹", "tier": "high"})).json()["id"]
    person = (await agent.get("/api/v1/tickets/1")).json()["person"]["id"]
    hands.now = START + timedelta(minutes=5)
    assert (await agent.patch(f"/api/v1/persons/{person}", json={"account_id": firm})).status_code == 200
    clocks = {each["metric"]: each for each in (await agent.get("/api/v1/tickets/1/clocks")).json()}
    assert (clocks["first_response"]["state"], clocks["resolution"]["policy_id"]) == ("cancelled", vip["id"])
    assert clocks["resolution"]["due_at"] == "2026-07-01T03:10:00Z"  # from the original start
    assert (await agent.get("/api/v1/tickets/1")).json()["ticket"]["due_at"] == "2026-07-01T03:10:00Z"
    await agent.patch(f"/api/v1/persons/{person}", json={"account_id": None})
    clocks = {each["metric"]: each for each in (await agent.get("/api/v1/tickets/1/clocks")).json()}
    assert clocks["resolution"]["state"] == "cancelled" and clocks["first_response"]["state"] == "running"


async def test_SLA2_applied_to_open_tickets_over_http(desk: Desk) -> None:
    await desk.say(1)
    lead, agent = desk.client(desk.cast.lead), desk.client(desk.cast.hanako)
    before = (await agent.get("/api/v1/tickets/1")).json()["ticket"]["due_at"]
    await made(desk)
    assert (await agent.get("/api/v1/policies/apply")).json() is None
    assert (await agent.post("/api/v1/policies/apply")).status_code == 403
    begun = await lead.post("/api/v1/policies/apply")
    assert (begun.status_code, begun.json()["done_at"]) == (202, None)
    from_then = (await agent.get("/api/v1/tickets/1")).json()["ticket"]["due_at"]
    assert from_then == before  # the clocks of this product do it, and there are none in this test


async def test_SLA9_a_warning_rings_the_bell_of_those_it_is_for(desk: Desk, hands: Hands) -> None:
    await made(desk)
    hands.now = START
    await desk.say(1)
    hanako, jiro = desk.client(desk.cast.hanako), desk.client(desk.cast.jiro)
    await hanako.post("/api/v1/tickets/1/claim")
    async with desk.database.write() as session:
        await timers.ring(session, START + timedelta(seconds=5400))
    told = (await hanako.get("/api/v1/notifications")).json()
    assert (told["unread"], told["next_cursor"], len(told["items"])) == (1, None, 1)
    note = told["items"][0]
    assert (note["kind"], note["ticket_id"], note["params"]["percent"], note["read_at"]) == (
        "clock.warned",
        1,
        75,
        None,
    )
    assert (await jiro.get("/api/v1/notifications")).json() == {"items": [], "unread": 0, "next_cursor": None}
    assert (await jiro.post("/api/v1/notifications/read", json={"ids": [note["id"]]})).status_code == 204
    assert (await hanako.get("/api/v1/notifications")).json()["unread"] == 1  # nobody reads for somebody else
    assert (await hanako.post("/api/v1/notifications/read", json={})).status_code == 204
    assert (await hanako.get("/api/v1/notifications")).json()["unread"] == 0


@pytest.mark.parametrize("limit", [1, 2])
async def test_notifications_come_in_pages(desk: Desk, hands: Hands, limit: int) -> None:
    await made(desk, steps=[{"percent": 50, "metrics": ["first_response"], "to": ["leads"]}])
    hands.now = START
    for number in range(3):
        await desk.say(number, user="U" + str(number) * 32)
    async with desk.database.write() as session:
        await timers.ring(session, START + timedelta(hours=1, seconds=1))
    lead, seen, cursor = desk.client(desk.cast.lead), [], ""
    while True:
        page = (await lead.get(f"/api/v1/notifications?limit={limit}{cursor}")).json()
        seen += [each["ticket_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == [1, 2, 3]


async def test_SLA4_whoever_works_on_a_ticket_chooses_its_policy_and_the_reason_is_shown(
    desk: Desk, hands: Hands
) -> None:
    hands.now = START
    await made(desk)
    haste = await made(desk, "特急", targets={"first_response": {"normal": 600}, "resolution": {"normal": 3600}})
    await desk.say(1)
    path, hanako = "/api/v1/tickets/1/policy", desk.client(desk.cast.hanako)
    assert (await desk.client(desk.cast.success).put(path, json={"policy_id": haste["id"]})).status_code == 403
    assert (await desk.client().put(path, json={"policy_id": haste["id"]})).status_code == 401
    hands.now = START + timedelta(seconds=5)
    chosen = await hanako.put(path, json={"policy_id": haste["id"]})
    by = {"at": "2026-07-01T03:00:05Z", "agent_id": desk.cast.hanako.id, "rule": ""}
    assert (chosen.status_code, chosen.json()) == (200, {"id": haste["id"], "name": "特急", "forced": by})
    why = (await hanako.get("/api/v1/tickets/1/clocks/resolution/why")).json()
    assert (why["policy"]["name"], why["forced"], why["clock"]["target_s"]) == ("特急", by, 3600)
    detail = (await hanako.get("/api/v1/tickets/1")).json()
    assert detail["policy"]["forced"] == by
    unknown = await hanako.put(path, json={"policy_id": 99})
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["reason"]) == (
        422,
        "unusable_policy",
        "no_policy",
    )
    back = await hanako.put(path, json={"policy_id": None})
    assert (back.json()["name"], back.json()["forced"]) == ("標準", None)
