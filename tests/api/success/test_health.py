"""Health, alerts and rhythms over HTTP: who may see them, what explains a score, formulas that are refused and tried."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.actions.success import usage
from app.db import Database
from app.jobs.health import ComputeHealth, FollowHealth, WatchAlerts
from app.models import Account, Alert, Contract, Event
from app.rules.success.trial import auc, lead, lift
from tests.api.conftest import Desk

RECENT = {"code": "usage.recent", "weight": 100, "worst": 60, "best": 0}
HOME = "/api/v1/success"


@dataclass
class Beside:
    """What the clocks of health need of the parts."""

    database: Database


async def turn(desk: Desk) -> None:
    parts: Any = Beside(desk.database)
    follow, compute = FollowHealth(parts), ComputeHealth(parts)
    while await follow.step() + await compute.step():
        pass
    await WatchAlerts(parts).step()


async def account(desk: Desk, name: str, *, stage: str = "steady", ended: date | None = None, **more: Any) -> int:
    now = clock.utcnow()
    async with desk.database.write() as session:
        made = Account(
            name=name, code=name, tier="low", stage=stage, owner_id=desk.cast.success.id, created_at=now, **more
        )
        session.add(made)
        await session.flush()
        session.add(Contract(
            account_id=made.id, code="K", seats=4, created_at=now, starts_on=now.date() - timedelta(days=400),
            ended_on=ended,
        ))  # fmt: skip
        return made.id


async def used(desk: Desk, code: str, *days: float, at: datetime | None = None, name: str = "発注") -> None:
    now = clock.utcnow()
    async with desk.database.write() as session:
        await usage.take(session, [
            {"key": f"{code}{name}{day}{at}", "kind": "track", "name": name, "account_code": code, "member": "一",
             "at": (at or now) - timedelta(days=day), "properties": {}}
            for day in days
        ], now)  # fmt: skip


async def got(client: httpx2.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"{HOME}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


DOORS = [
    ("GET", "/health"), ("GET", "/accounts/1/health"), ("POST", "/accounts/1/pulse"),
    ("PUT", "/accounts/1/health/override"), ("DELETE", "/accounts/1/health/override"), ("GET", "/health/formulas"),
    ("POST", "/health/formulas"), ("POST", "/health/formulas/preview"), ("POST", "/health/formulas/1/activate"),
    ("GET", "/alerts"), ("POST", "/alerts/1/snooze"), ("POST", "/alerts/1/close"), ("POST", "/alerts/1/owner"),
    ("GET", "/alert-rules"), ("PUT", "/alert-rules"), ("GET", "/rhythms"), ("POST", "/rhythms/1/settle"),
]  # fmt: skip
SETUP = {("POST", "/health/formulas"), ("POST", "/health/formulas/preview"), ("PUT", "/alert-rules"),
         ("POST", "/health/formulas/1/activate")}  # fmt: skip


async def test_C16_agents_and_strangers_see_nothing_of_it_and_only_leads_change_how_it_is_computed(desk: Desk) -> None:
    for method, path in DOORS:
        statuses = [
            (await desk.client(who).request(method, f"{HOME}{path}", json={})).status_code
            for who in (None, desk.cast.outsider, desk.cast.hanako, desk.cast.success)
        ]
        assert statuses[:3] == [401, 401, 403], path
        assert (statuses[3] == 403) == ((method, path) in SETUP), path


async def test_a_score_is_explained_and_what_people_say_counts_until_it_ends(desk: Desk, hands: Any) -> None:
    number = await account(desk, "A")
    await used(desk, "A", *range(1, 100, 4))
    await turn(desk)
    client = desk.client(desk.cast.success)
    page = await got(client, f"/accounts/{number}/health")
    assert page["score"] == round(sum(part.get("points", 0) for part in page["contributions"]))
    assert page["formula"]["version"] == 1 and page["history"][-1]["score"] == page["score"]
    said = await client.post(f"{HOME}/accounts/{number}/pulse", json={"value": 1, "note": "不満の声", "days": 5})
    assert said.status_code == 201
    await turn(desk)
    low = (await got(client, f"/accounts/{number}/health"))["score"]
    assert low < page["score"]
    until = (clock.utcnow() + timedelta(days=2)).isoformat()
    given = {"colour": "red", "reason": "社長が交代した", "until": until}
    assert (await client.put(f"{HOME}/accounts/{number}/health/override", json=given)).status_code == 200
    await turn(desk)
    red = await got(client, f"/accounts/{number}/health")
    assert (red["colour"], red["score"], red["override"]["reason"]) == ("red", low, "社長が交代した")
    hands.advance(days=2, hours=1)
    await turn(desk)
    assert (await got(client, f"/accounts/{number}/health"))["colour"] != "red"
    hands.advance(days=3)
    await turn(desk)
    assert (await got(client, f"/accounts/{number}/health"))["score"] > low
    late = await client.put(f"{HOME}/accounts/{number}/health/override", json={**given, "until": until})
    assert (late.status_code, late.json()["code"]) == (422, "override_too_long")


async def test_the_list_begins_with_the_lowest_and_pages(desk: Desk, hands: Any) -> None:
    for place, name in enumerate("ABC"):
        await account(desk, name)
        await used(desk, name, *range(1 + place * 9, 100, 4))
    await account(desk, "知らない", stage="onboarding")
    await turn(desk)
    client = desk.client(desk.cast.success)
    first = await got(client, "/health", limit=3)
    rest = await got(client, "/health", limit=3, cursor=first["next_cursor"])
    scores = [row["score"] for row in (*first["items"], *rest["items"])]
    known = [score for score in scores if score is not None]
    assert len(scores) == 4 and known == sorted(known) and scores[len(known) :] == [None] * (4 - len(known))
    assert sum(first["counts"].values()) == 4 and first["items"][0]["worst"]
    mine = await got(client, "/health", owner=desk.cast.lead.id)
    assert (mine["items"], sum(mine["counts"].values())) == ([], 0)


async def test_impossible_weights_are_refused_with_the_reason_and_a_possible_version_is_tried_first(
    desk: Desk, hands: Any
) -> None:
    lead_ = desk.client(desk.cast.lead)
    wrong = {"spec": {"measures": [{**RECENT, "weight": 70}]}}
    for path in ("/health/formulas", "/health/formulas/preview"):
        answer = await lead_.post(f"{HOME}{path}", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "impossible_formula")
        assert answer.json()["faults"] == [{"where": "measures", "why": "not_hundred"}]
    now = clock.utcnow()
    for n in range(6):  # who left used it less and less; who stayed still does
        ended = now - timedelta(days=20 + n)
        await account(desk, f"left-{n}", stage="churned", ended=ended.date())
        await used(desk, f"left-{n}", *range(100 + n, 200, 5), at=ended)
        await account(desk, f"stays-{n}")
        await used(desk, f"stays-{n}", *range(1, 90, 5))
    await turn(desk)
    possible = {"spec": {"measures": [RECENT], "hard": []}, "note": "最終利用だけ"}
    tried = (await lead_.post(f"{HOME}/health/formulas/preview", json=possible)).json()
    assert (tried["trial"]["churned"], tried["trial"]["stayed"], tried["trial"]["auc"]) == (6, 6, 1.0)
    assert tried["trial"]["lift"] == 2.0 and tried["trial"]["warned"] == 6 and tried["trial"]["lead_days"] >= 30
    assert tried["present"] is not None
    before = {row["account"]["id"]: row["colour"] for row in (await got(lead_, "/health", limit=50))["items"]}
    made = (await lead_.post(f"{HOME}/health/formulas", json=possible)).json()
    assert (made["version"], made["active"]) == (2, False)
    await turn(desk)
    assert before == {row["account"]["id"]: row["colour"] for row in (await got(lead_, "/health"))["items"]}
    assert (await lead_.post(f"{HOME}/health/formulas/{made['id']}/activate")).status_code == 200
    await turn(desk)
    after = {row["account"]["id"]: row["colour"] for row in (await got(lead_, "/health"))["items"]}
    moved = {number for number in before if before[number] != after[number]}
    told = {each["id"]: each["to"] for each in tried["accounts"]}
    assert told.items() <= after.items() and moved - told.keys() <= await churned(desk)
    again = await lead_.post(f"{HOME}/health/formulas/{made['id']}/activate")
    assert (again.status_code, again.json()["code"]) == (409, "formula_in_use")


async def churned(desk: Desk) -> set[int]:
    async with desk.database.read() as session:
        return set((await session.scalars(select(col(Account.id)).where(col(Account.stage) == "churned"))).all())


def test_C7_back_testing_counts_by_hand() -> None:
    assert auc([10, 20], [30, 40]) == 1.0 and auc([30, 40], [10, 20]) == 0.0
    assert auc([10, 30], [20, 30]) == 0.625 and auc([], [1]) is None
    assert lift([1, 2], [3, 4, 5, 6, 7, 8, 9, 10]) == 5.0
    assert lead({180: "blue", 150: "yellow", 120: "blue", 90: "yellow", 60: "red", 30: "red"}) == 90
    assert lead({60: "red", 30: "blue"}) is None


# -- alerts -------------------------------------------------------------------------------------------------------------


async def test_C8_an_alert_is_raised_once_and_its_outcome_makes_the_precision(desk: Desk, hands: Any) -> None:
    number = await account(desk, "A")
    await used(desk, "A", *range(31, 100, 4))
    await turn(desk)
    hands.advance(hours=30)
    await turn(desk)
    client = desk.client(desk.cast.success)
    found = (await got(client, "/alerts", account=number))["items"]
    mine = [each for each in found if each["rule"] == "no_use"]
    assert len(mine) == 1 and mine[0]["evidence"] == {"days": 32} and mine[0]["owner_id"] == desk.cast.success.id
    path = f"{HOME}/alerts/{mine[0]['id']}"
    later = (clock.utcnow() + timedelta(days=1)).isoformat()
    put_off = await client.post(f"{path}/snooze", json={"until": later, "reason": "休業中"})
    assert put_off.json()["state"] == "snoozed"
    assert (await client.post(f"{path}/snooze", json={"until": later})).status_code == 422
    hands.advance(days=1, minutes=1)
    await turn(desk)
    assert (await got(client, "/alerts", rule="no_use"))["items"][0]["state"] == "open"
    closed = await client.post(f"{path}/close", json={"outcome": "false_alarm", "note": "季節営業"})
    assert closed.json()["closed_by"] == desk.cast.success.id
    assert (await client.post(f"{path}/close", json={"outcome": "saved"})).status_code == 409
    hands.advance(days=2)
    await turn(desk)
    assert (await got(client, "/alerts", rule="no_use"))["items"] == [], "what was a false alarm rests"
    rules = {each["rule"]: each for each in (await got(client, "/alert-rules"))["items"]}
    assert (rules["no_use"]["precision"], rules["no_use"]["false_alarm"], rules["seats"]["precision"]) == (0, 1, None)


async def test_C8_too_many_are_kept_back_and_shown_when_there_is_room(desk: Desk, hands: Any) -> None:
    lead_ = desk.client(desk.cast.lead)
    rules = {each["rule"]: {"on": each["rule"] == "no_use", "over": each["over"]}
             for each in (await got(lead_, "/alert-rules"))["items"]}  # fmt: skip
    assert (await lead_.put(f"{HOME}/alert-rules", json={"rules": rules, "cap": 2})).json()["cap"] == 2
    unknown = await lead_.put(f"{HOME}/alert-rules", json={"rules": {"weather": {}}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "no_such_rule")
    for name in "ABC":
        await account(desk, name)
    await turn(desk)
    counts = (await got(lead_, "/alerts"))["counts"]
    assert (counts["open"], counts["held"]) == (2, 1)
    hands.advance(hours=25)
    await turn(desk)
    assert (await got(lead_, "/alerts"))["counts"]["held"] == 0
    async with desk.database.read() as session:
        raised = (await session.scalars(select(col(Event.params)).where(col(Event.kind) == "alert.raised"))).all()
    assert len({each["alert"] for each in raised}) == len(raised) == 3


@pytest.mark.parametrize(("rule", "evidence"), [
    ("struggle", {"pages": 6}), ("single_user", {"share": 100, "seats": 4}), ("no_core", {"used": 9}),
])  # fmt: skip
async def test_C9_bottlenecks_that_nobody_asked_about(desk: Desk, hands: Any, rule: str, evidence: Any) -> None:
    number = await account(desk, "A")
    name = {"struggle": "help.view", "single_user": "発注", "no_core": "ログイン"}[rule]
    await used(desk, "A", *range(1, 7 if rule == "struggle" else 10), name=name)
    await turn(desk)
    async with desk.database.read() as session:
        query = select(Alert).where(col(Alert.account_id) == number, col(Alert.rule) == rule)
        assert (await session.scalars(query)).one().evidence == evidence


# -- rhythms ------------------------------------------------------------------------------------------------------------


async def test_C10_a_late_order_is_a_quiet_task_and_settling_it_silences_it_until_the_next(
    desk: Desk, hands: Any
) -> None:
    number = await account(desk, "A")
    await used(desk, "A", 45, 77, 109, 141, 173)
    await turn(desk)
    client = desk.client(desk.cast.success)
    due = (await got(client, "/rhythms", due=True))["items"]
    assert [(e["item"], e["every_days"], e["now_days"], e["state"]) for e in due] == [("発注", 32, 45, "overdue")]
    assert (await client.post(f"{HOME}/rhythms/{due[0]['id']}/settle", json={"how": "contacted"})).status_code == 204
    await turn(desk)
    assert (await got(client, "/rhythms", due=True))["items"] == []
    await used(desk, "A", 0)
    await turn(desk)
    kept = (await got(client, "/rhythms", account=number))["items"][0]
    assert (kept["state"], kept["is_settled"]) == ("kept", False)
    none = await client.post(f"{HOME}/rhythms/{kept['id']}/settle", json={"how": "contacted"})
    assert (none.status_code, none.json()["code"]) == (409, "nothing_due")
    async with desk.database.read() as session:
        told = (await session.scalars(select(col(Event.params)).where(col(Event.kind) == "rhythm.due"))).all()
    assert [each["state"] for each in told] == ["overdue"]
