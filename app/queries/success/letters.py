"""To whom a letter goes: the people of chosen accounts, what it says to each, and why it does not go to some."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.errors import Invalid
from app.models import Account, AccountPerson, Agent, Consent, Contract, Health, Identity, Inbox, Person, Thread
from app.queries.success import waking
from app.queries.success.drafts import RANK
from app.rules.success import outreach as rules
from app.rules.success.outreach import Standing, Word

MOST_ACCOUNTS = 5000


class TooManyPeople(Invalid):
    """So many people cannot be written to at once: choose fewer accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which people: of these accounts, or of those that a filter finds; the one to talk to, or all (with these roles)."""

    accounts: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    tier: str | None = None
    stage: str | None = None
    colour: str | None = None
    owner: int | None = None
    renews_by: date | None = None
    everyone: bool = False
    roles: tuple[str, ...] = ()

    @property
    def filtered(self) -> bool:
        return any(each is not None for each in (self.tier, self.stage, self.colour, self.owner, self.renews_by))


@dataclass(slots=True)
class Letter:
    """One copy, as it would go out."""

    person: Person
    account: Account
    identity: Identity | None
    language: str
    subject: str = ""
    text: str = ""
    refused: str = ""
    goes_at: datetime | None = None  # they are asleep: then


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said."""

    purpose: str
    channel: str
    texts: Mapping[str, Mapping[str, str]]
    wanted: Wanted = field(default_factory=Wanted)


async def compose(session: AsyncSession, draft: Draft, inbox: Inbox, agent: Agent, now: datetime) -> list[Letter]:
    """Every copy, by account and person, refused ones with their reason. TooManyPeople."""
    accounts = await _accounts(session, draft.wanted, now.date())
    found = await _people(session, draft.wanted, accounts)
    ids = {person.id for person, *_ in found}
    addresses = await _addresses(session, ids, inbox)
    if not draft.wanted.everyone and not draft.wanted.people:
        found = _contacts(found, addresses)
    if len(found) > rules.MOST:
        raise TooManyPeople(most=rules.MOST)
    said = await standings(session, ids, draft.channel)
    contracts = await _contracts(session, {account.id for _, account, _ in found}, now.date())
    letters: list[Letter] = []
    for person, account, _ in found:
        letter = Letter(person, account, addresses.get(person.id), person.language or inbox.language)
        values = _values(letter, agent, contracts.get(account.id))
        letter.subject, letter.text, wanting = rules.filled(draft.texts, letter.language, values)
        letter.refused = rules.refused(draft.purpose, rules.Person(
            said.get(person.id, Standing()), letter.identity is not None,
            reachable=letter.identity is None or letter.identity.reachable,
            written=any(each.person.id == person.id for each in letters), wanting=wanting,
        ))  # fmt: skip
        if not letter.refused:
            letter.goes_at = await waking.until_awake(session, person.id, account.id, now)
        letters.append(letter)
    return letters


async def _accounts(session: AsyncSession, wanted: Wanted, today: date) -> list[int]:
    query = select(col(Account.id))
    if wanted.accounts:
        query = query.where(col(Account.id).in_(wanted.accounts))
    for column, value in ((Account.tier, wanted.tier), (Account.stage, wanted.stage), (Account.owner_id, wanted.owner)):
        if value is not None:
            query = query.where(col(column) == value)
    if wanted.colour is not None:
        query = query.where(
            col(Account.id).in_(select(col(Health.account_id)).where(col(Health.colour) == wanted.colour))
        )
    if wanted.renews_by is not None:
        due = select(col(Contract.account_id)).where(
            col(Contract.renews_on).between(today, wanted.renews_by),
            or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > today),
        )
        query = query.where(col(Account.id).in_(due))
    if not wanted.accounts and not wanted.filtered:
        query = query.where(col(Account.id).in_(
            select(col(AccountPerson.account_id)).where(col(AccountPerson.person_id).in_(wanted.people))
        ))  # fmt: skip
    return list((await session.scalars(query.order_by(col(Account.name), col(Account.id)).limit(MOST_ACCOUNTS))).all())


