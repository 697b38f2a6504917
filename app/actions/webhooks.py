"""Webhooks: made, changed, asked to send again; and what is on its way to them, at least once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Conflict, Invalid, Missing
from app.models import Agent, Audit, Event, Notification, Role, Webhook, WebhookDelivery
from app.models.automation import WAITING_DELIVERY
from app.rules import retry, webhooks
from app.security import Vault, new_token

LEASE = timedelta(seconds=60)
MOST = 20  # each follows the log by itself
TRIES = 30  # kept for the log
KEPT_FOR = timedelta(days=30)
HERE = frozenset({"hooks"})  # the clock that sends


class NoWebhook(Missing):
    """There is no such webhook."""


class NoDelivery(Missing):
    """There is no such delivery."""


class WrongWebhook(Invalid):
    """This webhook does not fit."""

    @classmethod
    def of(cls, at: str, reason: str) -> "WrongWebhook":
        return cls(fields=[{"at": at, "code": reason, "says": REASONS[reason]}])


class TooManyWebhooks(Conflict):
    """There are as many webhooks as can be."""


class WebhookIsOff(Conflict):
    """This webhook is switched off."""


REASONS = {
    "address": "must be an http or https address without a name and password in it",
    "private": "does not lead to a public address",
    "unresolved": "this host cannot be found",
    "kind": "there is no such event",
    "kinds": "choose at least one event",
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """One attempt to make."""

    id: int
    event_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an attempt. Delivered: 2xx."""

    id: int
    at: datetime
    code: int | None
    ms: int
    failure: str = ""  # empty: delivered


def checked(url: str, kinds: Sequence[str] | None) -> None:
    """WrongWebhook. Whether the address is public is for the door to ask: that takes the network."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise WrongWebhook.of("url", "address")
    if kinds is not None and not kinds:
        raise WrongWebhook.of("kinds", "kinds")
    if kinds is not None and set(kinds) - set(webhooks.KINDS):
        raise WrongWebhook.of("kinds", "kind")


async def add(
    session: AsyncSession, vault: Vault, *, name: str, url: str, kinds: Sequence[str], by: int | None, now: datetime
) -> tuple[Webhook, str]:
    """It hears of what happens from now on. Returns it and its key, which is told once."""
    checked(url, kinds)
    if (await session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
        raise TooManyWebhooks
    key = f"whsec_{new_token()}"
    made = Webhook(
        name=name, url=url, kinds=sorted(set(kinds)), secrets=vault.seal({"key": key}),
        cursor=await feed.now_cursor(session), created_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    await _say(session, "webhook.added", made, by, now)
    return made, key


async def change(
    session: AsyncSession, webhook_id: int, given: dict[str, Any], *, by: int | None, now: datetime
) -> Webhook:
    """`given`: name, url, kinds, active, clear_alarm. One that is switched on hears of what happens from then on."""
    hook = await locked(session, webhook_id)
    checked(given.get("url") or hook.url, given.get("kinds"))
    if given.get("active") and not hook.active:
        hook.cursor = await feed.now_cursor(session)
    for name in ("name", "url", "active"):
        if given.get(name) is not None:
            setattr(hook, name, given[name])
    if given.get("kinds") is not None:
        hook.kinds = sorted(set(given["kinds"]))
    if given.get("clear_alarm"):
        hook.alarm, hook.alarm_at = "", None
    await session.flush()
    await _say(session, "webhook.changed", hook, by, now)
    return hook


async def renew_key(
    session: AsyncSession, vault: Vault, webhook_id: int, *, by: int, now: datetime
) -> tuple[Webhook, str]:
    """For a day the old key signs too, so that the receiver can change without losing anything."""
    hook = await locked(session, webhook_id)
    key = f"whsec_{new_token()}"
    hook.secrets = vault.seal({"key": key, "old": vault.unseal(hook.secrets)["key"]})
    hook.renewed_at = now
    await session.flush()
    await _say(session, "webhook.key_renewed", hook, by, now)
    return hook, key


async def remove(session: AsyncSession, webhook_id: int, *, by: int, now: datetime) -> None:
    hook = await locked(session, webhook_id)
    await session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id))
    await session.delete(hook)
    await session.flush()
    await _say(session, "webhook.removed", hook, by, now)


async def ping(session: AsyncSession, webhook_id: int, *, by: int, now: datetime) -> None:
    """An event for this one alone: does it arrive?"""
    hook = await locked(session, webhook_id)
    if not hook.active:
        raise WebhookIsOff
    await feed.record(session, feed.event(webhooks.PING, now, agent=by, webhook=hook.id), clocks=HERE)


async def replay(session: AsyncSession, webhook_id: int, delivery_id: int, *, now: datetime) -> WebhookDelivery:
    """The same event under the same id, whatever became of it before."""
    query = select(WebhookDelivery).where(col(WebhookDelivery.id) == delivery_id).with_for_update()
    found = (await session.scalars(query)).first()
    if found is None or found.webhook_id != webhook_id:
        raise NoDelivery
    if found.state in ("delivered", "failed"):
        found.state, found.attempts, found.next_at, found.done_at, found.failure = "queued", 0, now, None, ""
    elif found.state == "queued":
        found.next_at = now
    await session.flush()
    feed.tell(session, HERE)
    return found


async def locked(session: AsyncSession, webhook_id: int) -> Webhook:
    found = (await session.scalars(select(Webhook).where(col(Webhook.id) == webhook_id).with_for_update())).first()
    if found is None:
        raise NoWebhook
    return found


# -- what is on its way -------------------------------------------------------------------------------------------------


async def follow(
    session: AsyncSession, webhook_id: int, events: Sequence[Event], *, was: str, cursor: str, now: datetime
) -> bool:
    """The webhook's cursor moves behind these events, which wait from now on. False when another process was first."""
    hook = (await session.scalars(select(Webhook).where(col(Webhook.id) == webhook_id).with_for_update())).first()
    if hook is None or hook.cursor != was:
        return False
    hook.cursor = cursor
    if events:
        row = {"webhook_id": webhook_id, "state": "queued", "next_at": now, "created_at": now}
        await session.execute(insert(WebhookDelivery), [{**row, "event_id": each.id} for each in events])
    await session.flush()
    return True


