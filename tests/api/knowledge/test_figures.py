"""The figures of the knowledge base (K3) against cases counted by hand, on both databases, and who may see them."""

from datetime import timedelta
from typing import Any

from app.models import Article, Ticket
from tests.api.conftest import Desk
from tests.api.knowledge.test_capture import open_ticket, resolve
from tests.api.knowledge.test_help import publish

BASE = "/api/v1/knowledge/figures"


async def figures(desk: Desk, query: str = "") -> dict[str, dict[str, Any]]:
    answer = await desk.client(desk.cast.lead).get(f"{BASE}{query}")
    assert answer.status_code == 200, answer.text
    return {each["code"]: each for each in answer.json()["figures"]}


async def test_K3_figures_with_what_they_counted(desk: Desk) -> None:
    """Five cases: two linked (one rightly), one written up, one waived, one nothing; a sixth is spam."""
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    empty = await figures(desk)
    assert {each["value"] for each in empty.values()} == {None, 0}, "nothing is not 0 %"
    article = await publish(desk)
    tickets = [await open_ticket(desk, n) for n in range(1, 7)]
    for number, right in ((0, True), (1, False)):
        await hanako.post(f"{tickets[number][1]}/articles", json={"article_id": article})
        await lead.patch(f"{tickets[number][1]}/articles/{article}", json={"accurate": right})
    await hanako.post(f"{tickets[2][1]}/replies", json={"text": "お待ちください"})
    assert (await hanako.post(f"{tickets[2][1]}/articles/draft", json={})).status_code == 201
    for n, (_, base) in enumerate(tickets):
        more = {"no_article": {"reason": "one_off"}} if n == 3 else {}
        assert (await resolve(hanako, base, **more)).status_code == 200
    await hanako.patch(tickets[5][1], json={"status": "spam"})
    found = await figures(desk)
    parts = {code: (each["numerator"], each["denominator"]) for code, each in found.items()}
    assert parts["link_rate"] == (3, 5) and parts["waived_rate"] == (1, 5) and parts["create_rate"] == (1, 5)
    assert parts["known_to_new"] == (2, 3) and parts["link_accuracy"] == (1, 2) and parts["modify_rate"] == (0, 1)
    assert found["reuse"]["value"] == 2 and found["self_service"]["value"] is None
    assert found["publish_time"]["denominator"] == 1
    text = {"title": "しょうゆの保存方法", "resolution": "冷暗所へ", "version": 1}
    await hanako.put(f"/api/v1/articles/{article}/texts/ja", json=text)
    assert (await figures(desk))["modify_rate"]["numerator"] == 1
    missing = (await lead.get(f"{BASE}/link_rate/rows?which=miss")).json()["items"]
    assert sorted(each["ticket"]["number"] for each in missing) == sorted(tickets[n][0] for n in (3, 4))
    judged = (await lead.get(f"{BASE}/link_accuracy/rows?which=hit")).json()["items"]
    assert [(each["ticket"]["number"], each["article"]["id"]) for each in judged] == [(tickets[0][0], article)]
    other = (await figures(desk, "?team=0"))["link_rate"]
    assert (other["value"], other["denominator"]) == (None, 0), "these tickets have a team"


async def test_K3_time_to_publish_runs_from_the_first_report(desk: Desk) -> None:
    article = await publish(desk)
    number, _ = await open_ticket(desk, 1)
    async with desk.database.write() as session:
        ticket, made = await session.get_one(Ticket, number), await session.get_one(Article, article)
        made.ticket_id, ticket.created_at = number, made.created_at - timedelta(days=300)
    took = (await figures(desk))["publish_time"]
    assert took["p50"] == took["value"] and 0 <= took["value"] - 300 * 86400 < 60


async def test_figures_are_for_leads_and_come_as_files(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    for path in ("", "/export.csv", "/link_rate/rows", "/link_rate/export.csv"):
        for who in (desk.cast.hanako, desk.cast.success):
            assert (await desk.client(who).get(BASE + path)).status_code == 403
    assert (await lead.get(f"{BASE}/nonsense/rows")).json()["code"] == "unknown_figure"
    assert (await lead.get(f"{BASE}?first=2026-07-02&last=2026-07-01")).json()["code"] == "wrong_period"
    await publish(desk, title="=HYPERLINK(1)")
    rows = (await lead.get(f"{BASE}/publish_time/export.csv")).text
    assert "'=HYPERLINK(1)" in rows and rows.startswith("\ufeff")
    assert (await lead.get(f"{BASE}/export.csv")).text.count("\r\n") == 2 + 13
