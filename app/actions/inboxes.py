"""Inboxes: making, changing, and the alarm that says what is wrong with one."""

from datetime import datetime
from typing import Any

from pydantic import SecretStr, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.errors import Invalid
from app.models import Inbox
from app.security import Vault, new_token
from channels import KINDS, channel_type


class UnknownKind(Invalid):
    """There is no such kind of channel."""


class WrongConfig(Invalid):
    """A setting of this channel does not fit."""


def secret_names(kind: str) -> set[str]:
    """The fields of a kind's Config that are secrets."""
    if kind not in KINDS:
        raise UnknownKind
    schema = channel_type(kind).Config.model_json_schema(mode="validation")
    return {name for name, field in schema.get("properties", {}).items() if _secret(field)}


def _secret(field: dict[str, Any]) -> bool:
    return field.get("format") == "password" or any(_secret(each) for each in field.get("anyOf", ()))


def split(kind: str, config: dict[str, Any], vault: Vault, kept: str = "") -> tuple[dict[str, Any], str]:
    """(plain settings, sealed secrets). A secret that is not given, or empty, keeps its value. Raises WrongConfig."""
    names = secret_names(kind)
    secrets = vault.unseal(kept) | {n: str(config[n]) for n in names if config.get(n)}
    plain = {name: value for name, value in config.items() if name not in names}
    try:
        made = channel_type(kind).Config.model_validate({**plain, **secrets})
    except ValidationError as wrong:
        fields = [{"at": ".".join(str(p) for p in e["loc"]), "says": e["msg"]} for e in wrong.errors()]
        raise WrongConfig(fields=fields) from None
    shown = {n: v for n, v in made.model_dump(mode="json").items() if not isinstance(getattr(made, n), SecretStr)}
    return {name: value for name, value in shown.items() if name not in names}, vault.seal(secrets)


async def add(
    session: AsyncSession, vault: Vault, *, kind: str, name: str, config: dict[str, Any], now: datetime, **fields: Any
) -> Inbox:
    """A new inbox with an unguessable hook. Raises UnknownKind, WrongConfig."""
    plain, sealed = split(kind, config, vault)
    inbox = Inbox(kind=kind, name=name, token=new_token(), config=plain, secrets=sealed, created_at=now, **fields)
    session.add(inbox)
    await session.flush()
    await feed.record(session, feed.event("inbox.changed", now, inbox=inbox.id))
    return inbox


async def raise_alarm(session: AsyncSession, inbox: Inbox, code: str, detail: str, now: datetime) -> None:
    """Something is wrong with this channel: it stands on every agent's screen until somebody looks."""
    inbox.alarm, inbox.alarm_detail, inbox.alarm_at = code, detail[:500], now
    await session.flush()
    await feed.record(session, feed.event("inbox.alarm", now, inbox=inbox.id, code=code))


async def clear_alarm(session: AsyncSession, inbox: Inbox, now: datetime) -> None:
    if inbox.alarm:
        inbox.alarm, inbox.alarm_detail, inbox.alarm_at = "", "", None
        await session.flush()
        await feed.record(session, feed.event("inbox.alarm", now, inbox=inbox.id, code=""))
