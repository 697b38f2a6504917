"""What is to be sent, as the channels understand it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.files import Files
from app.models import Agent, Attachment, Call, Delivery, Identity, Message, Order, Thread
from app.queries import quotes, survey
from app.queries.knowledge import offers
from app.queries.success import outreach
from app.rules.success import outreach_words
from app.rules.survey_words import linked
from app.security import Vault
from channels.contract import Address, File, Handle, Limits, Outbound

CITED = 30  # ids of the thread that an answer cites at most


@dataclass(frozen=True, slots=True)
class Site:
    """Where files are and how their links are signed."""

    url: str
    vault: Vault
    files: Files


async def outbound(session: AsyncSession, message: Message, language: str, site: Site, now: datetime) -> Outbound:
    """The message as its channel sends it."""
    thread = await session.get_one(Thread, message.thread_id)
    identity = await session.get_one(Identity, thread.identity_id)
    agent = await session.get(Agent, message.agent_id) if message.agent_id else None
    files = select(Attachment).where(col(Attachment.message_id) == message.id).order_by(col(Attachment.id))
    return Outbound(
        key=message.send_key,
        to=address(identity),
        conversation=thread.conversation,
        now=now,
        thread=thread.id,
        message=message.id,
        ticket=message.ticket_id,
        text=message.text,
        html=message.html,
        subject=message.subject,
        files=tuple(file(each, site) for each in (await session.scalars(files)).all()),
        # Who reads along asked for no automatic answer (E10).
        cc=tuple(
            Address(kind=identity.kind, value=p["value"], name=p.get("name", ""))
            for p in ([] if message.auto else thread.participants)
        ),
        answers=await _cited(session, thread.id, message.id),
        handle=Handle(token=message.handle, received_at=message.handle_at)
        if message.handle and message.handle_at
        else None,
        sender_name=agent.alias if agent else "",
        silent=message.meta.get("silent") is True,
        quote=await quotes.outgoing_token(session, message),
        spare=message.author == "machine",
        language=language,
        attempt=message.attempts,
        memory=message.memory,
        params={"auto": True} if message.auto else {},
    )


def with_choices(out: Outbound, message: Message, limits: Limits, site: Site) -> Outbound:
    """What the customer may choose; where the channel cannot show that, a link to a page that can.

    The link is made for the way out only: who reads the conversation here must not be able to answer for the customer.
    """
    if message.kind == offers.KIND:
        return _with_articles(out, message, limits, site)
    if message.kind == outreach.KIND:
        return _with_stop(out, message, site)
    choices = survey.choices(message)
    if not choices:
        return out
    if len(choices) <= limits.choices:
        return replace(out, choices=choices)
    return replace(out, text=linked(message.meta, survey.page(site.url, site.vault, int(message.meta["survey"]))))


def _with_stop(out: Outbound, message: Message, site: Site) -> Outbound:
    """Advertising says how it is stopped (J4); a mail's program can do it with one press (RFC 8058)."""
    if message.meta.get("purpose") != "promotion":
        return out
    link = outreach.stop_link(site.url, site.vault, int(message.meta["copy"]))
    text = f"{out.text}\n\n{outreach_words.say('stop', str(message.meta.get('language', '')), link=link)}"
    return replace(out, text=text, params={**out.params, "unsubscribe": link})


def _with_articles(out: Outbound, message: Message, limits: Limits, site: Site) -> Outbound:
    choices = offers.choices(message)
    tappable = len(choices) <= limits.choices
    text = offers.on_the_way_out(message, site.url, site.vault, tappable=tappable)
    leaflet = offers.leaflet(message, site.vault) if tappable else None
    return replace(out, text=text, leaflet=leaflet, choices=choices if tappable else ())


def address(identity: Identity) -> Address:
    """Who the thread is with. Where a channel's conversation is a group, the channel answers into `conversation`."""
    return Address(
        kind=identity.kind, value=identity.value, scope=identity.scope, name=identity.name, verified=identity.verified
    )


async def _cited(session: AsyncSession, thread_id: int, message_id: int) -> tuple[str, ...]:
    query = (
        select(col(Message.reference))
        .where(col(Message.thread_id) == thread_id, col(Message.id) < message_id, col(Message.reference).is_not(None))
        .where(col(Message.state).not_in((Delivery.HELD, Delivery.REFUSED)))
        .order_by(col(Message.seq))
    )
    found = [reference for reference in (await session.scalars(query)).all() if reference]
    return tuple(found[:1] + found[1:][-(CITED - 1) :])


def file(each: Attachment, site: Site) -> File:
    base = f"{site.url}/f/{each.public_id}/{site.vault.sign('file', each.public_id)}"
    return File(
        name=each.name,
        media_type=each.media_type,
        size=each.size or 0,
        url=f"{base}/{quote(each.name, safe='')}",
        read=_reader(each.file_key, site.files),
        preview_url=f"{base}/preview.jpg" if each.preview_key else "",
        content_id=each.content_id,
    )


def _reader(key: str, files: Files) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return await files.get(key)

    return read


async def order(session: AsyncSession, each: Order, language: str, now: datetime) -> Outbound:
    """A call's order as its channel does it."""
    call = await session.get(Call, each.call_id) if each.call_id else None
    conversation = call.external_id if call else ""
    return Outbound(
        key=each.key, kind=each.kind, to=Address(kind="phone", value=""), conversation=conversation, now=now,
        ticket=call.ticket_id if call else 0, language=language, attempt=each.attempts, memory=each.memory,
        params=each.params,
    )  # fmt: skip
