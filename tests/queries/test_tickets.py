"""The queue's list: every row exactly once by keyset, each view by its own index, badges capped."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.actions.rows import insert, row
from app.db import Database
from app.models import Person, Priority, Status, Ticket
from app.models.columns import NEVER
from app.queries import tickets
from app.queries.tickets import Asked
from tests.cast import START, Cast, inbox

MANY = 240


@pytest.fixture
async def full(database: Database, cast: Cast) -> int:
    """Many tickets in every state; some deadlines and changes fall together, so that only the id tells them apart."""
    async with database.write() as session:
        box = await inbox(session)
        person = Person(name="佐藤", created_at=START)
        session.add(person)
        await session.flush()
        rows = [_row(n, box.id, person.id, cast) for n in range(MANY)]
        connection = await session.connection()
        await connection.run_sync(insert, Ticket, rows)
    return box.id


def _row(n: int, inbox_id: int, person_id: int, cast: Cast) -> dict[str, Any]:
    status = (Status.OPEN, Status.PENDING, Status.OPEN, Status.RESOLVED, Status.CLOSED, Status.SPAM, Status.SNOOZED)[
        n % 7
    ]
    made = row(
        Ticket, subject=f"件名 {n}", status=str(status), priority=str(Priority.NORMAL),
        channel=("line", "email", "chat", "phone")[n % 4], inbox_id=inbox_id, person_id=person_id,
        assignee_id=cast.hanako.id if n % 3 == 0 else None, team_id=cast.team.id if n % 2 == 0 else None,
        created_at=START, updated_at=START + timedelta(minutes=n // 5),
        due_at=NEVER if n % 11 == 0 else START + timedelta(minutes=n // 4),
        snoozed_until=START + timedelta(days=1) if status == Status.SNOOZED else None,
    )  # fmt: skip
    del made["id"]
    return made


VIEWS = [
    Asked(view="open"), Asked(view="open", sort="updated"), Asked(view="mine", agent_id=3), Asked(view="unassigned"),
    Asked(view="team", team=1), Asked(view="team", team=1, sort="updated"), Asked(view="open", channel="line"),
    Asked(view="pending"), Asked(view="snoozed"), Asked(view="resolved"), Asked(view="closed"), Asked(view="spam"),
    Asked(view="all"),
]  # fmt: skip


@pytest.mark.parametrize("asked", VIEWS, ids=lambda a: f"{a.view}-{a.sort}")
async def test_pages_give_every_row_exactly_once_in_order(
    database: Database, full: int, cast: Cast, asked: Asked
) -> None:
    mine = {"agent_id": cast.hanako.id, "team": cast.team.id if asked.view == "team" else None, "limit": 7}
    given = {f: getattr(asked, f) for f in ("view", "sort", "channel")} | mine
    found: list[dict[str, Any]] = []
    cursor = None
    async with database.read() as session:
        while True:
            items, cursor = await tickets.page(session, Asked(**given, cursor=cursor))
            found += items
            if cursor is None:
                break
        whole, _ = await tickets.page(session, Asked(**{**given, "limit": 1000}))
    numbers = [each["number"] for each in found]
    assert numbers == [each["number"] for each in whole]
    assert len(set(numbers)) == len(numbers) > 0
    by_due = asked.sort == "due" and asked.view in ("open", "mine", "unassigned", "team")
    keys = [(e["due_at"] or NEVER) if by_due else e["updated_at"] for e in found]
    assert keys == sorted(keys, reverse=not by_due)


async def test_each_view_holds_what_its_name_says(database: Database, full: int, cast: Cast) -> None:
    async with database.read() as session:
        for view, fits in {
            "open": lambda t: t["status"] in ("open", "pending"),
            "mine": lambda t: t["assignee_id"] == cast.hanako.id and t["status"] in ("open", "pending"),
            "unassigned": lambda t: t["assignee_id"] is None and t["status"] in ("open", "pending"),
            "snoozed": lambda t: t["status"] == "snoozed",
        }.items():
            items, _ = await tickets.page(session, Asked(view=view, agent_id=cast.hanako.id, limit=1000))
            everything, _ = await tickets.page(session, Asked(view="all", limit=1000))
            assert {t["number"] for t in items} == {t["number"] for t in everything if fits(t)}


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (Asked(view="open"), "ix_ticket_unsolved_due"),
        (Asked(view="open", sort="updated"), "ix_ticket_unsolved_updated"),
        (Asked(view="mine", agent_id=1), "ix_ticket_mine_due"),
        (Asked(view="unassigned"), "ix_ticket_unassigned_due"),
        (Asked(view="team", team=1), "ix_ticket_team_due"),
        (Asked(view="resolved"), "ix_ticket_set_aside_updated"),
        (Asked(view="all"), "ix_ticket_updated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_each_view_is_answered_by_its_index(database: Database, full: int, asked: Asked, index: str) -> None:
    """By name on SQLite; PostgreSQL may choose another fitting one, but it sorts nothing and scans no table."""
    async with database.read() as session:
        query = tickets.page_query(asked)
        compiled = query.compile(dialect=session.get_bind().dialect, compile_kwargs={"literal_binds": True})
        if database.is_sqlite:
            plan = [str(each[-1]) for each in await session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
            assert any(index in step for step in plan), plan
            assert not any("USE TEMP B-TREE" in step for step in plan), plan
        else:
            await session.execute(text("ANALYZE ticket"))  # as its autovacuum does
            for other in ("seqscan", "bitmapscan", "sort"):
                await session.execute(text(f"SET LOCAL enable_{other} = off"))
            plan = [str(each[0]) for each in await session.execute(text(f"EXPLAIN {compiled}"))]
            assert any("ix_ticket" in step for step in plan), plan
            assert not any("Sort" in step or "Seq Scan" in step for step in plan), plan


async def test_badges_count_to_a_hundred(database: Database, full: int, cast: Cast) -> None:
    async with database.read() as session:
        views = await tickets.counts(session, cast.hanako.id, [cast.team.id], ["line", "phone"])
        items, _ = await tickets.page(session, Asked(view="mine", agent_id=cast.hanako.id, limit=1000))
    assert views["open"] == tickets.CAP  # there are more
    assert views["mine"] == len(items) < tickets.CAP
    assert set(views) == {
        "mine",
        "unassigned",
        "open",
        "snoozed",
        f"team:{cast.team.id}",
        "channel:line",
        "channel:phone",
    }


async def test_a_cursor_of_another_list_is_refused(database: Database, full: int) -> None:
    async with database.read() as session:
        for wrong in ("x", "%%%", "bnVsbA==", "WzEsMl0="):
            with pytest.raises(tickets.WrongCursor):
                await tickets.page(session, Asked(cursor=wrong))
        with pytest.raises(tickets.UnknownView):
            await tickets.page(session, Asked(view="everything"))


async def test_it_is_found_by_number_subject_or_name_and_wildcards_are_letters(database: Database, full: int) -> None:
    async with database.read() as session:

        async def found(words: str) -> int:
            return len((await tickets.page(session, Asked(view="all", text=words, limit=1000)))[0])

        assert await found("件名 17") >= 1 and await found("佐藤") == MANY
        assert await found("%") == 0 and await found("_") == 0
