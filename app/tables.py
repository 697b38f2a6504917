"""Which tables the database has, and how it gets the present ones.

alembic is loaded when there is something to change: a server that starts on present tables does without its 5 MB.
"""

import asyncio
import importlib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.config import Settings
from app.db import Database, database_name
from app.errors import WrongSetting

ROOT = Path(__file__).resolve().parents[1]
_TOO_NEW = "The database is at {at}, newer than this program, which knows {head}: install the newer one."


def newest() -> str:
    """The revision of the last migration: they are a chain of numbers, which are also the beginnings of their files' names."""
    return max(path.stem[:4] for path in (ROOT / "alembic" / "versions").glob("[0-9]*.py"))


def migrations(url: str) -> Any:
    """Alembic's configuration for one database."""
    config = importlib.import_module("alembic.config").Config(toml_file=str(ROOT / "pyproject.toml"))
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["url"] = url
    return config


def migrate(given: Settings) -> None:
    """Brings the database to the present tables. Raises WrongSetting when it cannot be reached."""
    _make(given.var)
    at = asyncio.run(_present(given))
    if at == newest():
        return
    if at is not None and at > newest():
        raise WrongSetting(_TOO_NEW.format(at=at, head=newest()))
    try:
        importlib.import_module("alembic.command").upgrade(migrations(given.database), "head")
    except (OSError, DBAPIError) as down:
        raise _unusable(given, down) from None


async def check(given: Settings) -> None:
    """The tables must be the present ones: an old or empty database is said at once, not at the first request."""
    _make(given.var)
    at, head = await _present(given), newest()
    if at is not None and at > head:
        raise WrongSetting(_TOO_NEW.format(at=at, head=head))
    if at != head:
        raise WrongSetting(f"The database is at {at or 'nothing'}, not {head}: run `python -m app migrate`.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise WrongSetting(f"MIKAWAYA_VAR: cannot make {folder} ({refused.strerror}).") from None


async def _present(given: Settings) -> str | None:
    """The revision that the database is at; None when it has no tables of ours."""
    try:
        database = Database(given.database, pool=1)
    except (SQLAlchemyError, ValueError) as wrong:  # a port that is no number
        raise WrongSetting(f"MIKAWAYA_DATABASE_URL cannot be read ({type(wrong).__name__}).") from None
    try:
        async with database.reader.connect() as connection:
            return await connection.run_sync(_revision)
    except (OSError, SQLAlchemyError) as down:
        raise _unusable(given, down) from None
    finally:
        await database.close()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _unusable(given: Settings, down: Exception) -> WrongSetting:
    return WrongSetting(
        f"MIKAWAYA_DATABASE_URL: cannot use {database_name(given.database)} ({type(down).__name__}). "
        "Is it running, and did you run `python -m app migrate`?"
    )
