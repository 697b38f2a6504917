"""Is it alive, and is it ready? Open to everybody: they say nothing but that."""

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.api.door import Here, json_response

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return json_response({"ok": True})


@router.get("/readyz")
async def readyz(here: Here) -> Response:
    """The database answers too; 503 when it does not."""
    try:
        async with here.database.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return json_response({"ok": False, "database": False}, 503)
    return json_response({"ok": True, "database": True})
