"""Rules that set each other off for ever, and those that only seem to."""

from typing import Any

from app.rules.automation_circles import Saying, circle

ANY: dict[str, Any] = {"all": []}


def saying(number: int, on: str | None, *actions: dict[str, Any], conditions: dict[str, Any] = ANY) -> Saying:
    return Saying(number, f"r{number}", {"on": [on]} if on else {"time": True}, conditions, actions)


def priority(to: str) -> dict[str, Any]:
    return {"do": "priority", "to": to}


NOTE = {"do": "note", "text": "x"}


def test_two_that_undo_each_other_go_on_for_ever() -> None:
    up, down = saying(1, "ticket.priority", priority("high")), saying(2, "ticket.priority", priority("low"))
    assert circle(up, [down]) == ["r1", "r2"]
    assert circle(down, [up]) == ["r2", "r1"]


def test_three_over_tags_a_note_and_back() -> None:
    first = saying(1, "ticket.tagged", {"do": "remove_tag", "tag": 5})
    second = saying(2, "ticket.untagged", NOTE)
    third = saying(3, "note.written", {"do": "add_tag", "tag": 5})
    assert circle(first, [second, third]) == ["r1", "r2", "r3"]
    assert circle(saying(3, "note.written", {"do": "add_tag", "tag": 6}), [first, second]) == [], (
        "another tag is not undone"
    )


def test_what_changes_nothing_the_second_time_is_no_circle() -> None:
    assert (
        circle(saying(1, "ticket.priority", priority("high")), [saying(2, "ticket.priority", priority("high"))]) == []
    )
    team = saying(2, "ticket.priority", {"do": "assign_team", "team": 3})
    assert circle(saying(1, "ticket.team", priority("high")), [team]) == []


def test_whoever_stands_outside_of_the_circle_undoes_nothing_in_it() -> None:
    team = saying(2, "ticket.priority", {"do": "assign_team", "team": 3})
    opened = saying(3, "ticket.opened", priority("low"), {"do": "assign_team", "team": None})
    assert circle(saying(1, "ticket.team", priority("high")), [team, opened]) == []


def test_conditions_that_the_first_ones_actions_rule_out_break_it() -> None:
    low = {"all": [{"field": "priority", "op": "is", "value": "low"}]}
    up, down = (
        saying(1, "ticket.priority", priority("high")),
        saying(2, "ticket.priority", priority("low"), conditions=low),
    )
    assert circle(up, [down]) == [], "after the first it is high, which the second does not want"
    high = {"all": [{"field": "priority", "op": "is", "value": "high"}]}
    assert circle(up, [saying(2, "ticket.priority", priority("low"), conditions=high)]) == ["r1", "r2"]


def test_a_rule_on_time_is_set_off_by_nobody() -> None:
    assert circle(saying(1, None, NOTE), [saying(2, "note.written", priority("low"))]) == []
