"""Persons that can be found: by name, reading, address and note."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, AccountPerson, Event, Identity, Message, Person, Ticket
from app.models.people import READABLE
from app.rules.search.document import Document, apart
from app.rules.search.snippet import snippet

SPOKE = ("message.received", "ticket.opened", "call.")  # by which somebody may be new here
LAST_DIGITS = 4  # of a telephone number: what people remember


async def documents(session: AsyncSession, numbers: Sequence[int]) -> list[Document]:
    rows = (await session.scalars(select(Person).where(col(Person.id).in_(numbers)))).all()
    known = await _identities(session, numbers)
    found = []
    for each in rows:
        own = known.get(each.id, [])
        names = list(dict.fromkeys(filter(None, [each.name, each.kana, *(identity.name for identity in own)])))
        addresses = [identity.value for identity in own if identity.kind in READABLE]
        last = [value[-LAST_DIGITS:] for value in addresses if value.startswith("+")]
        found.append(
            Document(
                kind="person", number=each.id, at=each.created_at, scope="person.read", named=" ".join(names),
                text=apart(*names, *addresses, *last, each.note),
            )
        )  # fmt: skip
    return found


async def _identities(session: AsyncSession, numbers: Sequence[int]) -> dict[int, list[Identity]]:
    query = select(Identity).where(col(Identity.person_id).in_(numbers)).order_by(col(Identity.id))
    found: dict[int, list[Identity]] = {}
    for each in (await session.scalars(query)).all():
        found.setdefault(each.person_id, []).append(each)
    return found


async def concerned(session: AsyncSession, events: Sequence[Event]) -> set[int]:
    """Whom an event names, and who speaks in it for perhaps the first time."""
    own = {int(e.params["person"]) for e in events if isinstance(e.params.get("person"), int)}
    spoke = [e for e in events if e.kind.startswith(SPOKE)]
    tickets = {e.ticket_id for e in spoke if e.ticket_id is not None}
    messages = {e.message_id for e in spoke if e.message_id is not None}
    own.update((await session.scalars(select(col(Ticket.person_id)).where(col(Ticket.id).in_(tickets)))).all())
    authors = select(col(Identity.person_id)).join(Message, col(Message.identity_id) == col(Identity.id))
    own.update((await session.scalars(authors.where(col(Message.id).in_(messages)))).all())
    return own


async def shown(session: AsyncSession, numbers: Sequence[int], marks: Sequence[str]) -> dict[int, dict[str, Any]]:
    rows = (await session.scalars(select(Person).where(col(Person.id).in_(numbers)))).all()
    known = await _identities(session, numbers)
    companies = await _companies(session, numbers)
    found: dict[int, dict[str, Any]] = {}
    for each in rows:
        own = known.get(each.id, [])
        readable = [identity.value for identity in own if identity.kind in READABLE]
        name = each.name or next((i.name for i in own if i.name), "") or next(iter(readable), "")
        told = [each.kana, *readable, *companies.get(each.id, ())]
        found[each.id] = {
            "ticket": await _latest(session, each.id),
            "title": snippet(name, marks),
            "snippet": snippet(" · ".join(dict.fromkeys(filter(None, told))), marks),
            "at": each.created_at,
            "channel": own[0].kind if own else "",
            "status": "",
            "author": "",
            "audience": "",
        }
    return found


async def _companies(session: AsyncSession, numbers: Sequence[int]) -> dict[int, list[str]]:
    query = select(col(AccountPerson.person_id), col(Account.name)).join(
        Account, col(Account.id) == col(AccountPerson.account_id)
    )
    found: dict[int, list[str]] = {}
    for person, name in await session.execute(query.where(col(AccountPerson.person_id).in_(numbers))):
        found.setdefault(person, []).append(name)
    return found


async def _latest(session: AsyncSession, person: int) -> int | None:
    query = select(col(Ticket.id)).where(col(Ticket.person_id) == person).order_by(col(Ticket.id).desc()).limit(1)
    return await session.scalar(query)
