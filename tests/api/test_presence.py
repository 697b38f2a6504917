"""Presence over HTTP and the agents' socket (R5)."""

import asyncio
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.models import Agent, Audit, PresenceSpan
from tests.api.conftest import Desk, heard
from tests.cast import PASSWORD

ME = "/api/v1/me/presence"


async def agent(desk: Desk, agent_id: int) -> Agent:
    async with desk.database.read() as session:
        return await session.get_one(Agent, agent_id)


async def until(desk: Desk, agent_id: int, **wanted: Any) -> Agent:
    """Waits for what the product does beside us."""
    while True:
        found = await agent(desk, agent_id)
        if all(getattr(found, name) == value for name, value in wanted.items()):
            return found
        await asyncio.sleep(0.02)


async def test_r5_an_agent_says_what_they_are_and_which_channels_they_take(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    said = (await hanako.put(ME, json={"presence": "break", "channels_off": ["phone"]})).json()
    assert (said["presence"], said["channels_off"], said["presence_reason"]) == ("break", ["phone"], "set")
    kept = (await hanako.put(ME, json={"channels_off": []})).json()
    assert (kept["presence"], kept["presence_at"], kept["channels_off"]) == ("break", said["presence_at"], [])
    shown = (await hanako.get("/api/v1/desk")).json()["agents"]
    assert next(each["presence"] for each in shown if each["id"] == desk.cast.hanako.id) == "break"
    assert (await hanako.get("/api/v1/session")).json()["presence"] == "break"


async def test_r5_what_comes_by_itself_is_not_chosen(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    for wrong in ({"presence": "busy"}, {"presence": "asleep"}, {"channels_off": ["telegraph"]}):
        assert (await hanako.put(ME, json=wrong)).status_code == 422, wrong


async def test_r5_a_lead_sets_it_for_others_and_that_is_audited(desk: Desk) -> None:
    path = f"/api/v1/agents/{desk.cast.hanako.id}/presence"
    assert (await desk.client(desk.cast.jiro).put(path, json={"presence": "away"})).status_code == 403
    answer = await desk.client(desk.cast.lead).put(path, json={"presence": "away"})
    assert answer.json()["presence"] == "away"
    async with desk.database.read() as session:
        noted = (await session.scalars(select(Audit))).one()
        span = (await session.scalars(select(PresenceSpan).where(col(PresenceSpan.ended_at).is_(None)))).one()
    assert (noted.code, noted.agent_id, noted.subject) == (
        "presence.set", desk.cast.lead.id, "hanako@mikawaya.example away"
    )  # fmt: skip
    assert (span.agent_id, span.by_agent_id) == (desk.cast.hanako.id, desk.cast.lead.id)
    missing = await desk.client(desk.cast.lead).put("/api/v1/agents/987654/presence", json={"presence": "away"})
    assert (missing.status_code, missing.json()["code"]) == (404, "no_agent")


async def test_r5_everybodys_screen_hears_of_it(desk: Desk) -> None:
    async with desk.socket("/live", desk.cast.jiro) as socket:
        await socket.send('{"op": "hello"}')
        await heard(socket, "ready")
        await desk.client(desk.cast.hanako).put(ME, json={"presence": "training"})
        told: list[dict[str, Any]] = []
        while not told:
            events = (await heard(socket, "news"))["events"]
            told = [each for each in events if each["kind"] == "agent.presence"]
    assert told[0]["params"]["who"] == desk.cast.hanako.id
    assert told[0]["params"]["presence"] == "training"


async def test_r5_the_last_window_that_closes_is_written_down_and_an_open_one_is_a_sign_of_life(desk: Desk) -> None:
    hanako = desk.cast.hanako
    assert (await agent(desk, hanako.id)).live_at is None
    async with desk.socket("/live", hanako) as first:
        await first.send('{"op": "hello"}')
        await heard(first, "ready")
        came = (await agent(desk, hanako.id)).live_at
        assert came is not None
        async with desk.socket("/live", hanako) as second:
            await second.send('{"op": "hello"}')
            await heard(second, "ready")
            between = (await agent(desk, hanako.id)).live_at
    while (await agent(desk, hanako.id)).live_at in (came, between):
        await asyncio.sleep(0.02)
    went = (await agent(desk, hanako.id)).live_at
    assert went is not None and between is not None and went > between >= came


async def test_r5_who_comes_back_is_again_what_they_were(desk: Desk) -> None:
    hanako = desk.cast.hanako
    async with desk.database.write() as session:
        found = await session.get_one(Agent, hanako.id)
        found.presence, found.presence_reason, found.presence_before = "away", "disconnected", "training"
    async with desk.socket("/live", hanako) as socket:
        await socket.send('{"op": "hello"}')
        await until(desk, hanako.id, presence="training", presence_reason="connected")


async def test_r5_signing_in_is_being_available_and_signing_out_is_being_offline(desk: Desk) -> None:
    browser = desk.client(None, **{"X-Mikawaya": "1"})
    signed = await browser.post("/api/v1/session", json={"email": "jiro@mikawaya.example", "password": PASSWORD})
    assert (signed.status_code, signed.json()["presence"]) == (200, "available")
    assert (await agent(desk, desk.cast.jiro.id)).live_at is not None
    await browser.delete("/api/v1/session")
    assert (await agent(desk, desk.cast.jiro.id)).presence == "offline"
