"""Merging: what comes to the merged ticket arrives in its master, promises count from the earliest start (SLA4), nothing is
counted twice, and all of it can be undone, what came since included."""

from datetime import datetime
from typing import Any

import pytest

from app.actions import desk, reply
from app.actions.cases import merge, unmerge
from app.models import Call, Clock, Episode, Merge, Message, Resolution, Status, Thread, Ticket
from tests.actions.promised import Promised
from tests.actions.world import World, at, mail, ring, said


class Cases(Promised):
    """The desk's verbs on whole cases."""

    async def merge(self, number: int, into: int, now: datetime, *, other: bool = False) -> Merge:
        async with self.world.database.write() as session:
            lead = self.world.cast.lead.agent
            return await merge.merge(session, number, into, agent=lead, now=now, other_customer=other)

    async def unmerge(self, number: int, now: datetime) -> None:
        async with self.world.database.write() as session:
            await unmerge.unmerge(session, number, agent=self.world.cast.lead.agent, now=now)

    async def reply(self, number: int, now: datetime, **more: Any) -> Message:
        async with self.world.database.write() as session:
            draft = reply.Draft(text="お調べします", **more)
            ticket = await desk.workable(session, number)
            return (await reply.reply(session, ticket, self.world.cast.hanako.agent, draft, now=now))[0]

    async def active(self, number: int) -> dict[str, Clock]:
        found = await self.world.all(Clock, ticket_id=number)
        return {each.metric: each for each in found if each.state in ("running", "paused")}

    async def waiting(self, number: int) -> list[Episode]:
        found = await self.world.all(Episode, ticket_id=number)
        return [each for each in found if each.answered_at is None and not each.void]

    async def two(self, second: float = 100) -> None:
        """A LINE chat is ticket 1, a mail of the same customer ticket 2."""
        await self.world.take(said(1), now=at(1))
        await self.world.take(mail(int(second)), now=at(second), inbox=self.world.email)
        first = await self.world.ticket(1)
        await self.world.set(Ticket, 2, person_id=first.person_id)


@pytest.fixture
def cases(world: World) -> Cases:
    return Cases(world)


async def test_what_comes_to_a_merged_ticket_arrives_in_its_master(cases: Cases) -> None:
    """By a signed reply address, by what a mail cites, in the chat that was current, by telephone."""
    world = cases.world
    await cases.two()
    await world.take(ring("call"), now=at(110), inbox=world.phone)
    await world.set(Ticket, 3, person_id=(await world.ticket(1)).person_id)
    await cases.merge(1, 2, at(120))
    await cases.merge(3, 2, at(121))
    line, post, _ = await world.threads()
    placed = [
        await world.take(said(130, "まだですか"), now=at(130)),
        await world.take(mail(131, answers=["m100"]), now=at(131), inbox=world.email),
        await world.take(mail(132, thread=post.id), now=at(132), inbox=world.email),
        await world.take(ring("again"), now=at(133), inbox=world.phone),
    ]
    assert [each[0].ticket for each in placed] == [2, 2, 2, 2] and placed[0][0].thread == line.id
    assert len(await world.tickets()) == 3
    assert {each.ticket_id for each in await world.all(Call)} == {2}
    part = await world.ticket(1)
    assert (part.status, part.merged_into_id, part.needs_reply_since) == (Status.CLOSED, 2, None)
    assert part.due_at.year == 9999 and not await cases.active(1)


async def test_an_answer_goes_to_its_own_threads_customer_and_to_nobody_else(cases: Cases) -> None:
    """Two customers' tickets: only when it is said, and each hears only what is written in their own thread."""
    world = cases.world
    await world.take(said(1), now=at(1))
    await world.take(said(2, "別件です", who="tanaka"), now=at(2))
    with pytest.raises(merge.OtherCustomer):
        await cases.merge(2, 1, at(3))
    await cases.merge(2, 1, at(3), other=True)
    sato, tanaka = await world.threads()
    assert sato.identity_id != tanaka.identity_id and sato.participants == tanaka.participants == []
    written = await cases.reply(1, at(4), thread_id=sato.id)
    assert written.thread_id == sato.id
    assert [each.id for each in await world.all(Message, thread_id=tanaka.id)] == [2]


