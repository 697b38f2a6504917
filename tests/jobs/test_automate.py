"""Rules at work, on both databases: each match once whoever dies, in order, within a budget, by events and by time."""

import asyncio
import signal
import subprocess
import sys

import pytest
from sqlalchemy import select
from sqlmodel import col

from app import feed
from app.actions import automations, desk, reply
from app.actions.effects import HANDED_OVER
from app.config import Settings
from app.db import Database
from app.jobs.automate import Automate
from app.models import (
    Automation,
    AutomationRun,
    Clock,
    Event,
    Inbox,
    LogReader,
    Message,
    Tag,
)
from app.parts import Parts
from app.queries import clocks, outgoing
from tests import servers
from tests.actions.promised import Promised, every
from tests.actions.world import at
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rules_rig import HOUR, NONE, URGENT, Shop, open_shop, when


@pytest.fixture
async def shop(database: Database, cast: Cast, parts: Parts, hands: Hands) -> Shop:
    return await open_shop(database, cast, parts, hands)


# -- on events ----------------------------------------------------------------------------------------------------------


async def test_a_rule_fits_once_for_each_match_and_says_what_it_did(shop: Shop) -> None:
    tag = await shop.tag("返金")
    refund = {"all": [when("message_text", "contains", "返金"), when("channel", "is", "line")]}
    rule = await shop.rule(["message.received", "ticket.opened"], refund, URGENT, {"do": "add_tag", "tag": tag})
    await shop.hear(0, text="返金してください")
    await shop.hear(1, who="other", text="在庫はありますか")
    await shop.run(2)
    await shop.run(3)
    assert (await shop.ticket()).priority == "urgent" and await shop.tags() == {tag}
    assert (await shop.ticket(2)).priority == "normal" and await shop.tags(2) == set()
    assert await shop.did() == [(rule, "done", [("priority", ""), ("add_tag", "")])]  # opened and received: one word
    (run,) = await shop.rows(AutomationRun)
    assert (run.ticket_id, run.version, run.depth, run.at) == (1, 1, 0, at(2))
    (row,) = await shop.rows(Automation)
    assert (row.runs, row.ran_at) == (1, at(2))
    caused = [each for each in await shop.rows(Event) if each.kind in ("ticket.priority", "ticket.tagged")]
    assert [(e.agent_id, e.params["automation"], e.params["depth"]) for e in caused] == [(None, rule, 1)] * 2
    await shop.hear(4, text="返金はまだですか")
    await shop.run(5)
    assert len(await shop.did()) == 2  # another word, another match


async def test_rules_go_in_their_order_see_each_other_and_stop(shop: Shop) -> None:
    first = await shop.rule(["ticket.opened"], NONE, URGENT)
    second = await shop.rule(
        ["ticket.opened"], {"all": [when("priority", "is", "urgent")]}, {"do": "note", "text": "急ぎ"}, stop=True
    )
    third = await shop.rule(["ticket.opened"], NONE, {"do": "note", "text": "never"})
    await shop.hear(0)
    await shop.run(1)
    assert [rule for rule, *_ in await shop.did()] == [first, second]
    async with shop.world.database.write() as session:
        await automations.order(session, [third, first, second], by=shop.world.cast.lead.id, now=at(2))
    await shop.hear(3, who="other")
    await shop.run(4)
    assert [rule for rule, *_ in await shop.did()][2:] == [third, first, second]


async def test_what_was_before_it_was_switched_on_is_none_of_its_business(shop: Shop) -> None:
    await shop.hear(0)
    shop.hands.now = at(1)
    await shop.rule(["ticket.opened"], NONE, URGENT)
    await shop.run(2)
    assert await shop.did() == [] and (await shop.ticket()).priority == "normal"
    await shop.hear(3, who="other")
    await shop.run(4)
    assert (await shop.ticket(2)).priority == "urgent"


async def test_rules_that_chase_each_other_are_stopped_and_the_log_says_so(shop: Shop) -> None:
    """It is refused when it is saved. What slipped through all the same runs into the budget."""
    await shop.rule(["ticket.priority"], {"all": [when("priority", "is", "high")]}, {"do": "priority", "to": "low"})
    back = await shop.rule(
        ["ticket.opened"], {"all": [when("priority", "is", "low")]}, {"do": "priority", "to": "high"}
    )
    await shop.world.set(Automation, back, trigger={"on": ["ticket.priority"]})
    await shop.hear(0)
    await shop.change(desk.set_priority, "low", by=shop.world.cast.hanako.id)
    await shop.run(1)
    outcomes = [outcome for _, outcome, _ in await shop.did()]
    assert (
        outcomes[-1] == "stopped" and outcomes.count("done") == len(outcomes) - 1 <= 2 * 5
    )  # a rule once at each depth
    (stopped,) = [each for each in await shop.rows(Event) if each.kind == "automation.stopped"]
    assert (stopped.ticket_id, stopped.params["depth"]) == (1, 5)


