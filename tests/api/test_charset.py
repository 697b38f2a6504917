"""E14: a mail whose charset was guessed says so, and an agent reads it anew from its kept bytes."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from sqlmodel import col

from app.config import Settings
from app.jobs.search import catch_up
from app.models import Event, Message
from app.parts import Parts, assemble
from tests.api.conftest import Desk

WORDS = "你好，我的酱油还没有到。"  # as GB18030 without a label it is read as something else


@pytest.fixture
async def parts(settings: Settings, desk: Desk) -> AsyncIterator[Parts]:
    """The clocks' side; a mail in a charset that it does not name has come."""
    made = assemble(settings)
    head = "From: Li <li@example.cn>\r\nTo: support@mikawaya.example\r\nSubject: soy\r\nMessage-ID: <c1@example.cn>\r\n\r\n"
    body = head.encode() + WORDS.encode("gb18030")
    signature = hmac.new(b"m" * 32, body, hashlib.sha256).hexdigest()
    path = f"/hooks/{desk.inboxes['email'].token}/mime"
    assert (
        await desk.client().post(path, content=body, headers={"x-mikawaya-signature": signature})
    ).status_code == 200
    yield made
    await made.stop()


async def choose(desk: Desk, charset: str, who: Any = None, message: int = 1) -> httpx2.Response:
    agent = desk.client(who or desk.cast.hanako)
    return await agent.post(f"/api/v1/messages/{message}/charset", json={"charset": charset})


async def rereadings(desk: Desk) -> list[dict[str, Any]]:
    async with desk.database.read() as session:
        query = select(Event).where(col(Event.kind) == "message.reread").order_by(col(Event.id))
        return [each.params for each in (await session.scalars(query)).all()]


async def test_E14_the_same_bytes_in_another_charset_with_preview_search_and_an_event(desk: Desk, parts: Parts) -> None:
    agent = desk.client(desk.cast.hanako)
    before = (await agent.get("/api/v1/tickets/1/messages")).json()["items"][0]
    assert before["meta"]["charset_guessed"] is True and before["text"].strip() != WORDS
    assert "gb18030" in (await agent.get("/api/v1/messages/1/charsets")).json()
    answer = await choose(desk, "gb18030")
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after["text"].strip() == WORDS
    assert (after["meta"]["charset"], after["meta"]["charset_guessed"]) == ("gb18030", False)
    assert (await agent.get("/api/v1/tickets")).json()["items"][0]["preview"] == WORDS
    await catch_up(parts)
    found = (await agent.get("/api/v1/search", params={"q": "酱油还没有到"})).json()
    assert [item["id"] for group in found["groups"] if group["kind"] == "message" for item in group["items"]] == [1]
    assert [(each["charset"]) for each in await rereadings(desk)] == ["gb18030"]


async def test_E14_the_same_choice_again_changes_nothing_and_a_wrong_one_can_be_taken_back(
    desk: Desk, parts: Parts
) -> None:
    for charset in ("gb18030", "gb18030", "cp932", "gb18030"):
        assert (await choose(desk, charset)).status_code == 200
    assert [each["charset"] for each in await rereadings(desk)] == ["gb18030", "cp932", "gb18030"]
    async with desk.database.read() as session:
        assert (await session.get_one(Message, 1)).text.strip() == WORDS


async def test_E14_who_may_not_and_what_cannot(desk: Desk, parts: Parts) -> None:
    assert (await desk.client().post("/api/v1/messages/1/charset", json={"charset": "utf-8"})).status_code == 401
    assert (await choose(desk, "utf-8", desk.cast.success)).status_code == 403
    unknown = await choose(desk, "idna")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_charset")
    assert (await choose(desk, "utf-8", message=99)).status_code == 404
    assert (await desk.say(5)).status_code == 200
    refused = await choose(desk, "utf-8", message=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_reread")
    assert await rereadings(desk) == []
