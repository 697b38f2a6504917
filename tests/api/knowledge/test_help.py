"""The public help centre, as a browser without JavaScript and without a session sees it. On both databases."""

import re
from typing import Any
from urllib.parse import quote

import httpx2
from sqlalchemy import select

from app import clock
from app.models import ArticleFeedback, MissedSearch
from app.queries.knowledge.help import shared
from app.rules.knowledge.help_page import STYLE_HASH
from app.security import Vault
from tests.api.conftest import Desk
from tests.servers import KEY

SECRET = "門外不出のたまり"


async def publish(desk: Desk, **more: Any) -> int:
    """A validated article, published unless it is internal; its number."""
    lead = desk.client(desk.cast.lead)
    text = {"title": "しょうゆの保存方法", "resolution": "**冷蔵庫**へ", "audience": "public", **more}
    made = (await lead.post("/api/v1/articles", json=text)).json()
    state = {"version": made["version"], "state": "validated"}
    assert (await lead.patch(f"/api/v1/articles/{made['id']}", json=state)).status_code == 200
    answer = await lead.put(f"/api/v1/articles/{made['id']}/texts/ja/publication", json={})
    assert answer.status_code == (409 if text["audience"] == "internal" else 200)
    return int(made["id"])


async def seen(client: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:200])
    return answer.text


async def test_K10_outsiders_see_nothing_but_what_is_public(desk: Desk) -> None:
    """By list, address, search and sitemap; customers' articles by their link alone, and by nobody else's."""
    reader, lead = desk.client(), desk.client(desk.cast.lead)
    await publish(desk)
    customer = await publish(desk, title=SECRET, audience="customer", keywords="秘密")
    await publish(desk, title=f"{SECRET} 社内", audience="internal", keywords="秘密")
    draft = await lead.post("/api/v1/articles", json={"title": f"{SECRET} 下書き", "issue": "x", "audience": "public"})
    assert draft.status_code == 201
    for path in (
        "/help/ja",
        "/help/en",
        f"/help/ja/search?q={quote('秘密')}",
        "/help/ja/search?q=たまり",
        "/sitemap.xml",
    ):
        page = await seen(reader, path)
        assert page.replace(f'value="{SECRET}"', "").count(SECRET) == 0, path
    for slug in (SECRET, f"{SECRET}-社内", f"{SECRET}-下書き"):
        await seen(reader, f"/help/ja/articles/{quote(slug)}", 404)
    key = Vault(KEY.encode())
    link = shared("", key, customer, "ja")
    page = await reader.get(link)
    assert SECRET in page.text and "noindex" in page.headers["x-robots-tag"]
    await seen(reader, shared("", key, customer, "en"), 200)
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "B"), link.replace(f"/{customer}-", f"/{customer + 1}-")):
        await seen(reader, wrong, 404)
    row = (await lead.get(f"/api/v1/articles/{customer}")).json()
    change = {"version": row["version"], "audience": "internal"}
    assert (await lead.patch(f"/api/v1/articles/{customer}", json=change)).status_code == 200
    await seen(reader, link, 404)


async def test_readers_see_the_published_version_until_the_next_is_published(desk: Desk) -> None:
    reader, hanako, lead = desk.client(), desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    number = await publish(desk)
    text = {"title": "新しい題", "resolution": "常温で", "version": 1, "slug": "hozon"}
    assert (await hanako.put(f"/api/v1/articles/{number}/texts/ja", json=text)).status_code == 200
    old = await reader.get(f"/help/ja/articles/{quote('しょうゆの保存方法')}")
    assert (old.status_code, old.headers["location"]) == (301, "/help/ja/articles/hozon")
    page = await seen(reader, "/help/ja/articles/hozon")
    assert "<strong>冷蔵庫</strong>" in page and "常温" not in page
    await lead.put(f"/api/v1/articles/{number}/texts/ja/publication", json={})
    assert "常温で" in await seen(reader, "/help/ja/articles/hozon")
    await lead.delete(f"/api/v1/articles/{number}/texts/ja/publication")
    await seen(reader, "/help/ja/articles/hozon", 404)
    await seen(reader, f"/help/ja/articles/{quote('しょうゆの保存方法')}", 404)


async def test_K6_languages_lead_to_each_other_and_stand_in_for_each_other(desk: Desk) -> None:
    reader, lead = desk.client(), desk.client(desk.cast.lead)
    number = await publish(desk, slug="hozon")
    assert "Japanese only" in await seen(reader, "/help/en")
    text = {"title": "Keeping soy sauce", "resolution": "In the fridge", "version": 0}
    await lead.put(f"/api/v1/articles/{number}/texts/en", json=text)
    await lead.put(f"/api/v1/articles/{number}/texts/en/publication", json={})
    page, japanese = await seen(reader, "/help/en/articles/keeping-soy-sauce"), await seen(reader, "/help/ja")
    assert 'hreflang="ja"' in page and '<html lang="en">' in page and "Keeping" not in japanese
    assert (await seen(reader, "/sitemap.xml")).count("<url>") == 2
    assert (await reader.get("/help", headers={"accept-language": "en-US,en"})).headers["location"] == "/help/en"


async def test_K7_search_finds_short_and_misspelt_words_and_remembers_what_is_missing(desk: Desk) -> None:
    reader = desk.client()
    await publish(desk, keywords="酢ではない")
    for q in ("酢", "保存", "ショウユ", "ｼｮｳﾕ", "しょゆの保存"):
        assert "しょうゆの保存方法" in await seen(reader, f"/help/ja/search?q={quote(q)}"), q
    attack = '"><script>alert(1)</script>'
    page = await seen(reader, f"/help/ja/search?q={quote(attack)}")
    assert "<script" not in page
    await seen(reader, f"/help/ja/search?q={quote('ポン酢 ギフト')}")
    await seen(reader, "/help/ja/search?q=")
    async with desk.database.read() as session:
        missed = [each.words for each in (await session.scalars(select(MissedSearch).order_by(MissedSearch.id))).all()]
    assert missed == ["script alert 1 script", "ポン酢 ギフト"]


async def test_K5_feedback_with_its_reason_and_nothing_by_looking(desk: Desk) -> None:
    reader = desk.client()
    await publish(desk, slug="hozon")
    answer = await reader.get("/help/ja/articles/hozon")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and f"'sha256-{STYLE_HASH}'" in policy and "script-src" not in policy
    assert "<script" not in answer.text and "onclick" not in answer.text
    found = re.search(r'action="(/help/ja/feedback/[^"]+)"', answer.text)
    assert found
    wrong: list[dict[str, str]] = [{}, {"helpful": "perhaps"}, {"helpful": "no", "reason": "x"}]
    for given in wrong:
        assert (await reader.post(found[1], data=given)).status_code == 422
    no = {"helpful": "no", "reason": "unclear", "comment": "むずかしい"}
    assert (await reader.post(found[1], data=no)).status_code == 200
    assert (await reader.post(found[1][:-1] + "_", data=no)).status_code == 404
    async with desk.database.read() as session:
        row = (await session.scalars(select(ArticleFeedback))).one()
    assert (row.helpful, row.reason, row.comment, row.version) == (False, "unclear", "むずかしい", 1)
    assert row.at <= clock.utcnow()
    statuses = {(await reader.post(found[1], data=no)).status_code for _ in range(12)}
    assert 429 in statuses
