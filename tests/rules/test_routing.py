"""Routing's judgments: who can, whom of those, in which order (R1-R4, R7)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Presence, Priority, Strategy
from app.models.columns import NEVER
from app.rules.routing import (
    PATIENCE,
    Plan,
    Seat,
    Step,
    Waiting,
    against,
    choose,
    decide,
    judge,
    next_for,
    order,
    overflow_at,
    place,
    weight_of,
)
from tests.cast import START

TEAM = 1
PLAN = Plan(team_id=TEAM)


def seat(number: int = 1, **more: Any) -> Seat:
    return Seat(**{"id": number, "teams": frozenset({TEAM})} | more)


def waiting(number: int = 1, **more: Any) -> Waiting:
    given: dict[str, Any] = {"team": TEAM, "channel": "line", "weight": 15, "since": START, "due_at": NEVER}
    return Waiting(**{"ticket": number} | given | more)


# -- who can ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "what", "plan", "no"),
    [
        ({}, {}, PLAN, ()),
        ({"permitted": False}, {}, PLAN, ("not_permitted",)),
        ({"presence": Presence.BREAK}, {}, PLAN, ("not_there:break",)),
        ({"presence": Presence.WRAP_UP}, {}, PLAN, ("not_there:wrap_up",)),
        ({"channels_off": frozenset({"line"})}, {}, PLAN, ("channel_off",)),
        ({"channels_off": frozenset({"chat"})}, {}, PLAN, ()),
        ({"skills": {7: 2}}, {"needs": {7: 3}}, PLAN, ("skill:7",)),
        ({"skills": {7: 3}}, {"needs": {7: 3}}, PLAN, ()),
        ({}, {"needs": {7: 3}, "widened": True}, PLAN, ()),
        ({"load": 85}, {}, PLAN, ()),
        ({"load": 86}, {}, PLAN, ("full",)),
        ({}, {"barred": frozenset({1})}, PLAN, ("declined",)),
        ({}, {}, Plan(team_id=TEAM, on_shift=False), ("off_shift",)),
    ],
)
def test_r1_r4_r5_every_reason_against_an_agent_is_named(
    who: dict[str, Any], what: dict[str, Any], plan: Plan, no: tuple[str, ...]
) -> None:
    assert against(seat(**who), waiting(**what), plan) == no


def test_r1_all_reasons_are_told_not_only_the_first() -> None:
    tired = seat(presence=Presence.AWAY, load=100, channels_off=frozenset({"line"}))
    assert against(tired, waiting(), PLAN) == ("not_there:away", "channel_off", "full")


def test_r4_what_is_left_of_a_call_weighs_like_a_mail() -> None:
    weights = {"phone": 100, "chat": 30, "line": 15, "email": 12}
    assert [weight_of(channel, weights) for channel in ("phone", "chat", "line", "email")] == [12, 30, 15, 12]
    assert weight_of("chat", {}) == 30


# -- whom ---------------------------------------------------------------------------------------------------------------


def test_r2_longest_idle_counts_from_the_later_of_becoming_free_and_being_given_something() -> None:
    old, fresh = START - timedelta(hours=2), START - timedelta(minutes=1)
    seats = [seat(1, since=old, given_at=fresh), seat(2, since=old, given_at=old), seat(3, since=fresh, given_at=old)]
    assert choose(seats, Strategy.LONGEST_IDLE, {}).id == 2


def test_r2_least_occupied_is_by_share_not_by_number() -> None:
    assert choose([seat(1, load=40, capacity=50), seat(2, load=60, capacity=100)], Strategy.LEAST_OCCUPIED, {}).id == 2


def test_r2_round_robin_goes_by_who_was_given_something_last() -> None:
    seats = [seat(1, given_at=START), seat(2, given_at=START - timedelta(seconds=1), since=START)]
    assert choose(seats, Strategy.ROUND_ROBIN, {}).id == 2


def test_r2_skill_level_takes_the_best_and_then_the_least_occupied() -> None:
    seats = [seat(1, skills={7: 3}), seat(2, skills={7: 5}, load=60), seat(3, skills={7: 5}, load=30)]
    assert choose(seats, Strategy.SKILL_LEVEL, {7: 2}).id == 3


@pytest.mark.parametrize("strategy", list(Strategy))
@given(data=st.permutations([seat(n) for n in range(1, 7)]))
def test_r2_ties_are_by_id_whatever_the_order_they_come_in(strategy: str, data: list[Seat]) -> None:
    assert choose(data, strategy, {}).id == 1


def test_r7_the_persons_last_agent_is_preferred() -> None:
    verdict = judge(waiting(last_agent=2), PLAN, [seat(1), seat(2, load=80)], START)
    assert (verdict.agent, verdict.why) == (2, "sticky")


@pytest.mark.parametrize("passing", [{"load": 100}, {"presence": Presence.BUSY}, {"presence": Presence.WRAP_UP}])
def test_r7_it_waits_for_a_last_agent_who_is_only_busy_and_not_for_ever(passing: dict[str, Any]) -> None:
    seats = [seat(1), seat(2, **passing)]
    at_once = judge(waiting(last_agent=2), PLAN, seats, START)
    assert (at_once.agent, at_once.why, at_once.wait_for) == (None, "sticky", 2)
    later = judge(waiting(last_agent=2), PLAN, seats, START + timedelta(seconds=PLAN.sticky_s))
    assert (later.agent, later.why) == (1, Strategy.LONGEST_IDLE)


@pytest.mark.parametrize(
    "gone", [{"presence": Presence.OFFLINE}, {"presence": Presence.BREAK}, {"teams": frozenset({9})}]
)
def test_r7_nobody_waits_for_a_last_agent_who_is_not_there(gone: dict[str, Any]) -> None:
    assert judge(waiting(last_agent=2), PLAN, [seat(1), seat(2, **gone)], START).agent == 1


def test_r1_a_verdict_to_wait_says_why_for_each_member_and_for_nobody_else() -> None:
    seats = [seat(1, load=100), seat(2, presence=Presence.BREAK), seat(3, teams=frozenset({9}))]
    verdict = judge(waiting(), PLAN, seats, START)
    assert (verdict.agent, verdict.why) == (None, "nobody")
    assert verdict.reasons()["candidates"] == [
        {"agent": 1, "no": ["full"], "load": 100}, {"agent": 2, "no": ["not_there:break"], "load": 0}
    ]  # fmt: skip
    assert verdict.key == judge(waiting(), PLAN, [seat(1, load=99), seats[1]], START).key, "the same to a reader"
    assert verdict.key != judge(waiting(), PLAN, [seats[0]], START).key


def test_r2_pull_takes_the_first_that_fits_and_asks_not_for_presence() -> None:
    hard, easy = waiting(1, needs={7: 1}), waiting(2)
    found = next_for(seat(presence=Presence.AWAY), [easy, hard], {TEAM: PLAN}, START)
    assert found is not None and (found.waiting.ticket, found.why) == (2, "pulled")
    assert next_for(seat(load=100), [easy], {TEAM: PLAN}, START) is None
    assert next_for(seat(teams=frozenset()), [easy], {TEAM: PLAN}, START) is None


# -- in which order -----------------------------------------------------------------------------------------------------


def test_r3_earliest_deadline_first_then_the_older_number() -> None:
    later, sooner = START + timedelta(hours=2), START + timedelta(hours=1)
    queue = [waiting(1, due_at=later), waiting(3, due_at=sooner), waiting(2, due_at=sooner), waiting(4)]
    assert [each.ticket for each in order(queue)] == [2, 3, 1, 4]


@given(
    st.sampled_from(list(Priority)),
    st.lists(st.tuples(st.sampled_from(list(Priority)), st.integers(0, 10**6), st.integers(60, 10**7)), max_size=30),
)
def test_r3_low_priority_is_never_starved(low: Priority, others: list[tuple[Priority, int, int]]) -> None:
    """Whatever comes later than a ticket's patience stands behind it, however urgent it is."""
    first = waiting(1, priority=low)
    late = [
        waiting(
            number, priority=priority, since=START + PATIENCE[low] + timedelta(seconds=1 + after),
            due_at=START + PATIENCE[low] + timedelta(seconds=1 + after + target),
        )
        for number, (priority, after, target) in enumerate(others, 2)
    ]  # fmt: skip
    assert order([*late, first])[0] == first
    assert place(first)[0] <= START + PATIENCE[low]


