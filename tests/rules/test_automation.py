"""Rules on events and on time: what fits, when it may fit next, what is refused, and what would run for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import automation_spec as spec
from app.rules import templates
from app.rules.automation import FIELDS, OPERATORS, Facts, evaluate, folded, next_look
from app.rules.hours import Hours, hours

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)  # Tuesday, noon in Tokyo
SHOP: Hours = hours({"zone": "Asia/Tokyo", "week": [[["09:00", "18:00"]]] * 5 + [[], []]}, {})


def facts(now: datetime = NOW, **values: Any) -> Facts:
    return Facts(now, values, {1: SHOP})


def leaf(field: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value, **more}


def fits(one: dict[str, Any], **values: Any) -> bool:
    return evaluate({"all": [one]}, facts(**values))


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (leaf("status", "is", "open"), "open", True),
        (leaf("status", "is_not", "open"), "open", False),
        (leaf("team", "is_not", 3), None, True),
        (leaf("team", "is_set", True), None, False),
        (leaf("team", "is_set", False), None, True),
        (leaf("priority", "any_of", ["high", "urgent"]), "urgent", True),
        (leaf("tag", "is", 4), {4, 5}, True),
        (leaf("tag", "is_not", 4), {5}, True),
        (leaf("tag", "any_of", [6, 5]), {5}, True),
        (leaf("tag", "is_set", True), set(), False),
        (leaf("message_text", "contains", "ﾍﾝｷﾝ"), "返金(ヘンキン)をお願いします", True),
        (leaf("message_text", "contains", "REFUND"), "ｒｅｆｕｎｄ please", True),
        (leaf("message_text", "contains_not", "返金"), None, True),
        (leaf("message_text", "starts_with", "re:"), "RE: 注文", True),
        (leaf("person_address", "contains", "@corp.example"), ("U1", "a@CORP.example"), True),
        (leaf("person_address", "contains_not", "@corp.example"), ("U1", "a@corp.example"), False),
        (leaf("message_has_attachment", "is", True), True, True),
        (leaf("reopened", "greater", 1), 2, True),
        (leaf("reopened", "less", 2), 2, False),
        (leaf("breached", "any_of", ["first_response", "resolution"]), {"resolution"}, True),
        (leaf("breached", "is_set", False), frozenset(), True),
        (leaf("clock_due", "less", 1), NOW + timedelta(minutes=60), True),
        (leaf("clock_due", "less", 1), NOW + timedelta(minutes=61), False),
        (leaf("clock_due", "less", 1), None, False),
        (leaf("hours_since_created", "greater", 24), NOW - timedelta(hours=24), True),
        (leaf("hours_since_created", "greater", 24), NOW - timedelta(hours=23.9), False),
        (leaf("hours_since_reply", "less", 24), NOW - timedelta(hours=25), False),
        (leaf("hours_since_reply", "less", 24), None, False),
        # Monday 17:00 to Tuesday 12:00: 19 hours, four of them open
        (leaf("hours_since_customer", "greater", 4, calendar_id=1), NOW - timedelta(hours=19), True),
        (leaf("hours_since_customer", "greater", 4.1, calendar_id=1), NOW - timedelta(hours=19), False),
    ],
)
def test_each_operator(condition: dict[str, Any], value: Any, expected: bool) -> None:
    assert fits(condition, **{condition["field"]: value}) is expected


def test_groups_stand_in_each_other() -> None:
    vip, angry, late = (
        leaf("tier", "is", "high"),
        leaf("message_text", "contains", "怒"),
        leaf("breached", "is_set", True),
    )
    tree = {"all": [vip, {"any": [angry, late]}]}
    assert evaluate(tree, facts(tier="high", message_text="怒っています"))
    assert evaluate(tree, facts(tier="high", message_text="", breached={"resolution"}))
    assert not evaluate(tree, facts(tier="low", message_text="怒", breached={"resolution"}))
    assert evaluate({"all": []}, facts()) and evaluate({"any": []}, facts())


def test_the_office_hours_now() -> None:
    closed = {"all": [leaf("open_now", "is", False, calendar_id=1)]}
    assert not evaluate(closed, facts()) and evaluate(closed, facts(NOW + timedelta(hours=7)))


# -- properties ---------------------------------------------------------------------------------------------------------

LEAVES = st.builds(leaf, st.sampled_from(["reopened"]), st.sampled_from(["is", "greater", "less"]), st.integers(0, 5))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda name, each: {name: each}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def negated(node: dict[str, Any]) -> dict[str, Any]:
    """By De Morgan, over whole numbers."""
    if "field" in node:
        op, value = node["op"], node["value"]
        if op == "is":
            return {"any": [leaf("reopened", "less", value), leaf("reopened", "greater", value)]}
        return leaf("reopened", "less", value + 1) if op == "greater" else leaf("reopened", "greater", value - 1)
    name = next(iter(node))
    return {"any" if name == "all" else "all": [negated(each) for each in node[name]]}


@given(tree=TREES, value=st.integers(0, 5))
def test_a_tree_and_its_negation_never_agree(tree: dict[str, Any], value: int) -> None:
    known = facts(reopened=value)
    assert evaluate({"all": [tree]}, known) is not evaluate({"all": [negated(tree)]}, known)


@given(trees=st.lists(TREES, min_size=1, max_size=4), value=st.integers(0, 5))
def test_all_is_every_and_any_is_some_in_any_order(trees: list[dict[str, Any]], value: int) -> None:
    known = facts(reopened=value)
    each = [evaluate({"all": [tree]}, known) for tree in trees]
    for order in (trees, trees[::-1]):
        assert evaluate({"all": order}, known) is all(each)
        assert evaluate({"any": order}, known) is any(each)


TIMED = st.one_of(
    st.builds(
        leaf, st.sampled_from([n for n, kind in FIELDS.items() if kind.type == "since"]), st.sampled_from(OPERATORS["since"]),
        st.sampled_from([0.5, 3, 8, 26]),
    ),
    st.builds(
        lambda f, o, v: leaf(f, o, v, calendar_id=1), st.just("hours_since_customer"), st.just("greater"),
        st.sampled_from([0.5, 3, 8, 26]),
    ),
    st.builds(leaf, st.just("clock_due"), st.just("less"), st.sampled_from([0, 1, 5])),
    st.builds(lambda v: leaf("open_now", "is", v, calendar_id=1), st.booleans()),
)  # fmt: skip


@given(
    leaves=st.lists(TIMED, min_size=1, max_size=3),
    every=st.booleans(),
    ages=st.lists(st.integers(0, 40 * 60), min_size=4, max_size=4),
    due=st.integers(-300, 3000),
    later=st.integers(1, 60 * 24 * 4),
)
def test_between_two_looks_nothing_begins_to_fit(
    leaves: list[Any], every: bool, ages: list[int], due: int, later: int
) -> None:
    """What is looked at only when `next_look` says so is never missed: until then it does not begin to fit."""
    names = [name for name, kind in FIELDS.items() if kind.type == "since"]
    values: dict[str, Any] = {n: NOW - timedelta(minutes=age) for n, age in zip(names, ages, strict=True)}
    values["clock_due"] = NOW + timedelta(minutes=due)
    tree = {"all" if every else "any": leaves}
    look = next_look(tree, facts(NOW, **values))
    then = NOW + timedelta(minutes=later)
    if (look is None or then < look) and not evaluate(tree, facts(NOW, **values)):
        assert not evaluate(tree, facts(then, **values))
    if look is not None:
        assert look > NOW


@given(st.text())
def test_text_compares_alike_however_it_is_written(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert fits(leaf("subject", "is", text), subject=text.upper()) or folded(text.upper()) != folded(text)


# -- what is refused ----------------------------------------------------------------------------------------------------

ON = {"on": ["ticket.opened"]}
SOUND = [{"do": "priority", "to": "high"}]


def faults(trigger: Any = ON, conditions: Any = None, actions: Any = SOUND) -> list[tuple[str, str]]:
    return spec.faults(trigger, {"all": []} if conditions is None else conditions, actions)


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        (leaf("colour", "is", 1), ("conditions.all.0.field", "field")),
        (leaf("status", "contains", "open"), ("conditions.all.0.op", "operator")),
        (leaf("status", "is", "lost"), ("conditions.all.0.value", "value")),
        (leaf("status", "any_of", []), ("conditions.all.0.value", "value")),
        (leaf("team", "is", True), ("conditions.all.0.value", "value")),
        (leaf("team", "is", [1]), ("conditions.all.0.value", "value")),
        (leaf("subject", "contains", " "), ("conditions.all.0.value", "value")),
        (leaf("hours_since_created", "greater", float("nan")), ("conditions.all.0.value", "value")),
        (leaf("hours_since_created", "greater", 0), ("conditions.all.0.value", "value")),
        (leaf("open_now", "is", True), ("conditions.all.0.calendar_id", "calendar")),
        (leaf("status", "is", "open", calendar_id=1), ("conditions.all.0.calendar_id", "value")),
        ({"all": [], "any": []}, ("conditions.all.0", "shape")),
        ({"field": ["x"]}, ("conditions.all.0", "shape")),
        (7, ("conditions.all.0", "shape")),
        ({"none": []}, ("conditions.all.0", "shape")),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_with_its_place(condition: Any, fault: tuple[str, str]) -> None:
    assert faults(conditions={"all": [condition]}) == [fault]


@pytest.mark.parametrize(
    ("actions", "fault"),
    [
        ([], ("actions", "actions")),
        ([{"do": "explode"}], ("actions.0", "action")),
        ([{"do": ["x"]}], ("actions.0", "action")),
        (["x"], ("actions.0", "action")),
        ([{"do": "priority", "to": "huge"}], ("actions.0.to", "value")),
        ([{"do": "priority", "to": "high", "by": 3}], ("actions.0", "shape")),
        ([{"do": "add_tag"}], ("actions.0.tag", "value")),
        ([{"do": "status", "to": "snoozed"}], ("actions.0.hours", "hours")),
        ([{"do": "reply", "text": " "}], ("actions.0.text", "text")),
        ([{"do": "reply", "text": "{{person.nmae}}"}], ("actions.0.text", "variable")),
        ([{"do": "note", "text": "{{ person.name }"}], ("actions.0.text", "brace")),
        ([{"do": "note", "text": "x" * 5001}], ("actions.0.text", "long")),
        (SOUND * 11, ("actions", "many")),
    ],
)
def test_an_action_that_makes_no_sense_is_refused_with_its_place(actions: Any, fault: tuple[str, str]) -> None:
    assert faults(actions=actions) == [fault]


def test_triggers_and_trees_have_their_limits() -> None:
    assert faults({"on": []}) == [("trigger", "triggers")]
    assert faults({"on": ["ticket.exploded"]}) == [("trigger", "trigger")]
    for odd in ({}, {"on": "x"}, {"time": False}, {"on": ["ticket.opened"], "time": True}):
        assert faults(odd) == [("trigger", "shape")]
    assert faults({"time": True}) == [("conditions", "time")]
    assert faults({"time": True}, {"any": [leaf("hours_since_created", "greater", 1)]}) == []
    deep: dict[str, Any] = {"all": []}
    for _ in range(2000):
        deep = {"all": [deep]}
    assert [reason for _, reason in faults(conditions=deep)] == ["deep"]
    assert faults(conditions={"all": [leaf("status", "is", "open")] * 31}) == [("conditions", "many")]


def test_a_macro_neither_answers_by_itself_nor_calls_others() -> None:
    for do in ({"do": "reply", "text": "x"}, {"do": "webhook", "webhook": 1}):
        assert spec.action_faults([do], spec.MACRO_ACTIONS) == [("actions.0", "action")]


def test_all_that_is_named_is_asked_for() -> None:
    tree = {
        "all": [
            leaf("team", "any_of", [1, 2]),
            leaf("tag", "is_set", True),
            leaf("open_now", "is", True, calendar_id=9),
        ]
    }
    actions = [{"do": "assign_agent", "agent": None}, {"do": "webhook", "webhook": 5}]
    assert list(spec.references(tree, actions)) == [
        ("conditions.all.0.value", "team", 1), ("conditions.all.0.value", "team", 2),
        ("conditions.all.2.calendar_id", "calendar", 9), ("actions.1.webhook", "webhook", 5),
    ]  # fmt: skip


# -- for ever -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "conditions", "actions", "loops"),
    [
        (["note.written"], [], [{"do": "note", "text": "x"}], True),
        (["ticket.priority"], [], [{"do": "note", "text": "x"}], False),
        (["ticket.priority"], [], [{"do": "priority", "to": "high"}], False),  # the second time nothing changes
        (["ticket.priority"], [], [{"do": "priority", "to": "high"}, {"do": "priority", "to": "low"}], True),
        (["ticket.status"], [], [{"do": "status", "to": "open"}, {"do": "status", "to": "pending"}], True),
        (["ticket.tagged"], [], [{"do": "add_tag", "tag": 1}, {"do": "remove_tag", "tag": 1}], True),
        (["ticket.tagged"], [], [{"do": "add_tag", "tag": 1}, {"do": "remove_tag", "tag": 2}], False),
        # its own tag ends it, and the order of the tree does not matter
        (["note.written"], [leaf("tag", "is_not", 1)], [{"do": "note", "text": "x"}, {"do": "add_tag", "tag": 1}], False),
        (["note.written"], [leaf("tag", "is_not", 2)], [{"do": "note", "text": "x"}, {"do": "add_tag", "tag": 1}], True),
        (["note.written"], [leaf("tag", "is", 1)], [{"do": "note", "text": "x"}, {"do": "remove_tag", "tag": 1}], False),
        (["note.written"], [leaf("priority", "is", "low")], [{"do": "note", "text": "x"}, *SOUND], False),
        (["note.written"], [leaf("priority", "is", "high")], [{"do": "note", "text": "x"}, *SOUND], True),
        (["note.written"], [leaf("assignee", "is_set", True)],
         [{"do": "note", "text": "x"}, {"do": "assign_agent", "agent": None}], False),
    ],
)  # fmt: skip
def test_a_rule_that_sets_itself_off_for_ever_is_refused(
    kinds: list[str], conditions: list[Any], actions: list[Any], loops: bool
) -> None:
    assert faults({"on": kinds}, {"all": conditions}, actions) == ([("actions", "loop")] if loops else [])


# -- templates ----------------------------------------------------------------------------------------------------------


def test_variables_are_filled_in_once() -> None:
    values = {"person.name": "{{ticket.number}}", "ticket.number": "7"}
    text = "{{person.name|お客様}}様 #{{ ticket.number }} {{account.name}}{{agent.name|担当}}"
    assert templates.faults(text) == []
    assert templates.render(text, values) == "{{ticket.number}}様 #7 担当"
    assert templates.render("{{person.name|お客様}}様", {"person.name": ""}) == "お客様様"


@given(st.text(alphabet="{}|. apersonme\n", max_size=40))
def test_a_sound_template_leaves_no_brace(text: str) -> None:
    if not templates.faults(text):
        rendered = templates.render(text, dict.fromkeys(templates.VARIABLES, "x"))
        assert "{{" not in rendered and "}}" not in rendered
