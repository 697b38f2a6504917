"""E.164 with region JP (T22) and callers without a number (T8)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.phone.numbers import caller_address, e164


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("03-1234-5678", "+81312345678"),
        ("０９０ー１２３４ー５６７８", "+819012345678"),
        ("(090) 1234 5678", "+819012345678"),
        ("+81 (0)90-1234-5678", "+819012345678"),
        ("tel:+81-90-1234-5678", "+819012345678"),
        ("184-090-1234-5678", "+819012345678"),
        ("1860312345678", "+81312345678"),
        ("0120-123-456", "+81120123456"),
        ("0570-012345", "+81570012345"),
        ("050-1234-5678", "+815012345678"),
        ("+14155550123", "+14155550123"),
        ("110", None),
        ("119", None),
        ("", None),
        ("三河屋", None),
        ("+", None),
    ],
)
def test_T22_numbers_as_people_write_them(written: str, number: str | None) -> None:
    assert e164(written) == number


def test_T22_region_decides_what_a_short_form_means() -> None:
    assert e164("(415) 555-2671", "US") == "+14155552671"
    assert e164("(415) 555-2671", "JP") is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_T22_any_text_is_a_number_or_none(written: str) -> None:
    number = e164(written)
    assert number is None or e164(number) == number


@pytest.mark.parametrize(
    "caller", ["anonymous", "Anonymous", "+266696687", "266696687", "", "RESTRICTED", "+7378742833"]
)
def test_T8_two_withheld_callers_are_never_one_person(caller: str) -> None:
    first, second = caller_address(caller, "CA1"), caller_address(caller, "CA2")
    assert first.value == second.value == "anonymous"
    assert first.key != second.key


def test_a_caller_with_a_number_is_the_same_person_at_every_call() -> None:
    assert (
        caller_address("+819011112222", "CA1").key
        == caller_address("+819011112222", "CA2").key
        == "phone::+819011112222"
    )


def test_a_number_that_nobody_knows_is_kept_as_it_came() -> None:
    assert caller_address("+99912345", "CA1").value == "+99912345"