# -- all at once --------------------------------------------------------------------------------------------------------

seats_ = st.lists(
    st.builds(
        seat, st.integers(1, 20), capacity=st.integers(10, 120), load=st.integers(0, 120),
        presence=st.sampled_from(list(Presence)), channels_off=st.frozensets(st.sampled_from(["line", "chat", "email"])),
        skills=st.dictionaries(st.integers(1, 3), st.integers(1, 5)), permitted=st.booleans(),
    ),
    max_size=8, unique_by=lambda each: each.id,
)  # fmt: skip
queue_ = st.lists(
    st.builds(
        waiting, st.integers(1, 50), channel=st.sampled_from(["line", "chat", "email"]),
        weight=st.sampled_from([10, 15, 30, 100]), needs=st.dictionaries(st.integers(1, 3), st.integers(1, 5), max_size=2),
        last_agent=st.none() | st.integers(1, 20), barred=st.frozensets(st.integers(1, 20), max_size=3),
        widened=st.booleans(),
    ),
    max_size=20, unique_by=lambda each: each.ticket,
)  # fmt: skip


@given(seats_, queue_, st.sampled_from(list(Strategy)))
def test_r4_never_over_capacity_and_never_anybody_who_cannot(
    seats: list[Seat], queue: list[Waiting], strategy: str
) -> None:
    plans, by_id = {TEAM: Plan(team_id=TEAM, strategy=strategy)}, {each.id: each for each in seats}
    loads = {each.id: each.load for each in seats}
    verdicts = decide(queue, plans, by_id, START)
    assert sorted(verdict.waiting.ticket for verdict in verdicts) == sorted(each.ticket for each in queue)
    for verdict in verdicts:
        if verdict.agent is not None:
            assert against(by_id[verdict.agent], verdict.waiting, plans[TEAM]) == ()
            loads[verdict.agent] += verdict.waiting.weight
            assert loads[verdict.agent] <= by_id[verdict.agent].capacity


