"""Where a message belongs (E1, E7, E11, L9), as values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Status
from app.rules.threads import Came, Known, Place, Where, may_continue, place

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def came(at: datetime = NOW, *, auto: bool = False, opens: bool = True, reopens: bool = True) -> Came:
    return Came(sent_at=at, auto=auto, opens=opens, reopens=reopens)


def known(status: str, *, resolved: datetime | None = None, customer: datetime | None = None) -> Known:
    return Known(7, status, resolved, resolved or NOW - DAY, customer)


def judge(message: Came, thread: Known | None) -> Place:
    return place(message, thread, now=NOW, reopen_days=14)


def test_without_a_thread_it_opens_a_ticket_if_it_may() -> None:
    assert judge(came(), None).where == Where.NEW
    assert judge(came(opens=False), None).where == Where.NOWHERE  # L15: group chatter


def test_an_open_ticket_takes_it_a_waiting_one_wakes() -> None:
    assert judge(came(), known(Status.OPEN)).where == Where.APPEND
    assert judge(came(), known(Status.PENDING)).where == Where.REOPEN
    assert judge(came(), known(Status.SNOOZED)).where == Where.REOPEN


@pytest.mark.parametrize("quiet", [came(auto=True), came(reopens=False)])
def test_E11_a_machine_or_a_thank_you_sticker_wakes_nothing(quiet: Came) -> None:
    for status in (Status.PENDING, Status.SNOOZED, Status.RESOLVED, Status.CLOSED):
        assert judge(quiet, known(status, resolved=NOW - DAY)).where == Where.APPEND


def test_a_resolved_ticket_reopens_within_its_days_and_is_followed_by_another_after() -> None:
    assert judge(came(), known(Status.RESOLVED, resolved=NOW - 14 * DAY)).where == Where.REOPEN
    later = judge(came(), known(Status.RESOLVED, resolved=NOW - 15 * DAY))
    assert (later.where, later.related) == (Where.NEW, 7)
    closed = judge(came(), known(Status.CLOSED, resolved=NOW - DAY))
    assert (closed.where, closed.related) == (Where.NEW, 7)


def test_spam_stays_spam() -> None:
    assert judge(came(), known(Status.SPAM)).where == Where.APPEND


def test_L9_a_late_event_does_not_reopen_unless_it_is_the_newest_word() -> None:
    ended = NOW - timedelta(hours=1)
    late = came(ended - timedelta(minutes=5))
    newer_word = known(Status.RESOLVED, resolved=ended, customer=ended - timedelta(minutes=1))
    older_word = known(Status.RESOLVED, resolved=ended, customer=ended - timedelta(minutes=9))
    assert judge(late, newer_word).where == Where.APPEND
    assert judge(late, older_word).where == Where.REOPEN


def test_E7_members_and_colleagues_may_continue_strangers_and_public_domains_may_not() -> None:
    members = ["aoi@shop.example", "ren@gmail.com"]
    assert may_continue("AOI@shop.example", members)
    assert may_continue("boss@shop.example", members)
    assert not may_continue("mallory@other.example", members)
    assert not may_continue("mallory@gmail.com", members)
    assert not may_continue("mallory@shop.example.evil.example", members)


@given(
    status=st.sampled_from(list(Status)), auto=st.booleans(), opens=st.booleans(), reopens=st.booleans(),
    resolved=st.none() | st.integers(0, 400), customer=st.none() | st.integers(0, 400), at=st.integers(0, 400),
)  # fmt: skip
def test_every_message_has_a_place_and_machines_change_no_status(
    status: str, auto: bool, opens: bool, reopens: bool, resolved: int | None, customer: int | None, at: int
) -> None:
    def ago(hours: int | None) -> datetime | None:
        return None if hours is None else NOW - timedelta(hours=hours)

    thread = known(status, resolved=ago(resolved), customer=ago(customer))
    found = judge(came(NOW - timedelta(hours=at), auto=auto, opens=opens, reopens=reopens), thread)
    assert found.where != Where.NOWHERE  # there is a thread: it is never only kept
    if auto or not reopens:
        assert found.where == Where.APPEND
    if not opens:
        assert found.where != Where.NEW
