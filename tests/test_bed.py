"""The test bed itself: both databases come up migrated, and the product answers."""

import httpx2
from sqlalchemy import text

from app.config import Settings
from app.db import Database
from tests.cast import Cast
from tests.servers import product, program


async def test_cast_on_both_databases(database: Database, cast: Cast) -> None:
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM agent")) == 6
    assert cast.hanako.agent.active and not cast.outsider.agent.active


def test_the_product_answers(settings: Settings) -> None:
    with product(settings) as running:
        assert httpx2.get(f"{running.url}/readyz").json() == {"ok": True, "database": True}


def test_a_program_answers(settings: Settings) -> None:
    with program(settings) as running:
        assert httpx2.get(f"{running.url}/readyz").json() == {"ok": True, "database": True}