async def test_sla4_the_master_keeps_the_earliest_start_and_the_parts_clocks_end_neither_kept_nor_broken(
    cases: Cases,
) -> None:
    await cases.policy()
    await cases.two(second=500)
    await cases.merge(1, 2, at(520))
    ended = await cases.world.all(Clock, ticket_id=1)
    assert {(each.state, each.met_at, each.breached_at) for each in ended} == {("cancelled", None, None)}
    running = await cases.active(2)
    assert {metric: each.started_at for metric, each in running.items()} == {
        "first_response": at(1), "resolution": at(1),
    }  # fmt: skip
    assert running["first_response"].due_at == at(601)
    master = await cases.world.ticket(2)
    assert (master.needs_reply_since, master.due_at) == (at(1), at(601))
    await cases.ring(at(602))
    assert [each.ticket_id for each in await cases.world.clocks() if each.breached_at] == [2]


async def test_what_reports_count_is_counted_once(cases: Cases) -> None:
    """One turn since the earlier message, one first turn, and no resolution of the part."""
    await cases.two()
    await cases.merge(2, 1, at(120))
    (waiting,) = await cases.waiting(1)
    assert waiting.opened_at == at(1)
    await cases.reply(1, at(130))
    turns = [each for each in await cases.world.episodes() if not each.void]
    assert [(each.ticket_id, each.initial, each.waited_s) for each in turns] == [(1, True, 129)]
    assert await cases.world.all(Resolution) == []


async def test_first_turns_of_both_become_one(cases: Cases) -> None:
    await cases.two()
    await cases.reply(1, at(110))
    await cases.reply(2, at(120))
    await cases.merge(2, 1, at(130))
    assert [(each.ticket_id, each.initial) for each in await cases.world.episodes()] == [(1, True), (1, False)]
    await cases.unmerge(2, at(140))
    assert [(each.ticket_id, each.initial) for each in await cases.world.episodes()] == [(1, True), (2, True)]


async def test_the_master_has_the_earliest_beginning_and_the_parts_resolution_counts_no_more(cases: Cases) -> None:
    """A chain: 1 into 2 into 3. Taken apart, each has its own beginning and its own resolution again."""
    await cases.two()
    await cases.world.take(mail(200), now=at(200), inbox=cases.world.email)
    await cases.world.set(Ticket, 3, person_id=(await cases.world.ticket(1)).person_id)
    await cases.world.status(1, Status.RESOLVED, now=at(210))
    before = await cases.world.one(Resolution)
    await cases.merge(1, 2, at(220))
    await cases.merge(2, 3, at(230))
    assert [each.created_at for each in await cases.world.tickets()] == [at(1), at(1), at(1)]
    now = await cases.world.one(Resolution, ticket_id=1)
    assert (now.initial, now.took_s, now.worked_s) == (False, None, None)
    await cases.unmerge(1, at(240))
    assert [each.created_at for each in await cases.world.tickets()] == [at(1), at(100), at(100)]
    assert await cases.world.one(Resolution, ticket_id=1) == before
    await cases.unmerge(2, at(250))
    assert [each.created_at for each in await cases.world.tickets()] == [at(1), at(100), at(200)]


async def test_a_solved_master_is_open_again_when_somebody_waits(cases: Cases) -> None:
    await cases.two()
    await cases.world.status(1, Status.RESOLVED, now=at(105))
    await cases.merge(2, 1, at(120))
    master = await cases.world.ticket(1)
    assert (master.status, master.needs_reply_since, master.resolved_at) == (Status.OPEN, at(100), None)


