"""What people say of being written to: agents write it down, and they say it themselves by a letter's link."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Invalid, Missing
from app.models import Consent, Outreach, OutreachCopy, Person


class NoPerson(Missing):
    """There is no such person."""


class NoCopy(Missing):
    """There is no such letter."""


class NotYet(Invalid):
    """Nobody can have said this in the future."""


async def record(session: AsyncSession, said: Consent, *, by: int, now: datetime) -> Consent:
    """An agent writes down what somebody said, with its source. Raises NoPerson, NotYet."""
    if await session.get(Person, said.person_id) is None:
        raise NoPerson
    if said.at > now:
        raise NotYet
    said.by_id, said.recorded_at = by, now
    session.add(said)
    await session.flush()
    await _tell(session, said, now)
    return said


async def stop(
    session: AsyncSession, number: int, *, never: bool, source: str, address: str, now: datetime
) -> OutreachCopy:
    """By a letter's link. The same again says nothing new. Raises NoCopy."""
    query = select(OutreachCopy).where(col(OutreachCopy.id) == number, col(OutreachCopy.refused) == "")
    copy = (await session.scalars(query.with_for_update())).first()
    if copy is None:
        raise NoCopy
    outreach = await session.get_one(Outreach, copy.outreach_id)
    channel, says = ("any", "never") if never else (outreach.channel, "no")
    mine = col(Consent.person_id) == copy.person_id, col(Consent.channel).in_((channel, "any"))
    latest = (await session.scalars(select(Consent).where(*mine).order_by(col(Consent.id).desc()).limit(1))).first()
    if latest is None or (latest.says, latest.channel) != (says, channel):
        said = Consent(
            person_id=copy.person_id, channel=channel, says=says, source=source, address=address[:60], at=now,
            recorded_at=now, copy_id=copy.id,
        )  # fmt: skip
        session.add(said)
        await session.flush()
        await _tell(session, said, now)
    copy.stopped_at = copy.stopped_at or now
    await session.flush()
    return copy


async def _tell(session: AsyncSession, said: Consent, now: datetime) -> None:
    told = feed.event(
        "consent.changed", now, agent=said.by_id, person=said.person_id, channel=said.channel, says=said.says
    )
    await feed.record(session, told)
