"""Whisper: an answer waits for the customer's morning or goes without a sound; nothing else of the thread waits for it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.actions import outbox
from app.models import Message, Ticket
from app.queries.outgoing import Site, outbound
from tests.api.conftest import Desk, line_text
from tests.cast import START

NIGHT = START + timedelta(hours=11)  # 23:00 in Tokyo


async def ticket(desk: Desk, hands: Any) -> Ticket:
    """Somebody wrote on LINE at noon; now it is night."""
    await desk.webhook(line_text(1, "醤油が届きません", "U" + "1" * 32))
    hands.now = NIGHT
    async with desk.database.read() as session:
        return (await session.scalars(select(Ticket))).one()


async def answer(desk: Desk, text: str, when: str = "wait") -> Any:
    client = desk.client(desk.cast.hanako)
    given = await client.post("/api/v1/tickets/1/replies", json={"text": text, "when": when})
    assert given.status_code == 201, given.text
    return given.json()


async def due(desk: Desk, now: Any) -> list[int]:
    async with desk.database.write() as session:
        return await outbox.claim(session, now, 10)


async def test_an_answer_at_night_waits_for_the_morning_and_holds_nothing_up(desk: Desk, hands: Any) -> None:
    await ticket(desk, hands)
    waits = await answer(desk, "明日お送りします")
    assert (waits["state"], waits["retry_at"][:16]) == ("queued", "2026-07-01T23:00")  # 8:00 in Tokyo
    assert await due(desk, hands.now) == []
    other = await answer(desk, "急ぎの件", when="now")
    assert await due(desk, hands.now) == [other["id"]]
    assert await due(desk, hands.now + timedelta(hours=9, seconds=1)) != []


async def test_what_waits_can_be_sent_at_once_or_dropped_and_only_once(desk: Desk, hands: Any) -> None:
    await ticket(desk, hands)
    client = desk.client(desk.cast.hanako)
    first, second = await answer(desk, "一"), await answer(desk, "二")
    assert (await desk.client(desk.cast.outsider).post(f"/api/v1/messages/{first['id']}/now")).status_code == 401
    assert (await client.post(f"/api/v1/messages/{first['id']}/now")).json()["state"] == "queued"
    assert (await client.post(f"/api/v1/messages/{second['id']}/drop")).json()["state"] == "discarded"
    assert await due(desk, hands.now) == [first["id"]]
    for verb in ("now", "drop"):
        again = await client.post(f"/api/v1/messages/{first['id']}/{verb}")
        assert (again.status_code, again.json()["code"]) == (409, "not_waiting")


async def test_a_silent_answer_goes_now_and_tells_the_channel_so(desk: Desk, hands: Any) -> None:
    await ticket(desk, hands)
    made = await answer(desk, "静かに", when="silent")
    site: Any = Site(url="https://desk.example", vault=None, files=None)  # type: ignore[arg-type]
    async with desk.database.read() as session:
        message = await session.get_one(Message, made["id"])
        assert (await outbound(session, message, "ja", site, hands.now)).silent is True
    assert await due(desk, hands.now) == [made["id"]]


async def test_whose_hours_count_and_who_has_just_written_is_awake(desk: Desk, hands: Any) -> None:
    found = await ticket(desk, hands)
    client = desk.client(desk.cast.hanako)
    said = (await client.get("/api/v1/tickets/1/whisper")).json()
    assert (said["asleep"], said["whose"], said["silent"], said["usual"]) == (True, "desk", ["line"], None)
    late = {"awake_from": 600, "awake_to": 1560}  # 10:00 to 2:00: an inn
    path = f"/api/v1/people/{found.person_id}/waking"
    assert (await client.put(path, json=late)).status_code == 204
    said = (await client.get("/api/v1/tickets/1/whisper")).json()
    assert (said["asleep"], said["whose"]) == (False, "person")
    assert (await client.put(path, json={**late, "zone": "Asia/Mars"})).json()["code"] == "no_zone"
    assert (await client.put(path, json={"awake_from": 600, "awake_to": 500})).status_code == 422
    assert (await client.put("/api/v1/people/999/waking", json=late)).status_code == 404
    assert (await client.put("/api/v1/success/accounts/1/waking", json=late)).status_code == 403
    assert (await client.delete(path)).status_code == 204
    await desk.webhook(line_text(2, "まだ起きています", "U" + "1" * 32))
    assert (await client.get("/api/v1/tickets/1/whisper")).json()["asleep"] is False
    assert (await answer(desk, "すぐにお返事します"))["retry_at"][:16] == hands.now.isoformat()[:16]


@pytest.mark.parametrize("who", ["outsider", None])
async def test_strangers_hear_nothing_of_anybodys_hours(desk: Desk, who: str | None) -> None:
    client = desk.client(getattr(desk.cast, who) if who else None)
    assert (await client.get("/api/v1/tickets/1/whisper")).status_code == 401
