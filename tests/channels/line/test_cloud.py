"""The demonstration's LINE: it refuses what LINE refuses, delivers as LINE delivers, and shows a page its chats."""

from typing import Any

import httpx2
import pytest

from channels.contract import Inbound, Reach, Unsent
from demo.line_rules import problems
from tests.channels.line.conftest import Desk

TEXT = {"type": "text", "text": "はい"}


async def page(desk: Desk, method: str, path: str, **more: Any) -> Any:
    async with httpx2.AsyncClient(base_url=f"{desk.url}/page", trust_env=False) as client:
        return (await client.request(method, path, **more)).json()


async def test_everything_a_customer_sends_is_understood(desk: Desk) -> None:
    cloud, user = desk.cloud, desk.user
    await cloud.send_text(user, "こんにちは")
    await cloud.send_image(user, b"\xff\xd8\xff")
    await cloud.send_sticker(user)
    await cloud.send_location(user, "駅", "東京都")
    await cloud.send_file(user, "a.txt", b"a")
    await cloud.unsend(user, cloud.history(user)[0].id)
    await cloud.unfollow(user)
    await cloud.follow(user)
    kinds = [item.kind for item in desk.items if isinstance(item, Inbound)]
    assert kinds == ["text", "image", "sticker", "location", "file"]
    unsent, blocked, followed = desk.items[5:]
    assert isinstance(unsent, Unsent) and unsent.external_id == desk.items[0].external_id  # type: ignore[union-attr]
    assert isinstance(blocked, Reach) and not blocked.reachable
    assert isinstance(followed, Reach) and followed.reachable


async def test_L8_a_webhook_that_was_not_taken_comes_again_as_the_same_event(desk: Desk) -> None:
    desk.statuses.append(500)
    item = await desk.heard()
    first, second = (desk.line.parse(hook) for hook in desk.hooks)
    assert b'"isRedelivery": false' in desk.hooks[0].body and b'"isRedelivery": true' in desk.hooks[1].body
    assert [one.external_id for one in (*first, *second)] == [item.external_id] * 2  # type: ignore[union-attr]
    assert await desk.cloud.redeliver() == 200
    assert desk.items[-1].external_id == item.external_id  # type: ignore[union-attr]


async def test_a_stranger_is_refused_and_a_silent_door_is_status_0(desk: Desk) -> None:
    desk.cloud.channel_secret = "a stranger's"
    assert await desk.cloud.send_text(desk.user, "x") == 401
    desk.cloud.hook_url = "http://127.0.0.1:1/"
    assert await desk.cloud.send_text(desk.user, "x") == 0
    assert not desk.items


async def test_L16_a_reply_token_serves_once_and_for_a_minute(desk: Desk) -> None:
    now = 1_772_442_000.0
    desk.cloud.memory.clock = lambda: now
    await desk.heard()
    token = desk.cloud.last_event["replyToken"]
    memory = desk.cloud.memory
    assert memory.take_reply(token) == desk.user
    assert memory.take_reply(token) == ""
    await desk.heard()
    token = desk.cloud.last_event["replyToken"]
    now += 61
    assert memory.take_reply(token) == ""
    await desk.cloud.redeliver()  # a redelivery starts another minute
    assert memory.take_reply(token) == desk.user
    await desk.heard()
    token = desk.cloud.last_event["replyToken"]
    now += 21 * 60
    await desk.cloud.redeliver()  # too late after the event
    assert memory.take_reply(token) == ""


async def test_L19_a_retry_key_does_not_belong_on_a_reply(desk: Desk) -> None:
    await desk.heard()
    body = {"replyToken": desk.cloud.last_event["replyToken"], "messages": [TEXT]}
    headers = {"authorization": "Bearer long-lived", "x-line-retry-key": "0b0f1d0e-6a39-4f0a-9a55-3d6c2a7d4e11"}
    async with httpx2.AsyncClient(base_url=f"{desk.url}/line", trust_env=False) as client:
        refused = await client.post("/v2/bot/message/reply", json=body, headers=headers)
        stranger = await client.post("/v2/bot/message/reply", json=body, headers={"authorization": "Bearer x"})
    assert (refused.status_code, stranger.status_code) == (400, 401)


