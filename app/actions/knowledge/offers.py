"""Shows customers articles before a person answers, and hears what came of it. No clock is met by it (K9, K4)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk, reply
from app.models import (
    Agent,
    ArticleLink,
    ArticleOffer,
    Audit,
    Delivery,
    Identity,
    Inbox,
    Message,
    Person,
    Status,
    Thread,
    Ticket,
)
from app.queries.knowledge import offers as queries
from app.rules.knowledge import offer as rules
from app.rules.knowledge.help_page import address
from app.rules.lifecycle import SOLVED
from app.text import plain
from channels import channel_type
from channels.contract import Chosen, Placement


async def offer(session: AsyncSession, question_id: int, url: str, now: datetime) -> bool:
    """Whether something was shown. Whatever became of the ticket since it was found counts."""
    question = await session.get_one(Message, question_id)
    ticket = await desk.locked(session, question.ticket_id)
    thread = await session.get(Thread, question.thread_id) if question.thread_id else None
    answered = ticket.status != Status.OPEN or ticket.first_response_at is not None
    if thread is None or answered or not await queries.may_offer(session, ticket.id):
        return False
    language = await _language(session, ticket)
    words = f"{thread.subject}\n{question.text}"
    found = await queries.fitting(session, words, ticket.id, language)
    if not found or not await _reachable(session, thread):
        return False
    made = ArticleOffer(
        ticket_id=ticket.id, question_id=question.id, thread_id=thread.id, identity_id=thread.identity_id,
        channel=thread.channel, language=language, article_ids=[each.article.id for each in found], at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    links = [(each.version.title, url + address(each.text.locale, each.text.slug)) for each in found]
    meta = {"offer": made.id, "language": language, "links": [[*each] for each in links]}
    made.message_id = await _say(session, ticket, thread, rules.text(links, language), queries.KIND, now, meta)
    await session.flush()
    return True


async def _language(session: AsyncSession, ticket: Ticket) -> str:
    person, inbox = await session.get_one(Person, ticket.person_id), await session.get_one(Inbox, ticket.inbox_id)
    return rules.language_of(person.language or inbox.language)


async def _reachable(session: AsyncSession, thread: Thread) -> bool:
    """Groups are left alone: many read there, and one of them asked."""
    identity = await session.get_one(Identity, thread.identity_id)
    if channel_type(thread.channel).limits.groups and identity.value != thread.conversation:
        return False
    try:
        await reply.check_reach(session, thread)
    except reply.CannotReply:
        return False
    return True


async def _say(
    session: AsyncSession, ticket: Ticket, thread: Thread, text: str, kind: str, now: datetime, meta: dict[str, Any]
) -> int:
    """The machine writes. The ticket stays as it is, and so do its clocks: nobody has answered."""
    thread.last_seq += 1
    message = Message(
        ticket_id=ticket.id, thread_id=thread.id, inbox_id=thread.inbox_id, seq=thread.last_seq, direction="out",
        author="machine", auto=True, kind=kind, subject=thread.subject, text=plain(text), sent_at=now, created_at=now,
        meta=meta, state=Delivery.QUEUED, send_key=str(uuid.uuid4()), retry_at=now,
    )  # fmt: skip
    await reply.store(session, message, [])
    told = feed.event("message.queued", now, ticket=ticket.id, message=message.id)
    await feed.record(session, told)
    return message.id


async def chosen(session: AsyncSession, inbox_id: int, item: Chosen, now: datetime) -> Placement:
    """A tap in the channel itself. The same again, or a stranger's, changes nothing."""
    tapped = rules.tapped(item.data)
    made = await _locked(session, tapped[0]) if tapped else None
    thread = await session.get(Thread, made.thread_id) if made and made.thread_id else None
    if tapped is None or made is None or thread is None or thread.inbox_id != inbox_id:
        return Placement(item=item)
    placed = Placement(item=item, ticket=made.ticket_id, thread=thread.id)
    identity = await session.get_one(Identity, thread.identity_id)
    if identity.key != item.sender.key or not _is_news(made, tapped[1]):
        return placed
    if item.handle is not None and thread.current:
        thread.handle, thread.handle_at = item.handle.token, item.handle.received_at
    await _settle(session, made, tapped[1], now)
    if identity.reachable:
        ticket, words = await session.get_one(Ticket, made.ticket_id), rules.WORDS[made.language]
        text = words["thanks" if tapped[1] == rules.SOLVED else "wait"]
        await _say(session, ticket, thread, text, "text", now, {})
    return placed


async def answer(session: AsyncSession, number: int, what: str, now: datetime) -> ArticleOffer | None:
    """On the page of a mail; None when there is no such offer. The same again changes nothing."""
    made = await _locked(session, number)
    if made is not None and _is_news(made, what):
        await _settle(session, made, what, now)
    return made


async def opened(session: AsyncSession, number: int, now: datetime) -> None:
    """An article of the offer was read by its link; the first time counts."""
    made = await session.get(ArticleOffer, number)
    if made is not None and made.opened_at is None:
        made.opened_at = now
        await session.flush()


def _is_news(made: ArticleOffer, what: str) -> bool:
    """Who asked for a person is not called solved by a later tap."""
    return made.person_at is None and (what == rules.PERSON or made.solved_at is None)


async def _settle(session: AsyncSession, made: ArticleOffer, what: str, now: datetime) -> None:
    ticket = await desk.locked(session, made.ticket_id)
    if what == rules.SOLVED:
        made.solved_at = now
        if ticket.status in (Status.OPEN, Status.PENDING):
            await desk.set_status(session, ticket, Status.RESOLVED, agent_id=None, now=now)
        await _link(session, made, now)
    else:
        made.person_at = now
        if ticket.status in SOLVED:
            await desk.set_status(session, ticket, Status.OPEN, agent_id=None, now=now)
    await session.flush()
    told = feed.event(f"article.{what}", now, ticket=ticket.id, articles=made.article_ids)
    await feed.record(session, told)


async def _link(session: AsyncSession, made: ArticleOffer, now: datetime) -> None:
    """When one article alone was shown it is known which one helped."""
    if len(made.article_ids) == 1 and await session.get(ArticleLink, (made.article_ids[0], made.ticket_id)) is None:
        session.add(ArticleLink(article_id=made.article_ids[0], ticket_id=made.ticket_id, how="sent", at=now))


async def _locked(session: AsyncSession, number: int) -> ArticleOffer | None:
    query = select(ArticleOffer).where(col(ArticleOffer.id) == number).with_for_update()
    return (await session.scalars(query)).first()


async def switch(session: AsyncSession, inbox_ids: set[int], *, by: Agent, now: datetime) -> None:
    """Whose customers are shown articles. Nobody is on the telephone."""
    for each in (await session.scalars(select(Inbox))).all():
        each.offers_articles = each.id in inbox_ids and each.kind != "phone"
    session.add(
        Audit(at=now, agent_id=by.id, code="offers.changed", subject=",".join(map(str, sorted(inbox_ids)))[:200])
    )
    await session.flush()
