"""C15 and P8: GRR is never above 100 % nor above NRR, new accounts are in no cohort, without data there is no figure."""

from hypothesis import given
from hypothesis import strategies as st

from app.rules.success.figure_words import DEFINITIONS, NAMES
from app.rules.success.figures import (
    COLOURS,
    FIGURES,
    RATIO,
    Value,
    Worth,
    arpa,
    churn,
    grr,
    ltv,
    migration,
    nrr,
    value,
)

WORTHS = st.lists(st.builds(Worth, st.integers(1, 10**6), st.integers(0, 10**9), st.integers(0, 10**9)))


@given(WORTHS)
def test_P8_grr_is_at_most_one_and_at_most_nrr(worths: list[Worth]) -> None:
    gross, net, lost = (value(RATIO, rows).value for rows in (grr(worths), nrr(worths), churn(worths)))
    if not any(each.start for each in worths):
        assert gross is net is lost is None
        return
    assert gross is not None and net is not None and lost is not None
    assert 0 <= gross <= 1 and gross <= net and 0 <= lost <= 1


@given(WORTHS, st.integers(1, 10**9))
def test_C15_who_came_in_the_period_changes_no_cohort(worths: list[Worth], worth: int) -> None:
    more = [*worths, Worth(0, 0, worth)]
    for rows in (churn, grr, nrr):
        assert rows(more) == rows(worths)
    assert len(arpa(more)) == len(arpa(worths)) + 1


def test_C15_a_lifetime_without_churn_has_its_limit() -> None:
    revenue = Value(1000, 4000, 4)
    assert ltv(revenue, Value(0, 0, 4), 365, 0.5).value == 1000 * 0.5 * 5
    assert round(ltv(revenue, Value(0.25, 1, 4), 365, 1).value or 0) == round(1000 * 365 / 365.25 / 0.25)
    assert ltv(revenue, Value(None, 0, 0), 365, 1).value is None


@given(
    st.dictionaries(st.integers(1, 50), st.sampled_from(COLOURS)),
    st.dictionaries(st.integers(1, 50), st.sampled_from(COLOURS)),
)
def test_P8_the_migration_matrix_adds_up(before: dict[int, str], after: dict[int, str]) -> None:
    moved = migration(before, after)
    assert sum(count for row in moved.values() for count in row.values()) == len(before.keys() & after.keys())


def test_C15_every_figure_is_named_and_explained_in_both_languages() -> None:
    for words in (NAMES, DEFINITIONS):
        assert words["ja"].keys() == words["en"].keys() == FIGURES.keys()
