"""T6: the words about a call come in any order, twice or never, and end the same."""

import asyncio
import itertools
import random

import pytest
from sqlalchemy import text

from app.actions import calls, desk
from app.actions.receive import receive
from app.models import Attachment, Call, EarlyWord, Event
from app.models.columns import NEVER
from channels.contract import CallUpdate, Part
from tests.actions.told import assert_calls_retold
from tests.actions.world import RULES, World, arrival, at, ring, said

WAITING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
    " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)


def word(event: str, seconds: float, **more: object) -> CallUpdate:
    return CallUpdate(call="CA1", at=at(seconds), event=event, **more)  # type: ignore[arg-type]


async def waiting(world: World) -> Call:
    await world.take(ring(1, sent_at=at(0)), inbox=world.phone)
    return await world.one(Call)


async def taken(world: World, *, by: str = "hanako", now: float = 10) -> Call:
    async with world.database.write() as session:
        agent = getattr(world.cast, by).agent
        return await calls.answer(session, 1, agent, via="browser", now=at(now))


async def tell(world: World, words: list[CallUpdate]) -> None:
    for number, each in enumerate(words):
        await world.take(each, inbox=world.phone, now=at(100 + number))


async def retold(world: World) -> None:
    """The call's facts are the same when they are told again from the log."""
    async with world.database.read() as session:
        assert await assert_calls_retold(session, (await world.ticket()).id) == 1


def shuffled(words: list[CallUpdate], most: int) -> list[list[CallUpdate]]:
    """Some orders, each with a few words said twice."""
    orders = list(itertools.permutations(words))
    chance = random.Random(4)
    return [[*order, *chance.sample(order, 2)] for order in chance.sample(orders, min(most, len(orders)))]


TALK = [
    word("agent_ringing", 11, order="ORDER", leg="CA-agent"), word("connected", 20, leg="CA-agent"),
    word("left_queue", 20, reason="redirected"), word("agent_left", 80, order="ORDER", reason="completed"),
    word("ended", 80, reason="completed", duration_s=80),
]  # fmt: skip


@pytest.mark.parametrize("number", range(8))
async def test_T6_a_talk_ends_alike_whatever_the_order(world: World, number: int) -> None:
    await waiting(world)
    key = (await taken(world)).order_key
    words = shuffled(TALK, 8)[number]
    await tell(
        world,
        [CallUpdate(**{n: getattr(w, n) for n in w.__slots__} | {"order": key if w.order else ""}) for w in words],
    )
    call, ticket, (clock,) = await world.one(Call), await world.ticket(), await world.clocks()
    assert (call.state, call.outcome, call.answered_at, call.ended_at) == ("ended", "answered", at(20), at(80))
    assert (call.duration_s, call.reason, call.agent_id) == (80, "completed", world.cast.hanako.id)
    assert (ticket.needs_reply_since, ticket.due_at, ticket.assignee_id) == (None, NEVER, world.cast.hanako.id)
    assert (clock.state, clock.met_at) == ("met", at(20))
    (episode,) = await world.episodes()
    assert (episode.answered_at, episode.agent_id) == (at(20), world.cast.hanako.id)
    await retold(world)


VOICEMAIL = [
    word("left_queue", 30, reason="leave"),
    word("recorded", 45, duration_s=12, recording=Part(name="voicemail.mp3", media_type="audio/mpeg", remote="RE1")),
    word("ended", 46, reason="completed", duration_s=46),
]  # fmt: skip


@pytest.mark.parametrize("number", range(6))
async def test_T13_a_voicemail_is_kept_once_and_waits_for_an_answer(world: World, number: int) -> None:
    await waiting(world)
    await tell(world, shuffled(VOICEMAIL, 6)[number])
    call, ticket = await world.one(Call), await world.ticket()
    assert (call.state, call.outcome, call.voicemail_s, call.ended_at) == ("ended", "voicemail", 12, at(46))
    assert [a.remote for a in await world.all(Attachment)] == ["RE1"]
    assert ticket.needs_reply_since == at(0) and ticket.due_at == at(3600)
    await retold(world)


