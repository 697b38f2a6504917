"""Retries, statuses, permissions and calls, as values."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import CallState, Role, Status
from app.rules import calls, lifecycle, retry
from app.rules.permissions import GRANTS, may

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


def test_retries_wait_longer_each_time_and_end() -> None:
    waits = [retry.send_delay(n) for n in range(1, 20)]
    given = [wait for wait in waits if wait is not None]
    assert given == sorted(given) and waits[-1] is None
    assert sum(given) > 48 * 3600  # E29: patience for greylisting and outages
    assert retry.send_delay(1, 120) == 120
    assert retry.send_delay(1, 0) == 0.5  # never a busy loop
    assert retry.send_delay(99, 5) is None  # the provider's wish does not make it endless


def test_L13_fetching_gives_up_after_about_a_quarter_of_an_hour() -> None:
    waits = [retry.fetch_delay(n) for n in range(1, 30)]
    total = sum(wait for wait in waits if wait is not None)
    assert 10 * 60 < total <= 20 * 60 and waits[-1] is None


def test_snoozing_needs_a_time_to_come() -> None:
    lifecycle.check(Status.SNOOZED, NOW + timedelta(minutes=1), NOW)
    for until in (None, NOW, NOW - timedelta(days=1)):
        with pytest.raises(lifecycle.SnoozeNeedsTime):
            lifecycle.check(Status.SNOOZED, until, NOW)
    with pytest.raises(lifecycle.UnknownStatus):
        lifecycle.check("merged", None, NOW)


def test_an_answer_opens_what_was_ended_and_leaves_what_is_going_on() -> None:
    assert lifecycle.after_reply("", Status.RESOLVED) == Status.OPEN
    assert lifecycle.after_reply("", Status.PENDING) == Status.PENDING
    assert lifecycle.after_reply("resolved", Status.OPEN) == "resolved"


def test_every_role_has_its_grants_and_success_managers_do_not_answer_customers() -> None:
    assert set(GRANTS) == set(Role)
    assert GRANTS[Role.AGENT] <= GRANTS[Role.LEAD] | {"raw.read"} <= GRANTS[Role.OWNER] | {"raw.read"}
    assert not may(Role.SUCCESS, "ticket.reply") and may(Role.SUCCESS, "note.write")
    assert not may(Role.AGENT, "setting.write") and may(Role.OWNER, "setting.write")
    assert not may("nobody", "ticket.read")


def test_T6_a_call_never_comes_back_from_its_end() -> None:
    for state in CallState:
        assert not calls.may_follow(CallState.ENDED, state)
        assert not calls.may_follow(state, state)
