"""C3, C4: what hands a case over, who may do what with it, and who writes to the customer."""

import pytest

from app.rules.success.causes import TRIGGERS, Seen, causes, own_words
from app.rules.success.handover import Held, NotForYou, NotSo, check, may_write, voice


def seen(kind: str, **more: object) -> list[str]:
    given: dict[str, object] = {"kind": kind, "has_account": True}
    return [each.cause for each in causes(Seen(**(given | more)), {"rivals": ["ライバル屋"]})]


EVENTS = (
    "message.received", "survey.answered", "ticket.reopened", "clock.breached", "background.changed", "harassment.flagged",
    "health.changed",
)  # fmt: skip


def test_C4_what_hands_a_case_over() -> None:
    assert seen("message.received", text="契約を解約したい。ﾗｲﾊﾞﾙ屋にします") == ["words", "rival"]
    assert seen("message.received", text="解約", has_account=False) == seen("note.written", text="解約") == []
    assert seen("message.received", text="お願いします", role="sponsor") == ["executive"]
    assert seen("message.received", text="お願いします", role="champion") == []
    assert [seen("survey.answered", score=score) for score in (1, 2, 3, None)] == [["csat"], ["csat"], [], []]
    assert [seen("ticket.reopened", reopened=times) for times in (1, 2, 3)] == [[], ["reopened"], ["reopened"]]
    assert seen("clock.breached", tier="high") == ["breach"] and seen("clock.breached", tier="low") == []
    assert seen("background.changed", same_cause=2) == [] and seen("background.changed", same_cause=3) == ["repeats"]
    assert seen("harassment.flagged") == ["harassment"]
    assert seen("health.changed", health=("yellow", "red", 41)) == ["health"]
    assert (
        seen("health.changed", health=("red", "yellow", 55)) == seen("health.changed", health=("red", "red", 9)) == []
    )


def test_C4_each_trigger_is_off_by_its_own_switch_and_has_its_own_form() -> None:
    for cause in TRIGGERS:
        off = {"rivals": ["解約"], "rules": {cause: {"on": False}}}
        other = {"rivals": ["解約"], "rules": {cause: {"form": "transfer", "rest_h": 5}}}
        found, left = set(), set()
        for kind in EVENTS:
            known = Seen(
                kind=kind, text="解約", role="sponsor", tier="high", score=1, reopened=9, same_cause=9, has_account=True,
                health=("blue", "red", 40),
            )  # fmt: skip
            left |= {each.cause for each in causes(known, off)}
            found |= {(each.form, each.rest_h) for each in causes(known, other) if each.cause == cause}
        assert left == set(TRIGGERS) - {cause} and found == {("transfer", 5)}


def test_C4_what_is_only_quoted_sets_nothing_off() -> None:
    text = "承知しました。\n> 解約の件ですが"
    assert own_words(text, text.index(">")) == "承知しました。\n" and own_words(text, None) == text
    (found,) = causes(
        Seen(kind="message.received", text="もう" * 50 + "ｶｲﾔｸ解約です" + "。" * 90, has_account=True), {}
    )
    assert (
        found.evidence["word"] == "解約"
        and "解約です" in found.evidence["quote"]
        and len(found.evidence["quote"]) < 130
    )


def test_C3_only_the_present_owner_writes_to_the_customer() -> None:
    offered, accepted = Held("transfer", "offered", 7, None), Held("transfer", "accepted", 7, 7)
    assert voice([offered]) is None, "what is only offered leaves the customer with the desk"
    assert voice([Held("consult", "accepted", 7, 7)]) is None and voice([offered, accepted]) == 7
    for role, agent, override, allowed in (
        ("success", 7, False, True), ("success", 8, True, False), ("agent", 1, True, False), ("lead", 2, False, False),
        ("lead", 2, True, True), ("owner", 3, True, True),
    ):  # fmt: skip
        assert may_write(7, agent=agent, role=role, override=override) is allowed
    assert may_write(None, agent=1, role="agent", override=False)
    assert not may_write(None, agent=7, role="success", override=True)


def test_C3_the_life_of_a_handover() -> None:
    check(Held("inform", "offered", None, None), "accepted", agent=7, role="success")
    check(Held("inform", "accepted", 7, 7), "closed", agent=2, role="lead")
    for state, to in (
        ("offered", "closed"),
        ("accepted", "declined"),
        ("closed", "accepted"),
        ("declined", "accepted"),
    ):
        with pytest.raises(NotSo):
            check(Held("inform", state, None, 7), to, agent=7, role="owner")
    with pytest.raises(NotForYou):
        check(Held("inform", "offered", 8, None), "accepted", agent=7, role="success")
    with pytest.raises(NotForYou):
        check(Held("inform", "accepted", None, 8), "returned", agent=7, role="success")