Found = tuple[Person, Account, str]


async def _people(session: AsyncSession, wanted: Wanted, accounts: Sequence[int]) -> list[Found]:
    """By account, the most important role first."""
    query = (
        select(Person, Account, col(AccountPerson.role))
        .join(AccountPerson, col(AccountPerson.person_id) == col(Person.id))
        .join(Account, col(Account.id) == col(AccountPerson.account_id))
        .where(col(Account.id).in_(accounts))
        .order_by(
            col(Account.name), col(Account.id), case(RANK, value=col(AccountPerson.role), else_=9), col(Person.id)
        )
    )
    if wanted.people:
        query = query.where(col(Person.id).in_(wanted.people))
    if wanted.roles:
        query = query.where(col(AccountPerson.role).in_(wanted.roles))
    return [(person, account, role) for person, account, role in await session.execute(query)]


def _contacts(found: Sequence[Found], addresses: Mapping[int, Identity]) -> list[Found]:
    """Of each account the one to talk to: who can be reached on the channel first."""
    best: dict[int, Found] = {}
    for each in found:
        held = best.get(each[1].id)
        if held is None or (held[0].id not in addresses and each[0].id in addresses):
            best[each[1].id] = each
    return list(best.values())


async def _addresses(session: AsyncSession, people: Collection[int], inbox: Inbox) -> dict[int, Identity]:
    """Where each can be written to through this inbox: LINE knows a person by another id for each provider."""
    query = select(Identity).where(col(Identity.person_id).in_(people), col(Identity.kind) == inbox.kind)
    if inbox.kind != "email":
        heard = select(col(Thread.identity_id)).where(col(Thread.inbox_id) == inbox.id)
        scopes = select(col(Identity.scope)).where(col(Identity.id).in_(heard)).distinct().limit(5)
        query = query.where(col(Identity.scope).in_((await session.scalars(scopes)).all()))
    found: dict[int, Identity] = {}
    for each in (await session.scalars(query.order_by(col(Identity.reachable).desc(), col(Identity.id).desc()))).all():
        found.setdefault(each.person_id, each)
    return found


async def standings(session: AsyncSession, people: Collection[int], channel: str) -> dict[int, Standing]:
    """What each of them has said of this channel. Who has said nothing is left out."""
    query = select(Consent).where(col(Consent.person_id).in_(people)).order_by(col(Consent.at), col(Consent.id))
    said: dict[int, list[Word]] = {}
    for each in (await session.scalars(query)).all():
        said.setdefault(each.person_id, []).append(Word(each.channel, each.says))
    return {person: rules.standing(words, channel) for person, words in said.items()}


async def _contracts(session: AsyncSession, accounts: Collection[int], today: date) -> dict[int, Contract]:
    """Of each account the contract that is renewed next."""
    running = or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > today)
    query = select(Contract).where(col(Contract.account_id).in_(accounts), running, col(Contract.renews_on) >= today)
    found: dict[int, Contract] = {}
    for each in (await session.scalars(query.order_by(col(Contract.renews_on), col(Contract.id)))).all():
        found.setdefault(each.account_id, each)
    return found


def _values(letter: Letter, agent: Agent, contract: Contract | None) -> dict[str, str]:
    def day(on: date | None) -> str:
        if on is None:
            return ""
        return f"{on.day} {on:%B %Y}" if letter.language.startswith("en") else f"{on.year}年{on.month}月{on.day}日"

    return {
        "person.name": letter.person.name, "person.kana": letter.person.kana, "account.name": letter.account.name,
        "agent.name": agent.name, "agent.alias": agent.alias or agent.name,
        "contract.product": contract.product if contract else "",
        "contract.renews_on": day(contract.renews_on) if contract else "",
        "contract.notice_on": day(_notice(contract)) if contract else "",
    }  # fmt: skip


def _notice(contract: Contract) -> date | None:
    if contract.notice_on is None and contract.notice_days is not None and contract.renews_on is not None:
        return contract.renews_on - timedelta(days=contract.notice_days)
    return contract.notice_on
