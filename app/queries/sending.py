"""What an answer should make its writer look again for, before it goes out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, AccountPerson, Identity, Thread, Ticket
from app.rules import sending

OPEN_TO_ALL = ("/help", "/f/", "/rate/", "/stop/", "/widget")  # of our own pages, what customers may open


async def warnings(
    session: AsyncSession, ticket: Ticket, thread: Thread | None, text: str, *, files: int, url: str
) -> list[dict[str, Any]]:
    """Codes with what they are about; [] when there is nothing to say."""
    found: list[tuple[str, list[str]]] = [
        (sending.INTERNAL, sending.internal_links(text, url, OPEN_TO_ALL)),
        (sending.OUTSIDE, await _outside(session, ticket, thread)),
    ]
    told = [{"code": code, "about": about[:10]} for code, about in found if about]
    forgotten = [{"code": sending.FORGOTTEN, "about": []}] if sending.forgets_attachment(text, files) else []
    return [*forgotten, *told]


async def _outside(session: AsyncSession, ticket: Ticket, thread: Thread | None) -> list[str]:
    """Who reads along: the address that it goes to is the customer's own."""
    if ticket.account_id is None or thread is None or not thread.participants:
        return []
    account = await session.get_one(Account, ticket.account_id)
    theirs = select(col(Identity.value)).join(AccountPerson, col(AccountPerson.person_id) == col(Identity.person_id))
    known = (await session.scalars(theirs.where(col(AccountPerson.account_id) == account.id))).all()
    return sending.outside([str(each["value"]) for each in thread.participants], known, [account.domain])
