"""Webhooks: who else hears of events, what became of each delivery, and sending it again."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import httpx2
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.actions import webhooks as verbs
from app.api.door import Admin, Here, Now, Page, Reading, Writing, json_response
from app.models import Webhook
from app.parts import Parts
from app.queries import webhooks as queries
from app.rules.webhooks import KINDS
from channels.net import GuardedTransport, PrivateAddress

router = APIRouter(prefix="/api/v1", tags=["webhooks"])
Kinds = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=len(KINDS))]


class WebhookIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    url: str = Field(min_length=1, max_length=2000)
    kinds: Kinds = Field(description="Kinds of events")


class WebhookChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=80)
    url: str | None = Field(default=None, min_length=1, max_length=2000)
    kinds: Kinds | None = None
    active: bool | None = None
    clear_alarm: bool = False


class WebhookOut(BaseModel):
    id: int
    name: str
    url: str
    kinds: list[str]
    active: bool
    waiting: int = Field(description="Deliveries that are not done")
    alarm: str
    alarm_at: datetime | None
    created_at: datetime
    renewed_at: datetime | None
    key: str | None = Field(default=None, description="Told once, when it is made or renewed")


class TryOut(BaseModel):
    at: datetime
    code: int | None
    ms: int
    failure: str


class DeliveryOut(BaseModel):
    id: int
    event_id: str = Field(description="The same at each attempt and replay: drop what comes twice by it")
    kind: str
    ticket: int | None
    state: Literal["queued", "sending", "delivered", "failed"]
    attempts: int
    next_at: datetime
    code: int | None
    duration_ms: int | None
    failure: str
    tries: list[TryOut]
    created_at: datetime
    done_at: datetime | None


async def _must_be_public(url: str, here: Parts) -> None:
    """Asked before anything is written: nobody waits for a name server with the database in hand."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise verbs.WrongWebhook.of("url", "address") from None
    try:
        await GuardedTransport(here.settings.private_hosts).check(host, port)
    except PrivateAddress:
        raise verbs.WrongWebhook.of("url", "private") from None
    except httpx2.TransportError:
        raise verbs.WrongWebhook.of("url", "unresolved") from None


def _out(hook: Webhook, **more: Any) -> dict[str, Any]:
    return queries.shown(hook) | {"waiting": 0, "key": None} | more


@router.get("/webhooks/kinds", response_model=list[str])
async def webhook_kinds(agent: Admin) -> Response:
    """The kinds of events that can be subscribed to."""
    return json_response(list(KINDS))


@router.get("/webhooks", response_model=list[WebhookOut])
async def list_webhooks(session: Reading, agent: Admin) -> Response:
    return json_response([{**each, "key": None} for each in await queries.listing(session)])


@router.post("/webhooks", status_code=201, response_model=WebhookOut)
async def add_webhook(agent: Admin, here: Here, now: Now, asked: WebhookIn) -> Response:
    verbs.checked(asked.url, asked.kinds)
    await _must_be_public(asked.url, here)
    async with here.database.write() as session:
        made, key = await verbs.add(
            session, here.vault, name=asked.name, url=asked.url, kinds=asked.kinds, by=agent.id, now=now
        )
    return json_response(_out(made, key=key), 201)


@router.patch("/webhooks/{webhook_id}", response_model=WebhookOut)
async def change_webhook(agent: Admin, here: Here, now: Now, webhook_id: int, change: WebhookChange) -> Response:
    if change.url is not None:
        verbs.checked(change.url, None)
        await _must_be_public(change.url, here)
    async with here.database.write() as session:
        given = change.model_dump(exclude_unset=True)
        made = await verbs.change(session, webhook_id, given, by=agent.id, now=now)
    return json_response(_out(made))


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def remove_webhook(session: Writing, agent: Admin, now: Now, webhook_id: int) -> Response:
    await verbs.remove(session, webhook_id, by=agent.id, now=now)
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/key", response_model=WebhookOut)
async def renew_key(session: Writing, agent: Admin, here: Here, now: Now, webhook_id: int) -> Response:
    """For a day both keys sign."""
    made, key = await verbs.renew_key(session, here.vault, webhook_id, by=agent.id, now=now)
    return json_response(_out(made, key=key))


@router.post("/webhooks/{webhook_id}/ping", status_code=202)
async def ping_webhook(session: Writing, agent: Admin, now: Now, webhook_id: int) -> Response:
    """An event for this webhook alone; what became of it stands in its log."""
    await verbs.ping(session, webhook_id, by=agent.id, now=now)
    return Response(status_code=202)


@router.get("/webhooks/{webhook_id}/deliveries", response_model=Page[DeliveryOut])
async def list_deliveries(
    session: Reading,
    agent: Admin,
    webhook_id: int,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    items, more = await queries.deliveries(session, webhook_id, before=before, limit=limit)
    return json_response({"items": items, "next_cursor": str(items[-1]["id"]) if more else None})


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202)
async def replay_delivery(session: Writing, agent: Admin, now: Now, webhook_id: int, delivery_id: int) -> Response:
    await verbs.replay(session, webhook_id, delivery_id, now=now)
    return Response(status_code=202)