async def test_one_action_that_cannot_be_done_leaves_the_others(shop: Shop) -> None:
    outsider = shop.world.cast.outsider.id
    await shop.rule(["ticket.opened"], NONE, {"do": "assign_agent", "agent": outsider}, URGENT)
    await shop.hear(0)
    await shop.run(1)
    ((_, outcome, did),) = await shop.did()
    assert (outcome, did) == ("done", [("assign_agent", "no_such_agent"), ("priority", "")])
    assert (await shop.ticket()).priority == "urgent"


async def test_every_other_deed(shop: Shop) -> None:
    world, tag = shop.world, await shop.tag("x")
    await shop.rule(
        ["ticket.opened"], NONE, {"do": "assign_team", "team": None}, {"do": "assign_agent", "agent": world.cast.jiro.id},
        {"do": "add_tag", "tag": tag}, {"do": "remove_tag", "tag": tag},
        {"do": "note", "text": "{{person.name}} #{{ticket.number}}"},
        {"do": "hand_over"}, {"do": "hand_over"}, {"do": "status", "to": "snoozed", "hours": 2},
    )  # fmt: skip
    await shop.hear(0)
    await shop.run(1)
    ticket = await shop.ticket()
    assert (ticket.team_id, ticket.assignee_id, ticket.status) == (None, world.cast.jiro.id, "snoozed")
    assert ticket.snoozed_until == at(1 + 2 * HOUR)
    (note,) = [each for each in await shop.rows(Message) if each.direction == "out"]
    assert (note.author, note.audience, note.state, note.agent_id) == ("machine", "internal", "noted", None)
    assert note.text.endswith(" #1")
    (kept,) = await shop.tags()
    assert [each.name for each in await shop.rows(Tag) if each.id == kept] == [HANDED_OVER]
    assert [each.kind for each in await shop.rows(Event)].count("ticket.handed_over") == 1


# -- automatic answers --------------------------------------------------------------------------------------------------

ACK = {"do": "reply", "text": "{{person.name|お客様}}様、受け付けました。番号は{{ticket.number}}です。"}


async def test_SLA3_E10_an_automatic_answer_meets_no_clock_and_comes_once_a_day(shop: Shop) -> None:
    await shop.rule(["ticket.opened", "message.received"], NONE, ACK)
    await shop.hear(0)
    await shop.run(1)
    (answer,) = [each for each in await shop.rows(Message) if each.direction == "out"]
    assert (answer.author, answer.auto, answer.state, answer.agent_id) == ("machine", True, "queued", None)
    assert answer.text.endswith("様、受け付けました。番号は1です。") and "{" not in answer.text
    ticket = await shop.ticket()
    assert ticket.needs_reply_since is not None and ticket.first_response_at is None and ticket.assignee_id is None
    assert [each.state for each in await shop.rows(Clock) if each.metric == "first_response"] == ["running"]
    await shop.hear(10)
    await shop.run(11)
    await shop.hear(86400)
    await shop.run(86402)
    assert [did[0][1] for _, _, did in await shop.did()] == ["", "daily", ""]


async def test_E10_a_rules_note_is_not_that_days_answer(shop: Shop) -> None:
    await shop.rule(["ticket.opened"], NONE, {"do": "note", "text": "要確認"})
    await shop.rule(["ticket.opened"], NONE, ACK)
    await shop.hear(0)
    await shop.run(1)
    assert sorted(did[0] for *_, did in await shop.did()) == [("note", ""), ("reply", "")]


async def test_E9_E10_a_machine_is_never_answered_and_our_answer_says_what_it_is(shop: Shop) -> None:
    await shop.rule(["ticket.opened"], NONE, ACK)
    await shop.letter(0, "robot", auto=True)
    await shop.letter(1, "human", auto=False)
    await shop.run(2)
    assert [did[0][1] for _, _, did in await shop.did()] == ["auto", ""]
    (answer,) = [each for each in await shop.rows(Message) if each.direction == "out"]
    site = outgoing.Site("https://desk.example", shop.parts.vault, shop.parts.files)
    async with shop.world.database.read() as session:
        out = await outgoing.outbound(session, answer, "ja", site, at(3))
    assert out.params == {"auto": True} and out.cc == ()


async def test_who_cannot_be_reached_gets_nothing_and_the_log_says_why(shop: Shop) -> None:
    await shop.rule(["ticket.opened"], NONE, ACK)
    await shop.hear(0)
    async with shop.world.database.write() as session:
        (await session.scalars(select(Inbox).where(col(Inbox.kind) == "line"))).one().enabled = False
        await session.flush()
    await shop.run(1)
    assert [did for *_, did in await shop.did()] == [[("reply", "inbox_disabled")]]


async def test_E7_a_strangers_word_counts_from_when_it_is_let_in(shop: Shop) -> None:
    await shop.rule(["message.received"], {"all": [when("message_text", "contains", "返金")]}, URGENT)
    await shop.hear(0, text="返金")
    async with shop.world.database.write() as session:
        (await session.scalars(select(Message))).one().state = "held"
        await session.flush()
    await shop.run(1)
    assert await shop.did() == []
    async with shop.world.database.write() as session:
        (await session.scalars(select(Message))).one().state = "received"
        await session.flush()
        await feed.record(session, feed.event("message.approved", at(2), ticket=1, message=1))
    await shop.run(3)
    assert len(await shop.did()) == 1


