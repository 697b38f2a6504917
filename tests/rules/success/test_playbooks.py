"""C11: how a run goes on, what a playbook may say, and which day is the third business day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.hours import hours
from app.rules.success.playbooks import Facts, Turn, WrongPlaybook, advance, check, over
from app.rules.success.workdays import closes, opens, plain

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)  # noon in Tokyo, a Wednesday


def step(key: str, kind: str = "task", **more: Any) -> dict[str, Any]:
    plain = {"title": {"ja": key}, "subject": {}, "text": {"ja": "本文"}, "days": 1, "then": "", "otherwise": ""}
    return {"key": key, "kind": kind, **plain, **more}


QUIET = {"fact": "replied"}
SPEC = {
    "steps": [
        step("write", "mail"),
        step("rest", "wait", days=3, condition=QUIET),
        step("which", "branch", condition=QUIET, then="thank", otherwise="call"),
        step("call", "call"),
        step("thank"),
    ],
    "exits": [{"fact": "stage", "is": ["churned"]}],
}


def go(turn: Turn, facts: Facts, now: datetime = NOW) -> Turn:
    return advance(SPEC, turn, facts, now, opens=lambda days: now + timedelta(days=days))


def test_C11_a_wait_holds_a_branch_decides_and_the_same_look_again_changes_nothing() -> None:
    first = go(Turn(0, None), Facts())
    assert (first.opened, first.position, first.wait_until) == ([0], 1, NOW + timedelta(days=3))
    again = go(Turn(first.position, first.wait_until), Facts(), NOW + timedelta(days=1))
    assert (again.opened, again.position, again.wait_until) == ([], 1, first.wait_until)
    answered = go(Turn(1, first.wait_until), Facts(replied=True), NOW + timedelta(days=1))
    assert (answered.opened, answered.position) == ([4], 5), "a reply ends the wait, and nobody calls"
    silent = go(Turn(1, first.wait_until), Facts(), NOW + timedelta(days=3))
    assert silent.opened == [3, 4]
    assert not over(SPEC, silent, ["done", "open"]) and over(SPEC, silent, ["done", "skipped"])
    assert go(Turn(1, first.wait_until), Facts(stage="churned")).ended == "exited"


@pytest.mark.parametrize(
    ("reason", "steps"),
    [
        ("repeated_key", [step("a"), step("a")]),
        ("branch_target", [step("a"), step("b", "branch", condition=QUIET, then="a")]),
        ("branch_condition", [step("b", "branch", condition=None)]),
        ("text", [step("a", "line", text={})]),
        ("title", [step("a", title={})]),
        ("variable", [step("a", "mail", text={"ja": "{{secret.key}}"})]),
        ("condition_step", [step("a", condition={"fact": "step", "key": "b", "is": ["done"]}), step("b")]),
        ("condition_values", [step("a", condition={"fact": "used", "is": []})]),
    ],
)
def test_C11_what_makes_no_sense_is_refused_with_its_reason(reason: str, steps: list[dict[str, Any]]) -> None:
    with pytest.raises(WrongPlaybook) as refused:
        check({"steps": steps})
    assert refused.value.params["reason"] == reason


def test_C11_business_days_pass_over_weekends_and_holidays() -> None:
    tokyo = plain("Asia/Tokyo")
    evening = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)  # 18:00 in Tokyo: closed
    assert closes(tokyo, NOW, 0) == evening
    assert closes(tokyo, evening, 0) == evening + timedelta(days=1), "today is over"
    assert closes(tokyo, NOW, 3) == datetime(2026, 7, 6, 9, 0, tzinfo=UTC), "Thursday, Friday, Monday"
    assert opens(tokyo, NOW, 3) == datetime(2026, 7, 6, 0, 0, tzinfo=UTC)
    saturday = datetime(2026, 7, 4, 3, 0, tzinfo=UTC)
    assert closes(tokyo, saturday, 0) == closes(tokyo, saturday, 1) == datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
    spec = {"zone": "Asia/Tokyo", "week": [[["09:00", "18:00"]]] * 5 + [[], []], "days": {"2026-07-02": {"open": []}}}
    assert opens(hours(spec, {}), NOW, 1) == datetime(2026, 7, 3, 0, 0, tzinfo=UTC)


@given(st.integers(0, 30), st.integers(0, 400))
def test_C11_more_days_are_never_earlier(days: int, after: int) -> None:
    at = NOW + timedelta(hours=after)
    assert at < closes(plain("Asia/Tokyo"), at, days) <= closes(plain("Asia/Tokyo"), at, days + 1)
