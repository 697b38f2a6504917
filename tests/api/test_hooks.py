"""The hooks door: verified, kept, committed, answered."""

import asyncio
import json

import httpx2
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.actions.intake import Batch
from app.models import Event, Inbox, Message, RawHook, Ticket
from tests.api.conftest import BOT, Desk, line_text


async def raws(desk: Desk) -> list[RawHook]:
    async with desk.database.read() as session:
        return list((await session.scalars(select(RawHook).order_by(col(RawHook.id)))).all())


async def test_a_signed_webhook_is_a_ticket_when_it_is_answered(desk: Desk) -> None:
    assert (await desk.say(1)).status_code == 200
    tickets = (await desk.client(desk.cast.hanako).get("/api/v1/tickets")).json()["items"]
    assert [(t["number"], t["channel"], t["preview"]) for t in tickets] == [(1, "line", "醤油が届きません")]


async def test_a_forged_webhook_leaves_nothing_but_an_alarm(desk: Desk) -> None:
    for _ in range(3):
        answer = await desk.webhook(line_text(1, "偽物"), secret="somebody else's")
        assert answer.status_code == 401 and answer.content == b""
    assert await raws(desk) == []
    async with desk.database.read() as session:
        assert (await session.scalars(select(Ticket))).all() == []
        inbox = await session.get_one(Inbox, desk.inboxes["line"].id)
        alarms = (await session.scalars(select(Event).where(col(Event.kind) == "inbox.alarm"))).all()
    assert inbox.alarm == "forged" and inbox.heard_at is None and len(alarms) == 1


async def test_each_provider_hears_its_own_status(desk: Desk) -> None:
    client = desk.client()
    for kind, route, status in (
        ("line", "", 401),
        ("phone", "/voice", 403),
        ("email", "/mime", 401),
        ("chat", "", 401),
    ):
        answer = await client.post(f"/hooks/{desk.inboxes[kind].token}{route}", content=b"x")
        assert answer.status_code == status, kind
    assert await raws(desk) == []


async def test_an_unknown_hook_is_nowhere(desk: Desk) -> None:
    for path in ("/hooks/unknown", "/hooks/", "/hooks//", "/hooks/%00", "/hooks/unknown/voice", "/hooks/%C3%A9"):
        answer = await desk.client().post(path, content=b"x")
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json", path


async def test_an_inbox_that_is_off_hears_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.queries.inboxes.FRESH_S", -1.0)  # every hook looks anew: otherwise within five seconds
    async with desk.database.write() as session:
        await session.execute(update(Inbox).where(col(Inbox.kind) == "line").values(enabled=False))
    assert (await desk.say(1)).status_code == 404


async def test_only_get_and_post(desk: Desk) -> None:
    for method in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        assert (await desk.client().request(method, f"/hooks/{desk.inboxes['chat'].token}")).status_code == 405, method


async def test_get_is_taken_to_the_channel(desk: Desk) -> None:
    assert (await desk.client().get(f"/hooks/{desk.inboxes['phone'].token}/voice")).status_code == 403