async def test_undone_what_came_since_goes_to_its_own_side(cases: Cases) -> None:
    world = cases.world
    await cases.policy()
    await cases.two()
    async with world.database.write() as session:
        ticket = await desk.locked(session, 2)
        await reply.note(
            session, ticket, world.cast.hanako.agent, reply.Draft(text="控え", audience="internal"), now=at(110)
        )
    await cases.merge(2, 1, at(120))
    await cases.reply(1, at(130), thread_id=1)
    await world.take(mail(140, answers=["m100"]), now=at(140), inbox=world.email)
    await world.take(said(150, "LINEの続き"), now=at(150))
    await cases.unmerge(2, at(160))
    first, second = await world.tickets()
    assert {each.text for each in await world.all(Message, ticket_id=2)} == {"醤油が届きません", "控え"}
    assert len(await world.all(Message, ticket_id=2)) == 3
    assert {each.thread_id for each in await world.all(Message, ticket_id=1)} == {1}
    assert (second.merged_into_id, second.status, second.needs_reply_since) == (None, Status.OPEN, at(100))
    assert (first.status, first.needs_reply_since) == (Status.OPEN, at(150))
    assert [each.opened_at for each in await cases.waiting(1)] == [at(150)]
    assert [each.opened_at for each in await cases.waiting(2)] == [at(100)]
    running = await cases.active(2)
    assert (running["first_response"].started_at, running["resolution"].started_at) == (at(100), at(100))
    assert (await cases.active(1))["resolution"].started_at == at(1)
    assert (await cases.active(1))["next_response"].started_at == at(150)
    with pytest.raises(unmerge.NotMerged):
        await cases.unmerge(2, at(170))
    assert (await cases.merge(2, 1, at(180))).into_id == 1, "and it can be merged again"


async def test_merging_with_what_was_merged_reaches_its_master_and_no_circle_can_be(cases: Cases) -> None:
    await cases.two()
    await cases.world.take(said(3, who="tanaka"), now=at(101))
    once = await cases.merge(1, 2, at(120))
    assert (await cases.merge(1, 2, at(121))).id == once.id, "the same again is the same merge"
    with pytest.raises(merge.MergesIntoItself):
        await cases.merge(2, 1, at(122))
    with pytest.raises(merge.MergesIntoItself):
        await cases.merge(2, 2, at(122))
    with pytest.raises(merge.AlreadyMerged):
        await cases.merge(1, 3, at(122), other=True)
    assert (await cases.merge(3, 1, at(123), other=True)).into_id == 2
    with pytest.raises(desk.TicketMerged):
        await cases.reply(3, at(124))


async def test_a_chain_is_undone_from_either_end(cases: Cases) -> None:
    """3 into 2, 2 into 1: what is of 3 goes back to 3 even while 2 is still in 1."""
    world = cases.world
    for number, who in ((1, "sato"), (2, "tanaka"), (3, "mori")):
        await world.take(said(number, who=who), now=at(number))
    await cases.merge(3, 2, at(10), other=True)
    await cases.merge(2, 1, at(11), other=True)
    assert {each.ticket_id for each in await world.threads()} == {1}
    await cases.unmerge(3, at(12))
    assert [each.ticket_id for each in await world.threads()] == [1, 1, 3]
    await cases.unmerge(2, at(13))
    assert [each.ticket_id for each in await world.threads()] == [1, 2, 3]
    assert [each.needs_reply_since for each in await world.tickets()] == [at(1), at(2), at(3)]
    assert len([each for each in await world.episodes() if not each.void]) == 3


async def test_spam_is_merged_with_nothing(cases: Cases) -> None:
    await cases.two()
    await cases.world.status(2, Status.SPAM, now=at(110))
    for pair in ((1, 2), (2, 1)):
        with pytest.raises(merge.MergesSpam):
            await cases.merge(*pair, at(120))


async def test_a_message_name_that_both_have_is_no_hindrance(cases: Cases) -> None:
    await cases.two()
    await cases.reply(1, at(110), client_id="answer-1")
    await cases.reply(2, at(111), client_id="answer-1")
    await cases.merge(2, 1, at(120))
    assert len(await cases.world.all(Message, ticket_id=1, direction="out")) == 2


async def test_every_step_is_in_the_log_of_both(cases: Cases) -> None:
    await cases.two()
    await cases.merge(2, 1, at(120))
    await cases.unmerge(2, at(130))
    told = [(each.kind, each.ticket_id, each.params) for each in await cases.told("ticket.merged")]
    assert [(kind, number) for kind, number, _ in told] == [("ticket.merged", 2), ("ticket.merged", 1)]
    assert told[0][2]["into"] == 1 and told[1][2]["number"] == 2
    assert [each.ticket_id for each in await cases.told("ticket.unmerged")] == [2, 1]
    assert (await cases.world.all(Thread, ticket_id=2))[0].channel == "email"