@given(seats_, queue_, st.sampled_from(list(Strategy)), st.randoms(use_true_random=False))
def test_r1_the_same_facts_give_the_same_answer(
    seats: list[Seat], queue: list[Waiting], strategy: str, mixed: Any
) -> None:
    plans = {TEAM: Plan(team_id=TEAM, strategy=strategy)}
    once = decide(queue, plans, {each.id: each for each in seats}, START)
    mixed.shuffle(seats)
    mixed.shuffle(queue)
    again = decide(queue, plans, {each.id: each for each in seats}, START)
    assert [(v.waiting.ticket, v.agent) for v in once] == [(v.waiting.ticket, v.agent) for v in again]


def test_r6_the_next_overflow_step_is_counted_from_when_it_began_to_wait() -> None:
    plan = Plan(team_id=TEAM, overflow=(Step(after_s=30), Step(after_s=90, team_id=2)))
    assert [overflow_at(plan, START, step) for step in (0, 1, 2)] == [
        START + timedelta(seconds=30), START + timedelta(seconds=90), None
    ]  # fmt: skip


def test_r1_own_working_hours_count_before_the_teams() -> None:
    closed = Plan(team_id=TEAM, on_shift=False)
    assert against(seat(on_shift=True), waiting(), closed) == ()
    assert against(seat(on_shift=False), waiting(), PLAN) == ("off_shift",)
    late, early = seat(1, on_shift=True), seat(2)
    assert judge(waiting(), closed, [late, early], START).agent == 1, "the night shift"
    assert judge(waiting(), PLAN, [seat(1, on_shift=False)], START).why == "off_shift"
