"""Migrations on both databases: up, down, up again, no drift from the models, and nothing left behind by a failing one."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from alembic import command
from app.config import Settings
from app.db import Database
from app.tables import ROOT, migrations, newest


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated(request: pytest.FixtureRequest) -> Iterator[Config]:
    """Alembic's configuration over a database at the newest revision."""
    url = request.getfixturevalue(f"{request.param}_url")
    yield migrations(Settings(database_url=url).database)


def tables(config: Config) -> set[str]:
    async def read() -> set[str]:
        database = Database(config.attributes["url"])
        try:
            async with database.reader.connect() as connection:
                return set(await connection.run_sync(lambda c: inspect(c).get_table_names()))
        finally:
            await database.close()

    return asyncio.run(read())


def test_down_to_nothing_and_up_again(migrated: Config) -> None:
    full = tables(migrated)
    assert {"ticket", "message", "event", "raw_hook"} <= full
    command.downgrade(migrated, "base")
    assert tables(migrated) == {"alembic_version"}
    command.upgrade(migrated, "head")
    assert tables(migrated) == full


def test_the_models_say_nothing_that_the_migrations_do_not(migrated: Config) -> None:
    command.check(migrated)  # raises when autogenerate would add something


def test_the_newest_revision_is_told_from_the_names_of_the_files(migrated: Config) -> None:
    assert newest() == ScriptDirectory.from_config(migrated).get_current_head() == revision(migrated)


def test_a_failing_migration_leaves_nothing_behind(migrated: Config, tmp_path: Path) -> None:
    scripts = tmp_path / "alembic"
    shutil.copytree(ROOT / "alembic", scripts)
    (scripts / "versions" / "9999_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision = '9999'\ndown_revision = {revision(migrated)!r}\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('id', sa.Integer(), primary_key=True))\n"
        "    op.execute('INSERT INTO no_such_table VALUES (1)')\n"
        "def downgrade():\n    op.drop_table('half')\n"
    )
    migrated.set_main_option("script_location", str(scripts))
    before = tables(migrated)
    with pytest.raises(DBAPIError):
        command.upgrade(migrated, "head")
    assert tables(migrated) == before
    assert revision(migrated) != "9999"


def revision(config: Config) -> str:
    async def read() -> str:
        database = Database(config.attributes["url"])
        try:
            async with database.reader.connect() as connection:
                return str(await connection.scalar(text("SELECT version_num FROM alembic_version")))
        finally:
            await database.close()

    return asyncio.run(read())
