"""Search over HTTP: the same on both databases, for those who may, and never a trace of what was taken back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from app import clock
from app.config import Settings
from app.db import Database
from app.jobs.search import catch_up
from app.models import Message, Person
from app.parts import Parts, assemble
from app.queries.search import find, index
from tests.api.conftest import Desk

SATO, TANAKA = "U" + "1" * 32, "U" + "2" * 32
WORDS = [
    (1, "返金をお願いします。電話は090-1234-5678です", SATO), (2, "ｻｰﾊﾞｰエラーで解約できません <b>&amp;", SATO),
    (3, "The refunds have not come for order A-1234", TANAKA), (4, "送料の返金はまだですか", TANAKA),
]  # fmt: skip


@pytest.fixture
async def parts(settings: Settings, desk: Desk) -> AsyncIterator[Parts]:
    made = assemble(settings)
    yield made
    await made.stop()


async def told(desk: Desk, parts: Parts) -> None:
    """Two customers wrote, and have names; the index knows."""
    for number, words, user in WORDS:
        assert (await desk.say(number, words, user)).status_code == 200
    lead = desk.client(desk.cast.lead)
    for person, name in ((1, "佐藤 健太郎"), (2, "田中 Tanaka")):
        assert (await lead.patch(f"/api/v1/persons/{person}", json={"name": name})).status_code == 200
    await catch_up(parts)


async def search(desk: Desk, typed: str, **more: Any) -> dict[str, Any]:
    answer = await desk.client(desk.cast.hanako).get("/api/v1/search", params={"q": typed, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def group(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return next((each["items"] for each in found["groups"] if each["kind"] == kind), [])


def words(pieces: list[dict[str, Any]], *, hit: bool | None = None) -> str:
    return "".join(each["text"] for each in pieces if hit in (None, each["hit"]))


async def messages(desk: Desk, typed: str) -> list[int]:
    return [WORDS[each["id"] - 1][0] for each in group(await search(desk, typed, kind="message"), "message")]


async def test_what_is_typed_finds_the_newest_first_and_filters_narrow(desk: Desk, parts: Parts) -> None:
    await told(desk, parts)
    expected = {
        "返金": [4, 1], "金": [4, 1], "へんきん": [], "解約": [2], "サーバー": [2], "refund": [3],
        "REFUNDS ": [3], "ref": [3], "09012345678": [1], "5678": [1], "a1234": [3], "A-1234": [3], "返金 送料": [4],
        '"返金はまだ"': [4], '"はまだ 返金"': [],
        "返金 from:佐藤": [1], "返金 from:Tanaka": [4], "返金 channel:line": [4, 1], "返金 channel:email": [],
        "返金 status:open": [4, 1], "返金 status:resolved": [], "返金 assignee:none": [4, 1], "返金 assignee:me": [],
        "返金 after:today": [4, 1], "返金 before:2020-01-01": [], "from:佐藤": [2, 1], "ありません": [],
    }  # fmt: skip
    assert {typed: await messages(desk, typed) for typed in expected} == expected
    everything = await search(desk, "佐藤")
    assert [each["kind"] for each in everything["groups"]] == ["ticket", "person"]
    (person,) = group(everything, "person")
    assert (
        words(person["title"]) == "佐藤 健太郎" and words(person["title"], hit=True) == "佐藤" and person["ticket"] == 1
    )
    assert group(await search(desk, "#2"), "ticket")[0]["ticket"] == 2


async def test_snippets_are_pieces_of_text_and_never_html(desk: Desk, parts: Parts) -> None:
    await told(desk, parts)
    (hit,) = group(await search(desk, "解約", kind="message"), "message")
    assert words(hit["snippet"]) == WORDS[1][1] and words(hit["snippet"], hit=True) == "解約"


async def test_a_name_with_a_typing_error_is_found(desk: Desk, parts: Parts) -> None:
    await told(desk, parts)
    for typed, name in (("佐藤健太朗", "佐藤 健太郎"), ("tanakka", "田中 Tanaka")):
        (hit,) = group(await search(desk, typed), "person")
        assert (words(hit["title"]), hit["alike"]) == (name, True)
    assert group(await search(desk, "鈴木一郎"), "person") == []


async def test_pages_give_every_hit_once_and_the_count_stops_at_100(desk: Desk, parts: Parts) -> None:
    for number in range(1, 105):
        await desk.say(number, f"返金 その{number}", SATO)
    await catch_up(parts)
    (first,) = (await search(desk, "返金", kind="message", limit=5))["groups"]
    assert (len(first["items"]), first["count"], first["capped"]) == (5, 100, True)
    seen: list[int] = []
    cursor: str | None = "first"
    while cursor is not None:
        place = {} if cursor == "first" else {"cursor": cursor}
        (page,) = (await search(desk, "返金 status:open", kind="message", limit=30, **place))["groups"]
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == 104 == len(set(seen))


async def test_every_role_finds_what_it_may_open_and_an_outsider_nothing(desk: Desk, parts: Parts) -> None:
    await told(desk, parts)
    for role, member in desk.cast.roles.items():
        answer = await desk.client(member).get("/api/v1/search", params={"q": "返金"})
        assert {each["kind"]: each["count"] for each in answer.json()["groups"]} == {"ticket": 1, "message": 2}, role
    for client in (desk.client(desk.cast.outsider), desk.client()):
        assert (await client.get("/api/v1/search", params={"q": "返金"})).status_code == 401


async def test_a_scope_that_is_not_held_finds_nothing(desk: Desk, parts: Parts, database: Database) -> None:
    """Inside the index's own query: not even the count tells that there is something."""
    await told(desk, parts)
    zone = parts.settings.timezone
    query = find.parse("返金", clock.utcnow().date())
    async with parts.database.read() as main, parts.search.read() as indexed:
        for scopes, count in (({"ticket.read"}, 2), ({"person.read"}, 0), (set(), 0)):
            caller = find.Caller(agent_id=1, scopes=scopes)
            asked = find.Search(main, indexed, caller, query, find.ZoneInfo(zone))
            found = await asked.group("message", 5)
            assert (found.count, len(found.items)) == (count, count)
            assert (await asked.alike("person")).items == []


