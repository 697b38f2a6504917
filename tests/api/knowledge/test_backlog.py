"""What should be written and what should be mended (K5, K8): found, begun in one step, left aside; categories in order."""

import asyncio
import re
from typing import Any
from urllib.parse import quote

from app import clock
from app.actions.knowledge import readers
from tests.api.conftest import Desk
from tests.api.knowledge.test_capture import open_ticket, resolve
from tests.api.knowledge.test_help import publish, seen

GAPS = "/api/v1/knowledge/gaps"


async def _gaps(desk: Desk) -> dict[tuple[str, str], dict[str, Any]]:
    answer = await desk.client(desk.cast.hanako).get(GAPS)
    assert answer.status_code == 200, answer.text
    return {(each["kind"], each["subject"]): each for each in answer.json()["gaps"]}


async def test_K8_cases_alike_and_searches_in_vain_become_a_backlog(desk: Desk) -> None:
    hanako, reader = desk.client(desk.cast.hanako), desk.client()
    asked = ["ポイントの有効期限を教えて", "ポイントの有効期限はいつ", "貯めたポイントの有効期限", "こんにちは"]
    tickets = []
    for n, text in enumerate(asked, 1):
        tickets.append(await open_ticket(desk, n, text=text))
        await hanako.post(f"{tickets[-1][1]}/replies", json={"text": "一年間です", "then": "resolved"})
    for _ in range(2):
        await seen(reader, f"/help/ja/search?q={quote('ポイント 期限')}")
    leader = str(tickets[0][0])
    found = await _gaps(desk)
    cluster = found["cluster", leader]
    assert (cluster["count"], cluster["answer"], len(found)) == (3, None, 2)
    assert cluster["hours"] == round(3 * 360 * 0.5 / 3 / 3600, 1), "three answers of six minutes, half of them spared"
    assert found["search", "ポイント 期限"]["count"] == 2
    made = await hanako.post(f"{GAPS}/draft", json={"kind": "cluster", "subject": leader})
    assert made.status_code == 201, made.text
    draft = (await hanako.get(f"/api/v1/articles/{made.json()['id']}")).json()
    assert (draft["state"], draft["texts"][0]["resolution"]) == ("wip", "一年間です")
    known = (await hanako.get(f"{tickets[0][1]}/articles")).json()
    assert [(each["id"], each["how"]) for each in known] == [(draft["id"], "written")]
    words = {"kind": "search", "subject": "ポイント 期限"}
    assert (await hanako.post(f"{GAPS}/dismiss", json={**words, "reason": "other"})).json()["code"] == "needs_comment"
    assert (await hanako.post(f"{GAPS}/dismiss", json={**words, "reason": "product"})).status_code == 204
    assert (await _gaps(desk))["search", "ポイント 期限"]["answer"]["reason"] == "product"
    assert (await hanako.post(f"{GAPS}/reopen", json=words)).status_code == 204
    assert (await _gaps(desk))["search", "ポイント 期限"]["answer"] is None
    assert (await hanako.post(f"{GAPS}/draft", json={"kind": "cluster", "subject": "9²"})).json()[
        "code"
    ] == "no_such_gap"
    assert (await desk.client(desk.cast.outsider).get(GAPS)).status_code == 401


async def test_K8_articles_that_do_not_help_are_named(desk: Desk) -> None:
    hanako, reader = desk.client(desk.cast.hanako), desk.client()
    article = await publish(desk, slug="hozon")
    page = await seen(reader, "/help/ja/articles/hozon")
    place = re.search(r'action="(/help/ja/feedback/[^"]+)"', page)
    assert place
    for number in range(1, 4):
        await reader.post(place[1], data={"helpful": "no", "reason": "unclear", "comment": "?" if number == 1 else ""})
        _, base = await open_ticket(desk, number)
        await hanako.post(f"{base}/articles", json={"article_id": article})
        await resolve(hanako, base)
        await hanako.patch(base, json={"status": "open"})
    async with desk.database.write() as session:
        for _ in range(19):
            await readers.seen(session, 1, clock.utcnow())
    while not (found := await _gaps(desk)).get(("unhelpful", str(article))):  # a view is counted after the answer
        await asyncio.sleep(0.02)
    assert found["unhelpful", str(article)]["count"] == 20, "and the page that was read above"
    assert found["reopened", str(article)]["count"] == 3
    refused = await hanako.post(f"{GAPS}/draft", json={"kind": "reopened", "subject": str(article)})
    assert refused.json()["code"] == "nothing_to_draft"


async def test_K5_a_no_and_a_flag_are_tasks_until_somebody_ends_them(desk: Desk) -> None:
    hanako, reader = desk.client(desk.cast.hanako), desk.client()
    article = await publish(desk, slug="hozon")
    place = re.search(r'action="([^"]+feedback[^"]+)"', await seen(reader, "/help/ja/articles/hozon"))
    assert place
    for given in ({"helpful": "yes"}, {"helpful": "no", "reason": "wrong"}, {"helpful": "no", "reason": "wrong"}):
        await reader.post(place[1], data=given)
    flag = {"reason": "outdated", "comment": "2025年版のままです"}
    assert (await hanako.post(f"/api/v1/articles/{article}/flags", json=flag)).status_code == 204
    assert (await hanako.post("/api/v1/articles/987/flags", json=flag)).json()["code"] == "no_article"
    tasks = (await hanako.get("/api/v1/knowledge/tasks")).json()
    assert [(each["kind"], each["reason"]) for each in tasks] == [("feedback", "wrong"), ("flag", "outdated")]
    assert (await hanako.get("/api/v1/knowledge/tasks?mine=true")).json() == [], "the lead owns it"
    done = f"/api/v1/knowledge/tasks/{tasks[0]['id']}/done"
    assert (await hanako.post(done, json={"outcome": "fixed"})).status_code == 204
    assert (await hanako.post(done, json={"outcome": "kept"})).json()["code"] == "task_done"
    assert len((await hanako.get("/api/v1/knowledge/tasks")).json()) == 1


async def test_categories_are_put_in_order_and_removed_by_who_may_publish(desk: Desk) -> None:
    lead, reader = desk.client(desk.cast.lead), desk.client()
    for ja, en in (("配送", "Delivery"), ("商品", "Products")):
        made = (await lead.post("/api/v1/article-categories", json={"name_ja": ja, "name_en": en})).json()
    ids = [each["id"] for each in made]
    await publish(desk, category_ids=ids)
    order = {"ids": ids[::-1]}
    assert (await desk.client(desk.cast.hanako).put("/api/v1/article-categories/order", json=order)).status_code == 403
    assert (await lead.put("/api/v1/article-categories/order", json=order)).status_code == 200
    page = await seen(reader, "/help/en")
    assert page.index("Products") < page.index("Delivery")
    wrong = await lead.put("/api/v1/article-categories/order", json={"ids": ids[:1]})
    assert wrong.json()["code"] == "other_categories"
    assert len((await lead.delete(f"/api/v1/article-categories/{ids[0]}")).json()) == 1
    assert "Delivery" not in await seen(reader, "/help/en") and "しょうゆの保存方法" in await seen(reader, "/help/ja")
