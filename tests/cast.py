"""The people of the tests, and the inboxes that they work with.

Hanako and Jiro answer customers, Ryo leads them, Sachi looks after accounts, Oya owns the desk. The outsider was let go:
their cookie and token still exist and must open nothing. Sato is a customer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, ApiToken, Identity, Inbox, Login, Role, Team, TeamMember
from app.models.columns import NEVER
from app.queries.inboxed import Inboxed
from app.security import hash_password, new_token, token_hash
from channels.contract import Address

START = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)  # noon in Tokyo, a Wednesday
PASSWORD = "soy sauce, one bottle"


@dataclass(frozen=True, slots=True)
class Member:
    """An agent with a browser's session and a program's token."""

    agent: Agent

    @property
    def id(self) -> int:
        return self.agent.id

    @property
    def cookie(self) -> str:
        return f"cookie-of-{self.agent.email}"

    @property
    def token(self) -> str:
        return f"token-of-{self.agent.email}"

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of a program."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def browser(self) -> dict[str, str]:
        """Headers of a browser on our own page."""
        return {"Cookie": f"mikawaya_session={self.cookie}", "X-Mikawaya": "1"}


@dataclass(frozen=True, slots=True)
class Cast:
    hanako: Member  # an agent
    jiro: Member  # another agent
    lead: Member
    success: Member
    owner: Member
    outsider: Member  # not active any more
    team: Team  # Hanako's and Jiro's
    customer: Address  # on LINE

    @property
    def roles(self) -> dict[str, Member]:
        return {Role.AGENT: self.hanako, Role.LEAD: self.lead, Role.SUCCESS: self.success, Role.OWNER: self.owner}


PEOPLE = {
    "hanako": ("花子", Role.AGENT), "jiro": ("次郎", Role.AGENT), "lead": ("涼", Role.LEAD),
    "success": ("幸", Role.SUCCESS), "owner": ("大家", Role.OWNER), "outsider": ("部外者", Role.OWNER),
}  # fmt: skip


@lru_cache
def hashed() -> str:
    """PASSWORD, hashed once: it is dear by design."""
    return hash_password(PASSWORD)


async def enter(session: AsyncSession) -> Cast:
    """Writes the cast; the caller commits."""
    members = {}
    for name, (shown, role) in PEOPLE.items():
        agent = Agent(
            email=f"{name}@mikawaya.example", name=shown, role=role, password_hash=hashed(), created_at=START,
            active=name != "outsider", phone="+819000000001" if name == "hanako" else "", alias=f"{shown}さん",
        )  # fmt: skip
        session.add(agent)
        await session.flush()
        members[name] = Member(agent)
        session.add_all(_keys(members[name]))
    team = Team(name="一次対応", created_at=START)
    session.add(team)
    await session.flush()
    session.add_all([TeamMember(team_id=team.id, agent_id=members[name].id) for name in ("hanako", "jiro")])
    await session.flush()
    return Cast(**members, team=team, customer=person("sato", name="佐藤"))


def _keys(member: Member) -> tuple[Login, ApiToken]:
    cookie, token = token_hash(member.cookie), token_hash(member.token)
    return (
        Login(agent_id=member.id, token_hash=cookie, created_at=START, expires_at=NEVER),
        ApiToken(agent_id=member.id, name="program", token_hash=token, created_at=START),
    )


def person(who: str, *, kind: str = "line", **more: object) -> Address:
    """A customer's address. On LINE they are of one provider; by mail they write from customer.example."""
    values = {
        "line": f"U{who:0>32}", "email": f"{who}@customer.example", "chat": f"v-{who}",
        "phone": f"+8190{sum(map(ord, who)) % 10**8:08d}",
    }  # fmt: skip
    given: dict[str, object] = {"kind": kind, "value": values[kind], "scope": "provider" if kind == "line" else ""}
    return Address(**(given | {"name": who} | more))  # type: ignore[arg-type]


async def inbox(session: AsyncSession, kind: str = "line", **fields: object) -> Inboxed:
    """An inbox row without settings, and what the doors remember of it: enough for actions."""
    given: dict[str, object] = {"kind": kind, "name": f"{kind} inbox", "created_at": START, "first_response_s": 3600}
    row = Inbox(**(given | {"token": new_token()} | fields))
    session.add(row)
    await session.flush()
    return Inboxed(row.id, row.kind, row.team_id, row.first_response_s, row.language)


async def block(session: AsyncSession, key: str) -> None:
    """The customer blocked us."""
    identity = (await session.scalars(select(Identity).where(col(Identity.key) == key))).one()
    identity.reachable, identity.reach_code = False, "blocked"
    await session.flush()
