"""Articles over HTTP, on both databases: who may do what, two editors at once, publishing by hand and by the clock."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2

from app import clock
from app.actions.knowledge import publishing
from tests.api.conftest import Desk

NEW = {
    "title": "しょうゆの保存方法",
    "issue": "どこに置く?",
    "resolution": "**冷蔵庫**へ",
    "locale": "ja",
    "audience": "public",
}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f030005fe02fea72d1c860000000049454e44ae426082"
)


async def made(client: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/articles", json={**NEW, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def step(client: httpx2.AsyncClient, article: dict[str, Any], **change: Any) -> httpx2.Response:
    return await client.patch(f"/api/v1/articles/{article['id']}", json={"version": article["version"], **change})


async def validated(desk: Desk, **more: Any) -> dict[str, Any]:
    lead = desk.client(desk.cast.lead)
    article = await made(lead, **more)
    answer = await step(lead, article, state="validated")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def save(
    client: httpx2.AsyncClient, number: int, version: int, locale: str = "ja", **more: Any
) -> httpx2.Response:
    text = {**NEW, "version": version, **more}
    return await client.put(f"/api/v1/articles/{number}/texts/{locale}", json=text)


async def test_K2_agents_write_and_who_may_publish_publishes(desk: Desk) -> None:
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    article = await made(hanako)
    assert (article["state"], article["texts"][0]["slug"]) == ("wip", "しょうゆの保存方法")
    article = (await step(hanako, article, state="not_validated")).json()
    refused = await step(hanako, article, state="validated")
    assert (refused.status_code, refused.json()["code"]) == (403, "may_not_publish")
    place = f"/api/v1/articles/{article['id']}/texts/ja/publication"
    early = await lead.put(place, json={})
    assert (early.status_code, early.json()["code"]) == (409, "not_publishable")
    article = (await step(lead, article, state="validated")).json()
    assert article["review_at"] and article["validated_by"] == desk.cast.lead.id
    article = (await lead.put(place, json={})).json()
    assert article["texts"][0]["live"]
    later = (await save(hanako, article["id"], 1, resolution="常温でも")).json()["texts"][0]
    assert (later["changed"], later["live_version"], later["version"]) == (True, 1, 2), (
        "an edit shows nothing by itself"
    )
    inward = await step(hanako, article, audience="internal")
    assert inward.status_code == 403, "what customers see is not taken from them by an agent"
    archived = (await step(lead, article, state="archived")).json()
    assert not archived["texts"][0]["live"]


async def test_two_editors_the_second_hears_of_it_and_loses_nothing(desk: Desk) -> None:
    hanako, jiro = desk.client(desk.cast.hanako), desk.client(desk.cast.jiro)
    number = (await made(hanako))["id"]
    assert (await save(hanako, number, 1, title="花子の題")).status_code == 200
    late = await save(jiro, number, 1, title="次郎の題")
    assert (late.status_code, late.json()["code"]) == (409, "article_changed")
    assert (late.json()["version"], late.json()["by"]) == (2, desk.cast.hanako.id)
    kept = (await hanako.get(f"/api/v1/articles/{number}")).json()
    assert kept["title"] == "花子の題"
    assert (await save(jiro, number, 2, title="次郎の題")).json()["title"] == "次郎の題"
    versions = (await hanako.get(f"/api/v1/articles/{number}/texts/ja/versions")).json()
    assert [each["title"] for each in versions] == ["次郎の題", "花子の題", NEW["title"]]
    change = (await hanako.get(f"/api/v1/articles/{number}/texts/ja/versions/3/diff")).json()
    assert change["before"] == 2 and {"op": "added", "text": "次郎"} in change["fields"]["title"]
    assert (await step(hanako, kept, audience="customer")).status_code == 200
    assert (await step(jiro, kept, audience="internal")).json()["code"] == "article_changed"


async def test_K6_a_translation_is_outdated_when_the_source_moves_on(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    number = (await made(client))["id"]

    async def outdated() -> bool:
        texts = (await client.get(f"/api/v1/articles/{number}")).json()["texts"]
        return next(bool(each["outdated"]) for each in texts if each["locale"] == "en")

    await save(client, number, 0, "en", title="Keeping soy sauce")
    assert not await outdated()
    await save(client, number, 1, resolution="冷暗所へ", minor=True)
    assert not await outdated()
    await save(client, number, 2, resolution="冷凍庫へ")
    assert await outdated()
    found = (await client.get("/api/v1/articles?show=outdated")).json()["items"]
    assert [each["id"] for each in found] == [number]
    await save(client, number, 1, "en", title="Keep it", current=False)
    assert await outdated()
    await save(client, number, 2, "en", title="Freeze it")
    assert not await outdated()


async def test_K10_the_clock_publishes_and_withdraws_once(desk: Desk) -> None:
    lead, now = desk.client(desk.cast.lead), clock.utcnow()
    number = (await validated(desk))["id"]
    place = f"/api/v1/articles/{number}/texts/ja/publication"
    wrong = {"begins": (now + timedelta(days=2)).isoformat(), "ends": (now + timedelta(days=1)).isoformat()}
    assert (await lead.put(place, json=wrong)).json()["code"] == "publish_window"
    plan = {"begins": (now + timedelta(days=1)).isoformat(), "ends": (now + timedelta(days=2)).isoformat()}
    assert (await lead.put(place, json=plan)).json()["texts"][0]["planned"]

    async def rings(days: float) -> tuple[int, bool]:
        async with desk.database.write() as session:
            count = await publishing.publish_due(session, now + timedelta(days=days), 10)
        return count, (await lead.get(f"/api/v1/articles/{number}")).json()["texts"][0]["live"]

    assert await rings(0.5) == (0, False)
    assert await rings(1.1) == (1, True)
    assert await rings(1.2) == (0, True)
    assert await rings(2.1) == (1, False)
    await lead.put(place, json=plan)
    assert await rings(3) == (1, False), "who was down over the whole window shows nothing"


async def test_addresses_are_of_one_article_and_old_ones_are_kept(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    first, second = await made(client), await made(client)
    assert second["texts"][0]["slug"] == f"{NEW['title']}-2"
    moved = (await save(client, first["id"], 1, slug="Soy Sauce")).json()["texts"][0]
    assert moved["slug"] == "soy-sauce"
    for taken in ("soy-sauce", NEW["title"]):
        assert (await save(client, second["id"], 1, slug=taken)).json()["code"] == "slug_taken"
    back = (await save(client, first["id"], 2, slug=NEW["title"])).json()["texts"][0]
    assert back["slug"] == NEW["title"]


async def test_pictures_are_the_agents_own_uploads(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    file = (await client.post("/api/v1/files", files={"file": ("a.png", PIXEL, "image/png")})).json()["id"]
    text = await client.post("/api/v1/files", files={"file": ("a.txt", b"x", "text/plain")})
    assert (await made(client, resolution=f"![瓶](file:{file})"))["id"]
    shown = (await client.post("/api/v1/articles/preview", json={"resolution": f"![瓶](file:{file})"})).json()
    source = shown["resolution"].split('src="')[1].split('"')[0]
    assert (await desk.client().get(urlsplit(source).path)).content == PIXEL
    for wrong in (text.json()["id"], "f" * 32):
        answer = await client.post("/api/v1/articles", json={**NEW, "resolution": f"![x](file:{wrong})"})
        assert answer.json()["code"] == "no_such_picture"


async def test_lists_are_filtered_and_searched(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    category = (await lead.post("/api/v1/article-categories", json={"name_ja": "商品", "name_en": "Goods"})).json()[0]
    soy = await made(lead, category_ids=[category["id"]])
    other = await made(lead, title="定期便を休む", issue="今月は要らない", resolution="", audience="internal")

    async def ids(query: str) -> list[int]:
        answer = await lead.get(f"/api/v1/articles?{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert await ids("") == [other["id"], soy["id"]]
    assert await ids("q=ショウユ") == [soy["id"]] and await ids("q=要") == [other["id"]]
    assert await ids(f"category={category['id']}") == [soy["id"]]
    assert await ids("audience=internal") == [other["id"]] and await ids("state=validated") == []
    assert (await lead.get("/api/v1/articles?cursor=x")).status_code == 422
    assert (await lead.get("/api/v1/articles/987654")).json()["code"] == "no_article"
    blank = await lead.post("/api/v1/articles", json={"title": " ", "issue": "x"})
    assert blank.json()["code"] == "empty_text"
    nothing = await made(lead, resolution="")
    assert (await step(lead, nothing, state="not_validated")).json()["code"] == "needs_resolution"
