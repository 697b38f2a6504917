"""Routing's look at the queues costs what it takes, not what is open: each queue is answered by its own index."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert
from sqlalchemy import text as words
from sqlmodel import col, select

from app.db import Database
from app.models import Mode, TeamRouting, Ticket
from app.models.columns import NEVER
from app.queries import routing
from app.queries.routing import MOST_DUE, MOST_UNDATED
from tests.actions.world import World, said
from tests.cast import START


@pytest.fixture
async def crowd(world: World) -> World:
    """A hundred dated and forty undated tickets wait in the routed team; as many are somebody's."""
    await world.take(said(1))
    first = await world.ticket()
    async with world.database.write() as session:
        session.add(TeamRouting(team_id=world.cast.team.id, mode=Mode.PUSH))
        row = {"inbox_id": first.inbox_id, "person_id": first.person_id, "team_id": first.team_id, "channel": "line"}
        rows = [
            {
                **row, "created_at": START, "updated_at": START, "subject": str(n),
                "due_at": START + timedelta(seconds=1000 - n) if n % 7 < 5 else NEVER,
                "assignee_id": world.cast.hanako.id if n % 2 else None,
            }
            for n in range(280)
        ]  # fmt: skip
        await session.execute(insert(Ticket), rows)
        await session.execute(words("ANALYZE"))
    return world


async def test_r3_a_look_takes_the_earliest_deadlines_and_the_oldest_without_one(crowd: World) -> None:
    async with crowd.database.read() as session:
        here = await routing.situation(session, START)
        mine = select(Ticket).where(col(Ticket.assignee_id).is_(None)).order_by(col(Ticket.due_at), col(Ticket.id))
        waiting = (await session.scalars(mine)).all()
        behind = await routing.situation(session, START, after=here.full)
    dated = [each.id for each in waiting if each.due_at < NEVER]
    undated = [each.id for each in waiting if each.due_at == NEVER]
    assert [each.ticket for each in here.queue] == dated[:MOST_DUE] + undated[:MOST_UNDATED]
    rest = (dated + undated)[MOST_DUE:]
    assert [each.ticket for each in behind.queue] == rest[:MOST_DUE], (
        "what stands behind, those without a deadline last"
    )
    assert list(here.full) == list(behind.full) == [crowd.cast.team.id]


async def test_each_queue_is_read_from_its_own_index_and_nothing_is_sorted(crowd: World) -> None:
    asked: list[tuple[str, object]] = []
    engine = crowd.database.reader.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(connection: object, cursor: object, statement: str, given: object, *more: object) -> None:
        if "assignee_id IS NULL" in statement and not statement.startswith("EXPLAIN"):
            asked.append((statement, given))

    async with crowd.database.read() as session:
        await routing.situation(session, START)
        assert len(asked) == 2
        for statement, given in tuple(asked):
            plan = await explained(crowd.database, session, statement, given)
            assert "ix_ticket_queued" in plan, plan
            assert "sort" not in plan.lower() and "TEMP B-TREE" not in plan, plan


async def explained(database: Database, session: object, statement: str, given: object) -> str:
    connection = await session.connection()  # type: ignore[attr-defined]
    if database.is_sqlite:
        rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)).all()
        return "\n".join(row[3] for row in rows)
    for costly in ("seqscan", "bitmapscan"):
        await connection.exec_driver_sql(f"SET LOCAL enable_{costly} = off")
    return "\n".join(row[0] for row in (await connection.exec_driver_sql(f"EXPLAIN {statement}", given)).all())
