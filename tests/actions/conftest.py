"""The world that verbs act on."""

import pytest

from app.db import Database
from app.models import Mode, Presence, TeamRouting
from tests.actions.floor import Floor
from tests.actions.world import World, at
from tests.cast import Cast, inbox


@pytest.fixture
async def world(database: Database, cast: Cast) -> World:
    async with database.write() as session:
        kinds = {kind: await inbox(session, kind, team_id=cast.team.id) for kind in ("line", "email", "chat", "phone")}
    return World(database=database, cast=cast, **kinds)


@pytest.fixture
async def floor(world: World) -> Floor:
    made = Floor(world)
    async with world.database.write() as session:
        session.add(TeamRouting(team_id=made.team, mode=Mode.PUSH))
    await made.be(made.hanako, Presence.AVAILABLE, at(-20))
    await made.be(made.jiro, Presence.AVAILABLE, at(-10))
    return made