MISSED = [word("left_queue", 30, reason="hangup"), word("ended", 31, reason="completed", duration_s=31)]


@pytest.mark.parametrize("number", range(2))
async def test_T21_a_missed_call_needs_an_answer(world: World, number: int) -> None:
    await waiting(world)
    await tell(world, shuffled(MISSED, 2)[number])
    call, ticket = await world.one(Call), await world.ticket()
    assert (call.state, call.outcome, call.reason, call.duration_s) == ("ended", "missed", "completed", 31)
    assert call.ended_at == at(30)
    assert (ticket.status, ticket.needs_reply_since) == ("open", at(0))


async def test_T6_an_end_before_its_beginning(world: World) -> None:
    await tell(
        world, [word("ended", 5, reason="canceled", duration_s=0), word("ended", 5, reason="canceled", duration_s=0)]
    )
    assert len(await world.all(EarlyWord)) == 1
    call = await waiting(world)
    assert (call.state, call.outcome, call.reason) == ("ended", "missed", "canceled")


BEGINNING = ring(1, sent_at=at(0))
NO_AGENT = [each for each in TALK if not each.order]  # an agent is rung for a call that we know
STORIES = {"talk": NO_AGENT, "voicemail": VOICEMAIL, "missed": MISSED}


RESULTS = {
    "talk": ("answered", at(80), None, [], at(20)),
    "voicemail": ("voicemail", at(46), 12, ["RE1"], None),
    "missed": ("missed", at(30), None, [], None),
}


def told_early(story: str) -> list[list[object]]:
    """Orders in which something comes before the beginning, each with two words said twice."""
    chance, words = random.Random(7), STORIES[story]
    orders = [[*order[:n], BEGINNING, *order[n:]] for order in itertools.permutations(words)
              for n in range(1, len(words) + 1)]  # fmt: skip
    return [[*chance.sample(words, 2), *order] for order in chance.sample(orders, min(4, len(orders)))]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("story", STORIES)
async def test_T6_words_before_their_beginning_are_all_kept(world: World, story: str, number: int) -> None:
    for count, each in enumerate(told_early(story)[number]):
        await world.take(each, inbox=world.phone, now=at(100 + count))
    call, ticket = await world.one(Call), await world.ticket()
    remotes = [a.remote for a in await world.all(Attachment)]
    assert call.state == "ended"
    assert (call.outcome, call.ended_at, call.voicemail_s, remotes, call.answered_at) == RESULTS[story]
    assert ticket.needs_reply_since == (None if story == "talk" else at(0))
    assert await world.all(EarlyWord) == [], "nothing of it is left over"
    await retold(world)


async def test_T6_two_words_at_the_same_second_are_two(world: World) -> None:
    """Two recordings; each is told twice, by <Record> and by its callback (T13)."""
    both = [
        word("recorded", 45, duration_s=n, recording=Part(name=f"{n}.wav", media_type="audio/wav", remote=f"RE{n}"))
        for n in (3, 4)
    ]
    await tell(world, [*both, *both])
    assert len(await world.all(EarlyWord)) == 2
    await waiting(world)
    assert sorted(a.remote for a in await world.all(Attachment)) == ["RE3", "RE4"]


