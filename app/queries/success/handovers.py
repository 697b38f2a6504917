"""Hand-overs: the list, one, what goes along with it, and who writes to the customer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Account,
    AccountPerson,
    Agent,
    ArticleLink,
    ArticleText,
    Attachment,
    Background,
    Contract,
    Delivery,
    FileState,
    Handover,
    Identity,
    Message,
    OutreachCopy,
    Person,
    Role,
    SuccessSetup,
    Ticket,
)
from app.models.columns import NEVER
from app.models.handover import OPEN
from app.models.ticket import LETTER
from app.queries import tickets
from app.queries.success import health
from app.rules.success.handover import Held, voice

FIELDS = (
    "id", "ticket_id", "account_id", "cause", "form", "state", "reason", "package", "offered_by", "to_id", "taken_by",
    "offered_at", "due_at", "overdue_at", "accepted_at", "ended_at", "outcome", "answer",
)  # fmt: skip
EXCERPT, RELATED = 600, timedelta(days=90)
MOST_FILES, MOST_REASONS = 20, 6
BACKGROUND = ("kind", "bottleneck", "stage", "cause", "outcome")


async def listing(
    session: AsyncSession, *, agent: int, mine: bool, done: bool, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """What waits first, by when it is due; what is over by when it ended."""
    query = select(Handover).where(col(Handover.state).not_in(("offered", "accepted")) if done else OPEN)
    if mine:
        free = and_(col(Handover.taken_by).is_(None), or_(col(Handover.to_id).is_(None), col(Handover.to_id) == agent))
        query = query.where(or_(col(Handover.taken_by) == agent, free))
    if before is not None:
        query = query.where(col(Handover.id) < before)
    found = (await session.scalars(query.order_by(col(Handover.id).desc()).limit(limit + 1))).all()
    return await shown(session, found[:limit]), len(found) > limit


async def of_ticket(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    query = select(Handover).where(col(Handover.ticket_id) == number).order_by(col(Handover.id).desc()).limit(20)
    return await shown(session, (await session.scalars(query)).all())


async def shown(session: AsyncSession, found: Sequence[Handover]) -> list[dict[str, Any]]:
    rows = {each["number"]: each for each in await tickets.rows(session, list({each.ticket_id for each in found}))}
    return [{name: getattr(each, name) for name in FIELDS} | {"ticket": rows.get(each.ticket_id)} for each in found]


async def writer(session: AsyncSession, number: int) -> int | None:
    """Who alone writes to this ticket's customer; None: the desk. Who wrote to them first has the answer, while it is theirs."""
    query = select(Handover).where(col(Handover.ticket_id) == number, OPEN)
    held = [Held(e.form, e.state, e.to_id, e.taken_by) for e in (await session.scalars(query)).all()]
    return voice(held) or await _letter_owner(session, number)


async def _letter_owner(session: AsyncSession, number: int) -> int | None:
    """Of a case that answers a letter of outreach: its assignee, when they are of the success team."""
    answers = exists().where(col(OutreachCopy.answer_id) == number)
    query = select(col(Agent.id)).join(Ticket, col(Ticket.assignee_id) == col(Agent.id))
    return await session.scalar(query.where(col(Ticket.id) == number, col(Agent.role) == Role.SUCCESS, answers))


async def setup(session: AsyncSession) -> SuccessSetup:
    return await session.get_one(SuccessSetup, 1)


