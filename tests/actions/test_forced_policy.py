"""A policy that somebody chose for a ticket: it holds whatever conditions say, until it is taken back. On both databases."""

import pytest

from app.actions import desk, policies
from app.actions.policies import UnusablePolicy
from app.models import ClockEntry, Event, Policy
from tests.actions.promised import Promised, every
from tests.actions.world import World, at, said

HASTE = {"first_response": every(120), "resolution": every(1200)}


@pytest.fixture
def desk_of(world: World) -> Promised:
    return Promised(world)


async def force(world: World, policy: Policy | None, second: float) -> None:
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        chosen = policy.id if policy else None
        await policies.force(session, ticket, chosen, by=world.cast.hanako.id, now=at(second))


async def promised(world: World) -> dict[str, tuple[int | None, float]]:
    """Of each running clock: its policy, and the seconds at which it is due."""
    running = [each for each in await world.clocks() if each.state == "running"]
    return {each.metric: (each.policy_id, (each.due_at - at(0)).total_seconds()) for each in running}


async def test_SLA4_a_forced_policy_counts_from_the_start_and_is_kept_until_it_is_taken_back(
    world: World, desk_of: Promised
) -> None:
    rest, haste = await desk_of.policy(), await desk_of.policy("特急", targets=HASTE)
    await world.take(said(0))
    await force(world, haste, 60)
    assert await promised(world) == {"first_response": (haste.id, 120), "resolution": (haste.id, 1200)}
    await desk_of.priority("urgent", at(61))  # conditions are asked again: the choice stands
    await desk_of.do(lambda s, t: desk.set_team(s, t, world.cast.team.id, by=1, now=at(62)))
    await desk_of.recount(at(63))
    urgent = {"first_response": (haste.id, 12), "resolution": (haste.id, 120)}  # past already: broken by the change
    assert await promised(world) == urgent and (await desk_of.clock("first_response")).by_change
    ticket = await world.ticket()
    assert (ticket.policy_id, ticket.forced_policy_id) == (haste.id, haste.id)
    await desk_of.priority("normal", at(64))
    await force(world, None, 65)
    taken_back = await promised(world)
    assert taken_back["resolution"] == (rest.id, 3600) and (await world.ticket()).forced_policy_id is None
    told = await world.all(Event, kind="ticket.policy")
    assert [(e.agent_id, e.params["was"], e.params["to"], e.params["name"]) for e in told] == [
        (world.cast.hanako.id, None, haste.id, "特急"), (world.cast.hanako.id, haste.id, None, ""),
    ]  # fmt: skip
    reasons = {each.reason for each in await world.all(ClockEntry, kind="retargeted")}
    assert {"forced", "conditions"} <= reasons


async def test_SLA4_a_reopened_ticket_and_its_next_message_keep_the_forced_policy_even_when_it_is_put_away(
    world: World, desk_of: Promised
) -> None:
    await desk_of.policy()
    haste = await desk_of.policy("特急", targets={**HASTE, "next_response": every(30)})
    await world.take(said(0))
    await force(world, haste, 1)
    await desk_of.change(haste, archived=True)
    await desk_of.answer(at(10))
    await world.take(said(20), now=at(20))
    assert (await promised(world))["next_response"] == (haste.id, 50)
    await desk_of.priority("high", at(21))
    assert (await promised(world))["next_response"] == (haste.id, 50)


async def test_SLA4_what_cannot_be_promised_is_refused_and_nothing_changes(world: World, desk_of: Promised) -> None:
    rest = await desk_of.policy()
    urgent_only = await desk_of.policy("至急のみ", targets={"first_response": {"urgent": 60}})
    gone = await desk_of.policy("旧")
    await desk_of.change(gone, archived=True)
    await world.take(said(0))
    before = await promised(world)
    for policy, why in (
        (urgent_only, "policy_promises_nothing"),
        (gone, "policy_archived"),
        (Policy(id=99), "no_policy"),
    ):
        with pytest.raises(UnusablePolicy) as refused:
            await force(world, policy, 1)
        assert refused.value.params["reason"] == why
    assert await promised(world) == before and not await world.all(Event, kind="ticket.policy")
    assert (await world.ticket()).policy_id == rest.id
