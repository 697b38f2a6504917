"""The outbox: claimed with a lease, in order within a thread, tried again by one policy, never sent twice by us."""

from datetime import timedelta

import pytest

from app.actions import desk, outbox, reply
from app.actions.reply import Draft
from app.models import Attachment, Event, Identity, Message, Thread
from app.rules import retry
from channels.contract import Handle, Part, Receipt, Sent, TryAgain, Unconfirmed, Undeliverable
from tests.actions.world import World, at, mail, said
from tests.cast import START


async def queue(world: World, *texts: str, number: int = 1, now: float = 60) -> list[int]:
    ids = []
    for text in texts:
        async with world.database.write() as session:
            ticket = await desk.locked(session, number)
            message, _ = await reply.reply(session, ticket, world.cast.hanako.agent, Draft(text=text), now=at(now))
            ids.append(message.id)
    return ids


async def claim(world: World, now: float, most: int = 20) -> list[int]:
    async with world.database.write() as session:
        return list(await outbox.claim(session, at(now), most))


async def sent(world: World, message: int, now: float, result: Sent | None = None) -> None:
    async with world.database.write() as session:
        await outbox.sent(
            session, message, result or Sent(external_ids=(f"out{message}",), via="push", cost=1), at(now)
        )


async def failed(world: World, message: int, error: Exception, now: float) -> str:
    async with world.database.write() as session:
        return await outbox.failed(session, message, error, at(now))


async def test_a_claim_is_a_lease(world: World) -> None:
    await world.take(said(0))
    (one,) = await queue(world, "a")
    assert await claim(world, 59) == []
    assert await claim(world, 60) == [one]
    assert await claim(world, 61) == []
    message = await world.one(Message, id=one)
    assert (message.state, message.attempts, message.retry_at) == ("sending", 1, at(60) + outbox.LEASE)
    assert await claim(world, 60 + outbox.LEASE.total_seconds()) == [one], "who died half way leaves it to others"
    assert (await world.one(Message, id=one)).attempts == 2


async def test_a_threads_messages_go_one_after_the_other_and_others_beside(world: World) -> None:
    await world.take(said(0), said(1, who="suzuki"))
    a, b, c = await queue(world, "a", "b", "c")
    (other,) = await queue(world, "x", number=2)
    assert set(await claim(world, 60)) == {a, other}
    assert await claim(world, 61) == []
    await sent(world, a, 62)
    assert await claim(world, 62) == [b]
    assert await failed(world, b, Undeliverable("too_long"), 63) == "failed"
    assert await claim(world, 64) == [c], "one that failed for good holds nobody up"


async def test_a_delayed_message_holds_its_followers(world: World) -> None:
    await world.take(said(0))
    a, b = await queue(world, "a", "b")
    await claim(world, 60)
    assert await failed(world, a, TryAgain("rate", after=30), 61) == "queued"
    assert await claim(world, 90) == []
    assert await claim(world, 91) == [a]
    assert b not in await claim(world, 91)


async def test_sent_is_written_once_and_names_what_answers_will_cite(world: World) -> None:
    await world.take(said(0))
    (one,) = await queue(world, "a")
    await claim(world, 60)
    await sent(world, one, 61, Sent(external_ids=("x1", "x2"), via="push", cost=2))
    await sent(world, one, 62, Sent(external_ids=("y",), via="reply"))
    message = await world.one(Message, id=one)
    assert (message.state, message.external_id, message.reference, message.via, message.cost, message.retry_at) == (
        "sent", "x1", "x1", "push", 2, None,
    )  # fmt: skip
    assert [e.kind for e in await world.all(Event)].count("message.sent") == 1
    assert await failed(world, one, TryAgain("late"), 63) == "sent"


async def test_retries_go_on_for_two_days_and_end(world: World) -> None:
    await world.take(said(0))
    (one,) = await queue(world, "a")
    now, states = 60.0, []
    for _ in range(len(retry.SEND_S) + 1):
        assert await claim(world, now) == [one]
        states.append(await failed(world, one, TryAgain("down", memory={"step": 1}), now))
        now += 86_400
    assert states == ["queued"] * len(retry.SEND_S) + ["failed"]
    message = await world.one(Message, id=one)
    assert (message.failure, message.memory, message.retry_at) == ("down", {"step": 1}, None)
    assert await claim(world, now + 86_400) == []


def test_retry_policy() -> None:
    assert [retry.send_delay(n) for n in (1, 2, 3)] == [5, 15, 60]
    assert retry.send_delay(1, 120) == 120 and retry.send_delay(1, 0) == 0.5
    assert retry.send_delay(len(retry.SEND_S)) == 86_400 and retry.send_delay(len(retry.SEND_S) + 1) is None
    assert 12 * 60 <= sum(retry.FETCH_S) <= 17 * 60  # L13
    assert retry.fetch_delay(len(retry.FETCH_S) + 1) is None


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (Undeliverable("blocked", unreachable=True), "failed", "blocked"),
        (Unconfirmed("timeout"), "unconfirmed", "timeout"),
        (ZeroDivisionError("a bug"), "queued", "bug"),
    ],
)
async def test_how_a_failure_ends(world: World, error: Exception, state: str, code: str) -> None:
    await world.take(said(0))
    (one,) = await queue(world, "a")
    await claim(world, 60)
    assert await failed(world, one, error, 61) == state
    assert (await world.one(Message, id=one)).failure == code
    identity = await world.one(Identity)
    assert identity.reachable is (code != "blocked")


