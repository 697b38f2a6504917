"""Customers: persons and accounts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, select, update
from sqlmodel import col

from app import feed
from app.actions import clocks
from app.api.door import Now, Page, Reading, Writing, having, json_response
from app.api.shapes import AccountBrief, PersonOut
from app.errors import Invalid, Missing
from app.models import Account, AccountPerson, Agent, Person, Ticket
from app.queries import detail
from app.rules.threads import UNSOLVED

router = APIRouter(prefix="/api/v1", tags=["people"])
PersonReader = Annotated[Agent, Depends(having("person.read"))]
PersonWriter = Annotated[Agent, Depends(having("person.write"))]
AccountWriter = Annotated[Agent, Depends(having("account.write"))]


class NoPerson(Missing):
    """There is no such person."""


class NoSuchAccount(Invalid):
    """There is no such account."""


class PersonChange(BaseModel):
    name: str | None = Field(default=None, max_length=200)
    kana: str | None = Field(default=None, max_length=200)
    language: Literal["", "ja", "en"] | None = None
    note: str | None = Field(default=None, max_length=10_000)
    account_id: int | None = None


class AccountIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    tier: Literal["", "high", "low", "tech"] = ""
    domain: str = Field(default="", max_length=255, pattern=r"^$|^[a-z0-9.-]+\.[a-z]{2,}$")


@router.get("/persons/{person_id}", response_model=PersonOut)
async def get_person(session: Reading, agent: PersonReader, person_id: int) -> Response:
    found = await detail.person(session, person_id)
    if found is None:
        raise NoPerson
    return json_response(found)


@router.patch("/persons/{person_id}", response_model=PersonOut)
async def change_person(
    session: Writing, agent: PersonWriter, now: Now, person_id: int, change: PersonChange
) -> Response:
    person = await session.get(Person, person_id)
    if person is None:
        raise NoPerson
    for name in ("name", "kana", "language", "note"):
        value = getattr(change, name)
        if value is not None:
            setattr(person, name, value)
    if "account_id" in change.model_fields_set:
        await session.execute(delete(AccountPerson).where(col(AccountPerson.person_id) == person_id))
        if change.account_id is not None:
            if await session.get(Account, change.account_id) is None:
                raise NoSuchAccount
            session.add(AccountPerson(person_id=person_id, account_id=change.account_id))
        mine = select(col(Ticket.id), col(Ticket.status)).where(col(Ticket.person_id) == person_id)
        rows = (await session.execute(mine.order_by(col(Ticket.id)).with_for_update())).all()
        await session.execute(
            update(Ticket).where(col(Ticket.person_id) == person_id).values(account_id=change.account_id)
        )
        unsolved = [number for number, status in rows if status in UNSOLVED]
        await clocks.rematch(session, unsolved, "account", now=now, agent=agent.id)
    await session.flush()
    tickets = select(col(Ticket.id)).where(col(Ticket.person_id) == person_id).order_by(col(Ticket.id).desc()).limit(20)
    changed = [
        feed.event("person.changed", now, ticket=number, agent=agent.id, person=person_id)
        for number in (await session.scalars(tickets)).all()
    ]
    await feed.record(session, *changed)
    return json_response(await detail.person(session, person_id))


@router.get("/accounts", response_model=Page[AccountBrief])
async def list_accounts(
    session: Reading,
    agent: PersonReader,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1)] = 20,
) -> Response:
    like = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    query = select(Account).where(col(Account.name).ilike(f"%{like}%", escape="\\")).order_by(col(Account.name))
    found = (await session.scalars(query.limit(min(limit, 100)))).all()
    return json_response({"items": [{"id": a.id, "name": a.name, "tier": a.tier} for a in found], "next_cursor": None})


@router.post("/accounts", status_code=201, response_model=AccountBrief)
async def make_account(session: Writing, agent: AccountWriter, now: Now, asked: AccountIn) -> Response:
    made = Account(name=asked.name, tier=asked.tier, domain=asked.domain, created_at=now)
    session.add(made)
    await session.flush()
    await feed.record(session, feed.event("account.changed", now, agent=agent.id, account=made.id))
    return json_response({"id": made.id, "name": made.name, "tier": made.tier}, 201)
