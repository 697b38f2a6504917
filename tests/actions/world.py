"""What the tests of verbs share: messages as a channel would hand them over, and the rows that they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import SQLModel, col

from app.actions import desk
from app.actions.receive import Arrival, Rules, cleaned, receive
from app.db import Database
from app.models import Clock, Episode, Message, RawHook, Resolution, Thread, Ticket
from app.queries.inboxed import Inboxed
from channels.contract import Address, Hook, Inbound, Item, Placement
from tests.cast import START, Cast, person

RULES = Rules(reopen_days=14)
M = TypeVar("M", bound=SQLModel)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def said(number: int | str, text: str = "醤油が届きません", *, who: str | Address = "sato", **more: Any) -> Inbound:
    """A customer's LINE message; `number` makes its id, and its time when it is a number of seconds."""
    sender = who if isinstance(who, Address) else person(who)
    given: dict[str, Any] = {
        "external_id": f"m{number}",
        "conversation": f"user:{sender.value}",
        "sender": sender,
        "sent_at": at(number) if isinstance(number, int) else START,
        "text": text,
    }
    return Inbound(**given | more)


def mail(number: int | str, *, who: str = "sato", answers: Sequence[str] = (), **more: Any) -> Inbound:
    """A customer's mail: its Message-ID is m{number}."""
    given: dict[str, Any] = {
        "conversation": f"m{number}",
        "answers": tuple(answers),
        "subject": "注文の件",
        "meta": {"message_id": f"m{number}"},
    }
    return said(number, who=person(who, kind="email"), **given | more)


def ring(number: int | str = 1, *, who: str = "sato", **more: Any) -> Inbound:
    """A call that begins: its CallSid is CA{number}."""
    given = {"external_id": f"CA{number}", "conversation": f"CA{number}", "kind": "call", "text": ""}
    return said(number, who=person(who, kind="phone"), **given | more)


def arrival(inbox: Inboxed, *items: Item, body: bytes = b"{}", **more: Any) -> Arrival:
    """One hook with these items in it."""
    hook = Hook(route="", body=body, received_at=START, headers={"x": "y"})
    return Arrival(inbox=inbox, hook=hook, items=items, **({"cleaned": cleaned(items)} | more))


@dataclass(frozen=True, slots=True)
class World:
    """A database with the cast in it and one inbox of each kind."""

    database: Database
    cast: Cast
    line: Inboxed
    email: Inboxed
    chat: Inboxed
    phone: Inboxed

    async def take(self, *items: Item, now: datetime = START, inbox: Inboxed | None = None) -> list[Placement]:
        """One hook with these items, committed. LINE's inbox unless said otherwise."""
        return (await self.batch([arrival(inbox or self.line, *items)], now=now))[0]

    async def batch(self, arrivals: Sequence[Arrival], *, now: datetime = START) -> list[list[Placement]]:
        async with self.database.write() as session:
            return await receive(session, arrivals, now=now, rules=RULES)

    async def all(self, model: type[M], **wanted: Any) -> list[M]:
        async with self.database.read() as session:
            query = select(model).order_by(col(model.id))  # type: ignore[attr-defined]
            return list((await session.scalars(query.filter_by(**wanted))).all())

    async def one(self, model: type[M], **wanted: Any) -> M:
        found = await self.all(model, **wanted)
        assert len(found) == 1, found
        return found[0]

    async def ticket(self, number: int | None = None) -> Ticket:
        return await self.one(Ticket, **({} if number is None else {"id": number}))

    async def tickets(self) -> list[Ticket]:
        return await self.all(Ticket)

    async def messages(self) -> list[Message]:
        return await self.all(Message)

    async def threads(self) -> list[Thread]:
        return await self.all(Thread)

    async def raws(self) -> list[RawHook]:
        return await self.all(RawHook)

    async def clocks(self) -> list[Clock]:
        return await self.all(Clock)

    async def episodes(self) -> list[Episode]:
        return await self.all(Episode)

    async def resolutions(self) -> list[Resolution]:
        return await self.all(Resolution)

    async def set(self, model: type[M], number: int, **values: Any) -> None:
        """Arranges a row by hand."""
        async with self.database.write() as session:
            row = await session.get_one(model, number)
            for name, value in values.items():
                setattr(row, name, value)
            await session.flush()

    async def status(self, number: int, status: str, *, now: datetime, until: datetime | None = None) -> None:
        async with self.database.write() as session:
            ticket = await desk.locked(session, number)
            await desk.set_status(session, ticket, status, agent_id=self.cast.hanako.id, now=now, until=until)