async def claim(session: AsyncSession, webhook_id: int, now: datetime, most: int) -> list[Claimed]:
    """Deliveries that are due, ours for a minute. The attempt is counted now: a process that dies leaves a trace."""
    due = (
        select(col(WebhookDelivery.id), col(WebhookDelivery.event_id))
        .where(WAITING_DELIVERY, col(WebhookDelivery.next_at) <= now, col(WebhookDelivery.webhook_id) == webhook_id)
        .order_by(col(WebhookDelivery.next_at), col(WebhookDelivery.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = [Claimed(number, event_id) for number, event_id in await session.execute(due)]
    if found:
        await session.execute(
            update(WebhookDelivery)
            .where(col(WebhookDelivery.id).in_([each.id for each in found]))
            .values(state="sending", attempts=col(WebhookDelivery.attempts) + 1, next_at=now + LEASE)
        )
    return found


async def settle(session: AsyncSession, webhook_id: int, answers: Sequence[Answer], now: datetime) -> None:
    """Writes down what became of the attempts: delivered, again later, or given up after a day, with an alarm."""
    hook = await locked(session, webhook_id)
    rows = select(WebhookDelivery).where(col(WebhookDelivery.id).in_([each.id for each in answers])).with_for_update()
    known = {each.id: each for each in (await session.scalars(rows)).all()}
    given_up = [each for each in answers if each.id in known and _settled(known[each.id], each) == "failed"]
    if given_up:
        await _alarm(session, hook, given_up[-1], now)
    elif hook.alarm and any(not each.failure for each in answers):
        hook.alarm, hook.alarm_at = "", None
    await session.flush()


def _settled(row: WebhookDelivery, answer: Answer) -> str:
    row.code, row.duration_ms, row.failure = answer.code, answer.ms, answer.failure
    tried = {"at": answer.at.isoformat(), "code": answer.code, "ms": answer.ms, "failure": answer.failure}
    row.tries = [*row.tries, tried][-TRIES:]
    if not answer.failure:
        row.state, row.done_at = "delivered", answer.at
    elif (delay := retry.hook_delay(row.attempts)) is None or answer.code == 410:
        row.state, row.done_at = "failed", answer.at
    else:
        row.state, row.next_at = "queued", answer.at + timedelta(seconds=delay)
    return row.state


async def _alarm(session: AsyncSession, hook: Webhook, answer: Answer, now: datetime) -> None:
    """Owners are told once; the alarm stands until something arrives again, or somebody takes it away."""
    if not hook.alarm:
        query = select(col(Agent.id)).where(col(Agent.role) == Role.OWNER, col(Agent.active).is_(True))
        params: dict[str, Any] = {"webhook": hook.id, "name": hook.name, "code": answer.failure}
        owners = list((await session.scalars(query)).all())
        for owner in owners:
            session.add(Notification(agent_id=owner, kind="webhook.failed", params=params, created_at=now))
        await session.flush()
        await feed.record(session, feed.event("webhook.failed", now, to=owners, **params), clocks=frozenset())
    hook.alarm, hook.alarm_at = answer.failure, now


async def forget(session: AsyncSession, now: datetime) -> None:
    """The log is kept for a month."""
    old = col(WebhookDelivery.done_at) < now - KEPT_FOR
    await session.execute(delete(WebhookDelivery).where(old))


async def _say(session: AsyncSession, code: str, hook: Webhook, by: int | None, now: datetime) -> None:
    session.add(Audit(at=now, agent_id=by, code=code, subject=hook.name))
    await session.flush()
    await feed.record(session, feed.event("webhook.changed", now, agent=by, webhook=hook.id), clocks=HERE)
