"""Erlang C against the vectors of domain 5.3."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.erlang import Goal, needed, rostered, staffed, work_through

LOOSE = Goal(occupancy=1.0)


@pytest.mark.parametrize(
    ("agents", "waits", "level", "asa"),
    [
        (11, 0.68212, 0.38961, 122.781), (12, 0.44939, 0.64016, 40.445), (13, 0.28527, 0.79559, 17.116),
        (14, 0.17413, 0.88835, 7.836), (15, 0.10204, 0.94145, 3.674), (16, 0.05734, 0.97056, 1.720),
    ],
)  # fmt: skip
def test_erlang_c_of_ten_erlangs(agents: int, waits: float, level: float, asa: float) -> None:
    found = staffed(10.0, agents, handling_s=180, within_s=20)
    assert (found.waits, found.service_level) == (pytest.approx(waits, abs=6e-6), pytest.approx(level, abs=6e-6))
    assert found.asa_s == pytest.approx(asa, abs=6e-4) and found.occupancy == pytest.approx(10 / agents)


@pytest.mark.parametrize(
    ("calls", "interval", "handling", "agents", "level", "asa"),
    [
        (100, 1800, 180, 14, 0.88835, 7.836), (120, 900, 300, 46, 0.821835, 13.2895), (20, 3600, 360, 4, 0.844376, 31.3043),
        (360, 3600, 240, 29, 0.840283, 11.6292),
    ],
)  # fmt: skip
def test_how_many_80_20_needs(calls: int, interval: int, handling: int, agents: int, level: float, asa: float) -> None:
    found = needed(calls, interval_s=interval, handling_s=handling, goal=LOOSE)
    assert found is not None and found.agents == agents
    assert (found.service_level, found.asa_s) == (pytest.approx(level, abs=6e-6), pytest.approx(asa, abs=6e-4))


def test_too_few_agents_never_catch_up_and_no_calls_need_nobody() -> None:
    assert staffed(10.0, 10, handling_s=180, within_s=20).asa_s == inf
    assert needed(0, interval_s=1800, handling_s=180, goal=LOOSE) is None
    assert needed(5, interval_s=1800, handling_s=0, goal=LOOSE) is None
    assert needed(10**9, interval_s=60, handling_s=300, goal=LOOSE) is None


@given(st.floats(0.05, 300), st.floats(10, 900), st.floats(0, 120))
def test_one_agent_more_is_never_worse(load: float, handling: float, within: float) -> None:
    levels = [staffed(load, n, handling_s=handling, within_s=within).service_level for n in range(1, int(load) + 12)]
    assert all(0 <= one <= other <= 1 for one, other in pairwise(levels))


def test_nobody_is_busier_than_the_goal_allows_and_the_roster_is_longer() -> None:
    found = needed(120, interval_s=900, handling_s=300, goal=Goal(occupancy=0.85))
    assert found is not None and found.agents == 48 and found.occupancy <= 0.85
    assert [rostered(14, 0.3), rostered(7, 0.3), rostered(5, 0.0)] == [20, 10, 5]


def test_mail_and_line_need_hands_for_the_work_not_for_a_queue() -> None:
    assert work_through(60, interval_s=3600, handling_s=600, occupancy=0.8, concurrency=1) == pytest.approx(12.5)
    assert work_through(60, interval_s=3600, handling_s=600, occupancy=0.8, concurrency=2) == pytest.approx(6.25)
