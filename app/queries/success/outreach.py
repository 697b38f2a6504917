"""Letters that were sent and what became of them, templates, what people said of being written to, and their link to stop."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Account,
    AccountPerson,
    Consent,
    Message,
    Outreach,
    OutreachCopy,
    OutreachTemplate,
    Person,
    SuccessSetup,
)
from app.models.ticket import LETTER
from app.rules.success import outreach as rules
from app.rules.success.outreach import Word
from app.security import Vault

KIND = LETTER  # of the messages: like their tickets' origin
PURPOSE = "stop"  # of a page's signature
FIELDS = ("id", "name", "purpose", "channel", "inbox_id", "texts", "by_id", "step_id", "created_at")
COPY = ("id", "refused", "ticket_id", "created_at", "sent_at", "answered_at", "answer_id", "stopped_at")
CONSENT = ("id", "channel", "says", "source", "words", "address", "at", "recorded_at", "by_id")


def stop_link(url: str, vault: Vault, copy: int) -> str:
    """Where the receiver of this copy refuses more: who has the link may."""
    return f"{url}/stop/{copy}-{vault.sign(PURPOSE, str(copy))}"


def copy_of(token: str, vault: Vault) -> int | None:
    """The copy behind a page's token; None when we did not sign it."""
    number, _, signature = token.partition("-")
    genuine = number.isascii() and number.isdigit() and len(number) <= 18
    return int(number) if genuine and vault.signed(PURPOSE, number, signature) else None


async def listing(
    session: AsyncSession, *, account: int | None, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The latest first, each with its counts; whether there are more."""
    query = select(Outreach).order_by(col(Outreach.id).desc()).limit(limit + 1)
    if account is not None:
        mine = select(col(OutreachCopy.outreach_id)).where(col(OutreachCopy.account_id) == account)
        query = query.where(col(Outreach.id).in_(mine))
    if before is not None:
        query = query.where(col(Outreach.id) < before)
    found = list((await session.scalars(query)).all())
    counts = await _counts(session, [each.id for each in found])
    return [shown(each) | counts.get(each.id, NOBODY) for each in found[:limit]], len(found) > limit


NOBODY = {"people": 0, "refused": 0, "sent": 0, "answered": 0, "stopped": 0}


async def _counts(session: AsyncSession, ids: list[int]) -> dict[int, dict[str, int]]:
    query = select(
        col(OutreachCopy.outreach_id), func.count(), func.sum(case((col(OutreachCopy.refused) != "", 1), else_=0)),
        func.count(col(OutreachCopy.sent_at)), func.count(col(OutreachCopy.answered_at)),
        func.count(col(OutreachCopy.stopped_at)),
    ).where(col(OutreachCopy.outreach_id).in_(ids)).group_by(col(OutreachCopy.outreach_id))  # fmt: skip
    return {number: dict(zip(NOBODY, counts, strict=True)) for number, *counts in await session.execute(query)}


def shown(outreach: Outreach) -> dict[str, Any]:
    return {name: getattr(outreach, name) for name in FIELDS}


async def page(session: AsyncSession, number: int) -> dict[str, Any] | None:
    """One letter with its copies. None when there is no such letter."""
    outreach = await session.get(Outreach, number)
    if outreach is None:
        return None
    query = (
        select(OutreachCopy, Person, Account, Message)
        .join(Person, col(Person.id) == col(OutreachCopy.person_id))
        .join(Account, col(Account.id) == col(OutreachCopy.account_id))
        .outerjoin(Message, col(Message.id) == col(OutreachCopy.message_id))
        .where(col(OutreachCopy.outreach_id) == number)
        .order_by(col(Account.name), col(OutreachCopy.id))
    )
    copies = [
        {name: getattr(copy, name) for name in COPY}
        | {
            "person": {"id": person.id, "name": person.name}, "account": {"id": account.id, "name": account.name},
            "state": message.state if message else "", "failure": message.failure if message else "",
            "goes_at": message.retry_at if message else None,
        }
        for copy, person, account, message in await session.execute(query)
    ]  # fmt: skip
    counts = await _counts(session, [number])
    return shown(outreach) | counts.get(number, NOBODY) | {"copies": copies}


async def templates(session: AsyncSession) -> list[dict[str, Any]]:
    query = select(OutreachTemplate).where(col(OutreachTemplate.archived_at).is_(None))
    found = await session.scalars(query.order_by(col(OutreachTemplate.name), col(OutreachTemplate.id)))
    return [template(each) for each in found]


def template(each: OutreachTemplate) -> dict[str, Any]:
    return {name: getattr(each, name) for name in ("id", "name", "purpose", "texts")}


async def sender(session: AsyncSession) -> dict[str, str]:
    kept = (await session.get_one(SuccessSetup, 1)).sender
    return {name: str(kept.get(name, "")) for name in rules.SENDER}


async def said(session: AsyncSession, person: int) -> dict[str, Any]:
    """What holds for one person, and everything that they said, the latest first."""
    query = select(Consent).where(col(Consent.person_id) == person).order_by(col(Consent.at), col(Consent.id))
    rows = list((await session.scalars(query)).all())
    words = [Word(each.channel, each.says) for each in rows]
    return {
        "standing": {kind: _standing(words, kind) for kind in rules.CHANNELS},
        "said": [{name: getattr(each, name) for name in CONSENT} for each in reversed(rows)],
    }


def _standing(words: list[Word], channel: str) -> dict[str, Any]:
    found = rules.standing(words, channel)
    return {"promotion": found.promotion, "never": found.never}


async def of_account(session: AsyncSession, account: int) -> list[dict[str, Any]]:
    """What holds for each person of the account who has said something."""
    people = select(col(AccountPerson.person_id)).where(col(AccountPerson.account_id) == account)
    query = select(Consent).where(col(Consent.person_id).in_(people)).order_by(col(Consent.at), col(Consent.id))
    words: dict[int, list[Word]] = {}
    for each in (await session.scalars(query)).all():
        words.setdefault(each.person_id, []).append(Word(each.channel, each.says))
    return [
        {"person_id": person, "standing": {kind: _standing(found, kind) for kind in rules.CHANNELS}}
        for person, found in words.items()
    ]


async def of_page(session: AsyncSession, number: int) -> tuple[OutreachCopy, Outreach, str, datetime | None] | None:
    """A copy with its letter, the language that its reader reads, and when they stopped."""
    query = (
        select(OutreachCopy, Outreach, Message, Person)
        .join(Outreach, col(Outreach.id) == col(OutreachCopy.outreach_id))
        .join(Person, col(Person.id) == col(OutreachCopy.person_id))
        .outerjoin(Message, col(Message.id) == col(OutreachCopy.message_id))
        .where(col(OutreachCopy.id) == number, col(OutreachCopy.refused) == "")
    )
    found = (await session.execute(query)).first()
    if found is None:
        return None
    copy, outreach, message, person = found
    language = str(message.meta.get("language", "")) if message else ""
    return copy, outreach, language or person.language or "ja", copy.stopped_at
