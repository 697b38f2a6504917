"""What agents write goes out, later or never; whatever becomes of it is visible, and a person can decide. On both
databases, against demo LINE and a demo mail provider."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.config import Settings
from app.jobs.deliver import Deliver
from app.models import Identity, Message
from app.parts import assemble
from app.rules.retry import SEND_S
from channels.email.smtp import PATIENCE_S
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rig import LineDesk, MailDesk, line_desk, mail_desk

ALIAS = "花子さん"


@pytest.fixture(autouse=True)
def _today(hands: Hands) -> None:
    hands.now = datetime.now(UTC)


@pytest.fixture
async def line(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[LineDesk]:
    """The customer has written, and the first answer has used the free reply up: what follows is pushed."""
    async with line_desk(settings, cast, wall=lambda: hands.now.timestamp()) as desk:
        await desk.wrote()
        yield desk


@pytest.fixture
async def mail(settings: Settings, cast: Cast) -> AsyncIterator[MailDesk]:
    async with mail_desk(settings, cast) as desk:
        yield desk


async def pushed(line: LineDesk, text: str = "本日発送しました") -> int:
    """An answer that can only be pushed: the reply token was used by the one before."""
    await line.reply("お調べします")
    assert await line.deliver() == 1
    return await line.reply(text)


# -- it goes out --------------------------------------------------------------------------------------------------------


async def test_L18_the_first_answer_is_a_free_reply_and_the_second_a_push(line: LineDesk) -> None:
    first = await line.reply("お調べします")
    assert [await line.deliver(), await line.deliver()] == [1, 0]
    second = await line.reply("本日発送しました")
    assert await line.deliver() == 1
    shown = [await line.shown(each) for each in (first, second)]
    assert [(each["state"], each["via"], each["cost"]) for each in shown] == [("sent", "reply", 0), ("sent", "push", 1)]
    assert line.seen == ["お調べします", "本日発送しました"]
    assert await line.told(first) == ["message.queued", "message.sent"]
    assert [each.sender for each in line.cloud.history(line.customer.id) if each.side == "desk"] == [ALIAS] * 2


async def test_E2_a_mail_goes_out_under_the_message_id_that_answers_will_cite(mail: MailDesk) -> None:
    customer = mail.cloud.customers[0]
    message = await mail.write_first(customer.address)
    assert await mail.deliver() == 1
    (arrived,) = [each for each in mail.cloud.mailbox(customer.address) if not each.outgoing]
    row = await mail.row(message)
    assert (row.state, row.via, row.failure, row.retry_at) == ("sent", "smtp", "", None)
    assert row.reference == arrived.message_id


async def test_two_processes_send_once(line: LineDesk) -> None:
    message = await pushed(line)
    other = assemble(line.parts.settings)
    assert sorted(await asyncio.gather(line.deliver(), Deliver(other).step())) == [0, 1]
    await other.stop()
    assert (await line.row(message)).attempts == 1
    assert line.seen == ["お調べします", "本日発送しました"]


# -- later --------------------------------------------------------------------------------------------------------------


async def test_L19_what_fails_for_now_is_tried_again_later_and_later_with_the_same_key(
    line: LineDesk, hands: Hands
) -> None:
    message = await pushed(line)
    line.cloud.next_status(500, times=3, path="/push")
    for attempt, wait in enumerate(SEND_S[:3], 1):
        assert await line.deliver() == 1
        shown = await line.shown(message)
        assert (shown["state"], shown["failure"], shown["attempts"]) == ("queued", "provider_error", attempt)
        assert (await line.row(message)).retry_at == hands.now + timedelta(seconds=wait)
        hands.advance(seconds=wait - 1)
        assert await line.deliver() == 0, "not before its time"
        hands.advance(seconds=1)
    assert await line.deliver() == 1
    shown = await line.shown(message)
    assert (shown["state"], shown["failure"], shown["retry_at"]) == ("sent", "", None)
    assert len(line.keys) == 4 and len(set(line.keys)) == 1
    assert line.seen == ["お調べします", "本日発送しました"]
    assert await line.told(message) == ["message.queued", *["message.delayed"] * 3, "message.sent"]


async def test_L19_what_was_taken_although_it_said_no_arrives_once(line: LineDesk, hands: Hands) -> None:
    message = await pushed(line)
    line.cloud.next_status(500, path="/push", processed=True)
    assert await line.deliver() == 1
    hands.advance(seconds=SEND_S[0])
    assert await line.deliver() == 1
    assert (await line.shown(message))["state"] == "sent"
    assert line.seen == ["お調べします", "本日発送しました"]


async def test_the_order_of_a_conversation_outlasts_a_delay(line: LineDesk, hands: Hands) -> None:
    first = await pushed(line, "一つめ")
    second = await line.reply("二つめ")
    line.cloud.next_status(500, path="/push")
    assert [await line.deliver(), await line.deliver()] == [1, 0]
    assert [(await line.shown(each))["state"] for each in (first, second)] == ["queued", "queued"]
    hands.advance(seconds=SEND_S[0])
    assert [await line.deliver(), await line.deliver()] == [1, 1]
    assert line.seen == ["お調べします", "一つめ", "二つめ"]


async def test_E29_greylisting_is_waited_for_as_long_as_it_asks(mail: MailDesk, hands: Hands) -> None:
    mail.cloud.faults.recipient = ["451 4.7.1 Greylisted, come back later"]
    customer = mail.cloud.customers[0]
    message = await mail.write_first(customer.address)
    assert await mail.deliver() == 1
    row = await mail.row(message)
    assert (row.state, row.failure) == ("queued", "smtp_deferred")
    assert row.retry_at == hands.now + timedelta(seconds=PATIENCE_S)
    hands.advance(seconds=PATIENCE_S)
    assert await mail.deliver() == 1
    assert (await mail.row(message)).state == "sent"
    assert len(mail.cloud.mailbox(customer.address)) == 1


async def test_E29_nobody_tries_for_ever(mail: MailDesk, hands: Hands) -> None:
    tries = len(SEND_S) + 1
    mail.cloud.faults.recipient = ["451 4.7.1 Greylisted"] * (tries + 5)
    message = await mail.write_first(mail.cloud.customers[0].address)
    for _ in range(tries):
        assert await mail.deliver() == 1
        hands.advance(seconds=PATIENCE_S)
    row = await mail.row(message)
    assert (row.state, row.failure, row.attempts, row.retry_at) == ("failed", "smtp_deferred", tries, None)
    hands.advance(days=30)
    assert await mail.deliver() == 0
    assert (await mail.told(message))[-1] == "message.failed"


# -- never --------------------------------------------------------------------------------------------------------------


async def test_a_final_refusal_is_visible_and_not_repeated(line: LineDesk, hands: Hands) -> None:
    message = await pushed(line)
    line.cloud.next_status(400, path="/push")
    assert await line.deliver() == 1
    shown = await line.shown(message)
    assert (shown["state"], shown["failure"], shown["retry_at"]) == ("failed", "refused", None)
    assert "an injected fault" in shown["failure_detail"]
    assert await line.told(message) == ["message.queued", "message.failed"]
    hands.advance(days=3)
    assert await line.deliver() == 0
    assert await line.alarm() == "", "it is the message's failure, not the channel's"


async def test_a_failed_message_does_not_hold_up_the_next(line: LineDesk) -> None:
    await pushed(line, "一つめ")
    await line.reply("二つめ")
    line.cloud.next_status(400, path="/push")
    assert [await line.deliver(), await line.deliver()] == [1, 1]
    assert line.seen == ["お調べします", "二つめ"]


async def test_L33_a_dead_token_alarms_the_whole_desk(line: LineDesk) -> None:
    message = await pushed(line)
    line.cloud.tokens.clear()
    assert await line.deliver() == 1
    assert (await line.shown(message))["failure"] == "credentials"
    assert await line.alarm() == "credentials"


async def test_L21_a_used_up_quota_alarms_and_is_not_tried_again(line: LineDesk) -> None:
    message = await pushed(line)
    line.cloud.quota_limit, line.cloud.memory.used = 200, 200
    assert [await line.deliver(), await line.deliver()] == [1, 0]
    assert ((await line.shown(message))["state"], await line.alarm()) == ("failed", "quota_exhausted")


async def test_E12_an_address_that_is_refused_is_not_written_to_again(mail: MailDesk) -> None:
    customer = mail.cloud.customers[0]
    mail.cloud.faults.refused[customer.address] = "550 5.1.1 User unknown"
    message = await mail.write_first(customer.address)
    assert await mail.deliver() == 1
    row = await mail.row(message)
    assert (row.state, row.failure) == ("failed", "smtp_address_refused")
    assert "5.1.1 User unknown" in row.failure_detail
    async with mail.parts.database.read() as session:
        identity = await session.get_one(Identity, 1)
    assert (identity.reachable, identity.reach_code) == (False, "smtp_address_refused")
    refused = await mail.post("/tickets/1/replies", {"text": "もう一度"})
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_reply")


# -- a person decides ---------------------------------------------------------------------------------------------------


async def failed(line: LineDesk) -> int:
    message = await pushed(line)
    line.cloud.next_status(400, path="/push")
    assert await line.deliver() == 1
    return message


async def test_an_agent_sends_a_failed_message_again(line: LineDesk) -> None:
    """It is a new try by a person's will: a new key, which the provider does not swallow as a repetition."""
    message = await failed(line)
    again = await line.post(f"/messages/{message}/retry")
    assert (again.status_code, again.json()["state"], again.json()["failure"]) == (200, "queued", "")
    assert await line.deliver() == 1
    shown = await line.shown(message)
    assert (shown["state"], shown["attempts"]) == ("sent", 1)
    assert line.seen == ["お調べします", "本日発送しました"]
    assert len(set(line.keys)) == 2
    assert (await line.post(f"/messages/{message}/retry")).status_code == 409, "what is sent is sent"
    assert await line.told(message) == ["message.queued", "message.failed", "message.retried", "message.sent"]