@pytest.mark.parametrize(
    ("messages", "wrong"),
    [
        ([TEXT], 0),
        ([], 1),
        ([TEXT] * 6, 1),
        ("text", 1),
        ([{"type": "text", "text": " "}], 1),
        ([{"type": "text", "text": "🍎" * 2501}], 1),
        ([{"type": "file"}], 1),
        ([{"type": "image", "originalContentUrl": "http://a/b.jpg", "previewImageUrl": "https://a/b.jpg"}], 1),
        ([{**TEXT, "sender": {"name": "LINE"}}], 1),
    ],
)
def test_L24_what_line_refuses(messages: Any, wrong: int) -> None:
    assert len(problems(messages, http_allowed=False)) == wrong


async def test_L17_who_blocked_the_account_sees_nothing_and_line_does_not_say_so(desk: Desk) -> None:
    await desk.cloud.unfollow(desk.user)
    body = {"to": desk.user, "messages": [TEXT]}
    async with httpx2.AsyncClient(base_url=f"{desk.url}/line", trust_env=False) as client:
        answer = await client.post("/v2/bot/message/push", json=body, headers={"authorization": "Bearer long-lived"})
    assert answer.status_code == 200 and answer.json()["sentMessages"][0]["id"]
    assert not desk.cloud.history(desk.user) and desk.cloud.memory.used == 0


async def test_the_page_plays_the_customer(desk: Desk) -> None:
    users = await page(desk, "GET", "/users")
    assert [user["language"] for user in users] == ["ja", "ja", "ja", "en"]
    user = users[0]["id"]
    assert await page(desk, "POST", "/say", json={"user": user, "text": "もしもし"}) == {"status": 200}
    seen = await page(desk, "GET", "/history", params={"user": user})
    assert [row["text"] for row in seen["messages"]] == ["もしもし"]
    await page(desk, "POST", "/say", json={"user": user, "sticker": True})
    await page(desk, "POST", "/say", json={"user": user, "location": {}})
    upload = {"file": ("写真.png", b"\x89PNG", "image/png")}
    await page(desk, "POST", "/say", data={"user": user}, files=upload)
    news = await page(desk, "GET", "/events", params={"user": user, "after": seen["after"]})
    assert [row["kind"] for row in news["messages"]] == ["sticker", "location", "image"]
    assert news["messages"][0]["sticker"]["stickerId"] == "1989"
    number = seen["messages"][0]["id"]
    await page(desk, "POST", "/unsend", json={"user": user, "id": number})
    [gone] = (await page(desk, "GET", "/events", params={"user": user, "after": news["after"]}))["messages"]
    assert (gone["id"], gone["unsent"], gone["text"]) == (number, True, "")
    await page(desk, "POST", "/block", json={"user": user, "blocked": True})
    assert not desk.cloud.users[0].following


async def test_the_page_refuses_nonsense(desk: Desk) -> None:
    for path, asked in (("/say", {}), ("/say", {"user": desk.user}), ("/unsend", {"id": "1"}), ("/block", {})):
        assert "message" in await page(desk, "POST", path, json=asked)
    assert "message" in await page(desk, "GET", "/events", params={"after": "x"})
    assert "message" in await page(desk, "GET", "/content/1")
    assert not desk.hooks


async def test_both_sides_see_what_was_read(desk: Desk) -> None:
    item = await desk.heard()
    headers, body = {"authorization": "Bearer long-lived"}, {"markAsReadToken": item.meta["read_token"]}
    async with httpx2.AsyncClient(base_url=f"{desk.url}/line", trust_env=False) as client:
        assert (await client.post("/v2/bot/chat/markAsRead", json=body, headers=headers)).status_code == 200
    assert desk.cloud.history(desk.user)[0].read