async def test_L16_a_handle_is_claimed_by_one_message_only(world: World) -> None:
    await world.take(said(0, handle=Handle(token="reply-token", received_at=at(0))))
    one, two = await queue(world, "a", "b", now=30)
    for message in (one, two):
        assert await claim(world, 30) == [message]
        async with world.database.write() as session:
            row = await session.get_one(Message, message)
            await outbox.take_handle(session, row, 50, at(30))
        await sent(world, message, 31)
    first, second = await world.all(Message, direction="out")
    assert (first.handle, first.handle_at, second.handle) == ("reply-token", at(0), "")
    assert (await world.one(Thread)).handle == ""


@pytest.mark.parametrize(("age", "taken"), [(50, "t"), (51, "")])
async def test_L18_an_old_handle_is_not_used(world: World, age: int, taken: str) -> None:
    await world.take(said(0, handle=Handle(token="t", received_at=at(0))))
    (one,) = await queue(world, "a", now=age)
    await claim(world, age)
    async with world.database.write() as session:
        await outbox.take_handle(session, await session.get_one(Message, one), 50, at(age))
    assert (await world.one(Message, id=one)).handle == taken


async def test_L20_a_second_attempt_keeps_its_handle_and_takes_no_newer_one(world: World) -> None:
    await world.take(said(0, handle=Handle(token="t1", received_at=at(0))))
    (one,) = await queue(world, "a", now=10)
    await claim(world, 10)
    async with world.database.write() as session:
        await outbox.take_handle(session, await session.get_one(Message, one), 50, at(10))
    await failed(world, one, TryAgain("timeout", after=1), 11)
    await world.take(said(12, handle=Handle(token="t2", received_at=at(12))), now=at(12))
    await claim(world, 13)
    async with world.database.write() as session:
        await outbox.take_handle(session, await session.get_one(Message, one), 50, at(13))
    assert (await world.one(Message, id=one)).handle == "t1"
    assert (await world.one(Thread)).handle == "t2"


# -- what became of it --------------------------------------------------------------------------------------------------


async def test_E12_a_bounce_is_shown_on_its_message_and_opens_nothing(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    (one,) = await queue(world, "a")
    await claim(world, 60)
    await sent(world, one, 61, Sent(external_ids=("<id@us>",), via="smtp"))
    bounce = Receipt(
        external_id="<id@us>", state="bounced", at=at(70), recipient="SATO@customer.example", reason="550 no such user",
        permanent=True,
    )  # fmt: skip
    for _ in range(2):
        (placed,) = await world.take(bounce, inbox=world.email, now=at(71))
        assert placed.message == one
    message = await world.one(Message, id=one)
    assert (message.state, message.failure, message.failure_detail) == (
        "failed",
        "bounced",
        "SATO@customer.example 550 no such user",
    )
    assert (await world.one(Identity)).reach_code == "bounced" and len(await world.tickets()) == 1
    await world.take(Receipt(external_id="<other@us>", state="bounced", at=at(70)), inbox=world.email)
    assert [e.kind for e in await world.all(Event)][-1] == "receipt.unmatched"


async def test_receipts_only_go_forward(world: World) -> None:
    await world.take(mail(0), inbox=world.email)
    (one,) = await queue(world, "a")
    await claim(world, 60)
    await sent(world, one, 61, Sent(external_ids=("r",), via="smtp"))
    for state, when in (("read", 80), ("delivered", 70), ("read", 90), ("delayed", 95)):
        await world.take(Receipt(external_id="r", state=state, at=at(when)), inbox=world.email)
    message = await world.one(Message, id=one)
    assert (message.state, message.read_at) == ("delivered", at(80))


# -- files to fetch -----------------------------------------------------------------------------------------------------


async def fetches(world: World, now: float) -> list[int]:
    async with world.database.write() as session:
        return await outbox.claim_files(session, at(now), 8)


async def test_L13_a_file_is_fetched_until_it_is_there_or_gone(world: World) -> None:
    parts = (Part(name="", remote="r1"), Part(name="", remote="r2"))
    await world.take(said(0, parts=parts))
    one, two = await fetches(world, 0)
    assert await fetches(world, 1) == []
    async with world.database.write() as session:
        await outbox.file_failed(session, one, TryAgain("preparing"), at(1))
        await outbox.file_failed(session, two, Undeliverable("gone"), at(1))
    assert await fetches(world, 1.5) == []
    assert await fetches(world, 2) == [one]
    async with world.database.write() as session:
        await outbox.file_ready(
            session, one, at(3), file_key="k", preview_key="", media_type="image/png", size=1, name="a"
        )
        await outbox.file_ready(
            session, two, at(3), file_key="k", preview_key="", media_type="image/png", size=1, name="a"
        )
    first, second = await world.all(Attachment)
    assert (first.state, first.file_key, first.failure) == ("ready", "k", "")
    assert (second.state, second.file_key, second.failure) == ("gone", "k", "gone"), "swept away by its key later"
    assert await fetches(world, 9999) == []
    assert {e.kind for e in await world.all(Event)} >= {"file.ready", "file.gone"}


async def test_a_fetch_that_died_is_taken_up_again(world: World) -> None:
    await world.take(said(0, parts=(Part(name="", remote="r1"),)))
    assert len(await fetches(world, 0)) == 1
    later = (START + timedelta(minutes=5, seconds=1) - START).total_seconds()
    assert len(await fetches(world, later)) == 1


async def test_L23_what_our_own_limit_holds_back_is_never_given_up(world: World) -> None:
    """It was no attempt: the same number of tries is left, and the next one is still the first."""
    await world.take(said(0))
    (one,) = await queue(world, "a")
    now = 60.0
    for _ in range(len(retry.SEND_S) + 3):
        assert await claim(world, now) == [one]
        assert await failed(world, one, TryAgain("rate_limited", after=30, asked=False), now) == "queued"
        now += 30
    message = await world.one(Message, id=one)
    assert (message.attempts, message.failure) == (0, "rate_limited")