async def test_an_agent_gives_a_failed_message_up(line: LineDesk) -> None:
    message = await failed(line)
    given_up = await line.post(f"/messages/{message}/discard")
    assert (given_up.status_code, given_up.json()["state"]) == (200, "discarded")
    assert await line.deliver() == 0
    assert line.seen == ["お調べします"]


@pytest.mark.parametrize("arrived", [True, False])
async def test_L20_a_reply_that_nobody_can_confirm_waits_for_a_person(
    line: LineDesk, hands: Hands, arrived: bool
) -> None:
    """LINE took it, or not, and answered 500; the repetition hears that the token is dead, which proves nothing."""
    message = await line.reply("お調べします")
    line.cloud.next_status(500, path="/reply", processed=arrived)
    assert await line.deliver() == 1
    if not arrived:
        line.cloud.memory.replies.clear()
    hands.advance(seconds=10)
    assert await line.deliver() == 1
    shown = await line.shown(message)
    assert (shown["state"], shown["failure"], line.seen) == (
        "unconfirmed", "reply_unconfirmed", ["お調べします"] if arrived else [],
    )  # fmt: skip
    hands.advance(days=3)
    assert await line.deliver() == 0, "nobody but a person may send it a second time"
    settled = await line.post(f"/messages/{message}/settle", {"sent": arrived})
    assert settled.json()["state"] == ("sent" if arrived else "queued")
    assert await line.deliver() == (0 if arrived else 1)
    assert ((await line.shown(message))["state"], line.seen) == ("sent", ["お調べします"])


async def test_a_message_of_an_inbox_that_cannot_be_opened_waits_for_it(line: LineDesk, hands: Hands) -> None:
    """Settings that do not fit are mended sooner or later: nothing is lost meanwhile."""
    message = await pushed(line)
    async with line.parts.database.write() as session:
        inbox = await session.get_one(type(line.inbox), line.inbox.id)
        right, inbox.config = inbox.config, {**inbox.config, "api_base": "no address"}
    await line.parts.inboxes.refresh()
    assert await line.deliver() == 1
    shown = await line.shown(message)
    assert (shown["state"], shown["failure"]) == ("queued", "inbox_disabled")
    async with line.parts.database.write() as session:
        (await session.get_one(type(line.inbox), line.inbox.id)).config = right
    await line.parts.inboxes.refresh()
    hands.advance(seconds=SEND_S[0])
    assert await line.deliver() == 1
    async with line.parts.database.read() as session:
        assert (await session.get_one(Message, message)).state == "sent"
