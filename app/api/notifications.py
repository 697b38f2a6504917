"""What the signed-in agent should know: warnings of deadlines."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.actions import notifications as verbs
from app.api.door import Now, Reader, Reading, Writing, json_response
from app.queries import notifications as queries

router = APIRouter(prefix="/api/v1/notifications", tags=["notifications"])


class NotificationOut(BaseModel):
    id: int
    kind: str
    ticket_id: int | None
    params: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


class NotificationsOut(BaseModel):
    items: list[NotificationOut]
    unread: int = Field(description='Counted to 100 at most: 100 means "99+"')
    next_cursor: str | None


class ReadIn(BaseModel):
    ids: list[int] | None = Field(default=None, max_length=200, description="None: all")


@router.get("", response_model=NotificationsOut)
async def list_notifications(
    session: Reading, agent: Reader, cursor: int | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 30
) -> Response:
    items, following = await queries.page(session, agent.id, before=cursor, limit=limit)
    unread = await queries.unread(session, agent.id)
    return json_response(
        {"items": items, "unread": unread, "next_cursor": None if following is None else str(following)}
    )


@router.post("/read", status_code=204)
async def read_notifications(session: Writing, agent: Reader, now: Now, asked: ReadIn) -> Response:
    await verbs.read(session, agent.id, asked.ids, now)
    return Response(status_code=204)
