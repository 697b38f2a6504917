"""Migrations, on both databases in one transaction: a failing one leaves nothing behind."""

import asyncio

from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401 - registers the tables
from alembic import context
from app.config import settings
from app.db import Database


def compare(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    """On the connection that is given (tests, `python -m app migrate`), or on the configured database."""
    database = Database(context.config.attributes.get("url") or settings().database)
    try:
        async with database.writer.begin() as connection:
            await connection.run_sync(compare)
    finally:
        await database.close()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: run `python -m app migrate`.")
if given := context.config.attributes.get("connection"):
    compare(given)
else:
    asyncio.run(online())
