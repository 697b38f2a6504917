"""Where a customer's message belongs (E1, E7, L9): values in, values out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Status
from app.rules.threads import Came, Known, Where, may_continue, place

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def came(minutes: int = 0, *, auto: bool = False, opens: bool = True, reopens: bool = True) -> Came:
    return Came(NOW + timedelta(minutes=minutes), auto, opens, reopens)


def known(status: str, *, ended: int | None = None, heard: int | None = None) -> Known:
    """`ended` and `heard`: minutes from now."""
    resolved = None if ended is None else NOW + timedelta(minutes=ended)
    return Known(7, status, resolved, resolved or NOW, None if heard is None else NOW + timedelta(minutes=heard))


@pytest.mark.parametrize(
    ("message", "thread", "where", "related"),
    [
        (came(), None, Where.NEW, None),
        (came(opens=False), None, Where.NOWHERE, None),
        (came(auto=True), None, Where.NEW, None),
        (came(), known("open"), Where.APPEND, None),
        (came(), known("pending"), Where.REOPEN, None),
        (came(), known("snoozed"), Where.REOPEN, None),
        (came(auto=True), known("pending"), Where.APPEND, None),
        (came(reopens=False), known("snoozed"), Where.APPEND, None),
        (came(opens=False), known("pending"), Where.REOPEN, None),
        (came(), known("spam"), Where.APPEND, None),
        (came(), known("resolved", ended=-60), Where.REOPEN, None),
        (came(), known("resolved", ended=-14 * 1440), Where.REOPEN, None),
        (came(), known("resolved", ended=-14 * 1440 - 1), Where.NEW, 7),
        (came(opens=False), known("resolved", ended=-15 * 1440), Where.APPEND, 7),
        (came(), known("closed", ended=-1), Where.NEW, 7),
        (came(auto=True), known("resolved", ended=-1), Where.APPEND, None),
        (came(reopens=False), known("closed", ended=-1), Where.APPEND, None),
        (came(-30), known("resolved", ended=-20, heard=-25), Where.APPEND, None),  # L9: late, and not the newest
        (came(-22), known("resolved", ended=-20, heard=-25), Where.REOPEN, None),  # L9: late, but the newest
        (came(-10), known("resolved", ended=-20, heard=-5), Where.REOPEN, None),  # written after it was resolved
        (came(-30), known("resolved", ended=-20), Where.REOPEN, None),  # nothing is known of an earlier one
    ],
)
def test_where_a_message_goes(message: Came, thread: Known | None, where: Where, related: int | None) -> None:
    found = place(message, thread, now=NOW, reopen_days=14)
    assert found.where == where
    if where == Where.NEW:
        assert found.related == related


@given(
    auto=st.booleans(), opens=st.booleans(), reopens=st.booleans(), status=st.sampled_from(list(Status)),
    minutes=st.integers(-100_000, 100), ended=st.integers(-100_000, 0), heard=st.integers(-100_000, 0) | st.none(),
    days=st.integers(0, 60),
)  # fmt: skip
def test_what_never_happens(
    auto: bool, opens: bool, reopens: bool, status: str, minutes: int, ended: int, heard: int | None, days: int
) -> None:
    found = place(
        came(minutes, auto=auto, opens=opens, reopens=reopens),
        known(status, ended=ended, heard=heard),
        now=NOW,
        reopen_days=days,
    )
    assert found.where != Where.NOWHERE, "a known thread keeps what is said in it"
    if auto or not reopens:
        assert found.where == Where.APPEND
    if not opens:
        assert found.where != Where.NEW
    if status in ("open", "spam"):
        assert found.where == Where.APPEND


@pytest.mark.parametrize(
    ("sender", "members", "may"),
    [
        ("sato@customer.example", ["sato@customer.example"], True),
        ("SATO@Customer.Example", ["sato@customer.example"], True),
        ("suzuki@customer.example", ["sato@customer.example"], True),
        ("suzuki@evil-customer.example", ["sato@customer.example"], False),
        ("suzuki@sub.customer.example", ["sato@customer.example"], False),
        ("b@gmail.com", ["a@gmail.com"], False),
        ("a@gmail.com", ["a@gmail.com"], True),
        ("b@docomo.ne.jp", ["a@docomo.ne.jp"], False),
        ("x@customer.example", [], False),
        ("U1", ["U2"], False),
        ("", ["sato@customer.example"], False),
    ],
)
def test_E7_who_may_continue(sender: str, members: list[str], may: bool) -> None:
    assert may_continue(sender, members) is may


def test_E7_addresses_without_a_domain_share_no_company() -> None:
    """Two LINE users, or two telephone numbers, have the same empty domain: that is no company."""
    assert not may_continue("+819011112222", ["+819033334444"])