async def test_too_large_is_refused_before_it_is_held(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.hooks.MOST_BYTES", 1000)
    answer = await desk.client().post(f"/hooks/{desk.inboxes['line'].token}", content=b"x" * 1001)
    assert answer.status_code == 413 and await raws(desk) == []


async def test_a_bug_of_ours_keeps_the_bytes_and_says_200(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dead letter is listed, and read again when the bug is mended."""
    with monkeypatch.context() as broken:
        broken.setattr("channels.line.Line.parse", lambda self, hook: 1 / 0)
        assert (await desk.say(1)).status_code == 200
    lead = desk.client(desk.cast.lead)
    (letter,) = (await lead.get("/api/v1/dead-letters")).json()["items"]
    assert letter["error"] == "ZeroDivisionError: division by zero" and letter["size"] > 100
    again = await lead.post(f"/api/v1/dead-letters/{letter['id']}/retry")
    assert again.json() == {"state": "taken", "error": ""}
    assert (await lead.get("/api/v1/dead-letters")).json()["items"] == []
    assert (await lead.get("/api/v1/tickets/1")).status_code == 200
    assert (await lead.post(f"/api/v1/dead-letters/{letter['id']}/retry")).status_code == 404
    assert len(await raws(desk)) == 1


async def test_a_dead_letter_that_dies_again_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.line.Line.parse", lambda self, hook: 1 / 0)
    assert (await desk.say(1)).status_code == 200
    lead = desk.client(desk.cast.lead)
    for attempts in (1, 2):
        answer = await lead.post("/api/v1/dead-letters/1/retry")
        assert answer.json()["state"] == "failed"
        (letter,) = (await lead.get("/api/v1/dead-letters")).json()["items"]
        assert letter["attempts"] == attempts


async def test_one_poisoned_message_does_not_hold_up_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """They wait for the same commit: the poisoned one alone becomes a dead letter."""
    place = Batch._place

    def poisoned(self: object, inbox: object, raw: int, item: object, *more: object) -> object:
        if "毒" in item.text:  # type: ignore[attr-defined]
            raise ZeroDivisionError("poison")
        return place(self, inbox, raw, item, *more)

    monkeypatch.setattr(Batch, "_place", poisoned)
    told = await asyncio.gather(*[desk.say(n, "毒" if n == 5 else f"{n}", user=f"U{n:032x}") for n in range(1, 13)])
    assert [t.status_code for t in told] == [200] * 12
    async with desk.database.read() as session:
        texts = (await session.scalars(select(col(Message.text)))).all()
        failed = (await session.scalars(select(RawHook).where(col(RawHook.state) == "failed"))).all()
    assert sorted(texts) == sorted(str(n) for n in range(1, 13) if n != 5)
    (letter,) = failed
    assert "毒" in (letter.body or b"").decode() and letter.error.startswith("ZeroDivisionError")


async def test_L1_the_verify_button_and_L11_what_nobody_knows(desk: Desk) -> None:
    assert (await desk.webhook()).status_code == 200
    assert (
        await desk.webhook({"type": "hologram", "webhookEventId": "x", "timestamp": 1, "source": {"type": "user"}})
    ).status_code == 200
    assert {r.state for r in await raws(desk)} == {"taken"}


async def test_L8_a_redelivered_webhook_is_answered_and_placed_once(desk: Desk) -> None:
    for _ in range(3):
        assert (await desk.webhook(line_text(7, "一度だけ"))).status_code == 200
    shown = (await desk.client(desk.cast.hanako).get("/api/v1/tickets/1")).json()
    assert [m["text"] for m in shown["messages"]] == ["一度だけ"]


async def test_a_large_body_stands_in_the_file_store(desk: Desk) -> None:
    assert (await desk.say(1, "あ" * 4000)).status_code == 200
    filler = {
        "type": "hologram",
        "webhookEventId": "f",
        "timestamp": 1,
        "filler": "x" * 300_000,
        "source": {"type": "user"},
    }
    assert (await desk.webhook(line_text(2, "大きな荷物"), filler)).status_code == 200
    small, large = await raws(desk)
    assert small.body and not small.file_key and large.body is None and large.file_key
    kept = await desk.running.product.parts.files.get(large.file_key)
    assert json.loads(kept)["destination"] == BOT
    raw = await desk.client(desk.cast.hanako).get("/api/v1/messages/2/raw")
    assert raw.content == kept and raw.headers["content-disposition"].startswith("attachment")


async def test_a_client_that_hangs_up_is_no_error(desk: Desk) -> None:
    url = httpx2.URL(desk.running.url)
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST /hooks/{desk.inboxes['line'].token} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc".encode()
    )
    await writer.drain()
    writer.close()
    assert (await desk.say(1)).status_code == 200
