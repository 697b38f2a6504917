"""The world that verbs act on."""

import pytest

from app.db import Database
from tests.actions.world import World
from tests.cast import Cast, inbox


@pytest.fixture
async def world(database: Database, cast: Cast) -> World:
    async with database.write() as session:
        kinds = {kind: await inbox(session, kind, team_id=cast.team.id) for kind in ("line", "email", "chat", "phone")}
    return World(database=database, cast=cast, **kinds)
