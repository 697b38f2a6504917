"""Percentiles of what a database listed."""

import pytest

from app.queries.reports.figures import counted
from app.rules.kpi import spread


@pytest.mark.parametrize("count", [0, 1, 10, 40_000])
def test_values_that_the_database_listed_are_spread_as_if_they_were_counted_there(count: int) -> None:
    """Longer than one piece too: no value is lost or cut where the pieces meet."""
    values = [(n * 7919) % 100_003 for n in range(count)]
    expected = spread((each, 1) for each in values)
    assert expected.denominator == count
    assert spread(counted(",".join(map(str, values))).items()) == expected
    assert spread(counted(b"".join(each.to_bytes(4, "big") for each in values)).items()) == expected