async def test_what_was_edited_taken_back_or_deleted_leaves_the_index(
    desk: Desk, parts: Parts, database: Database
) -> None:
    await told(desk, parts)
    unsent = {"type": "unsend", "unsend": {"messageId": "1"}, "webhookEventId": "01UNSEND" + "0" * 18, "mode": "active",
              "timestamp": int(clock.utcnow().timestamp() * 1000), "deliveryContext": {"isRedelivery": False},
              "source": {"type": "user", "userId": SATO}}  # fmt: skip
    assert (await desk.webhook(unsent)).status_code == 200
    assert await messages(desk, "返金") == [4]  # at once, though the index has not read it yet
    async with database.write() as session:
        await session.execute(update(Person).where(col(Person.id) == 2).values(name="山本"))
        await session.execute(update(Message).where(col(Message.id) == 3).values(text="交換してください"))
    await catch_up(parts, anew=True)
    assert (
        await messages(desk, "返金") == [4]
        and await messages(desk, "refund") == []
        and await messages(desk, "交換") == [3]
    )
    assert group(await search(desk, "田中"), "person") == [] and len(group(await search(desk, "山本"), "person")) == 1
    async with parts.search.read() as indexed:
        kept = (await indexed.execute(index.text("SELECT folded FROM search_doc"))).scalars().all()
    assert not any("電話" in folded for folded in kept), "what was taken back is still stored"


async def test_bad_queries_are_told_and_harm_nothing(desk: Desk, parts: Parts) -> None:
    assert (await search(desk, "返金"))["behind"] is True  # there is no index yet
    await told(desk, parts)
    for typed in (
        '"',
        "' OR 1=1 --",
        "NEAR(返金)",
        "* AND",
        "😀",
        "()",
        "\\",
        "a:b:c",
        "-返金-",
        "☃" * 300,
        "'\":*&|!<>",
        "NOT 返",
    ):
        assert "groups" in await search(desk, typed), typed
    assert (await search(desk, "status:foo 返金"))["wrong"] == [{"filter": "status", "value": "foo"}]
    assert (await search(desk, "tag:無い 返金"))["groups"] == []
    client = desk.client(desk.cast.hanako)
    for wrong in (
        {"q": "返" * 301},
        {"q": "返金", "cursor": "x"},
        {"q": "返金", "kind": "secret"},
        {"q": "返金", "limit": 0},
    ):
        assert (await client.get("/api/v1/search", params=wrong)).status_code == 422, wrong


async def test_articles_and_new_companies_are_found_as_soon_as_they_are_there(desk: Desk, parts: Parts) -> None:
    await catch_up(parts)
    lead = desk.client(desk.cast.lead)
    body = {
        "locale": "ja",
        "title": "返品の送り先",
        "issue": "送り先が分からない",
        "resolution": "倉庫へお送りください",
    }
    assert (made := await lead.post("/api/v1/articles", json=body)).status_code == 201, made.text
    assert (await lead.post("/api/v1/accounts", json={"name": "三河物産"})).status_code == 201
    await catch_up(parts)
    (article,) = group(await search(desk, "倉庫"), "article")
    assert (article["author"], words(article["snippet"], hit=True)) == (f"KB-{made.json()['id']}", "倉庫")
    (account,) = group(await search(desk, "三河物産"), "account")
    assert words(account["title"]) == "三河物産"
