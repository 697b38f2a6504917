"""What a team's routing may say: a plan that would loop is refused (R6)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.plans import MOST_STEPS, REASONS, WrongPlan, check

OTHERS = {2: frozenset({3}), 3: frozenset({4}), 4: frozenset({1}), 5: frozenset[int]()}


@pytest.mark.parametrize(
    ("steps", "faults"),
    [
        ([], []),
        ([{"after_s": 0, "widen": True}, {"after_s": 60, "team_id": 5}], []),
        ([{"after_s": 60, "widen": True}, {"after_s": 60, "team_id": 5}], [("overflow.1.after_s", "order")]),
        ([{"after_s": 60}], [("overflow.0", "step")]),
        ([{"after_s": 60, "widen": True, "team_id": 5}], [("overflow.0", "step")]),
        ([{"after_s": 60, "team_id": 1}], [("overflow.0.team_id", "self")]),
        ([{"after_s": 60, "team_id": 9}], [("overflow.0.team_id", "team")]),
        ([{"after_s": 60, "team_id": 4}], [("overflow.0.team_id", "loop")]),
        ([{"after_s": 60, "team_id": 2}], [("overflow.0.team_id", "loop")]),
        ([{"after_s": n, "widen": True} for n in range(MOST_STEPS + 1)], [("overflow", "many")]),
    ],
)
def test_r6_what_does_not_fit_is_named_with_its_place(
    steps: list[dict[str, Any]], faults: list[tuple[str, str]]
) -> None:
    assert check(1, steps, OTHERS) == faults


@given(st.dictionaries(st.integers(1, 6), st.frozensets(st.integers(1, 6), max_size=3), max_size=6))
def test_r6_plans_that_were_saved_one_after_the_other_never_make_a_circle(wanted: dict[int, frozenset[int]]) -> None:
    saved: dict[int, frozenset[int]] = {team: frozenset() for team in range(1, 7)}
    for team, targets in wanted.items():
        steps = [{"after_s": n, "team_id": to} for n, to in enumerate(sorted(targets))]
        others = {each: to for each, to in saved.items() if each != team}
        if not check(team, steps, others):
            saved[team] = targets
    for begin in saved:
        here, seen = set(saved[begin]), set[int]()
        while here - seen:
            seen |= here
            here = {to for each in here for to in saved[each]}
        assert begin not in seen


@pytest.mark.parametrize(("to", "fault"), [(None, ""), (5, ""), (1, "self"), (9, "team"), (2, "loop")])
def test_r6_a_crowd_cannot_go_round_in_a_circle_either(to: int | None, fault: str) -> None:
    assert check(1, [], OTHERS, crowd_team=to) == ([("crowd_team_id", fault)] if fault else [])


def test_every_reason_has_a_sentence_for_programs() -> None:
    fields = WrongPlan.of([("at", reason) for reason in REASONS]).params["fields"]
    assert {each["code"]: each["says"] for each in fields} == REASONS
