"""The plain tables: who may do what, what follows what, when it is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Role, Status
from app.rules import lifecycle
from app.rules.calls import outcome
from app.rules.permissions import GRANTS, may
from app.text import clean_html, plain, preview, storable

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_roles_grow_but_success_stands_beside() -> None:
    assert GRANTS[Role.AGENT] < GRANTS[Role.LEAD] < GRANTS[Role.OWNER]
    assert not GRANTS[Role.SUCCESS] & {"ticket.reply", "ticket.work", "call.answer", "setting.write", "raw.read"}
    assert not may("nobody", "ticket.read") and not may("", "") and not may(Role.OWNER, "everything")


@pytest.mark.parametrize("status", [*Status, "asleep", ""])
def test_what_an_agent_may_set(status: str) -> None:
    if status in ("asleep", ""):
        with pytest.raises(lifecycle.UnknownStatus):
            lifecycle.check(status, None, NOW)
    elif status == "snoozed":
        for until in (None, NOW, NOW - timedelta(seconds=1)):
            with pytest.raises(lifecycle.SnoozeNeedsTime):
                lifecycle.check(status, until, NOW)
        lifecycle.check(status, NOW + timedelta(microseconds=1), NOW)
    else:
        lifecycle.check(status, None, NOW)


def test_T21_what_became_of_a_call() -> None:
    assert outcome(answered=True, voicemail=True) == "answered"
    assert outcome(answered=False, voicemail=True) == "voicemail"
    assert outcome(answered=False, voicemail=False) == "missed"


# -- text ---------------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_plain_text_fits_every_database(text: str) -> None:
    clean = plain(text)
    clean.encode()
    assert "\x00" not in clean and "\r" not in clean and plain(clean) == clean


@given(st.text(st.characters(exclude_categories=()), max_size=600))
def test_a_preview_is_one_short_line(text: str) -> None:
    line = preview(plain(text))
    assert len(line) <= 200 and "\n" not in line and line == line.strip()


def test_previews_cut_between_graphemes() -> None:
    family = "👨‍👩‍👧‍👦"
    assert preview(family * 200).rstrip("…").replace(family, "") == ""
    assert preview("短い") == "短い"


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=9), lambda x: st.lists(x) | st.dictionaries(st.text(max_size=5), x)
)


@given(JSON)
def test_storable_keeps_the_shape(value: object) -> None:
    assert storable(storable(value)) == storable(value)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
        "<svg onload=alert(1)>", "<iframe src='https://evil.example'>", "<form action='https://evil.example'><input></form>",
        "<style>body{background:url(https://evil.example)}</style>", "<a href='data:text/html,<script>'>x</a>",
        "<div style='background:url(javascript:alert(1))'>x</div>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<object data='x'>", "<meta http-equiv=refresh content='0;url=https://evil.example'>", "<base href='https://evil.example'>",
    ],
)  # fmt: skip
def test_E19_nothing_that_runs_survives(html: str) -> None:
    clean = clean_html(html).lower()
    bad = ("script", "onerror", "onload", "iframe", "<form", "<style", "data:", "<object", "<meta", "<base", "url(")
    assert not [each for each in bad if each in clean], clean


@given(st.integers(1, 3000))
def test_deeply_nested_html_is_given_up_quickly(depth: int) -> None:
    assert len(clean_html("<div>" * depth + "x" + "</div>" * depth)) < 50_000
