"""How often LINE is asked, and how much at once (L23)."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Choice, TryAgain, Undeliverable
from channels.line.compose import requests, too_large
from channels.line.rates import MOST_BYTES, RATES, Buckets
from tests.channels.line.conftest import Desk, open_line
from tests.channels.line.test_send import KEY, PUSH, asked, order, shown


@given(st.lists(st.floats(0, 0.4), min_size=1, max_size=60), st.sampled_from([("push", 10, 1.0), ("test", 6, 5.0)]))
def test_L23_no_window_sees_more_than_line_allows(pauses: list[float], rate: tuple[str, int, float]) -> None:
    name, most, window_s = rate
    buckets, now, taken = Buckets({name: (most, window_s), "": (1, 1.0)}), 0.0, []
    for pause in pauses:
        now += pause
        if buckets.take(name, now) == 0:
            taken.append(now)
    assert all(sum(start <= each < start + window_s for each in taken) <= most for start in taken)


def test_L23_the_wait_is_as_long_as_it_says_and_endpoints_do_not_share() -> None:
    buckets = Buckets({"test": (2, 3600.0), "": (2000, 1.0)})
    assert buckets.take("test", 0) == 0
    assert buckets.take("test", 0) == 3600.0
    assert buckets.take("profile", 0) == 0
    assert buckets.take("test", 3600.0) == 0
    assert {RATES["push"], RATES["reply"]} == {(2000, 1.0)} and RATES["test_endpoint"] == (60, 3600.0)


async def test_L23_an_empty_bucket_asks_nothing_and_is_no_attempt(desk: Desk) -> None:
    line = open_line(desk.cloud, desk.url, rates={"push": (2, 3600.0), "": (2000, 1.0)})
    await line.send(order(desk, "一つめ"))
    with pytest.raises(TryAgain) as held:
        await line.send(order(desk, "二つめ", key=KEY[:-1] + "2"))
    await line.close()
    assert (held.value.code, held.value.asked) == ("rate_limited", False)
    assert held.value.after is not None and 3500 < held.value.after <= 3600
    assert shown(desk) == ["一つめ"] and len(asked(desk, PUSH)) == 1


def test_L23_a_request_has_at_most_two_megabytes(desk: Desk) -> None:
    long = order(desk, "".join(f"{n}{'😀' * 2499}" for n in range(5)))
    assert [len(each) for each in requests(long)] == [5], "five of the longest texts are far below"
    wide = order(desk, choices=tuple(Choice("はい", "x" * 600_000) for _ in range(2)))
    assert all(len(orjson.dumps(each)) <= MOST_BYTES for each in requests(wide))
    assert not any(too_large(each) for each in requests(wide))


async def test_L23_one_message_that_is_too_large_is_refused_before_line_is_asked(desk: Desk) -> None:
    wide = order(desk, choices=tuple(Choice("はい", "x" * 600_000) for _ in range(4)))
    with pytest.raises(Undeliverable) as refused:
        await desk.line.send(wide)
    assert refused.value.code == "too_large" and not asked(desk, PUSH)
