"""Accounts from a file: everything is looked up in a few statements, judged in memory, written in bulk.

The same file a second time changes nothing. A preview is the same work in a transaction that is not kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.success import accounts as verbs
from app.actions.success.values import remember
from app.models import Account, AccountPerson, Agent, Contract, Identity, Person, SuccessSetup
from app.rules.success.accounts_file import Fault, Row

OWN = ("code", "name", "tier", "stage", "domain", "goals", "note")
SAME, CHANGED, MADE = "same", "changed", "made"


class NotKept(Exception):
    """It was a preview: the transaction ends without a trace."""


class Unfit(Exception):
    """A line does not fit what is here: the column, and why."""


@dataclass(slots=True)
class Report:
    """What each line did, and what is wrong with the others."""

    made: int = 0  # accounts
    changed: int = 0
    same: int = 0
    contracts: int = 0  # made or changed
    people: int = 0
    faults: list[Fault] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)


class Import:
    """One file on its way into the database."""

    def __init__(self, session: AsyncSession, now: datetime, by: int) -> None:
        self._session, self._now, self._by = session, now, by
        self._codes: dict[str, Account] = {}
        self._names: dict[str, list[Account]] = {}
        self._agents: dict[str, int] = {}
        self._said: dict[tuple[int, str], Any] = {}
        self._states: dict[int, str] = {}  # by the account's place in memory
        self._touched: dict[int, Account] = {}
        self._moved: list[Account] = []  # to another tier
        self.report = Report()

    async def run(self, rows: Sequence[Row], faults: Sequence[Fault]) -> Report:
        self.report.faults = list(faults)
        await self._known(rows)
        kept: list[tuple[Row, Account]] = []
        for row in rows:
            try:
                account = self._account(row)
            except Unfit as unfit:
                self.report.faults.append(Fault(row.line, *unfit.args))
                continue
            kept.append((row, account))
            self._touched[id(account)] = account
        await self._session.flush()
        await self._contracts(kept)
        await self._people(kept)
        await verbs.join(self._session, [each for each in self._touched.values() if each.code])
        await verbs.promises_follow(self._session, [each.id for each in self._moved], self._now, self._by)
        await verbs.retier(self._session, list(self._touched.values()), self._now, by=self._by)
        self._count(kept)
        if self.report.made or self.report.changed or self.report.contracts or self.report.people:
            await feed.record(self._session, feed.event("account.imported", self._now, agent=self._by))
        return self.report

    async def _known(self, rows: Sequence[Row]) -> None:
        codes = {row.values["code"] for row in rows if "code" in row.values}
        names = {row.values["name"] for row in rows if "name" in row.values}
        for some in (_pieces(col(Account.code), codes), _pieces(col(Account.name), names)):
            for piece in some:
                for each in (await self._session.scalars(select(Account).where(piece).with_for_update())).all():
                    self._remember(each)
        agents = select(col(Agent.email), col(Agent.id)).where(col(Agent.active).is_(True))
        self._agents = {each[0]: each[1] for each in await self._session.execute(agents)}

    def _remember(self, account: Account) -> None:
        if account.code:
            self._codes[account.code] = account
        if account not in self._names.setdefault(account.name, []):
            self._names[account.name].append(account)

    def _account(self, row: Row) -> Account:
        """The account of a line, with what the line says of it. Raises Unfit."""
        given = {name: row.values[name] for name in OWN if name in row.values}
        if "manager" in row.values:
            if row.values["manager"] not in self._agents:
                raise Unfit("manager", "manager")
            given["owner_id"] = self._agents[row.values["manager"]]
        account = self._codes.get(given["code"]) if "code" in given else None
        if account is None and "name" in given:
            same = [each for each in self._names.get(given["name"], ()) if not each.code or "code" not in given]
            if len(same) > 1:
                raise Unfit("name", "ambiguous")
            account = same[0] if same else None
        if account is None:
            if "name" not in given:
                raise Unfit("name", "no_name")
            account = Account(name=given["name"], created_at=self._now)
            self._session.add(account)
            self._states[id(account)] = MADE
        return self._fill(account, given)

    def _fill(self, account: Account, given: Mapping[str, Any]) -> Account:
        for name, value in given.items():
            if self._said.setdefault((id(account), name), value) != value:
                raise Unfit(name, "repeated")
        for name, value in given.items():
            by_hand = name == "tier" and account.tier_by != "hand"
            if getattr(account, name) != value or by_hand:
                self._states.setdefault(id(account), CHANGED)
                if name == "tier":
                    account.tier_by, account.tier_until = "hand", None
                    self._moved += [account] if account.tier != value and account.id is not None else []
                setattr(account, name, value)
        self._remember(account)
        return account

    # -- contracts and people

    async def _contracts(self, kept: Sequence[tuple[Row, Account]]) -> None:
        wanted = [(row, account) for row, account in kept if "contract" in row.values]
        held: dict[tuple[int, str], Contract] = {}
        for piece in _pieces(col(Contract.account_id), {account.id for _, account in wanted}):
            for each in (await self._session.scalars(select(Contract).where(piece))).all():
                held[(each.account_id, each.code)] = each
        currency = (await self._session.get_one(SuccessSetup, 1)).currency
        for row, account in wanted:
            place = (account.id, row.values["contract"])
            contract = held.get(place)
            if contract is None:
                contract = Contract(account_id=account.id, code=place[1], currency=currency, created_at=self._now)
                self._session.add(contract)
                held[place] = contract
                self.report.contracts += 1
            elif any(getattr(contract, name) != value for name, value in row.contract.items()):
                self.report.contracts += 1
            for name, value in row.contract.items():
                setattr(contract, name, value)
        await remember(self._session, list(held.values()), self._now.date())

    async def _people(self, kept: Sequence[tuple[Row, Account]]) -> None:
        wanted = [(row, account) for row, account in kept if "email" in row.values]
        persons: dict[str, int] = {}
        for piece in _pieces(col(Identity.value), {row.values["email"] for row, _ in wanted}):
            known = select(col(Identity.value), col(Identity.person_id)).where(col(Identity.kind) == "email", piece)
            persons |= {each[0]: each[1] for each in await self._session.execute(known)}
        links: dict[tuple[int, int], AccountPerson] = {}
        for piece in _pieces(col(AccountPerson.account_id), {account.id for _, account in wanted}):
            for each in (await self._session.scalars(select(AccountPerson).where(piece))).all():
                links[(each.account_id, each.person_id)] = each
        fresh: dict[int, int | None] = {}
        for row, account in wanted:
            person = persons.get(row.values["email"]) or await self._person(row)
            persons[row.values["email"]] = person
            link = links.get((account.id, person))
            role = row.values.get("role", link.role if link else "")
            if link is None:
                link = links[(account.id, person)] = AccountPerson(account_id=account.id, person_id=person)
                self._session.add(link)
                fresh.setdefault(person, account.id)
            elif link.role == role:
                continue
            self.report.people += 1
            link.role = role
        await self._session.flush()
        await verbs.tickets_follow(self._session, fresh, was=None, by=self._by, now=self._now)

    async def _person(self, row: Row) -> int:
        made = Person(name=row.values.get("person", ""), created_at=self._now)
        self._session.add(made)
        await self._session.flush()
        address = row.values["email"]
        self._session.add(
            Identity(person_id=made.id, key=f"email::{address}", kind="email", value=address, created_at=self._now)
        )
        return made.id

    def _count(self, kept: Sequence[tuple[Row, Account]]) -> None:
        first: dict[int, int] = {}
        for row, account in kept:
            first.setdefault(id(account), row.line)
        for key, account in self._touched.items():
            state = self._states.get(key, SAME)
            setattr(self.report, state, getattr(self.report, state) + 1)
            self.report.lines.append({"line": first[key], "name": account.name, "state": state})
        self.report.faults.sort(key=lambda each: each.line)


def _pieces(column: Any, values: set[Any], most: int = 500) -> list[Any]:
    """Conditions of a bearable length."""
    ordered = sorted(values)
    return [or_(column.in_(ordered[at : at + most])) for at in range(0, len(ordered), most)]
