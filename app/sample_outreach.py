"""The sample desk's outreach, through the same verbs as a success manager's. What was sent lies in the past: nothing goes out."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.success import consent, outreach
from app.models import Account, AccountPerson, Agent, Consent, Delivery, Inbox, Message, OutreachCopy
from app.queries.success.letters import Draft, Wanted
from app.rules.success.workdays import plain
from demo import desk_outreach as sample

HOURS = plain("Asia/Tokyo")


async def seed_outreach(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    """The accounts must be there, and an inbox for mail."""
    by = await session.get_one(Agent, agents["mori"])
    inbox = (await session.scalars(select(col(Inbox.id)).where(col(Inbox.kind) == "email").limit(1))).first()
    begun = now - timedelta(days=30)
    await outreach.set_sender(session, sample.SENDER, by=agents["aoki"], now=begun)
    for name, purpose, texts in sample.TEMPLATES:
        await outreach.put_template(session, {"name": name, "purpose": purpose, "texts": texts}, now=begun)
    coded = {
        each.code: each.id for each in (await session.scalars(select(Account).where(col(Account.code) != ""))).all()
    }
    for code, says, source, words in sample.CONSENTS:
        for person in await _people(session, coded[code]):
            said = Consent(
                person_id=person, channel="email", says=says, source=source, words=words, at=begun, recorded_at=begun
            )
            await consent.record(session, said, by=by.id, now=begun)
    for name, purpose, texts, ago, answers in sample.SENT if inbox is not None else ():
        at = now - timedelta(days=ago)
        draft = Draft(purpose, "email", texts, Wanted(accounts=tuple(coded.values())))
        given = {"name": name, "inbox_id": inbox, "client_id": f"sample-{purpose}"}
        made, _ = await outreach.send(session, draft, given, agent=by, hours=HOURS, now=at)
        await _went(session, made.id, at, {coded[code]: hours for code, hours in answers.items()})


async def _people(session: AsyncSession, account: int) -> list[int]:
    query = select(col(AccountPerson.person_id)).where(col(AccountPerson.account_id) == account)
    return list((await session.scalars(query)).all())


async def _went(session: AsyncSession, number: int, at: datetime, answers: Mapping[int, int]) -> None:
    """It was sent then, and some of it was answered."""
    mine = col(OutreachCopy.outreach_id) == number, col(OutreachCopy.message_id).is_not(None)
    await session.execute(update(OutreachCopy).where(*mine).values(sent_at=at))
    ours = select(col(OutreachCopy.message_id)).where(*mine)
    sent = update(Message).where(col(Message.id).in_(ours))
    await session.execute(sent.values(state=Delivery.SENT, retry_at=None, via="smtp"))
    for account, hours in answers.items():
        own = update(OutreachCopy).where(*mine, col(OutreachCopy.account_id) == account)
        await session.execute(own.values(answered_at=at + timedelta(hours=hours)))
