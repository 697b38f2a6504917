"""C16: one timeline of an account, of all channels and kinds; pages neither repeat nor leave out, even within one moment."""

from typing import Any

import pytest

from tests.api.conftest import Desk
from tests.api.success.shop import Shop
from tests.conftest import Hands


@pytest.fixture
async def shop(desk: Desk, hands: Hands) -> Shop:
    """A case with a message, a note, an answer and a hand-over; a playbook's step; use at one and the same moment."""
    shop = await Shop(desk).open()
    people = desk.cast
    await shop.call("POST", f"/tickets/{shop.number}/notes", people.hanako, text="倉庫に確認")
    await shop.reply(people.hanako)
    hands.advance(hours=1)
    await shop.offer()
    await shop.call("PATCH", f"/success/accounts/{shop.account}", people.success, code="T-1")
    used = [
        {"id": f"u{n}", "kind": "track", "account": "T-1", "name": "発注", "at": "2026-06-30T00:00:00Z"}
        for n in range(5)
    ]
    await shop.call("POST", "/usage-events", people.owner, events=used)
    step = {"key": "a", "kind": "call", "title": {"ja": "電話"}, "days": 1}
    made = await shop.call(
        "POST", "/success/playbooks", people.success, name="手順", kind="risk", spec={"steps": [step]}
    )
    run = await shop.call(
        "POST", f"/success/accounts/{shop.account}/runs", people.success, playbook_id=made.json()["id"]
    )
    await shop.call("POST", f"/success/steps/{run.json()['steps'][0]['id']}", people.success, state="done")
    return shop


async def page(shop: Shop, query: str = "") -> Any:
    answer = await shop.call("GET", f"/success/accounts/{shop.account}/timeline{query}", shop.desk.cast.success)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_C16_all_kinds_in_one_list_and_every_page_size_tells_the_same(shop: Shop) -> None:
    whole = (await page(shop, "?limit=200"))["items"]
    assert {each["kind"] for each in whole} == {
        "case.opened", "message.in", "message.out", "note", "handover.offered", "step", "used",
    }  # fmt: skip
    assert [each["at"] for each in whole] == sorted((each["at"] for each in whole), reverse=True)
    for limit in (1, 2, 3):
        found: list[Any] = []
        answer = await page(shop, f"?limit={limit}")
        while True:
            found += answer["items"]
            if answer["next_cursor"] is None:
                break
            answer = await page(shop, f"?limit={limit}&cursor={answer['next_cursor']}")
        assert found == whole, limit


async def test_C16_a_kind_by_itself_and_only_for_who_may_see_accounts(shop: Shop) -> None:
    said = await page(shop, "?groups=messages&groups=notes")
    assert {each["kind"] for each in said["items"]} == {"message.in", "message.out", "note"}
    people, path = shop.desk.cast, f"/success/accounts/{shop.account}"
    for wrong in ("?cursor=x", "?groups=secrets"):
        assert (await shop.call("GET", f"{path}/timeline{wrong}", people.success)).status_code == 422, wrong
    assert (await shop.call("GET", "/success/accounts/987654/timeline", people.success)).status_code == 404
    assert (await shop.call("GET", f"{path}/timeline", people.hanako)).status_code == 403, "agents see the short card"
    assert set((await shop.call("GET", f"/accounts/{shop.account}/card", people.hanako)).json()) == {
        "id", "name", "tier", "stage", "manager",
    }  # fmt: skip
