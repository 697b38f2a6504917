"""Callers who stay on the line when the agent has hung up are asked how it was, over real HTTP on both sides."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import clock
from app.config import Settings
from app.models import Call, Inbox, Notification, Survey
from channels.phone.words import WORDS
from demo.telephone_leg import FINAL, Leg
from tests.cast import Cast
from tests.telephone import Desk, open_desk

JA = WORDS["ja"]


@pytest.fixture
async def desk(settings: Settings, cast: Cast) -> AsyncIterator[Desk]:
    async with open_desk(settings, cast) as opened:
        async with opened.parts.database.write() as session:
            await session.execute(update(Inbox).values(surveyed=True))
        yield opened
        assert opened.cloud.alerts == [], "Twilio's debugger would show these"


async def talking(desk: Desk) -> tuple[int, Leg, Leg]:
    """Somebody called and Hanako answered in the browser: the call, the caller's leg, and hers."""
    caller = await desk.waiting()
    (row,) = (await desk.get("/tickets?sort=updated"))["items"][:1]
    call = (await desk.call(row["number"]))["id"]
    assert (await desk.post(f"/calls/{call}/answer", {"via": "browser"})).status_code == 200
    await desk.deliver()
    agent = desk.cloud.agent_legs[-1]
    await agent.until(lambda: agent.doing == "Dial")
    await desk.deliver()
    await caller.until(lambda: bool(caller.with_sids))
    await desk.cloud.settle()
    async with asyncio.timeout(20):  # the words of both legs come side by side: the last one may be on its way
        while (await desk.row(call)).state != "connected":
            await asyncio.sleep(0.02)
    return call, caller, agent


async def surveys(desk: Desk) -> list[Survey]:
    async with desk.parts.database.read() as session:
        return list((await session.scalars(select(Survey).order_by(Survey.id))).all())


async def asked(desk: Desk, caller: Leg) -> None:
    await desk.deliver()
    await caller.until(lambda: caller.doing == "Gather")


async def over(desk: Desk, leg: Leg) -> None:
    await leg.until(lambda: leg.status in FINAL)
    await desk.cloud.settle()


async def test_a_caller_who_stays_rates_the_call_and_the_agent_is_free_meanwhile(desk: Desk) -> None:
    call, caller, agent = await talking(desk)
    await agent.hang_up()
    await desk.cloud.settle()
    row = await desk.row(call)
    assert (row.state, row.outcome, caller.status) == ("ended", "answered", "in-progress")
    await asked(desk, caller)
    assert caller.heard[-1] == JA["survey"]
    (survey,) = await surveys(desk)
    facts = (survey.call_id, survey.resolution_id, survey.channel, survey.agent_id, survey.message_id, survey.state)
    assert facts == (call, None, "phone", desk.cast.hanako.id, row.message_id, "asked")
    caller.press("9")
    await caller.until(lambda: caller.heard[-1] == JA["survey_again"])
    assert (await surveys(desk))[0].state == "asked"
    caller.press("2")
    await over(desk, caller)
    assert caller.heard[-1] == JA["rated"]
    (survey,) = await surveys(desk)
    assert (survey.state, survey.score, survey.reason) == ("answered", 2, "")
    events = (await desk.get(f"/tickets/{survey.ticket_id}"))["events"]
    (told,) = [each for each in events if each["kind"] == "survey.answered"]
    assert (told["params"]["score"], told["params"]["resolved_by"]) == (2, desk.cast.hanako.id)
    async with desk.parts.database.read() as session:
        warned = (await session.scalars(select(Notification))).all()
    assert {each.kind for each in warned} == {"survey.low"}
    fresh = await desk.row(call)
    assert (fresh.ended_at, fresh.reason) == (row.ended_at, "completed")  # the question is no part of the talk


async def test_who_hangs_up_is_unanswered_and_nobody_is_asked_twice_in_30_days(desk: Desk) -> None:
    call, caller, _ = await talking(desk)
    assert (await desk.post(f"/calls/{call}/hangup")).status_code == 200  # the button on the screen asks as well
    await asked(desk, caller)
    await caller.hang_up()
    await desk.cloud.settle()
    assert [(each.state, each.score) for each in await surveys(desk)] == [("asked", None)]
    _, again, agent = await talking(desk)
    await agent.hang_up()
    await desk.cloud.settle()
    await desk.deliver()
    await over(desk, again)
    assert len(await surveys(desk)) == 1 and JA["survey"] not in again.heard
    async with desk.parts.database.write() as session:
        await session.execute(update(Survey).values(asked_at=clock.utcnow() - timedelta(days=31)))
    _, third, agent = await talking(desk)
    await agent.hang_up()
    await desk.cloud.settle()
    await asked(desk, third)
    assert len(await surveys(desk)) == 2
    await third.hang_up()


@pytest.mark.parametrize("why", ["off", "gone", "twice"])
async def test_nobody_listens_to_silence_and_a_repeated_word_asks_once(desk: Desk, why: str) -> None:
    if why == "off":
        async with desk.parts.database.write() as session:
            await session.execute(update(Inbox).values(surveyed=False))
    call, caller, agent = await talking(desk)
    if why == "gone":  # their end is told after the agent's
        desk.cloud.hold_callbacks()
        await caller.hang_up()
        await agent.until(lambda: agent.status in FINAL)
        await desk.deliver()
        await desk.cloud.release_callbacks()
    else:
        await agent.hang_up()
        await desk.cloud.settle()
    await desk.deliver()
    if why == "twice":
        await caller.until(lambda: caller.doing == "Gather")
        caller.press("5")
    await over(desk, caller)
    kinds: list[Any] = [kind for kind, _ in await desk.orders(call)]
    found = [(each.state, each.score) for each in await surveys(desk)]
    assert found == ([("answered", 5)] if why == "twice" else [])
    assert ("ask" in kinds) is (why != "off") and kinds.count("ask") <= 1
    async with desk.parts.database.read() as session:
        assert {each.state for each in (await session.scalars(select(Call))).all()} == {"ended"}
