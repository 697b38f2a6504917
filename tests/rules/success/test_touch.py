"""C2: which cell of the matrix decides, which matrices are none, and what a new one would have changed."""

import pytest

from app.rules.success.kinds import DEFAULTS, WrongKinds, check, guess, is_complaint
from app.rules.success.touch import TEMPLATE, Case, Past, cell, choose, faults, simulate

KINDS = {each["code"] for each in DEFAULTS}
CHANNELS = {"line", "email", "phone", "chat"}


def wrong(*cells: dict[str, object]) -> list[tuple[str, str]]:
    return faults(cells, kinds=KINDS, channels=CHANNELS)


def answer(tier: str, kind: str = "", hours: str = "in") -> tuple[str, str, bool] | None:
    found = choose(TEMPLATE, Case(tier=tier, kind=kind, channel="line", hours=hours))
    return (found["owner"], found["form"], found["copy"]) if found else None


def test_C2_the_usual_matrix_says_what_the_seed_says() -> None:
    assert wrong(*TEMPLATE) == []
    assert [answer("tech", kind) for kind in ("", "contract", "trouble")] == [("support", "", False)] * 3
    assert answer("low", "howto") == answer("low", "trouble") == ("support", "", False)
    assert answer("low", "contract") == ("pool", "transfer", False) and answer("low", "training") == (
        "pool",
        "consult",
        False,
    )
    assert answer("high", "trouble") == ("support", "inform", True)
    assert answer("high", "strategy") == answer("high", "contract") == ("manager", "transfer", False)
    assert answer("high", "contract", "out") == ("support", "consult", True), (
        "out of hours the desk answers and hands back"
    )
    assert answer("") is None, "an account that nobody has put into a tier is support's as ever"


def test_C2_the_cell_that_names_most_wins_whatever_its_place() -> None:
    cells = [cell(), cell("pool", "consult", tier="high"), cell("manager", "transfer", tier="high", kind="contract")]
    for order in (cells, cells[::-1]):
        for case, owner in (
            (Case(tier="low"), "support"), (Case(tier="high", kind="howto"), "pool"),
            (Case(tier="high", kind="contract", channel="phone", hours="out"), "manager"),
        ):  # fmt: skip
            found = choose(order, case)
            assert found is not None and found["owner"] == owner


def test_C2_two_cells_that_say_equally_much_of_the_same_ticket_are_refused() -> None:
    high, phone = cell("pool", "inform", tier="high"), cell(channel="phone")
    assert wrong(high, phone) == [("1", "conflict")]
    assert wrong(high, phone, cell(tier="high", channel="phone")) == [], "a third says what holds where they meet"
    assert wrong(high, cell(tier="low")) == [] and wrong(high, high) == [("1", "twice")]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (cell(tier="vip"), ("0.tier", "word")), (cell(kind="none"), ("0.kind", "word")),
        (cell(hours="noon"), ("0.hours", "word")),
        (cell(channel="fax"), ("0.channel", "word")), (cell("manager"), ("0.form", "form_missing")),
        (cell("support", "transfer"), ("0.form", "form_owner")), (cell("nobody"), ("0.owner", "word")),
    ],
)  # fmt: skip
def test_C2_a_cell_that_makes_no_sense_is_refused_with_its_place(
    given: dict[str, object], fault: tuple[str, str]
) -> None:
    assert wrong(given) == [fault]


def test_C2_the_simulation_counts_cells_changes_and_load() -> None:
    past = [
        Past(number=1, case=Case(tier="tech", kind="contract"), manager=7, team=3),
        Past(number=2, case=Case(tier="high", kind="contract"), manager=7, team=3),
        Past(number=3, case=Case(tier="high", kind="contract"), manager=None, team=3),
        Past(number=4, case=Case(tier=""), team=4),
    ]
    found = simulate(past, TEMPLATE, ())
    assert (found["tickets"], found["unmatched"], found["changed"], sum(found["cells"])) == (4, 1, 2, 3)
    assert [(each["number"], each["was"]["id"], each["to"]["owner"], each["to"]["id"]) for each in found["examples"]] == [
        (2, 3, "manager", 7), (3, 3, "pool", None),
    ]  # fmt: skip
    assert [(each["owner"], each["id"], each["before"], each["after"]) for each in found["load"]] == [
        ("support", 3, 3, 1), ("support", 4, 1, 1), ("pool", None, 0, 1), ("manager", 7, 0, 1),
    ]  # fmt: skip
    assert simulate(past, TEMPLATE, TEMPLATE)["changed"] == 0


def test_kinds_of_inquiry_keep_their_codes_and_are_only_guessed() -> None:
    assert guess("請求書の宛名と、領収書について", DEFAULTS) == "billing" and guess("こんにちは", DEFAULTS) == ""
    assert guess("ｲﾝﾎﾞｲｽの件", DEFAULTS) == "billing" and is_complaint(DEFAULTS, "trouble")
    off = [each | {"off": each["code"] == "billing"} for each in DEFAULTS]
    assert guess("請求書と領収書", off) == ""
    check(off, DEFAULTS)
    for given in (DEFAULTS[1:], [*DEFAULTS, DEFAULTS[0]], [DEFAULTS[0] | {"code": "Ärger"}, *DEFAULTS[1:]]):
        with pytest.raises(WrongKinds):
            check(given, DEFAULTS)
