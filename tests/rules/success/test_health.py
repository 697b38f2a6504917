"""Health (C5, C6, C7): bounded, in any order, honest about what is missing; colours that do not tremble; the trend."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.success import health
from app.rules.success.formula import Formula, Hard, Measure, Segment, chosen, faults, held
from app.rules.success.health import Standing, by_score, score, shown, slope, with_week
from app.rules.success.measures import MEASURES, Facts
from app.rules.success.standing import Before, after

NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
ANY = {code: Measure(code, 100 / len(MEASURES), 0.0, 10.0) for code in MEASURES}
WHOLE = Formula(measures=tuple(ANY.values()))
numbers = st.none() | st.floats(0, 400)
counts = st.integers(0, 50)
facts = st.builds(
    Facts, used=counts, usual=numbers, things=counts, members=counts, members_ever=counts, last_use=numbers,
    first_use=numbers, seats=st.none() | st.integers(0, 50), begun=numbers, renewal=numbers, unpaid=numbers,
    urgent=counts, aged=counts, cases=counts, cases_before=counts, reopened=counts, unsolved=counts, csat=numbers,
    contact=numbers, sponsor=numbers, pulse=st.none() | st.integers(1, 5), pulse_age=numbers,
)  # fmt: skip


@given(facts, st.permutations(list(ANY.values())))
def test_P6_a_score_is_within_bounds_and_no_order_of_measures_changes_it(known: Facts, order: list[Measure]) -> None:
    found = score(WHOLE, known)
    assert found == score(replace(WHOLE, measures=tuple(order)), known)
    assert found.points is None or 0 <= found.points <= 100
    told = [part for part in found.parts if "missing" not in part]
    if found.points is not None:
        assert sum(part["points"] for part in told) == pytest.approx(found.points, abs=0.2)
        assert sum(part["lost"] for part in told) == pytest.approx(100 - found.points, abs=0.2)


@given(facts)
def test_P6_what_is_missing_is_dropped_and_with_less_than_half_nothing_is_said(known: Facts) -> None:
    found = score(WHOLE, known)
    missing = {part["code"] for part in found.parts if "missing" in part}
    assert found.present == pytest.approx(1 - len(missing) / len(MEASURES))
    assert (found.points is None) == (found.present < 0.5)
    kept = tuple(each for each in WHOLE.measures if each.code not in missing)
    if found.points is not None:
        assert score(replace(WHOLE, measures=kept), known).points == pytest.approx(found.points)


def test_C6_tickets_are_not_bad_in_themselves() -> None:
    load = Formula(measures=(Measure("support.load", 100, 4, 1.5),))
    asking = Facts(stage="onboarding", cases=12, cases_before=3)
    assert score(load, asking).points is None  # questions while they begin count neither way
    assert score(load, replace(asking, stage="steady")).points == 0
    # Nothing asked and nothing used is no good sign: what support says is missing, and silence counts.
    both = Formula(measures=(Measure("support.open", 50, 6, 0), Measure("relation.quiet", 50, 45, 7, 120)))
    assert score(both, Facts(last_use=44, contact=60)).points == pytest.approx(2.63, abs=0.1)
    assert score(both, Facts(last_use=1, cases=9)).points == 100


def test_what_is_stale_is_dropped_and_may_be_made_to_count_as_the_worst() -> None:
    fresh = Measure("support.csat", 50, 1, 5, fresh_days=30)
    other = Measure("pulse", 50, 1, 5)
    old = Facts(csat=5.0, csat_age=31, pulse=3)
    found = score(Formula(measures=(fresh, other)), old)
    assert (found.points, found.parts[1]["missing"]) == (50, "stale")
    assert score(Formula(measures=(replace(fresh, missing="worst"), other)), old).points == 25


def test_C5_a_border_is_passed_by_three_points_and_a_colour_stays_a_day() -> None:
    was = Standing("blue", NOW - timedelta(days=2))
    assert by_score(WHOLE, 72.5, was, NOW).colour == "blue"
    assert by_score(WHOLE, 71.9, was, NOW) == Standing("yellow", NOW)
    assert by_score(WHOLE, 20, Standing("blue", NOW - timedelta(hours=23)), NOW).colour == "blue"
    assert by_score(WHOLE, 77.9, Standing("yellow", was.since), NOW).colour == "yellow"
    assert by_score(WHOLE, 78, Standing("yellow", was.since), NOW).colour == "blue"
    assert by_score(WHOLE, 74, None, NOW).colour == "yellow"
    assert by_score(WHOLE, None, was, NOW).colour == "grey"


@given(st.lists(st.floats(73, 76.9), min_size=2, max_size=30))
def test_C5_a_score_that_trembles_about_a_border_changes_the_colour_never(points: list[float]) -> None:
    standing, now = by_score(WHOLE, points[0], None, NOW), NOW
    first = standing.colour
    for each in points:
        now += timedelta(days=3)
        standing = by_score(WHOLE, each, standing, now)
    assert standing.colour == first


def test_C5_a_hard_rule_goes_before_the_score_and_a_person_before_both() -> None:
    given = replace(WHOLE, hard=(Hard("unpaid", 30, "red"), Hard("champion_gone", 0, "yellow")))
    assert held(given, Facts(unpaid=30)) == []
    assert shown("blue", held(given, Facts(champion_gone=True))) == "yellow"
    assert shown("red", held(given, Facts(champion_gone=True))) == "red"
    assert shown("grey", held(given, Facts(unpaid=31, champion_gone=True))) == "red"
    assert shown("red", held(given, Facts(unpaid=31)), "blue") == "blue"
    assert shown("grey", []) == "grey"


def test_C7_the_trend_is_a_slope_and_a_week_without_a_word_is_as_the_one_before() -> None:
    weeks = {str(90 + n): 80 - 5 * n for n in range(9)}
    assert slope(weeks, 98, 4) == slope(weeks, 98, 8) == -5
    assert slope({"98": 50, "97": 60}, 98, 4) is None
    assert slope({"94": 60, "98": 60}, 98, 4) == 0
    assert with_week(weeks, 100, 33).keys() == {str(n) for n in (*range(92, 99), 100)}


def test_drivers_say_what_moved_a_score() -> None:
    then = [{"code": "usage.trend", "lost": 1.0}, {"code": "pulse", "lost": 4.0}]
    now = [{"code": "usage.trend", "lost": 13.0}, {"code": "pulse", "missing": "stale"}]
    assert health.drivers(now, then) == [("usage.trend", -12.0), ("pulse", 4.0)]


def test_the_most_specific_formula_is_taken() -> None:
    known = [
        (Segment(), replace(WHOLE, id=1)),
        (Segment("high"), replace(WHOLE, id=2)),
        (Segment("", "steady"), replace(WHOLE, id=3)),
    ]
    picked = [chosen(known, *each) for each in (("low", ""), ("high", "renewal"), ("high", "steady"))]
    assert [each and each.id for each in picked] == [1, 2, 3]
    assert chosen([], "high", "") is None


def measure(**more: object) -> dict[str, object]:
    return {"code": "pulse", "weight": 100.0, "worst": 1.0, "best": 5.0} | more


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"measures": [measure(weight=60.0)]}, "not_hundred"),
        ({"measures": [measure(weight=-1.0)]}, "weight"),
        ({"measures": [measure(weight=float("nan"))]}, "no_number"),
        ({"measures": [measure(best=1.0)]}, "no_span"),
        ({"measures": [measure(weight=50.0), measure(weight=50.0)]}, "twice"),
        ({"measures": [measure(code="tickets")]}, "unknown"),
        ({"measures": []}, "not_hundred"),
        ({"measures": [measure()], "blue_from": 40.0}, "thresholds"),
        ({"measures": [measure()], "hysteresis": 13.0}, "hysteresis"),
        ({"measures": [measure()], "hard": [{"code": "unpaid", "over": -1.0, "most": "red"}]}, "hard"),
    ],
)
def test_an_impossible_formula_is_told_why(spec: dict[str, object], why: str) -> None:
    assert [code for _, code in faults(spec)] == [why]


def test_the_past_gets_a_line_for_a_change_and_not_for_each_look() -> None:
    given = Formula(measures=(Measure("pulse", 100, 1, 5),), id=1)
    first = after(Before(), given, Facts(pulse=5), NOW)
    assert (first.values["colour"], first.noted, first.changed, first.values["stamp"]) == ("blue", True, True, 1)
    names = ("stamp", "colour", "scored", "since", "shown_since", "weeks", "formula_id", "noted_at", "noted")
    before = Before(**{name: first.values[name] for name in names})
    again = after(before, given, Facts(pulse=5), NOW + timedelta(hours=1))
    assert (again.noted, again.changed) == (False, False)
    by_hand = after(before, given, Facts(pulse=5), NOW + timedelta(hours=1), hand=("red", NOW + timedelta(hours=9)))
    assert (by_hand.values["colour"], by_hand.values["scored"], by_hand.changed) == ("red", "blue", True)
    assert by_hand.values["due_at"] == NOW + timedelta(hours=9)