async def overdue(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    late = col(Handover.state) == "offered", col(Handover.due_at) <= now, col(Handover.overdue_at).is_(None)
    return list(
        (await session.scalars(select(col(Handover.id)).where(*late).order_by(col(Handover.id)).limit(limit))).all()
    )


async def background(session: AsyncSession, number: int) -> dict[str, Any]:
    found = await session.get(Background, number)
    return {name: getattr(found, name) if found else "" for name in BACKGROUND}


async def latest(session: AsyncSession, account: int, cause: str) -> Handover | None:
    """The account's last hand-over of this cause."""
    query = select(Handover).where(col(Handover.account_id) == account, col(Handover.cause) == cause)
    return (await session.scalars(query.order_by(col(Handover.id).desc()).limit(1))).first()


async def same_cause(session: AsyncSession, ticket: Ticket, cause: str, since: datetime) -> int:
    """Tickets of the same account with this cause since then."""
    if not cause or ticket.account_id is None:
        return 0
    query = select(col(Background.ticket_id)).join(Ticket, col(Ticket.id) == col(Background.ticket_id))
    same = col(Background.cause) == cause, col(Ticket.account_id) == ticket.account_id, col(Ticket.created_at) > since
    return len((await session.scalars(query.where(*same).limit(100))).all())


async def draft(session: AsyncSession, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The package (C3): everything known, for people to go over."""
    person = await session.get_one(Person, ticket.person_id)
    said = await _said(session, ticket.id)
    heard = [each for each in said if each.direction == "in"]
    told = [each for each in said if each.direction == "out"]
    related = col(Ticket.person_id) == ticket.person_id
    if ticket.account_id is not None:
        related = or_(related, col(Ticket.account_id) == ticket.account_id)
    near = select(col(Ticket.id)).where(related, col(Ticket.id) != ticket.id, col(Ticket.created_at) > now - RELATED)
    near = near.where(col(Ticket.origin) != LETTER)
    return {
        "facts": ticket.subject or (heard[0].text[:EXCERPT] if heard else ticket.preview),
        "asked": heard[-1].text[:EXCERPT] if heard else "",
        "tried": "\n".join(each.text[:200] for each in told[-3:]),
        "promised": "",
        "told": told[-1].text[:EXCERPT] if told else "",
        "deadline": "" if ticket.due_at == NEVER else ticket.due_at.isoformat(),
        "requester": await _requester(session, ticket, person),
        "account": await _account(session, ticket.account_id),
        "background": await background(session, ticket.id),
        "related": list((await session.scalars(near.order_by(col(Ticket.id).desc()).limit(10))).all()),
        "channel": ticket.channel,
        "sentiment": "",
        "health": await _health(session, ticket.account_id),
        "files": await _files(session, ticket.id),
        "articles": await _articles(session, ticket.id),
    }


async def _health(session: AsyncSession, account_id: int | None) -> dict[str, Any] | None:
    """As it stands, with what gives and takes most."""
    if account_id is None:
        return None
    found = (await health.latest(session, [account_id]))[account_id]
    return {"score": found.score, "colour": found.colour, "contributions": found.contributions[:MOST_REASONS],
            "hard": found.hard}  # fmt: skip


async def _files(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    """The latest ones that are there."""
    here = col(Message.ticket_id) == number, col(Attachment.state) == FileState.READY, col(Attachment.inline).is_(False)
    query = select(Attachment).join(Message, col(Message.id) == col(Attachment.message_id)).where(*here)
    found = (await session.scalars(query.order_by(col(Attachment.id).desc()).limit(MOST_FILES))).all()
    return [{"id": each.public_id, "name": each.name, "media_type": each.media_type} for each in found]


async def _articles(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    """What the desk has used or written for it, by any of its titles."""
    query = (
        select(col(ArticleLink.article_id), func.min(col(ArticleText.title)))
        .join(ArticleText, col(ArticleText.article_id) == col(ArticleLink.article_id))
        .where(col(ArticleLink.ticket_id) == number)
        .group_by(col(ArticleLink.article_id))
    )
    return [{"id": article, "title": title} for article, title in await session.execute(query)]


async def _said(session: AsyncSession, number: int) -> Sequence[Message]:
    public = col(Message.ticket_id) == number, col(Message.audience) == "public", col(Message.auto).is_(False)
    kept = col(Message.state).not_in((Delivery.HELD, Delivery.REFUSED, Delivery.DISCARDED))
    query = select(Message).where(*public, kept, col(Message.unsent_at).is_(None))
    return list(reversed((await session.scalars(query.order_by(col(Message.id).desc()).limit(50))).all()))


async def _requester(session: AsyncSession, ticket: Ticket, person: Person) -> dict[str, Any]:
    link = await session.get(AccountPerson, (ticket.account_id, person.id)) if ticket.account_id is not None else None
    named = select(col(Identity.name)).where(col(Identity.person_id) == person.id, col(Identity.name) != "").limit(1)
    return {
        "id": person.id,
        "name": person.name or await session.scalar(named) or "",
        "role": link.role if link else "",
    }


async def _account(session: AsyncSession, account_id: int | None) -> dict[str, Any] | None:
    account = await session.get(Account, account_id) if account_id is not None else None
    if account is None:
        return None
    runs = col(Contract.account_id) == account.id, col(Contract.ended_on).is_(None)
    contracts = (await session.scalars(select(Contract).where(*runs).order_by(col(Contract.renews_on)).limit(5))).all()
    days = [
        {"code": c.code, "product": c.product, "renews_on": _day(c.renews_on), "notice_on": _day(c.notice_on)}
        for c in contracts
    ]
    return {"id": account.id, "name": account.name, "tier": account.tier, "stage": account.stage, "contracts": days}


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None