async def test_T6_a_caller_whose_beginning_is_in_the_dead_letters_is_served(world: World) -> None:
    """T5: they wait and leave a message; what they said is in the case as soon as its beginning can be read."""
    (failed,) = await world.batch([arrival(world.phone, error="ValueError: a bug of ours")])
    assert failed == []
    (asks,) = await world.take(word("waiting", 1), inbox=world.phone)
    assert "state" not in asks.facts, "whoever waits would be hung up on"
    (agent,) = await world.take(word("agent_ringing", 1, order="ORDER", leg="CA-agent"), inbox=world.phone)
    assert agent.facts["state"] == "ended", "nobody for the agent to meet"
    await tell(world, VOICEMAIL)
    (raw,) = [each.id for each in await world.raws() if each.state == "failed"]
    await world.batch([arrival(world.phone, BEGINNING, raw_id=raw)], now=at(500))
    call = await world.one(Call)
    assert (call.state, call.outcome, call.voicemail_s) == ("ended", "voicemail", 12)
    assert [a.remote for a in await world.all(Attachment)] == ["RE1"]


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("begins", [True, False])
async def test_T6_a_beginning_and_a_word_at_once_in_two_processes(world: World, begins: bool) -> None:
    """Neither sees what the other has not committed: the second waits."""
    items = [BEGINNING, VOICEMAIL[1]] if begins else [VOICEMAIL[1], BEGINNING]
    async with world.database.write() as session:
        await receive(session, [arrival(world.phone, items[0])], now=at(50), rules=RULES)
        second = asyncio.create_task(world.take(items[1], inbox=world.phone, now=at(51)))
        async with world.database.read() as watch:
            while not await watch.scalar(WAITING):
                assert not second.done()
                await asyncio.sleep(0.01)
    await second
    call = await world.one(Call)
    assert (call.outcome, call.voicemail_s) == ("voicemail", 12)


async def test_T17_the_first_agent_has_the_call(world: World) -> None:
    await waiting(world)
    first = await taken(world)
    again = await taken(world)
    assert first.order_key == again.order_key
    with pytest.raises(calls.CallTaken):
        await taken(world, by="jiro")
    assert (await world.ticket()).assignee_id == world.cast.hanako.id


async def test_T18_nobody_answers_a_caller_who_has_gone(world: World) -> None:
    await waiting(world)
    await tell(world, MISSED)
    with pytest.raises(calls.CallOver):
        await taken(world)
    with pytest.raises(calls.NoCall):
        async with world.database.write() as session:
            await calls.answer(session, 99, world.cast.hanako.agent, via="browser", now=at(1))


async def test_an_agents_leg_that_fails_gives_the_caller_back(world: World) -> None:
    await waiting(world)
    key = (await taken(world)).order_key
    await tell(world, [word("agent_left", 25, order=key, reason="no-answer")])
    call = await world.one(Call)
    assert (call.state, call.agent_id, call.order_key) == ("waiting", None, "")
    await tell(world, [word("agent_left", 26, order=key, reason="no-answer")])
    other = await taken(world, by="jiro", now=30)
    await tell(world, [word("agent_left", 27, order=key, reason="no-answer")])
    assert (await world.one(Call)).order_key == other.order_key, "an old order's word does not touch the new one"


async def test_a_call_joins_the_callers_open_case(world: World) -> None:
    await world.take(ring(1), inbox=world.phone)
    await tell(world, MISSED)
    await world.status(1, "pending", now=at(200))
    await world.take(ring(2, sent_at=at(300)), inbox=world.phone, now=at(300))
    assert len(await world.tickets()) == 1 and (await world.ticket()).status == "open"
    assert [c.external_id for c in await world.all(Call)] == ["CA1", "CA2"]
    await world.status(1, "resolved", now=at(400))
    await world.take(ring(3, sent_at=at(500)), inbox=world.phone, now=at(500))
    assert len(await world.tickets()) == 2


async def test_a_talk_answers_what_was_written_before_it(world: World) -> None:
    """One case, two lines: the call's answer ends the waiting of the LINE message too."""
    await world.take(said(0))
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        await desk.answered(session, ticket, at=at(50), agent_id=world.cast.hanako.id, message_id=1)
    assert (await world.ticket()).needs_reply_since is None
    assert (await world.episodes())[0].answered_at == at(50)


async def test_words_of_a_call_are_told_once_on_the_screens(world: World) -> None:
    await waiting(world)
    await tell(world, MISSED * 3)
    assert [e.kind for e in await world.all(Event)].count("call.ended") == 1
