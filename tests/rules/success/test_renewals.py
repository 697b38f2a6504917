"""C13: the marks before a renewal, the last day of notice, the next term, and totals that add up."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.rules.success.renewals import CATEGORIES, Counted, following, mark, next_term, notice, totals


def test_C13_the_latest_mark_that_has_passed() -> None:
    assert [mark(days) for days in (181, 180, 121, 120, 61, 30, 0, -3)] == [None, 180, 180, 120, 90, 30, 30, 30]


def test_C13_the_last_day_of_notice_is_named_or_counted_back() -> None:
    renews = date(2027, 3, 31)
    assert notice(date(2027, 2, 1), renews, 30) == date(2027, 2, 1)
    assert notice(None, renews, 30) == date(2027, 3, 1)
    assert notice(None, None, 30) is None and notice(None, renews, None) is None


def test_C13_a_term_ends_on_the_months_last_day_where_it_must() -> None:
    assert following(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert following(date(2024, 2, 29), 12) == date(2025, 2, 28)
    moved = next_term({"term_months": 12, "notice_on": date(2027, 3, 1)}, date(2027, 3, 31), None)
    assert moved == {"renews_on": date(2028, 3, 31), "notice_on": date(2028, 3, 1)}


@given(
    st.lists(
        st.builds(
            Counted, st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.sampled_from(["JPY", "USD"]),
            st.integers(0, 10**9), st.sampled_from(["", *CATEGORIES]), st.sampled_from(["", "renewed", "lost"]),
            st.integers(0, 10**9),
        )
    )
)  # fmt: skip
def test_C13_the_parts_of_a_month_add_up_to_what_is_due(renewals: list[Counted]) -> None:
    rows = totals(renewals)
    assert sum(row["due"] for row in rows) == sum(each.amount for each in renewals)
    for row in rows:
        assert row["due"] == sum(row[part] for part in (*CATEGORIES, "unsaid", "renewed"))
