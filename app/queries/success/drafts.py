"""What a playbook's step proposes to write, filled in for the account's contact: a person goes over it and sends it."""

from typing import Any

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, AccountPerson, Agent, Identity, Person, PlaybookRun, PlaybookStep
from app.queries.success import playbooks
from app.rules.success.playbooks import words
from app.rules.templates import render

CHANNEL = {"mail": "email", "line": "line"}
RANK = {"champion": 0, "sponsor": 1, "admin": 2, "user": 3}


async def contact(session: AsyncSession, account_id: int, kind: str) -> tuple[Person, Identity | None] | None:
    """Whom to write to: the champion, else the sponsor, ...; who can be reached on the channel first."""
    role = case(RANK, value=col(AccountPerson.role), else_=9)
    query = (
        select(Person, Identity)
        .join(AccountPerson, col(AccountPerson.person_id) == col(Person.id))
        .outerjoin(
            Identity,
            (col(Identity.person_id) == col(Person.id)) & (col(Identity.kind) == kind) & col(Identity.reachable),
        )
        .where(col(AccountPerson.account_id) == account_id)
        .order_by(col(Identity.id).is_(None), role, col(Person.id))
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return (found[0], found[1]) if found else None


async def of_step(session: AsyncSession, run: PlaybookRun, step: PlaybookStep, agent: Agent) -> dict[str, Any]:
    spec = await playbooks.spec_of(session, run.playbook_id, run.version)
    said = next(each for each in spec["steps"] if each["key"] == step.key)
    account = await session.get_one(Account, run.account_id)
    channel = CHANNEL.get(step.kind, "")
    found = await contact(session, run.account_id, channel or "email")
    person, language = (found[0], found[0].language or "ja") if found else (None, agent.language)
    values = {
        "account.name": account.name, "person.name": person.name if person else "",
        "person.kana": person.kana if person else "", "agent.name": agent.name, "agent.alias": agent.alias or agent.name,
    }  # fmt: skip
    return {
        "channel": channel,
        "to": {"person_id": person.id, "name": person.name, "language": language} if person else None,
        "subject": render(words(said["subject"], language), values),
        "text": render(words(said["text"], language), values),
    }
