"""A clock's life as values: SLA1-SLA4, SLA8's vectors with pauses, and what must hold for any story."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.columns import NEVER
from app.rules import policies, sla
from app.rules.hours import Hours, hours
from app.rules.policies import Facts, Promises, Staff, Step, Terms
from tests.cast import START

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = {"zone": "Asia/Tokyo", "week": [[["09:00", "18:00"]]] * 5 + [[], []], "country": "JP"}
LUNCH = {**OFFICE, "week": [[["09:00", "12:00"], ["13:00", "18:00"]]] * 5 + [[], []]}
HOLIDAYS = {date(2026, 7, 20): "海の日"}
HOUR = 3600


def jst(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=TOKYO).astimezone(UTC)


def terms(target_s: int, spec: dict[str, object] | None = None, *, steps: tuple[int, ...] = ()) -> Terms:
    policy = policies.Policy(1, 1, steps=tuple(Step(each, frozenset(), ("assignee",)) for each in steps))
    return Terms(target_s, "normal", policy, (1, 1) if spec else None, hours(spec, HOLIDAYS) if spec else None)


# -- SLA1: the first that fits -------------------------------------------------------------------------------------------

SPEC: dict[str, object] = {"hours": "elapsed", "targets": {"first_response": {"normal": 60}}}


def ticket(**more: object) -> Facts:
    return Facts(**{"number": 1, "channel": "line", "inbox": 1, "default_s": 3600, **more})  # type: ignore[arg-type]


def rule(number: int, *conditions: tuple[str, list[object]], **more: object) -> policies.Policy:
    said = [{"field": field, "any": wanted} for field, wanted in conditions]
    return policies.policy(number, 1, {**SPEC, "conditions": said, **more})


def test_SLA1_the_first_policy_all_of_whose_conditions_hold() -> None:
    vip = rule(1, ("tier", ["high", "tech"]), ("channel", ["line"]))
    tagged, everybody = rule(2, ("tag", [7, 8])), rule(3)
    ordered = (vip, tagged, everybody)
    assert policies.match(ordered, ticket(tier="tech")) is vip
    assert policies.match(ordered, ticket(tier="tech", channel="email")) is everybody
    assert policies.match(ordered, ticket(tags=frozenset({8, 9}))) is tagged
    assert policies.match(ordered, ticket(tier="high", tags=frozenset({7}))) is vip
    assert policies.match((tagged,), ticket()) is None


@pytest.mark.parametrize(
    ("field", "value", "other"),
    [("channel", "line", "email"), ("inbox", 1, 2), ("team", 3, None), ("priority", "urgent", "normal"),
     ("tier", "high", ""), ("account", 4, 5), ("language", "en", "ja")],
)  # fmt: skip
def test_SLA1_each_field_is_judged(field: str, value: object, other: object) -> None:
    policy = rule(1, (field, [value]))
    assert policies.match([policy], ticket(**{field: value})) is policy
    assert policies.match([policy], ticket(**{field: other})) is None


def test_SLA1_what_is_promised_depends_on_priority_and_nothing_named_is_nothing_promised() -> None:
    calendars = {1: (4, hours(OFFICE, {})), 2: (9, hours(LUNCH, {}))}
    desk = Promises(calendars=calendars, team_calendars={5: 2})
    targets = {"resolution": {"urgent": 60, "low": 600}}
    chosen = rule(1, hours="business", calendar_id=1, by_team=True, targets=targets)
    assert policies.terms(desk, chosen, ticket(), "resolution") is None
    assert policies.terms(desk, chosen, ticket(priority="low"), "first_response") is None
    low = policies.terms(desk, chosen, ticket(priority="low"), "resolution")
    assert low is not None and (low.target_s, low.calendar) == (600, (1, 4))
    own = policies.terms(desk, chosen, ticket(priority="urgent", team=5), "resolution")
    assert own is not None and (own.target_s, own.calendar) == (60, (2, 9))
    assert policies.terms(desk, None, ticket(), "next_response") == Terms(3600, "normal")
    assert policies.terms(desk, None, ticket(), "resolution") is None


# -- SLA2, SLA3, SLA8: walked, paused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "target", "spec", "due"),
    [
        ("07-17 17:00", HOUR, OFFICE, "07-17 18:00"), ("07-17 17:00", HOUR + 60, OFFICE, "07-21 09:01"),
        ("07-17 18:00", HOUR, OFFICE, "07-21 10:00"), ("07-18 10:00", HOUR, OFFICE, "07-21 10:00"),
        ("07-14 11:00", 4 * HOUR, LUNCH, "07-14 16:00"),
    ],
)  # fmt: skip
def test_SLA8_a_deadline_is_walked(begin: str, target: int, spec: dict[str, object], due: str) -> None:
    assert sla.start(terms(target, spec), "resolution", jst(begin)).due_at == jst(due)


def test_SLA8_the_vector_with_a_pause() -> None:
    clock = sla.start(terms(4 * HOUR, OFFICE), "resolution", jst("07-14 10:00"))
    assert clock.due_at == jst("07-14 14:00")
    paused = sla.pause(clock, jst("07-14 11:00"), "pending")
    assert (clock.state, clock.left_s, clock.wake_at) == ("paused", 3 * HOUR, NEVER)
    resumed = sla.resume(clock, jst("07-15 11:00"), "customer")
    assert clock.due_at == jst("07-15 14:00") == clock.wake_at
    gaps = sla.pauses([(each.kind, each.at) for each in (*paused, *resumed)])
    assert sla.walk(clock.terms.hours, jst("07-14 10:00"), 4 * HOUR, gaps) == jst("07-15 14:00")
    counted = sla.counted(clock.terms.hours, clock.started_at, clock.due_at, gaps)
    assert counted == [(jst("07-14 10:00"), jst("07-14 11:00")), (jst("07-15 11:00"), jst("07-15 14:00"))]


def test_SLA3_met_at_the_real_time_and_at_the_deadline_is_in_time() -> None:
    for late, kind in ((0, None), (1, "breached")):
        clock = sla.start(terms(60), "first_response", START)
        done = START + timedelta(seconds=60, microseconds=late)
        entries = sla.meet(clock, done, "answered")
        assert (clock.met_at, clock.state) == (done, "met")
        assert clock.breached_at == (START + timedelta(seconds=60) if late else None)
        assert [each.kind for each in entries if each.kind != "met"] == ([kind] if kind else [])


def test_SLA3_a_breach_that_was_noticed_before_the_word_of_a_timely_answer_is_none() -> None:
    clock = sla.start(terms(60), "first_response", START)
    assert [each.kind for each in sla.ring(clock, START + timedelta(seconds=90))] == ["breached"]
    entries = sla.meet(clock, START + timedelta(seconds=30), "called")
    assert [each.kind for each in entries] == ["kept", "met"] and clock.breached_at is None


def test_a_pause_after_the_deadline_hides_no_breach() -> None:
    clock = sla.start(terms(60), "resolution", START)
    assert [e.kind for e in sla.pause(clock, START + timedelta(seconds=61), "pending")] == ["breached", "paused"]
    sla.resume(clock, START + timedelta(days=1), "customer")
    assert clock.due_at == clock.breached_at == START + timedelta(seconds=60)
    assert clock.wake_at == NEVER


# -- SLA4: promised anew --------------------------------------------------------------------------------------------------


def test_SLA4_a_change_counts_from_the_original_start_without_the_pauses() -> None:
    clock = sla.start(terms(8 * HOUR, OFFICE), "resolution", jst("07-14 10:00"))
    told = sla.pause(clock, jst("07-14 11:00"), "pending") + sla.resume(clock, jst("07-14 15:00"), "customer")
    gaps = sla.pauses([(each.kind, each.at) for each in told])
    sla.retarget(clock, terms(4 * HOUR, OFFICE), gaps, jst("07-14 16:00"), "priority")
    assert (clock.due_at, clock.left_s, clock.by_change) == (jst("07-14 18:00"), 2 * HOUR, False)


def test_SLA4_a_new_deadline_in_the_past_is_broken_by_the_change_at_its_time() -> None:
    clock = sla.start(terms(8 * HOUR, OFFICE), "resolution", jst("07-14 10:00"))
    now = jst("07-14 16:00")
    entries = sla.retarget(clock, terms(2 * HOUR, OFFICE), (), now, "priority")
    assert [each.kind for each in entries] == ["retargeted", "breached"]
    assert (clock.due_at, clock.breached_at, clock.by_change) == (jst("07-14 12:00"), now, True)
    sla.meet(clock, now - timedelta(minutes=1), "resolved")  # a word that comes late does not undo a change
    assert clock.breached_at == now


def test_SLA4_a_longer_promise_warns_again_at_its_own_steps_and_a_shorter_one_not_twice() -> None:
    clock = sla.start(terms(600, steps=(50, 75)), "resolution", START)
    sla.ring(clock, START + timedelta(seconds=460))
    assert clock.step == 75
    sla.retarget(clock, terms(900, steps=(50, 75)), (), START + timedelta(seconds=500), "priority")
    assert clock.step == 50, "500 of 900 seconds: half was told of, three quarters not yet"
    entries = sla.ring(clock, START + timedelta(seconds=680))
    assert [(each.kind, each.percent) for each in entries] == [("warned", 75)]
    sla.retarget(clock, terms(36_000, steps=(50, 75)), (), START + timedelta(seconds=700), "priority")
    assert [each.percent for each in sla.ring(clock, START + timedelta(seconds=18_000))] == [50]


def test_SLA4_what_is_broken_stays_broken_whatever_is_promised_now() -> None:
    clock = sla.start(terms(60), "resolution", START)
    entries = sla.retarget(clock, terms(6000), (), START + timedelta(seconds=61), "priority")
    assert [each.kind for each in entries] == ["breached"]
    assert (clock.due_at, clock.terms.target_s) == (START + timedelta(seconds=60), 60)


def test_SLA4_opened_again_the_time_to_a_solution_goes_on() -> None:
    clock = sla.start(terms(4 * HOUR, OFFICE), "resolution", jst("07-14 10:00"))
    sla.meet(clock, jst("07-14 13:00"), "resolved")
    sla.resume(clock, jst("07-16 10:00"), "reopened")
    assert (clock.due_at, clock.met_at, clock.state) == (jst("07-16 11:00"), None, "running")


def test_SLA3_the_oldest_unanswered_message_counts_even_when_it_comes_late() -> None:
    clock = sla.start(terms(600), "next_response", START)
    sla.restart(clock, START - timedelta(seconds=500), (), START + timedelta(seconds=50))
    assert clock.due_at == START + timedelta(seconds=100) and clock.breached_at is None
    assert sla.restart(clock, START, (), START) == []  # a younger one moves nothing


def test_a_calendar_that_is_closed_for_good_gives_no_deadline() -> None:
    closed = hours({**OFFICE, "week": [[]] * 7}, {})
    clock = sla.start(Terms(60, "normal", None, (1, 1), closed), "resolution", START)
    assert clock.due_at == clock.wake_at == NEVER


# -- SLA9: warnings -------------------------------------------------------------------------------------------------------


def test_SLA9_each_step_once_and_the_deadline_between_them() -> None:
    clock = sla.start(terms(1000, steps=(50, 75, 100, 150)), "resolution", START)
    rung: list[tuple[float, str, int]] = []
    while clock.wake_at != NEVER:
        at = clock.wake_at
        rung += [((at - START).total_seconds(), each.kind, each.percent) for each in sla.ring(clock, at)]
    assert rung == [
        (500, "warned", 50), (750, "warned", 75), (1000, "breached", 0), (1000, "warned", 100), (1500, "warned", 150),
    ]  # fmt: skip


def test_SLA9_who_was_asleep_warns_once_not_for_every_step() -> None:
    clock = sla.start(terms(1000, steps=(50, 75, 90)), "resolution", START)
    entries = sla.ring(clock, START + timedelta(seconds=950))
    assert [(each.kind, each.percent) for each in entries] == [("warned", 90)]
    assert clock.wake_at == clock.due_at


def test_SLA9_steps_count_only_open_time_and_no_pauses() -> None:
    clock = sla.start(terms(4 * HOUR, OFFICE, steps=(75,)), "resolution", jst("07-17 16:00"))
    assert clock.wake_at == jst("07-21 10:00")
    sla.pause(clock, jst("07-17 17:00"), "pending")
    sla.resume(clock, jst("07-21 12:00"), "customer")
    assert (clock.wake_at, clock.due_at) == (jst("07-21 14:00"), jst("07-21 15:00"))


def test_SLA9_recipients() -> None:
    staff = Staff({1: "agent", 2: "lead", 3: "lead", 4: "success", 5: "owner", 6: "success"}, {7: frozenset({1, 2})})

    def told(
        *to: str | int, assignee: int | None = None, team: int | None = None, owner: int | None = None
    ) -> list[int]:
        return policies.told(to, staff, assignee=assignee, team=team, owner=owner)

    assert told("assignee", assignee=1) == [1]
    assert told("leads", team=7) == [2]
    assert told("leads", team=8) == told("leads") == [2, 3]
    assert told("success") == [4, 6]
    assert told("success", owner=4) == [4]
    assert told("assignee", "leads", 5, assignee=1, team=7) == [1, 2, 5]
    assert told("assignee") == told(99) == told("assignee", assignee=99) == [2, 3]  # a warning reaches somebody
    assert policies.told(["assignee"], Staff({5: "owner"}, {}), assignee=None, team=None, owner=None) == [5]


# -- whatever happens ------------------------------------------------------------------------------------------------------

gap = st.integers(min_value=0, max_value=400_000)  # seconds
CALENDARS: list[Hours | None] = [None, hours(OFFICE, HOLIDAYS), hours(LUNCH, HOLIDAYS)]


@given(st.sampled_from(CALENDARS), st.integers(1, 200_000), st.lists(st.tuples(gap, gap), max_size=6), gap)
def test_one_addition_after_each_pause_equals_walking_all_of_it(
    calendar: Hours | None, target: int, stops: list[tuple[int, int]], first: int
) -> None:
    clock = sla.start(Terms(target, "normal", None, None, calendar), "resolution", START + timedelta(seconds=first))
    at, told = clock.started_at, []
    for run, rest in stops:
        at += timedelta(seconds=run)
        if at >= clock.due_at:
            break
        told += sla.pause(clock, at, "pending")
        at += timedelta(seconds=rest)
        told += sla.resume(clock, at, "customer")
    gaps = sla.pauses([(each.kind, each.at) for each in told])
    walked = sla.walk(calendar, clock.started_at, target, gaps)
    assert abs(walked - clock.due_at) <= timedelta(microseconds=20)
    spent = sum(sla.between(calendar, *each) for each in sla.counted(calendar, clock.started_at, clock.due_at, gaps))
    assert spent == pytest.approx(target, abs=1e-4)


@given(st.sampled_from(CALENDARS), st.integers(60, 200_000), st.integers(60, 200_000), gap, gap)
def test_there_and_back_is_the_same_deadline(calendar: Hours | None, one: int, two: int, wait: int, more: int) -> None:
    """SLA4: a change counts from the start, so changing back restores the deadline, as long as neither was broken."""
    clock = sla.start(Terms(one, "normal", None, None, calendar), "resolution", START)
    due, at = clock.due_at, START + timedelta(seconds=wait)
    sla.retarget(clock, Terms(two, "high", None, None, calendar), (), at, "priority")
    later = at + timedelta(seconds=more)
    sla.retarget(clock, Terms(one, "normal", None, None, calendar), (), later, "priority")
    if clock.breached_at is None:
        assert abs(clock.due_at - due) <= timedelta(microseconds=5)
    else:
        assert clock.breached_at in (due, at, later, clock.due_at)


@given(
    st.integers(60, 100_000), st.lists(st.sampled_from([50, 75, 90, 100, 150]), unique=True), st.lists(gap, max_size=8)
)
def test_a_clock_that_was_looked_at_sleeps_until_later(target: int, steps: list[int], looks: list[int]) -> None:
    clock, now = sla.start(terms(target, OFFICE, steps=tuple(steps)), "resolution", START), START
    rung: list[int] = []
    for wait in looks:
        now += timedelta(seconds=wait)
        rung += [each.percent for each in sla.ring(clock, now) if each.kind == "warned"]
        assert clock.wake_at > now
    assert rung == sorted(set(rung))
    assert (clock.breached_at is not None) == (clock.due_at <= now)
