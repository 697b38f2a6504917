"""Tickets that can be found: by number, subject, tags and the customer's name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Event, Person, Tag, Ticket, TicketTag
from app.queries import tickets
from app.rules.search.document import Document, apart
from app.rules.search.snippet import found, snippet

OF_A_PERSON = 100  # tickets of somebody whose name changed that learn it; the latest
SAID = ("message.", "note.", "call.", "offer.", "clock.", "survey.", "automation.")  # changes nothing that is found by


async def documents(session: AsyncSession, numbers: Sequence[int]) -> list[Document]:
    query = (
        select(col(Ticket.id), col(Ticket.subject), col(Ticket.created_at), col(Person.name))
        .join(Person, col(Person.id) == col(Ticket.person_id))
        .where(col(Ticket.id).in_(numbers))
    )
    rows = (await session.execute(query)).all()
    tags = await _tags(session, numbers)
    return [
        Document(
            kind="ticket", number=number, at=at, scope="ticket.read",
            text=apart(f"#{number}", subject, name, *tags.get(number, ())),
        )
        for number, subject, at, name in rows
    ]  # fmt: skip


async def _tags(session: AsyncSession, numbers: Sequence[int]) -> dict[int, list[str]]:
    query = select(col(TicketTag.ticket_id), col(Tag.name)).join(Tag, col(Tag.id) == col(TicketTag.tag_id))
    found: dict[int, list[str]] = {}
    for number, name in await session.execute(query.where(col(TicketTag.ticket_id).in_(numbers)).order_by(col(Tag.id))):
        found.setdefault(number, []).append(name)
    return found


async def concerned(session: AsyncSession, events: Sequence[Event]) -> set[int]:
    own = {e.ticket_id for e in events if e.ticket_id is not None and not e.kind.startswith(SAID)}
    persons = {e.params["person"] for e in events if e.kind == "person.changed" and "person" in e.params}
    for person in persons:
        latest = select(col(Ticket.id)).where(col(Ticket.person_id) == person).order_by(col(Ticket.id).desc())
        own.update((await session.scalars(latest.limit(OF_A_PERSON))).all())
    return own


async def shown(session: AsyncSession, numbers: Sequence[int], marks: Sequence[str]) -> dict[int, dict[str, Any]]:
    tags = await _tags(session, numbers)
    return {
        each["number"]: {
            "ticket": each["number"],
            "title": snippet(each["subject"], marks),
            "snippet": _hint(each, tags.get(each["number"], []), marks),
            "at": each["created_at"],
            "channel": each["channel"],
            "status": each["status"],
            "author": each["person"]["name"],
            "audience": "",
        }
        for each in await tickets.rows(session, numbers)
    }


def _hint(each: dict[str, Any], tags: Sequence[str], marks: Sequence[str]) -> list[tuple[str, bool]]:
    """The tag that was found, else the latest words."""
    hit = [tag for tag in tags if found(tag, marks)]
    return snippet("、".join(hit) if hit else each["preview"], marks)
