"""What keeps an inbox healthy: silence becomes an alarm (L12), and so does a month's allowance that runs out (L22)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.actions import inboxes
from app.config import Settings
from app.jobs.upkeep import Upkeep
from app.models import Inbox, Message
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rig import LineDesk, line_desk


@pytest.fixture
async def line(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[LineDesk]:
    """An inbox that has a past: two messages, a day apart, and it is a month old."""
    hands.now = datetime.now(UTC)
    async with line_desk(settings, cast, wall=lambda: hands.now.timestamp()) as desk:
        await change(desk, created_at=hands.now - timedelta(days=30))
        await desk.wrote()
        hands.advance(hours=20)
        await desk.wrote("まだですか")
        yield desk


async def change(desk: LineDesk, **values: Any) -> None:
    async with desk.parts.database.write() as session:
        inbox = await session.get_one(Inbox, desk.inbox.id)
        for name, value in values.items():
            setattr(inbox, name, value)
    await desk.parts.inboxes.refresh()


async def look(desk: LineDesk) -> Inbox:
    """One turn of the clock; the inbox after it."""
    await desk.parts.inboxes.refresh()
    await Upkeep(desk.parts).step()
    async with desk.parts.database.read() as session:
        return await session.get_one(Inbox, desk.inbox.id)


def _asked(desk: LineDesk) -> int:
    return sum(call.path.endswith("/webhook/test") for call in desk.cloud.calls)


async def test_L12_a_webhook_that_was_switched_off_alarms_and_the_next_message_ends_it(
    line: LineDesk, hands: Hands
) -> None:
    line.cloud.hook_active = False
    hands.advance(hours=5)
    assert (await look(line)).alarm == "", "an afternoon's silence is nothing"
    hands.advance(hours=1, minutes=1)
    row = await look(line)
    assert (row.alarm, row.alarm_detail.split()[0]) == ("unreached", "line_webhook_off")
    line.cloud.hook_active = True
    await line.wrote("もしもし")
    assert (await look(line)).alarm == ""


async def test_L12_a_webhook_that_points_elsewhere_is_found_and_a_repair_ends_the_alarm(
    line: LineDesk, hands: Hands
) -> None:
    ours, line.cloud.hook_url = line.cloud.hook_url, "https://elsewhere.example/hooks/x"
    hands.advance(hours=7)
    row = await look(line)
    assert row.alarm_detail == "line_webhook_elsewhere https://elsewhere.example/hooks/x"
    line.cloud.hook_url = ours
    hands.advance(hours=3)
    assert (await look(line)).alarm == "", "LINE's own test arrives again"


async def test_L12_a_line_that_does_not_answer_says_nothing_of_our_webhook(line: LineDesk, hands: Hands) -> None:
    line.cloud.hook_active = False
    line.cloud.next_status(500, path="/webhook/endpoint")
    hands.advance(hours=7)
    assert (await look(line)).alarm == ""


async def test_L12_a_silence_against_its_own_rhythm_is_told_once(line: LineDesk, hands: Hands) -> None:
    """LINE's test arrives, and is no news. Its longest silence was 20 hours: 40 are unusual."""
    hands.advance(hours=39)
    assert (await look(line)).alarm == "" and _asked(line) == 1
    hands.advance(hours=3)
    row = await look(line)
    assert (row.alarm, row.alarm_detail) == ("silent", "42 h") and _asked(line) == 2
    async with line.parts.database.write() as session:
        await inboxes.clear_alarm(session, await session.get_one(Inbox, line.inbox.id), hands.now)
    hands.advance(hours=4)
    assert (await look(line)).alarm == "", "whoever has taken it away knows of it"
    await line.wrote("お久しぶりです")
    assert (await look(line)).quiet_s == 46 * 3600, "and it has learnt"


async def test_L12_the_question_is_asked_by_one_process_and_seldom(line: LineDesk, hands: Hands) -> None:
    hands.advance(hours=7)
    for _ in range(3):
        await look(line)
        hands.advance(minutes=30)
    assert _asked(line) == 1


async def test_L12_an_alarm_about_something_else_stays(line: LineDesk, hands: Hands) -> None:
    line.cloud.hook_active = False
    await change(line, alarm="credentials", alarm_at=hands.now)
    hands.advance(hours=7)
    assert (await look(line)).alarm == "credentials"


async def test_L22_a_warning_at_80_and_at_95_percent_each_once_until_the_month_turns(
    line: LineDesk, hands: Hands
) -> None:
    told = []
    for used in (159, 160, 170, 190, 3, 165):
        line.cloud.memory.used = used
        row = await look(line)
        told.append((row.alarm, row.alarm_detail))
        if used == 160:
            async with line.parts.database.write() as session:
                await inboxes.clear_alarm(session, await session.get_one(Inbox, line.inbox.id), hands.now)
    assert told == [
        ("", ""), ("quota_low", "160 / 200"), ("", ""), ("quota_nearly_gone", "190 / 200"), ("", ""),
        ("quota_low", "165 / 200"),
    ]  # fmt: skip


async def test_L22_a_larger_plan_takes_the_alarm_of_an_exhausted_one_away(line: LineDesk, hands: Hands) -> None:
    line.cloud.memory.used = 200
    await change(line, alarm="quota_exhausted", alarm_at=hands.now, quota_told=95)
    assert (await look(line)).alarm == "quota_exhausted"
    line.cloud.quota_limit = 5000
    assert (await look(line)).alarm == ""


async def test_L22_the_reserve_is_kept_for_agents_answers(line: LineDesk, hands: Hands) -> None:
    """At 90 % of the month a machine's push is left out, visibly; an agent's goes out."""
    hands.advance(hours=1)  # no reply token is fresh
    line.cloud.memory.used = 179
    ours, theirs = await line.reply("お調べします"), await line.reply("おたずね")
    async with line.parts.database.write() as session:
        machine = await session.get_one(Message, theirs)
        machine.author, machine.auto = "machine", True
    assert [await line.deliver(), await line.deliver()] == [1, 1]
    states = [(each["state"], each["failure"]) for each in [await line.shown(ours), await line.shown(theirs)]]
    assert states == [("sent", ""), ("failed", "quota_reserved")]
    last = await line.reply("本日発送しました")
    await line.deliver()
    assert (await line.shown(last))["state"] == "sent", "an answer may use the reserve"
    assert (await line.row(theirs)).failure_detail == "180 of 200 are used"


async def test_L22_a_machines_free_reply_is_sent_in_the_reserve_too(line: LineDesk) -> None:
    line.cloud.memory.used = 199
    theirs = await line.reply("自動のお返事")
    async with line.parts.database.write() as session:
        (await session.get_one(Message, theirs)).author = "machine"
    await line.deliver()
    assert ((await line.row(theirs)).state, (await line.row(theirs)).via) == ("sent", "reply")
