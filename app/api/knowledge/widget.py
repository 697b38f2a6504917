"""Articles in the chat's widget, before the visitor asks: frames of /chat and of its long-polled line.

The composer stays under them, so a person is always one step away (K9, W8). Only public articles are shown.
"""

from typing import Any

from app import clock
from app.actions.knowledge import readers, visits
from app.api.visit import Brakes, Visit
from app.errors import TooMany
from app.parts import Parts
from app.queries.knowledge import visits as queries
from app.rules.knowledge import search

OPS = frozenset({"find", "read", "helped"})
LARGEST = 2**53


async def hear(parts: Parts, visit: Visit, said: dict[str, Any], brakes: Brakes) -> None:
    """One of OPS. An inbox that shows no articles answers nothing."""
    try:
        brakes.look(visit.peer, visit.visitor)
    except TooMany:
        visit.tell(op="error", client_id=None, code="too_many")
        return
    async with parts.database.read() as session:
        if not await queries.offers(session, visit.opened.row.id):
            return
    if said["op"] == "find":
        await _find(parts, visit, said)
    elif isinstance(said.get("article"), int) and 0 < said["article"] < LARGEST:
        await (_read if said["op"] == "read" else _helped)(parts, visit, said["article"])


async def _find(parts: Parts, visit: Visit, said: dict[str, Any]) -> None:
    """`done`: they pressed the key. Words half written are not what somebody looked for in vain."""
    given, title = said.get("q"), said.get("title")
    q = given.strip()[: search.LONGEST] if isinstance(given, str) else ""
    looking = bool(search.asked(q))
    async with parts.database.read() as session:
        if looking:
            found, why = await queries.sought(session, q, visit.language), "search"
        else:
            named = title if isinstance(title, str) else ""
            found, fits = await queries.suggested(session, visit.page, named, visit.language, clock.utcnow())
            why = "page" if fits else "popular"
    if looking and not found and said.get("done") is True:
        async with parts.database.write() as session:
            await readers.missed(session, q, visit.language, clock.utcnow())
    visit.tell(op="found", q=q, why=why, articles=found)


async def _read(parts: Parts, visit: Visit, number: int) -> None:
    async with parts.database.read() as session:
        found = await queries.article(session, number, visit.language, vault=parts.vault, url=parts.settings.public_url)
    if found is None:
        visit.tell(op="article", id=number, article=None)
        return
    shown, text_id = found
    async with parts.database.write() as session:
        await visits.opened(session, _who(visit), (number, text_id), clock.utcnow())
    visit.tell(op="article", id=number, article=shown)


async def _helped(parts: Parts, visit: Visit, number: int) -> None:
    async with parts.database.read() as session:
        found = await queries.article(session, number, visit.language, vault=parts.vault, url=parts.settings.public_url)
    if found is not None:
        async with parts.database.write() as session:
            await visits.solved(session, _who(visit), number, clock.utcnow())


def _who(visit: Visit) -> tuple[int, str]:
    return visit.opened.row.id, visit.address.key