# -- whoever dies, however many -----------------------------------------------------------------------------------------


async def test_who_dies_before_the_commit_did_nothing_and_the_next_does_it_once(shop: Shop, settings: Settings) -> None:
    await shop.rule(["ticket.opened"], NONE, {"do": "note", "text": "x"})
    await shop.hear(0)
    script = f"""
import asyncio, os, signal
from datetime import datetime
from app import clock
from app.actions import readers
from app.config import Settings
from app.jobs.automate import Automate
from app.parts import assemble
clock.utcnow = lambda: datetime.fromisoformat({at(1).isoformat()!r})
move = readers.move
async def dies(session, name, cursor):
    await move(session, name, cursor)
    os.kill(os.getpid(), signal.SIGKILL)
readers.move = dies
async def main():
    parts = assemble(Settings())
    await parts.start()
    while await Automate(parts).step():
        pass
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=servers.ROOT, env=servers.environment(settings), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert await shop.did() == []
    await shop.run(2)
    assert len(await shop.did()) == 1 and len([m for m in await shop.rows(Message) if m.direction == "out"]) == 1


async def test_many_processes_do_it_once(shop: Shop) -> None:
    await shop.rule(["ticket.opened"], NONE, {"do": "note", "text": "x"})
    await shop.rule(None, {"all": [when("hours_since_created", "greater", 0.5)]}, {"do": "note", "text": "y"})
    for n in range(8):
        await shop.hear(n, who=f"p{n}")

    async def run(clock: Automate) -> None:
        while await clock.step():
            pass

    for shop.hands.now in (at(10), at(HOUR)):
        await asyncio.gather(*[run(Automate(shop.parts)) for _ in range(3)])
    await shop.run()
    assert len(await shop.did()) == 16
    assert len([m for m in await shop.rows(Message) if m.direction == "out"]) == 16


async def test_events_that_no_rule_waits_for_cost_no_write(shop: Shop) -> None:
    await shop.rule(["ticket.opened"], {"all": [when("channel", "is", "email")]}, URGENT)
    before = (await shop.rows(LogReader))[0].cursor
    await shop.hear(0)
    await shop.run(1)
    assert (await shop.rows(LogReader))[0].cursor == before
    await shop.letter(2, "human", auto=False)
    await shop.run(3)
    assert len(await shop.did()) == 1 and (await shop.rows(LogReader))[0].cursor != before


async def test_one_bad_event_does_not_hold_up_the_others(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours in one ticket's facts: the rest of the desk goes on."""
    await shop.rule(["ticket.opened"], NONE, {"do": "note", "text": "{{person.name}}"})
    for n in range(3):
        await shop.hear(n, who=f"p{n}")
    async with shop.world.database.write() as session:
        from_two = (await session.scalars(select(Automation))).one()
        from_two.actions = [{"do": "note", "text": "x"}, {"do": "webhook"}]  # what no door would let in
        await session.flush()
    await shop.run(5)
    assert await shop.did() == []
    async with shop.world.database.write() as session:
        (await session.scalars(select(Automation))).one().actions = [URGENT]
        await session.flush()
    await shop.hear(6, who="p6")
    await shop.run(7)
    assert [(await shop.ticket(n)).priority for n in range(1, 5)] == ["normal"] * 3 + ["urgent"]


async def test_an_agents_answer_sets_off_what_an_automatic_one_does_not(shop: Shop) -> None:
    await shop.rule(["message.queued"], NONE, URGENT)
    await shop.rule(["ticket.opened"], NONE, ACK)
    await shop.hear(0)
    await shop.run(1)
    assert (await shop.ticket()).priority == "normal"
    await shop.change(reply.reply, shop.world.cast.hanako.agent, reply.Draft(text="はい"))
    await shop.run(2)
    assert (await shop.ticket()).priority == "urgent"


async def test_a_rule_forces_a_policy_and_says_why_it_could_not(shop: Shop) -> None:
    promised = Promised(shop.world)
    await promised.policy()
    haste = await promised.policy("特急", targets={"first_response": every(60)})
    refund = {"all": [when("message_text", "contains", "返金")]}
    rule = await shop.rule(["ticket.opened"], refund, {"do": "policy", "policy": haste.id}, name="返金は特急")
    await shop.hear(0, text="返金してください")
    await shop.run(1)
    ticket = await shop.ticket()
    assert (ticket.policy_id, ticket.due_at) == (haste.id, at(60))
    async with shop.world.database.read() as session:
        found = await clocks.policy_of(session, ticket.id)
    assert found == {"id": haste.id, "name": "特急", "forced": {"at": at(1), "agent_id": None, "rule": "返金は特急"}}
    await promised.change(haste, archived=True)
    await shop.hear(2, text="返金まだ?", who="other")
    await shop.run(3)
    assert (await shop.did())[1:] == [(rule, "done", [("policy", "policy_archived")])]
    with pytest.raises(automations.WrongRule):
        await shop.rule(["ticket.opened"], NONE, {"do": "policy", "policy": haste.id})
