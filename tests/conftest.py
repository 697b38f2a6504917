"""What all tests share: both databases, the parts, the cast and the clock."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app import clock
from app.config import Settings
from app.db import Database
from app.parts import Parts, assemble
from tests import cast as people
from tests import servers
from tests.cast import START, Cast

hypothesis_settings.register_profile(
    "mikawaya", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
hypothesis_settings.load_profile("mikawaya")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> None:
    for name in [n for n in os.environ if n.startswith("MIKAWAYA_")]:
        del os.environ[name]


# -- databases ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server's URL; without one the tests that need it are skipped, but with CI=true they fail."""
    try:
        server = servers.postgres()
        url = server.__enter__()
    except servers.NoPostgres as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL is needed with CI=true: {reason}")
        pytest.skip(f"left out: PostgreSQL cannot be had here ({reason})")
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


async def _sql(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _named(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a migrated database to clone."""
    name = f"mikawaya_template_{uuid.uuid4().hex[:8]}"
    asyncio.run(_sql(postgres_server, f"CREATE DATABASE {name}"))
    servers.migrate(Settings(var=tmp_path_factory.mktemp("var"), database_url=_named(postgres_server, name)))
    yield name
    asyncio.run(_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    var = tmp_path_factory.mktemp("template")
    servers.migrate(Settings(var=var))
    assert not (var / "mikawaya.db-wal").exists(), "the template is not closed"
    return var / "mikawaya.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of this test's own."""
    (tmp_path / "var").mkdir(exist_ok=True)
    shutil.copy(sqlite_template, tmp_path / "var" / "mikawaya.db")
    return f"sqlite:///{tmp_path}/var/mikawaya.db"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = f"mikawaya_{uuid.uuid4().hex[:12]}"
    asyncio.run(_sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    yield _named(postgres_server, name)
    asyncio.run(_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings over this test's database."""
    return settings_for(database_url, tmp_path)


def settings_for(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        var=tmp_path / "var", database_url=database_url, secret_key=servers.KEY,
        private_hosts=frozenset({"127.0.0.1", "localhost"}),
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.database)
    yield made
    await made.close()


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """The parts of one process, started."""
    made = assemble(settings)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await people.enter(session)


# -- the clock ----------------------------------------------------------------------------------------------------------


class Hands:
    """The clock's hands: `now` is what `app.clock.utcnow` says."""

    def __init__(self) -> None:
        self.now = START

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Stops the clock at START; the test moves it."""
    made = Hands()
    monkeypatch.setattr(clock, "utcnow", lambda: made.now)
    return made
