"""Articles beside a ticket: suggested by what the customer wrote, sent, linked, and written from the answer."""

from typing import Any

from tests.api.conftest import Desk
from tests.api.knowledge.test_help import publish


async def test_K9_suggestions_carry_only_what_customers_may_see(desk: Desk) -> None:
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    broken = await publish(
        desk, title="瓶が割れて届いたとき", resolution="1. **写真**を送る\n2. 代わりを待つ", keywords="破損"
    )
    inside = await publish(desk, title="瓶が割れた連絡の社内手順", audience="internal", resolution="D2")
    customer = await publish(desk, title="瓶が割れて届いたときの請求書", audience="customer", resolution="月末")
    await publish(desk, title="定期便のお休み", resolution="マイページから")
    await desk.say(1, "しょうゆの瓶が割れて届きました。どうしたらいいですか")
    number = (await hanako.get("/api/v1/tickets?view=open")).json()["items"][0]["number"]
    base = f"/api/v1/tickets/{number}/articles"
    found = {each["id"]: each for each in (await hanako.get(f"{base}/suggestions")).json()}
    assert next(iter(found)) == broken and {inside, customer} <= found.keys()
    assert found[broken]["text"] == "1. 写真を送る\n2. 代わりを待つ", "plain, as LINE carries it"
    assert (found[inside]["link"], found[inside]["text"]) == ("", "")
    assert "/shared/" in found[customer]["link"] and "/articles/" in found[broken]["link"]
    draft = {"title": "瓶が割れて届いたとき", "resolution": "書きかけ", "version": 1}
    await hanako.put(f"/api/v1/articles/{broken}/texts/ja", json=draft)
    again = (await hanako.get(f"{base}/suggestions?q=破損")).json() or (await hanako.get(f"{base}/suggestions")).json()
    assert all("書きかけ" not in each["text"] for each in again)
    assert (await hanako.get("/api/v1/tickets/987654/articles/suggestions")).json()["code"] == "no_ticket"
    first = (await _linked(lead, base, broken, "linked"))[0]
    assert (first["id"], first["title"], first["how"]) == (broken, "瓶が割れて届いたとき", "linked")
    assert (await _linked(hanako, base, broken, "sent"))[0]["how"] == "sent"
    assert len(await _linked(hanako, base, broken, "linked")) == 1
    assert (await hanako.delete(f"{base}/{broken}")).status_code == 204
    assert (await hanako.get(base)).json() == []
    assert (await hanako.post(base, json={"article_id": 987654})).json()["code"] == "no_article"


async def _linked(client: Any, base: str, article: int, how: str) -> list[dict[str, Any]]:
    answer = await client.post(base, json={"article_id": article, "how": how})
    assert answer.status_code == 201, answer.text
    return list(answer.json())


async def test_K1_a_draft_from_the_answer_in_one_step(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    await desk.say(1, "白しょうゆは常温で置けますか")
    number = (await hanako.get("/api/v1/tickets?view=open")).json()["items"][0]["number"]
    base = f"/api/v1/tickets/{number}/articles"
    assert (await hanako.post(f"{base}/draft", json={})).json()["code"] == "nothing_answered"
    await hanako.post(f"/api/v1/tickets/{number}/replies", json={"text": "冷蔵庫へお願いします"})
    made = (await hanako.post(f"{base}/draft", json={})).json()["id"]
    article = (await hanako.get(f"/api/v1/articles/{made}")).json()
    assert (article["state"], article["audience"], article["ticket"]) == ("wip", "internal", number)
    text = article["texts"][0]
    assert (text["issue"], text["resolution"]) == ("白しょうゆは常温で置けますか", "冷蔵庫へお願いします")
    assert [each["how"] for each in (await hanako.get(base)).json()] == ["written"]
