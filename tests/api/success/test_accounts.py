"""Accounts over HTTP: import twice, tiers by rule and by hand, events of accounts that nobody knows yet, who sees what."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.actions.success import accounts as verbs
from app.models import Account, AccountPerson, Clock, Contract, Identity, Person, Policy, Ticket, UsageEvent
from tests.api.conftest import Desk

FILE = (
    "顧客コード,会社名,タッチ,担当,契約番号,年間契約額,更新日,氏名,メール,役割\r\n"
    "A-1,割烹たなか,,success@mikawaya.example,K-1,1200000,2027/03/31,田中 一,hajime@tanaka.example,推進者\r\n"
    "A-1,割烹たなか,,,K-2,300000,2027/06/30,田中 二,jiro@tanaka.example,利用者\r\n"
    "A-2,ホテル港,ハイタッチ,,,,,,,\r\n"
    "A-3,知らない担当,,nobody@mikawaya.example,,,,,,\r\n"
    "A-2,ホテル港,テックタッチ,,,,,,,\r\n"
)


async def bring(desk: Desk, text: str = FILE, *, apply: bool = True, charset: str = "cp932") -> Any:
    client = desk.client(desk.cast.success)
    answer = await client.post(
        f"/api/v1/success/import?apply={apply}", files={"file": ("a.csv", text.encode(charset), "text/csv")}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def count(desk: Desk, model: Any) -> int:
    async with desk.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def test_C1_a_preview_keeps_nothing_and_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    before = await count(desk, Account)
    preview = await bring(desk, apply=False)
    assert await count(desk, Account) == before and await count(desk, Identity) == 0
    done = await bring(desk)
    assert {**preview, "applied": True} == done
    assert (done["made"], done["contracts"], done["people"]) == (2, 2, 2)
    assert [(f["line"], f["column"], f["reason"]) for f in done["faults"]] == [
        (5, "manager", "manager"), (6, "tier", "repeated"),
    ]  # fmt: skip
    again = await bring(desk, charset="utf-8-sig")
    assert (again["made"], again["changed"], again["contracts"], again["people"], again["same"]) == (0, 0, 0, 0, 2)
    assert (await count(desk, Contract), await count(desk, Person)) == (2, 2)


async def test_C1_an_event_of_an_unknown_account_is_kept_and_joins_when_it_appears(desk: Desk) -> None:
    client = desk.client(desk.cast.success)
    events = [
        {"id": "e1", "kind": "track", "account": "A-1", "name": "注文", "user": "hajime@tanaka.example"},
        {"id": "e2", "kind": "track", "account": "A-1", "name": "注文", "at": "2026-01-01T00:00:00Z"},
        {"id": "e1", "kind": "track", "account": "A-1", "name": "注文"},
    ]
    taken = await client.post("/api/v1/usage-events", json={"events": events})
    assert taken.status_code == 202 and taken.json() == {"taken": 2, "repeated": 1, "unknown": 2}
    assert (await client.post("/api/v1/usage-events", json=events[0])).json()["repeated"] == 1
    assert [each["code"] for each in (await client.get("/api/v1/usage-events/unjoined")).json()] == ["A-1"]
    await bring(desk)
    assert (await client.get("/api/v1/usage-events/unjoined")).json() == []
    async with desk.database.read() as session:
        assert None not in (await session.scalars(select(col(UsageEvent.account_id)))).all()
    listed = (await client.get("/api/v1/success/accounts", params={"q": "A-1"})).json()["items"]
    page = (await client.get(f"/api/v1/success/accounts/{listed[0]['id']}")).json()
    assert (listed[0]["value"], listed[0]["renews_on"], len(page["contracts"]), len(page["members"])) == (
        1_500_000, "2027-03-31", 2, 2,
    )  # fmt: skip
    nameless = await client.post("/api/v1/usage-events", json={"id": "e3", "kind": "track", "account": "A-1"})
    assert (nameless.status_code, nameless.json()["code"]) == (422, "nameless_event")


async def test_C1_a_tier_by_hand_holds_until_its_day_and_promises_follow(desk: Desk) -> None:
    owner = desk.client(desk.cast.owner)
    spec = {
        "hours": "elapsed",
        "conditions": [{"field": "tier", "any": ["high"]}],
        "targets": {"first_response": {"normal": 600}},
    }
    assert (await owner.post("/api/v1/policies", json={"name": "高", "spec": spec})).status_code == 201
    ladder = {"high_from": 1_000_000, "low_from": 100_000}
    assert (await owner.put("/api/v1/success/setup/tiers", json=ladder)).status_code == 200
    wrong = await owner.put("/api/v1/success/setup/tiers", json={"high_from": 1, "low_from": 1})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_ladder")
    await desk.say(1)
    made = (await owner.post("/api/v1/accounts", json={"name": "豆腐屋"})).json()["id"]
    async with desk.database.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    await owner.put(f"/api/v1/success/accounts/{made}/people/{ticket.person_id}", json={"role": "champion"})
    until = (clock.utcnow() + timedelta(days=1)).isoformat()
    page = (await owner.patch(f"/api/v1/success/accounts/{made}", json={"tier": "high", "tier_until": until})).json()
    assert (page["account"]["tier"], page["account"]["tier_by"]) == ("high", "hand")
    assert page["tickets"][0]["number"] == ticket.id
    async with desk.database.write() as session:
        clock_row = (await session.scalars(select(Clock))).one()
        assert clock_row.target_s == 600 and clock_row.policy_id == (await session.scalar(select(col(Policy.id))))
        assert await verbs.expire(session, clock.utcnow() + timedelta(days=2), 10) == 1
    account = (await owner.get(f"/api/v1/success/accounts/{made}")).json()["account"]
    assert (account["tier"], account["tier_by"], account["tier_until"]) == ("tech", "rule", None)
    contract = {"code": "K-1", "value": 1_000_000, "renews_on": "2027-03-31", "notice_on": "2027-04-01"}
    late = await owner.post(f"/api/v1/success/accounts/{made}/contracts", json=contract)
    assert (late.status_code, late.json()["code"]) == (422, "notice_after_renewal")
    good = contract | {"notice_on": None}
    assert (await owner.post(f"/api/v1/success/accounts/{made}/contracts", json=good)).status_code == 201
    assert (await owner.post(f"/api/v1/success/accounts/{made}/contracts", json=good)).status_code == 409
    assert (await owner.get(f"/api/v1/success/accounts/{made}")).json()["account"]["tier"] == "high"


async def test_C16_agents_see_a_short_card_and_nothing_more(desk: Desk) -> None:
    await bring(desk)
    async with desk.database.read() as session:
        account = (await session.scalars(select(Account).where(col(Account.code) == "A-1"))).one()
        assert await session.scalar(select(func.count()).select_from(AccountPerson)) == 2
    agent = desk.client(desk.cast.hanako)
    card = (await agent.get(f"/api/v1/accounts/{account.id}/card")).json()
    assert set(card) == {"id", "name", "tier", "stage", "manager"} and card["manager"]["name"] == "幸"
    for path in (
        "/success/accounts",
        f"/success/accounts/{account.id}",
        "/usage-events/unjoined",
        "/success/setup/tiers",
    ):
        assert (await agent.get(f"/api/v1{path}")).status_code == 403, path


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "住所\n東京".encode()])
async def test_C1_a_file_that_is_none_is_refused_whole(desk: Desk, content: bytes) -> None:
    client = desk.client(desk.cast.success)
    answer: httpx2.Response = await client.post(
        "/api/v1/success/import", files={"file": ("a.csv", content, "text/csv")}
    )
    assert answer.status_code == 422 and answer.json()["code"] in ("no_headings", "unreadable_file")
