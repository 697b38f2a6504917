"""Outgoing webhooks: what can be subscribed to, and how a body is signed. Pure."""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

KINDS = (
    "ticket.opened", "ticket.reopened", "ticket.status", "ticket.assigned", "ticket.team", "ticket.priority",
    "ticket.subject", "ticket.tagged", "ticket.untagged", "ticket.handed_over", "message.received", "message.queued",
    "message.sent", "message.delivered", "message.read", "message.failed", "message.bounced", "message.unconfirmed",
    "message.edited", "message.unsent", "note.written", "call.waiting", "call.connected", "call.voicemail", "call.ended",
    "clock.warned", "clock.breached", "person.changed", "handover.offered", "handover.accepted", "handover.declined",
    "handover.returned", "handover.closed", "handover.overdue",
)  # fmt: skip
CALLED, PING = "webhook.called", "webhook.ping"  # a rule's action, and the test button: to one webhook only
OLD_KEY_LIFE = timedelta(hours=24)  # so long both keys sign after a renewal


def wants(webhook: int, kinds: Collection[str], kind: str, params: Mapping[str, Any]) -> bool:
    """Whether an event is for this webhook."""
    return params.get("webhook") == webhook if kind in (CALLED, PING) else kind in kinds


def signature(body: bytes, keys: Iterable[str], at: datetime) -> str:
    """The header: t=<seconds>,v1=<HMAC-SHA256 over "t.body">, one v1 for each key that is valid."""
    stamp = str(int(at.timestamp()))
    said = stamp.encode() + b"." + body
    return ",".join([f"t={stamp}", *(f"v1={hmac.new(key.encode(), said, hashlib.sha256).hexdigest()}" for key in keys)])


def keys(secrets: Mapping[str, str], renewed_at: datetime | None, now: datetime) -> list[str]:
    """The keys that sign now, the present one first."""
    found = [secrets["key"]]
    if "old" in secrets and renewed_at is not None and now - renewed_at < OLD_KEY_LIFE:
        found.append(secrets["old"])
    return found
