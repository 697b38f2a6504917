"""Fills the demonstration with the sample desk: what customers did goes through `receive`, what agents did through actions.

One transaction: a demonstration is seeded whole or not at all. Nothing that is written here is ever sent.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import desk as verbs
from app.actions import inboxes, outbox, people, reply, timers, uploads, visitors
from app.actions.receive import Arrival, Rules, cleaned, receive
from app.models import (
    Account,
    AccountPerson,
    Agent,
    Attachment,
    FileState,
    Identity,
    Inbox,
    Message,
    Person,
    Tag,
    Team,
    Ticket,
)
from app.parts import Parts
from app.queries.inboxed import Inboxed
from app.sample_automation import seed_automation
from app.sample_calls import Calls
from app.sample_history import seed_past
from app.sample_hours import seed_hours
from app.sample_knowledge import seed_knowledge
from app.sample_mailings import seed_mailings
from app.sample_promises import seed_promises
from app.sample_routing import seed_routing
from app.sample_success import seed_success
from app.sample_surveys import seed_surveys
from channels import open_channel
from channels.contract import Address, Channel, Hook, Inbound, Placement, Sent, Unconfirmed, Undeliverable
from demo import desk_wire as wire
from demo.desk_files import FILES
from demo.desk_values import Case, Desk, Guest, Step
from demo.line_chat import person as line_person
from demo.mail_letters import Upload

LINE_REPLY_LIFE_S = 50


@dataclass(slots=True)
class Open:
    """An inbox that the sample cases come in by."""

    row: Inbox
    brief: Inboxed
    channel: Channel


@dataclass(slots=True)
class Talk:
    """How far one case has come."""

    case: Case
    guest: Guest
    inbox: Open
    ticket: int = 0
    thread: int = 0
    message: int = 0  # the latest one, of either side
    subject: str = ""
    line_message: int = 0  # the number of the customer's latest LINE message
    mails: list[str] = field(default_factory=list)  # Message-IDs, oldest first
    desk_mail: bytes = b""  # our latest mail, as the provider saw it


async def seed(parts: Parts, desk: Desk, configs: Mapping[str, dict[str, Any]], now: datetime) -> None:
    """Writes everything. `configs`: the settings of the one inbox of each kind."""
    async with parts.database.write() as session:
        sample = Sample(session, parts, desk, now)
        await sample.desk_itself(configs)
        await sample.customers()
        await seed_past(sample)
        await seed_surveys(session, now)
        await sample.cases()
        await seed_success(session, sample.agents, now)
        await seed_routing(sample, sample.begun)
        await seed_automation(session, sample.tags, now)
        await seed_knowledge(session, sample.agents, now)
        while await timers.ring(session, now):
            pass
        await seed_mailings(session, now, parts.settings.timezone)


class Sample:
    """One seeding."""

    def __init__(self, session: AsyncSession, parts: Parts, desk: Desk, now: datetime) -> None:
        self.session, self.parts, self.desk, self.now = session, parts, desk, now
        self.begun = now - timedelta(days=11)
        self.rules = Rules(reopen_days=parts.settings.reopen_days)
        self.agents: dict[str, int] = {}
        self.teams: dict[str, int] = {}
        self.tags: dict[str, int] = {}
        self.inboxes: dict[str, Open] = {}
        self.guests = {guest.key: guest for guest in desk.guests}
        self.numbers = itertools.count(1)
        self.calls = Calls(self)

    async def desk_itself(self, configs: Mapping[str, dict[str, Any]]) -> None:
        teams = [Team(name=name, created_at=self.begun) for name in self.desk.teams]
        tags = [Tag(name=name, color=color) for name, color in self.desk.tags]
        self.session.add_all([*teams, *tags])
        await self.session.flush()
        self.teams, self.tags = {each.name: each.id for each in teams}, {each.name: each.id for each in tags}
        for member in self.desk.members:
            made = await people.add_agent(
                self.session, email=member.email, name=member.name, password=PASSWORD, now=self.begun,
                team_ids=[self.teams[team] for team in member.teams], alias=member.alias, role=member.role,
                language=member.language, phone=member.phone, presence=member.presence,
            )  # fmt: skip
            self.agents[member.key] = made.id
        await seed_hours(self.session, self.desk.hours, self.now)
        await seed_promises(self.session, self.begun)
        for kind, config in configs.items():
            await self._inbox(kind, config)

    async def _inbox(self, kind: str, config: dict[str, Any]) -> None:
        name, team = INBOXES[kind]
        made = await inboxes.add(
            self.session, self.parts.vault, kind=kind, name=name, config=config, now=self.begun,
            team_id=self.teams[team], first_response_s=self.desk.targets[kind], language="ja",
        )  # fmt: skip
        brief = Inboxed(made.id, kind, made.team_id, made.first_response_s, made.language)
        channel = open_channel(
            kind, {**made.config, **self.parts.vault.unseal(made.secrets)}, self.parts.inboxes.site(made.token)
        )
        self.inboxes[kind] = Open(made, brief, channel)

    async def customers(self) -> None:
        firms = {
            firm.name: Account(
                name=firm.name, tier=firm.tier, domain=firm.domain, note=firm.note, created_at=self.begun,
                owner_id=self.agents.get(firm.owner),
            )
            for firm in self.desk.firms
        }  # fmt: skip
        self.session.add_all(firms.values())
        await self.session.flush()
        for guest in self.desk.guests:
            made = Person(name=guest.name, kana=guest.kana, note=guest.note, created_at=self.begun)
            made.language = guest.language
            self.session.add(made)
            await self.session.flush()
            self.session.add_all([self._identity(made, address) for address in self.addresses(guest)])
            if guest.firm:
                self.session.add(AccountPerson(account_id=firms[guest.firm].id, person_id=made.id))
        await self.session.flush()

    def addresses(self, guest: Guest) -> list[Address]:
        chat, found = self.inboxes["chat"].row.token, []
        if guest.line:
            scope = str(self.inboxes["line"].row.config["channel_id"])
            value = line_person(guest.name, guest.language).id
            found.append(Address(kind="line", value=value, scope=scope, name=guest.name, verified=True))
        if guest.mail:
            found.append(Address(kind="email", value=guest.mail, name=guest.name))
        if guest.phone:
            found.append(Address(kind="phone", value=guest.phone))
        if guest.visitor:
            found.append(Address(kind="chat", value=guest.visitor, name=guest.name))
        if guest.member:
            found.append(Address(kind="chat", value=f"u:{guest.member}", scope=chat, name=guest.name, verified=True))
        return found

    def _identity(self, owner: Person, address: Address) -> Identity:
        return Identity(
            person_id=owner.id, key=address.key, kind=address.kind, value=address.value, scope=address.scope,
            name=address.name, verified=address.verified, created_at=self.begun,
        )  # fmt: skip

    # -- the cases

    async def cases(self) -> None:
        """Everything that happens, over all cases, in the order of time: ticket numbers and the log are as they would be."""
        happenings: list[tuple[datetime, int, Talk, Step]] = []
        for case in self.desk.cases:
            talk = Talk(case, self.guests[case.who], self.inboxes[case.channel], subject=case.subject)
            at = self._begins(case.hours)
            for number, step in enumerate(case.steps):
                at += timedelta(minutes=step.after)
                happenings.append((at, len(happenings), talk, step))
                if number == 0:
                    happenings.append((at + timedelta(seconds=20), len(happenings), talk, Step("triage", 0)))
        for at, _, talk, step in sorted(happenings, key=lambda each: each[:2]):
            await self._step(min(at, self.now), talk, step)
            await self.session.flush()
            self.session.expunge_all()  # `receive` writes in sets, behind the session's back

    def _begins(self, hours: float) -> datetime:
        """What is older than half a day began while the shop was open: the hours of a day become 9 to 20 o'clock."""
        at = self.now - timedelta(hours=hours)
        if hours < 12:
            return at
        local = at.astimezone(ZoneInfo(self.parts.settings.timezone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight + timedelta(hours=9) + (local - midnight) * 11 / 24).astimezone(UTC)

    async def _step(self, at: datetime, talk: Talk, step: Step) -> None:
        if step.do in ("calls", "picks_up", "leaves", "hangs_up"):
            await self.calls.step(at, talk, step)
        elif step.do in ("replies", "notes", "becomes", "gives", "triage"):
            await self._act(at, talk, step)
        else:
            for hook in self._hooks(at, talk, step):
                await self.take(talk, hook, step)

    async def take(self, talk: Talk, hook: Hook, step: Step | None = None) -> Placement | None:
        """One hook by the way that every hook goes."""
        items = talk.inbox.channel.parse(hook)
        kept: dict[str, str] = {}
        for part in (part for item in items if isinstance(item, Inbound) for part in item.parts):
            if part.content is not None:
                key = await self.parts.files.put(part.content)
                kept[sha256(part.content).hexdigest()] = key
                kept[f"preview:{key}"] = await self.parts.files.preview(part.content, part.media_type)
        arrival = Arrival(inbox=talk.inbox.brief, hook=hook, items=items, uploads=kept, cleaned=cleaned(items))
        placed = (await receive(self.session, [arrival], now=hook.received_at, rules=self.rules))[0]
        first = placed[0] if placed else None
        if first and first.ticket and first.thread:
            talk.ticket, talk.thread, talk.message = first.ticket, first.thread, first.message or talk.message
        await self._arrived(talk, step, hook.received_at)
        return first

    async def _arrived(self, talk: Talk, step: Step | None, at: datetime) -> None:
        """What the provider would have to be asked for is here already."""
        waiting = select(col(Attachment.id)).where(
            col(Attachment.message_id) == talk.message, col(Attachment.state) == FileState.WAITING
        )
        for file_id, name in zip(
            (await self.session.scalars(waiting)).all(), step.more.get("files", ()) if step else (), strict=False
        ):
            upload = sample_file(name)
            kept = await uploads.keep(self.parts.files, upload.content, upload.name, upload.media_type)
            await outbox.file_ready(
                self.session, file_id, at, file_key=kept.file_key, preview_key=kept.preview_key, size=kept.size,
                media_type=kept.media_type, name=kept.name,
            )  # fmt: skip

    def hook(self, route: str, body: bytes, at: datetime, **more: Any) -> Hook:
        return Hook(route=route, body=body, received_at=at, **more)

    def _hooks(self, at: datetime, talk: Talk, step: Step) -> list[Hook]:
        number = next(self.numbers)
        match talk.case.channel:
            case "line":
                return [self.hook("", self._line(at, talk, step, number), at)]
            case "email":
                headers = {"x-envelope-from": "" if step.do == "bounce" else talk.guest.mail}
                headers["x-envelope-to"] = talk.inbox.row.config["address"]
                return [self.hook("smtp", self._mail(at, talk, step, number), at, method="DOOR", headers=headers)]
            case _:
                return [self.hook("message", self._chat(talk, step, number), at, method="DOOR")]

    def _line(self, at: datetime, talk: Talk, step: Step, number: int) -> bytes:
        user = line_person(talk.guest.name, talk.guest.language).id
        if step.do == "blocks":
            return wire.line_hook("unfollow", user, at, number, {})
        if step.do == "unsends":
            unsent = {"unsend": {"messageId": wire.line_id(talk.line_message)}}
            return wire.line_hook("unsend", user, at, number, unsent)
        talk.line_message = number
        shapes: dict[str, dict[str, Any]] = {
            "says": {"type": "text", "text": step.text},
            "sends": {"type": "image", "contentProvider": {"type": "line"}},
            "sticker": wire.sticker(step.text),
            "place": wire.place(step.text, str(step.more.get("address", ""))),
        }
        return wire.line_message(user, at, number, shapes[step.do])

    def _mail(self, at: datetime, talk: Talk, step: Step, number: int) -> bytes:
        guest, address = talk.guest, str(talk.inbox.row.config["address"])
        if step.do == "bounce":
            return wire.returned(talk.desk_mail, guest.mail, at)
        subject = talk.subject if not talk.mails else f"Re: {talk.subject}"
        raw = wire.mail(
            (guest.name, guest.mail), address, at=at, number=number, text=step.text, before=talk.mails,
            subject=f"自動応答: {talk.subject}" if step.do == "auto" else subject, auto=step.do == "auto",
            charset=talk.case.charset, files=[sample_file(name) for name in step.more.get("files", ())],
        )  # fmt: skip
        talk.mails.append(wire.mail_id(number))
        return raw

    def _chat(self, talk: Talk, step: Step, number: int) -> bytes:
        guest = talk.guest
        visitor = f"u:{guest.member}" if guest.member else guest.visitor
        more: dict[str, Any] = {"language": guest.language, "name": guest.name, "page": "https://mikawaya.example/"}
        if guest.member:
            more["verified"] = {"sub": guest.member, "name": guest.name, "email": guest.mail, "company": ""}
        return wire.chat_said(visitor, f"{visitor}:sample", number, step.text, **more)

    # -- what agents do

    async def _act(self, at: datetime, talk: Talk, step: Step) -> None:
        ticket = await verbs.locked(self.session, talk.ticket)
        match step.do:
            case "triage":
                await self._triage(at, talk.case, ticket)
            case "replies":
                await self._reply(at, talk, ticket, step)
            case "notes":
                agent = await self.session.get_one(Agent, self.agents[step.by])
                await reply.note(self.session, ticket, agent, reply.Draft(text=step.text, audience="internal"), now=at)
            case "gives":
                to, by = self.agents[step.text], self.agents[step.by]
                await verbs.assign(self.session, ticket, agent_id=to, by=by, reason="assigned", now=at)
            case "becomes":
                hours = step.more.get("hours")
                until = self.now + timedelta(hours=hours) if hours else None
                agent_id = self.agents[step.by]
                await verbs.set_status(self.session, ticket, step.text, agent_id=agent_id, now=at, until=until)

    async def _triage(self, at: datetime, case: Case, ticket: Ticket) -> None:
        lead = self.agents[case.owner or self.desk.members[1].key]
        if case.team:
            await verbs.set_team(self.session, ticket, self.teams[case.team], by=lead, now=at)
        if case.priority:
            await verbs.set_priority(self.session, ticket, case.priority, by=lead, now=at)
        if case.channel != "email" and case.subject:
            await verbs.set_subject(self.session, ticket, case.subject, by=lead, now=at)
        await verbs.set_tags(self.session, ticket, {self.tags[name] for name in case.tags}, by=lead, now=at)
        if case.owner:
            await verbs.claim(self.session, ticket, await self.session.get_one(Agent, lead), at)

    async def _reply(self, at: datetime, talk: Talk, ticket: Ticket, step: Step) -> None:
        agent = await self.session.get_one(Agent, self.agents[step.by])
        files = []
        for name in step.more.get("files", ()):
            upload = sample_file(name)
            kept = await uploads.keep(self.parts.files, upload.content, upload.name, upload.media_type)
            files.append((await uploads.add(self.session, kept, agent_id=agent.id, now=at)).public_id)
        draft = reply.Draft(text=step.text, attachments=tuple(files), then=str(step.more.get("then", "")))
        message, _ = await reply.reply(self.session, ticket, agent, draft, now=at)
        await self._deliver(at + timedelta(seconds=1), talk, message, step)
        talk.message = message.id
        if step.more.get("read") and message.thread_id and message.seq:
            await visitors.seen(self.session, message.thread_id, message.seq, at + timedelta(seconds=30))

    async def _deliver(self, at: datetime, talk: Talk, message: Message, step: Step) -> None:
        """What the outbox's clock would have written: the message is claimed and comes to its end."""
        await self.session.flush()
        assert await outbox.claim(self.session, at, 2) == [message.id]
        await self.session.refresh(message)
        via, cost, number = {"line": "push", "email": "smtp"}.get(talk.case.channel, "socket"), 0, next(self.numbers)
        ids = (wire.line_id(number),)
        if talk.case.channel == "line":
            await outbox.take_handle(self.session, message, LINE_REPLY_LIFE_S, at)
            via, cost = ("reply", 0) if message.handle else ("push", 1)
        elif talk.case.channel == "chat":
            ids = (f"s:{message.send_key}",)
        else:
            ids = (self._posted(at, talk, message, number),)
        if failure := step.more.get("fails"):
            error: Exception = Undeliverable(failure, detail=str(step.more.get("detail", "")))
        elif step.more.get("lost"):
            error = Unconfirmed("answer_lost", detail="the connection broke after DATA")
        else:
            await outbox.sent(self.session, message.id, Sent(external_ids=ids, via=via, cost=cost), at)
            return
        await outbox.failed(self.session, message.id, error, at)

    def _posted(self, at: datetime, talk: Talk, message: Message, number: int) -> str:
        """Our mail as the customer's provider got it; returns its Message-ID."""
        ours = ("三河屋サポート", str(talk.inbox.row.config["address"]))
        talk.desk_mail = wire.mail(
            ours, talk.guest.mail, at=at, number=number, subject=f"Re: {talk.subject}", text=message.text,
            before=talk.mails, desk=True,
        )  # fmt: skip
        talk.mails.append(wire.mail_id(number, desk=True))
        return talk.mails[-1]


def sample_file(name: str) -> Upload:
    shown, media_type, drawn = FILES[name]
    return Upload(name=shown, media_type=media_type, content=drawn())


PASSWORD = "soy-sauce-1949"  # noqa: S105 - of the demonstration's own agents, and of nothing else
INBOXES = {
    "line": ("LINE公式アカウント", "サポート"),
    "email": ("support@mikawaya.example", "サポート"),
    "chat": ("ショップのチャット", "受注・配送"),
    "phone": ("代表電話", "サポート"),
}
