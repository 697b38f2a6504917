"""SQL that both databases make large desks by: rows from arithmetic on their number."""

from typing import Any

from app.actions.rows import row

TEAMS = 10
BASE_S = 1_790_000_000  # the first ticket's time, Unix seconds


class Words:
    """SQL in the words of one database."""

    def __init__(self, dialect: str) -> None:
        self.sqlite = dialect == "sqlite"

    def at(self, seconds: str) -> str:
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S', {BASE_S} + ({seconds}), 'unixepoch') || '.000000'"
        return f"to_timestamp({BASE_S} + ({seconds}))"

    def series(self, count: int) -> str:
        if self.sqlite:
            return f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {count})"
        return f"WITH s(i) AS (SELECT generate_series(CAST(1 AS BIGINT), {count}))"

    def choice(self, by: str, *cases: tuple[int, str], otherwise: str) -> str:
        """The first whose limit is above `by` percent."""
        return (
            "CASE " + " ".join(f"WHEN {by} < {limit} THEN {value}" for limit, value in cases) + f" ELSE {otherwise} END"
        )

    def literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value)) if self.sqlite else str(value).upper()
        if isinstance(value, int):
            return str(value)
        if isinstance(value, dict | list):
            return "'{}'" if isinstance(value, dict) else "'[]'"
        if hasattr(value, "isoformat"):
            text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
            return f"'{text}'" if self.sqlite else f"'{text}+00'"
        return "'" + str(value).replace("'", "''") + "'"

    def insert(self, model: Any, count: int, /, **given: str) -> str:
        """Rows 1 to `count`: these expressions of `i`, and the model's defaults."""
        names = [column.name for column in model.__table__.c if column.name in given or column.name in row(model)]
        values = [given[name] if name in given else self.literal(row(model)[name]) for name in names]
        columns = ", ".join(f'"{name}"' for name in names)
        return (
            f'INSERT INTO "{model.__table__.name}" ({columns}) {self.series(count)} SELECT {", ".join(values)} FROM s'
        )


def dice(salt: int, sides: str) -> str:
    """A number from 0 below `sides` that looks random in the row's number, and for each salt another."""
    return f"((i * {48271 * (2 * salt + 1) + 12345} % 2147483647) / 4099 % {sides})"


CHANNEL = "CASE i % 4 WHEN 0 THEN 'line' WHEN 1 THEN 'email' WHEN 2 THEN 'chat' ELSE 'phone' END"
