"""Outreach is written: to whom it may go, each copy with a thread of its own, queued in the one outbox."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.success import playbooks
from app.errors import Conflict, Invalid, Missing
from app.models import (
    Agent,
    Audit,
    Delivery,
    Inbox,
    Message,
    Outreach,
    OutreachCopy,
    OutreachTemplate,
    Status,
    SuccessSetup,
    Thread,
    Ticket,
)
from app.queries.success import letters as queries
from app.queries.success.letters import Draft, Letter
from app.queries.success.outreach import KIND
from app.rules.hours import Hours
from app.rules.success import outreach as rules
from app.rules.success.outreach_words import signed
from app.text import plain, preview


class NoSender(Conflict):
    """Advertising has to name its sender: write name, address and contact into the settings first."""


class NobodyToWrite(Invalid):
    """Nobody is left to whom this may go."""


class NoWayOut(Invalid):
    """There is no such inbox for this channel, or it is switched off."""


class NoTemplate(Missing):
    """There is no such template."""


async def ready(session: AsyncSession, draft: Draft, inbox_id: int) -> tuple[Inbox, dict[str, str]]:
    """The inbox that it goes out by, and who signs it. Raises WrongLetter, NoWayOut, NoSender."""
    rules.check(draft.texts, draft.channel)
    inbox = await session.get(Inbox, inbox_id)
    if inbox is None or not inbox.enabled or inbox.kind != draft.channel:
        raise NoWayOut
    sender = (await session.get_one(SuccessSetup, 1)).sender
    if draft.purpose == "promotion" and (missing := rules.unsigned(sender)):
        raise NoSender(missing=missing)
    return inbox, sender


async def preview_of(session: AsyncSession, draft: Draft, inbox_id: int, agent: Agent, now: datetime) -> list[Letter]:
    """Every copy as it would go out."""
    inbox, sender = await ready(session, draft, inbox_id)
    found = await queries.compose(session, draft, inbox, agent, now)
    for each in found:
        if draft.purpose == "promotion":
            each.text = signed(each.text, each.language, sender)
    return found


async def send(
    session: AsyncSession, draft: Draft, given: Mapping[str, Any], *, agent: Agent, hours: Hours, now: datetime
) -> tuple[Outreach, bool]:
    """`given`: name, inbox_id, client_id, step_id. False: the same was sent already. A playbook's step is done by it.

    Raises WrongLetter, NoWayOut, NoSender, TooManyPeople, NobodyToWrite, NoStep, StepOver, RunOver.
    """
    key = f"{agent.id}:{given['client_id']}"
    if same := await _same(session, key):
        return same, False
    found = await preview_of(session, draft, given["inbox_id"], agent, now)
    if all(each.refused for each in found):
        raise NobodyToWrite(reasons=sorted({each.refused for each in found}))
    made = Outreach(
        key=key, name=plain(given["name"])[:120], purpose=draft.purpose, channel=draft.channel, inbox_id=given["inbox_id"],
        texts={tongue: dict(said) for tongue, said in draft.texts.items()}, by_id=agent.id, step_id=given.get("step_id"),
        created_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    for letter in found:
        await _write(session, made, letter, agent, now)
    if made.step_id is not None:
        await playbooks.end_step(session, made.step_id, "done", agent=agent, note="", hours=hours, now=now)
    refused = sum(bool(each.refused) for each in found)
    params: dict[str, Any] = {"outreach": made.id, "people": len(found), "refused": refused, "purpose": made.purpose}
    await feed.record(session, feed.event("outreach.written", now, agent=agent.id, **params))
    return made, True


async def _same(session: AsyncSession, key: str) -> Outreach | None:
    return (await session.scalars(select(Outreach).where(col(Outreach.key) == key))).first()


async def _write(session: AsyncSession, outreach: Outreach, letter: Letter, agent: Agent, now: datetime) -> None:
    copy = OutreachCopy(
        outreach_id=outreach.id, person_id=letter.person.id, account_id=letter.account.id, refused=letter.refused,
        created_at=now,
    )  # fmt: skip
    if letter.refused == "twice":  # their one copy says it
        return
    session.add(copy)
    await session.flush()
    if letter.refused or letter.identity is None:
        return
    subject, text = plain(letter.subject)[:400], plain(letter.text)
    ticket = Ticket(
        subject=subject or preview(text, 60), status=Status.CLOSED, origin=KIND, channel=outreach.channel,
        inbox_id=outreach.inbox_id, person_id=letter.person.id, account_id=letter.account.id, preview=preview(text),
        preview_from="agent", created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(ticket)
    await session.flush()
    # A mail's thread is its own from the start. Where the channel has one line to the customer it becomes the present one
    # only when the letter has gone out, and nothing else is open (letters.py).
    own = outreach.channel == "email"
    thread = Thread(
        ticket_id=ticket.id, inbox_id=outreach.inbox_id, identity_id=letter.identity.id, channel=outreach.channel,
        conversation=f"{KIND}:{copy.id}" if own else letter.identity.value, current=own, subject=subject, last_seq=1,
        created_at=now,
    )  # fmt: skip
    session.add(thread)
    await session.flush()
    message = Message(
        ticket_id=ticket.id, thread_id=thread.id, inbox_id=outreach.inbox_id, seq=1, direction="out", author="agent",
        agent_id=agent.id, kind=KIND, subject=subject, text=text, sent_at=now, created_at=now, state=Delivery.QUEUED,
        meta={"outreach": outreach.id, "copy": copy.id, "purpose": outreach.purpose, "language": letter.language},
        send_key=str(uuid.uuid4()), retry_at=letter.goes_at or now,
    )  # fmt: skip
    session.add(message)
    await session.flush()
    copy.ticket_id, copy.message_id = ticket.id, message.id
    await session.flush()
    await feed.record(session, feed.event("message.queued", now, ticket=ticket.id, message=message.id, agent=agent.id))


async def put_template(
    session: AsyncSession, given: Mapping[str, Any], *, now: datetime, number: int | None = None
) -> OutreachTemplate:
    """Raises NoTemplate, WrongLetter."""
    rules.check(given["texts"], "")
    if number is None:
        made = OutreachTemplate(**given, created_at=now)
        session.add(made)
    else:
        found = await session.get(OutreachTemplate, number)
        if found is None or found.archived_at is not None:
            raise NoTemplate
        made = found
        made.name, made.purpose, made.texts = given["name"], given["purpose"], dict(given["texts"])
    await session.flush()
    return made


async def archive_template(session: AsyncSession, number: int, now: datetime) -> None:
    """Raises NoTemplate."""
    found = await session.get(OutreachTemplate, number)
    if found is None:
        raise NoTemplate
    found.archived_at = found.archived_at or now
    await session.flush()


async def set_sender(session: AsyncSession, given: Mapping[str, str], *, by: int, now: datetime) -> None:
    """Who signs advertising."""
    setup = await session.get_one(SuccessSetup, 1, with_for_update=True)
    setup.sender = {name: plain(given[name]).strip() for name in rules.SENDER}
    session.add(Audit(at=now, agent_id=by, code="outreach.sender"))
    await session.flush()
