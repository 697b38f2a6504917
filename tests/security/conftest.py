"""The product with an inbox of each kind, for those who attack it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.actions import inboxes
from app.config import Settings
from app.db import Database
from app.models import Inbox
from app.security import Vault
from tests import cast as people
from tests import servers
from tests.cast import START
from tests.conftest import settings_for
from tests.security.rig import CONFIGS, House


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """On SQLite: what is attacked here is above the database. Tests of hostile values ask for both."""
    return settings_for(sqlite_url, tmp_path)


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """The running product with its cast and inboxes."""
    async with opened(settings) as made:
        yield made


@pytest.fixture
async def house_on_both(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The running product, once on SQLite and once on PostgreSQL."""
    async with opened(settings_for(database_url, tmp_path)) as made:
        yield made


class opened:
    """A house that is furnished before its doors open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._house: House | None = None

    async def __aenter__(self) -> House:
        database = Database(self._settings.database)
        vault = Vault(self._settings.key())
        found: dict[str, Inbox] = {}
        async with database.write() as session:
            cast = await people.enter(session)
            for kind, config in CONFIGS.items():
                found[kind] = await inboxes.add(
                    session, vault, kind=kind, name=kind, config=dict(config), now=START, first_response_s=3600
                )
        await database.close()
        self._running = servers.product(self._settings, clocks=False)
        running = self._running.__enter__()
        self._house = House(running, cast, {kind: (row.id, row.token) for kind, row in found.items()})
        return self._house

    async def __aexit__(self, *_: object) -> None:
        if self._house is not None:
            await self._house.close()
        self._running.__exit__(None, None, None)
