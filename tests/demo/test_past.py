"""The demonstration's two months before its cases: the facts that its reports are counted from are those of its log."""

from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.config import Settings
from app.demonstration import first_configs
from app.models import Episode, Resolution, Snapshot, Thread, Ticket
from app.parts import assemble
from app.queries import history
from app.queries.reports import overview
from app.queries.reports.asked import Asked
from app.rules.kpi import FIGURES
from app.sample import seed
from app.sample_history import PAST
from demo.desk import DESK
from demo.desk_past import DAYS

FIELDS = (
    "channel",
    "inbox_id",
    "team_id",
    "initial",
    "opened_at",
    "answered_at",
    "agent_id",
    "void",
    "waited_s",
    "worked_s",
)
SOLVED = (
    "resolved_at",
    "agent_id",
    "channel",
    "inbox_id",
    "team_id",
    "initial",
    "turns",
    "transfers",
    "took_s",
    "worked_s",
)


async def test_the_past_is_as_its_log_tells_and_no_report_is_empty(sqlite_url: str, tmp_path: Path) -> None:
    given = Settings(var=tmp_path / "var", database_url=sqlite_url, mode="demo")
    parts = assemble(given)
    await parts.start()
    try:
        now = clock.utcnow()
        await seed(parts, DESK, first_configs(given), now)
        async with parts.database.read() as session:
            past = select(col(Thread.ticket_id)).where(col(Thread.conversation).startswith(PAST))
            numbers = (await session.scalars(past.order_by(col(Thread.ticket_id)))).all()
            assert len(numbers) > 500
            for number in numbers[::40]:
                told = await history.retold(session, number)
                kept = (
                    await session.scalars(
                        select(Episode).where(col(Episode.ticket_id) == number).order_by(col(Episode.id))
                    )
                ).all()
                again = [[getattr(each, name) for name in FIELDS] for each in told.episodes]
                assert again == [[getattr(each, name) for name in FIELDS] for each in kept], number
                solved = (await session.scalars(select(Resolution).where(col(Resolution.ticket_id) == number))).all()
                again = [[getattr(each, name) for name in SOLVED] for each in told.resolutions]
                assert again == [[getattr(each, name) for name in SOLVED] for each in solved], number
            assert await session.scalar(select(func.count()).select_from(Snapshot)) == DAYS
            assert await session.scalar(select(func.min(Ticket.id)).where(col(Ticket.status) != "closed")) > len(
                numbers
            )
        day = now.date()
        asked = Asked(first=day.replace(day=1), last=day, zone="Asia/Tokyo", now=now)
        asked = Asked(first=overview.before(asked).first, last=day, zone="Asia/Tokyo", now=now)
        [found] = await overview.all_figures(parts.database, list(FIGURES), asked)
        empty = {
            code for code in FIGURES if code not in found or not (found[code].denominator or found[code].numerator)
        }
        assert empty <= {"hold", "sla_callback", "short_abandons"}, (
            "what nobody tells or promises, and a matter of luck"
        )
    finally:
        await parts.stop()
