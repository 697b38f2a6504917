"""Webhooks over HTTP: who may, what is refused and why, the key that is told once, the log and its replay."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.jobs.hooks import Hooks
from app.models import Audit, Webhook
from app.parts import Parts, assemble
from tests.api.conftest import Desk
from tests.receiver import receiving

GOOD: dict[str, Any] = {"name": "CRM", "url": "http://127.0.0.1:9/in", "kinds": ["ticket.opened"]}


async def test_an_owner_makes_one_whose_key_is_told_once_and_kept_sealed(desk: Desk) -> None:
    owner = desk.client(desk.cast.owner)
    made = await owner.post("/api/v1/webhooks", json=GOOD)
    key = made.json()["key"]
    assert made.status_code == 201 and key.startswith("whsec_")
    (listed,) = (await owner.get("/api/v1/webhooks")).json()
    assert listed["key"] is None and key not in (await owner.get("/api/v1/webhooks")).text
    async with desk.database.read() as session:
        (row,) = (await session.scalars(select(Webhook))).all()
        codes = list((await session.scalars(select(col(Audit.code)).order_by(col(Audit.id)))).all())
    assert key not in row.secrets and codes == ["webhook.added"]
    renewed = (await owner.post(f"/api/v1/webhooks/{row.id}/key")).json()
    assert renewed["key"].startswith("whsec_") and renewed["key"] != key
    assert (await owner.delete(f"/api/v1/webhooks/{row.id}")).status_code == 204
    assert (await owner.get("/api/v1/webhooks")).json() == []


async def test_L13_an_address_that_is_not_public_is_refused_when_it_is_saved(desk: Desk) -> None:
    owner = desk.client(desk.cast.owner)
    cases = {
        "http://10.0.0.8/in": "private", "https://169.254.169.254/latest": "private", "http://[::1]:80/": "private",
        "http://0x7f000001/": "private", "ftp://example.com/": "address", "http://": "address",
        "http://a:b@127.0.0.1/": "address",
        "http://127.0.0.1:99999/": "address", "http://no-such-host.invalid/": "unresolved",
    }  # fmt: skip
    for url, reason in cases.items():
        answer = await owner.post("/api/v1/webhooks", json={**GOOD, "url": url})
        assert answer.status_code == 422, url
        assert [(each["at"], each["code"]) for each in answer.json()["fields"]] == [("url", reason)], url
    made = (await owner.post("/api/v1/webhooks", json=GOOD)).json()
    moved = await owner.patch(f"/api/v1/webhooks/{made['id']}", json={"url": "http://10.0.0.8/"})
    assert moved.status_code == 422
    for kinds, reason in (([], "kinds"), (["ticket.exploded"], "kind")):
        answer = await owner.post("/api/v1/webhooks", json={**GOOD, "kinds": kinds})
        assert answer.json()["fields"][0]["code"] == reason


async def test_each_delivery_stands_in_the_log_and_can_be_sent_again(desk: Desk) -> None:
    owner = desk.client(desk.cast.owner)
    clocks = desk.running.product.parts
    async with receiving() as receiver:
        made = (await owner.post("/api/v1/webhooks", json={**GOOD, "url": receiver.url})).json()
        path = f"/api/v1/webhooks/{made['id']}"
        assert (await owner.post(f"{path}/ping")).status_code == 202
        await pump(clocks)
        (entry,) = (await owner.get(f"{path}/deliveries")).json()["items"]
        assert (entry["kind"], entry["state"], entry["code"], entry["attempts"]) == (
            "webhook.ping",
            "delivered",
            200,
            1,
        )
        assert len(entry["tries"]) == 1 and entry["duration_ms"] >= 0
        assert (await owner.post(f"{path}/deliveries/{entry['id']}/replay")).status_code == 202
        await pump(clocks)
        (entry,) = (await owner.get(f"{path}/deliveries")).json()["items"]
        assert entry["state"] == "delivered" and len(entry["tries"]) == 2
        assert [each["id"] for each in receiver.said] == [entry["event_id"]] * 2
    assert (await owner.post(f"{path}/deliveries/987/replay")).json()["code"] == "no_delivery"
    await owner.patch(path, json={"active": False})
    assert (await owner.post(f"{path}/ping")).json()["code"] == "webhook_is_off"


async def pump(parts: Parts) -> None:
    """What the clocks of another process would do."""
    beside = assemble(parts.settings)
    hooks = Hooks(beside)
    while await hooks.step():
        pass
    await hooks.idle()
    await hooks.close()
    await beside.stop()


@pytest.mark.parametrize("method, path", [("GET", "/webhooks"), ("POST", "/webhooks"), ("GET", "/webhooks/kinds")])
async def test_J8_webhooks_are_the_owners(desk: Desk, method: str, path: str) -> None:
    for member in (desk.cast.hanako, desk.cast.lead, desk.cast.success):
        answer = await desk.client(member).request(method, f"/api/v1{path}", json=GOOD)
        assert answer.status_code == 403
