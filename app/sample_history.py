"""Two months of the sample desk before its cases begin: what the reports of a demonstration are counted from.

Nobody plays these tickets: they are solved. They are written in sets, with their messages, their log and the facts that the
verbs would have written (a test tells them again from the log).
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from app import feed
from app.actions import facts
from app.actions.rows import allocate, put, row
from app.models import (
    Agent,
    Attainment,
    Call,
    Clock,
    Episode,
    Event,
    Identity,
    Message,
    Person,
    PresenceSpan,
    Resolution,
    Snapshot,
    SnapshotPart,
    Team,
    Thread,
    Ticket,
)
from app.queries import hours, worked
from app.rules.hours import Hours, add, intervals
from app.rules.kpi import age
from demo.desk_past import AGENTS, ANSWERS, ASKED, BUSY, CHANNELS, DAYS, NAMES, TARGETS, THANKS

if TYPE_CHECKING:
    from app.sample import Sample

PAST = "past:"  # conversations that nobody goes on with


@dataclass(slots=True)
class Case:
    """One ticket of the past."""

    channel: str
    asked: str
    person: int
    agent: int
    team: int
    inbox: int
    at: datetime
    answered: datetime | None
    again: tuple[datetime, datetime] | None  # a second question, and its answer
    solved: datetime
    lost: bool = False  # a call that nobody took


@dataclass(slots=True)
class Rows:
    """What will be written."""

    of: dict[type[SQLModel], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, model: type[SQLModel], **values: Any) -> None:
        self.of[model].append(row(model, **values))


class Past:
    """One writing. `inboxes` by channel: (id, team)."""

    def __init__(
        self,
        session: AsyncSession,
        hours: Hours,
        agents: list[int],
        inboxes: Mapping[str, tuple[int, int]],
        now: datetime,
    ) -> None:
        self.session, self.hours, self.agents, self.inboxes, self.now = session, hours, agents, inboxes, now
        self.dice = random.Random(1949)  # noqa: S311 - the same past each time
        self.rows = Rows()

    async def write(self) -> None:
        await self._persons()
        cases = sorted((case for day in range(DAYS, 0, -1) for case in self._day(day)), key=lambda case: case.at)
        between = await worked.between(self.session)
        connection = await self.session.connection()
        wanted = {"ticket": len(cases), "thread": len(cases), "message": 4 * len(cases), "clock": 2 * len(cases)}
        ids = await connection.run_sync(allocate, wanted)
        messages, self.clock_ids = iter(ids["message"]), iter(ids["clock"])
        for case, number, thread in zip(cases, ids["ticket"], ids["thread"], strict=True):
            self._ticket(case, number, thread, [next(messages) for _ in range(4)], between)
        self._snapshots(cases, ids["ticket"])
        self.rows.of[Event].sort(key=lambda each: each["at"])
        models = (
            Ticket,
            Thread,
            Message,
            Call,
            Episode,
            Resolution,
            Clock,
            Attainment,
            Event,
            PresenceSpan,
            Snapshot,
            SnapshotPart,
        )
        for model in models:
            own = [
                each if each.get("id") else {k: v for k, v in each.items() if k != "id"} for each in self.rows.of[model]
            ]
            await put(self.session, model, own)
        await connection.run_sync(facts.called_again, cases[0].at, self.now)
        await connection.run_sync(facts.followed_up, cases[0].at, self.now)

    async def _persons(self) -> None:
        """Regulars, each with an address on every channel."""
        connection = await self.session.connection()
        ids = await connection.run_sync(allocate, {"person": len(NAMES), "identity": 4 * len(NAMES)})
        identities = iter(ids["identity"])
        begun = self.now - timedelta(days=DAYS + 30)
        self.persons = list(ids["person"])
        self.addresses: dict[tuple[int, str], int] = {}
        persons = [
            row(Person, id=i, name=n, language="ja", created_at=begun)
            for i, n in zip(ids["person"], NAMES, strict=True)
        ]
        rows = []
        for place, person in enumerate(self.persons):
            for kind in CHANNELS:
                value = {"line": f"U{place:032x}", "email": f"past{place}@customer.example", "chat": f"past-{place}"}
                given = value.get(kind, f"+8180555{place:05d}")
                self.addresses[(person, kind)] = number = next(identities)
                rows.append(
                    row(Identity, id=number, person_id=person, key=f"{kind}:past:{given}", kind=kind, value=given,
                        scope="past" if kind == "line" else "", name=NAMES[place], created_at=begun)
                )  # fmt: skip
        await put(self.session, Person, persons)
        await put(self.session, Identity, rows)

    def _day(self, ago: int) -> list[Case]:
        zone = ZoneInfo(self.hours.zone)
        day = (self.now.astimezone(zone) - timedelta(days=ago)).date()
        count = self.dice.randint(16, 26) + (DAYS - ago) // 12 if day.weekday() < 5 else self.dice.randint(5, 9)
        found = []
        for _ in range(count):
            hour = self.dice.choices(range(24), weights=BUSY)[0]
            at = datetime.combine(day, time(hour, self.dice.randrange(60), self.dice.randrange(60)), zone).astimezone(
                UTC
            )
            found.append(self._case(at))
        return found

    def _case(self, at: datetime) -> Case:
        dice = self.dice
        channel = dice.choices(list(CHANNELS), weights=list(CHANNELS.values()))[0]
        inbox, team = self.inboxes[channel]
        phone = channel == "phone"
        lost = phone and dice.random() < 0.11
        wait = (
            dice.expovariate(1 / 14) + 3 if phone else min(TARGETS[channel] * dice.lognormvariate(-1.1, 0.9), 40 * 3600)
        )
        answered = at + timedelta(seconds=round(wait)) if phone else add(self.hours, at, round(wait))
        again = None
        if not phone and dice.random() < 0.35:
            asked = answered + timedelta(minutes=dice.randint(4, 200))
            again = asked, add(self.hours, asked, round(TARGETS[channel] * dice.lognormvariate(-1.2, 0.7)))
        end = again[1] if again else answered
        solved = add(self.hours, end, dice.randint(20, 5 * 3600)) if dice.random() < 0.3 else end
        return Case(
            channel=channel, asked=dice.choice(ASKED), person=dice.choice(self.persons), team=team, inbox=inbox, at=at,
            agent=dice.choices(self.agents, weights=AGENTS)[0], answered=None if lost else answered, again=again,
            solved=max(solved, at + timedelta(minutes=6)), lost=lost,
        )  # fmt: skip

    def _ticket(self, case: Case, number: int, thread: int, ids: list[int], between: Any) -> None:
        if case.solved >= self.now:  # it would not be the past
            case.solved = self.now - timedelta(minutes=1)
        answers = [(case.at, case.answered), *([case.again] if case.again else [])]
        answers = [(asked, at) for asked, at in answers if at is None or at <= case.solved]
        turns = sum(at is not None for _, at in answers)
        self.rows.add(
            Ticket, id=number, subject=case.asked, status="closed", channel=case.channel, inbox_id=case.inbox,
            team_id=case.team, assignee_id=case.agent, person_id=case.person, preview=THANKS, created_at=case.at,
            updated_at=case.solved, first_response_at=case.answered if turns else None, resolved_at=case.solved,
        )  # fmt: skip
        self.rows.add(
            Thread, id=thread, ticket_id=number, inbox_id=case.inbox, identity_id=self.addresses[(case.person, case.channel)],
            channel=case.channel, conversation=f"{PAST}{number}", current=False, last_seq=2 * len(answers),
            subject=case.asked, customer_at=case.at, created_at=case.at,
        )  # fmt: skip
        self._log("ticket.opened", case.at, number, inbox=case.inbox, channel=case.channel)
        for turn, (asked, at) in enumerate(answers):
            self._turn(case, number, thread, ids[2 * turn : 2 * turn + 2], turn, asked, at, between)
        took = round((case.solved - case.at).total_seconds())
        self._log("ticket.status", case.solved, number, agent=case.agent, was="open", to="closed", until=None)
        self.rows.add(
            Resolution, ticket_id=number, resolved_at=case.solved, agent_id=case.agent, channel=case.channel,
            inbox_id=case.inbox, team_id=case.team, initial=True, turns=turns, took_s=took,
            worked_s=max(0, round(between(case.team, case.at, case.solved))),
        )  # fmt: skip

    def _turn(
        self, case: Case, number: int, thread: int, ids: list[int], turn: int, asked: datetime, at: datetime | None,
        between: Any,
    ) -> None:  # fmt: skip
        phone = case.channel == "phone"
        common = {"ticket_id": number, "thread_id": thread, "inbox_id": case.inbox}
        text = "" if phone else (case.asked if turn == 0 else "ありがとうございます。もう一つ教えてください。")
        self.rows.add(
            Message, id=ids[0], **common, seq=2 * turn + 1, direction="in", kind="call" if phone else "text", text=text,
            identity_id=self.addresses[(case.person, case.channel)], sent_at=asked, created_at=asked,
        )  # fmt: skip
        self._log("message.received", asked, number, message=ids[0], kind="call" if phone else "text")
        seconds = round((at - asked).total_seconds()) if at else None
        self.rows.add(
            Episode, ticket_id=number, message_id=ids[0], channel=case.channel, opened_at=asked, answered_at=at,
            answer_id=ids[0] if phone and at else ids[1] if at else None, agent_id=case.agent if at else None,
            void=at is None, inbox_id=case.inbox, team_id=case.team, initial=turn == 0, waited_s=seconds,
            worked_s=round(between(case.team, asked, at)) if at else None,
        )  # fmt: skip
        if phone:
            self._call(case, number, ids[0], at)
        elif at:
            self.rows.add(
                Message, id=ids[1], **common, seq=2 * turn + 2, direction="out", author="agent", agent_id=case.agent,
                text=ANSWERS[(number + turn) % len(ANSWERS)], sent_at=at, created_at=at, state="delivered",
                via={"line": "push", "email": "smtp"}.get(case.channel, "socket"),
            )  # fmt: skip
            self._log("message.queued", at, number, message=ids[1], agent=case.agent)
        self._promise(case, number, "next_response" if turn else "first_response", asked, at)

    def _call(self, case: Case, number: int, message: int, at: datetime | None) -> None:
        talked = self.dice.randint(60, 420)
        ended = (
            at + timedelta(seconds=talked) if at else case.at + timedelta(seconds=self.dice.choice((3, 9, 25, 48, 90)))
        )
        case.solved = max(case.solved, ended)
        self.rows.add(
            Call, inbox_id=case.inbox, ticket_id=number, message_id=message, external_id=f"CA{number:032x}", state="ended",
            outcome="answered" if at else "missed", agent_id=case.agent if at else None, started_at=case.at,
            answered_at=at, ended_at=ended, duration_s=round((ended - case.at).total_seconds()), team_id=case.team,
            wrap_s=(wrapped := self.dice.randint(15, 90)) if at else None,
        )  # fmt: skip
        if at:
            begun = ended + timedelta(seconds=1)
            self.rows.add(
                PresenceSpan, agent_id=case.agent, state="wrap_up", began_at=begun,
                ended_at=begun + timedelta(seconds=wrapped),
            )  # fmt: skip
            self._log("call.connected", at, number, message=message, answered_at=at.isoformat(), by=case.agent)

    def _promise(self, case: Case, number: int, metric: str, asked: datetime, at: datetime | None) -> None:
        target = TARGETS[case.channel]
        due = add(self.hours, asked, target)
        broken = due if (at or self.now) > due else None
        clock = next(self.clock_ids)
        self.rows.add(
            Clock, id=clock, ticket_id=number, metric=metric, state="met" if at else "cancelled", started_at=asked,
            target_s=target, due_at=due, counts_from=asked, left_s=0.0, met_at=at, breached_at=broken if at else None,
        )  # fmt: skip
        if at:
            self.rows.add(
                Attainment, clock_id=clock, ticket_id=number, metric=metric, decided_at=broken or at, kept=broken is None,
                channel=case.channel, inbox_id=case.inbox, team_id=case.team, agent_id=case.agent,
            )  # fmt: skip

    def _log(self, kind: str, at: datetime, number: int, /, **params: Any) -> None:
        self.rows.of[Event].append({**row(Event, **feed.event(kind, at, ticket=number, **params))})

    def _snapshots(self, cases: list[Case], numbers: list[int]) -> None:
        zone = ZoneInfo(self.hours.zone)
        today = self.now.astimezone(zone).date()
        for ago in range(DAYS, 0, -1):
            day = today - timedelta(days=ago)
            end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
            groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
            for case, number in zip(cases, numbers, strict=True):
                if case.at < end <= case.solved:
                    waited = age((end - case.at).total_seconds())
                    groups[(case.team, case.inbox, case.channel, case.agent, waited)].append(number)
            self.rows.add(Snapshot, day=day, taken_at=end, total=sum(map(len, groups.values())))
            for (team, inbox, channel, agent, waited), found in groups.items():
                self.rows.add(
                    SnapshotPart, day=day, team_id=team, inbox_id=inbox, channel=channel, agent_id=agent, age=waited,
                    count=len(found), tickets=found,
                )  # fmt: skip


async def seed_past(sample: "Sample") -> None:
    """Before the cases: what is older has the smaller number."""
    session = sample.session
    calendar = await session.scalar(select(col(Team.calendar_id)).where(col(Team.name) == sample.desk.teams[0]))
    found = await hours.current(session, calendar or 0)
    assert found is not None
    agents = [sample.agents[member.key] for member in sample.desk.members if member.role != "success"]
    inboxes = {kind: (each.row.id, each.row.team_id or 0) for kind, each in sample.inboxes.items()}
    await Past(session, found[1], agents, inboxes, sample.now).write()
    await _presence(session, found[1], agents, sample.now)


async def _presence(session: AsyncSession, open_hours: Hours, agents: list[int], now: datetime) -> None:
    """Who was there, and how busy: until now, when their own histories begin."""
    dice, spans = random.Random(1949), []  # noqa: S311 - the same past each time
    for begin, end in intervals(open_hours, now - timedelta(days=DAYS), now):
        for agent in agents:
            at = begin
            while at < end:
                state = dice.choices(("available", "busy", "break"), weights=(30, 55, 6))[0]
                until = min(end, at + timedelta(minutes=dice.randint(5, 45)))
                spans.append(row(PresenceSpan, agent_id=agent, state=state, began_at=at, ended_at=until))
                at = until
    for span in spans:
        span.pop("id")
    await put(session, PresenceSpan, spans)
    for each in (await session.scalars(select(Agent))).all():
        session.add(PresenceSpan(agent_id=each.id, state=each.presence, began_at=now))
    await session.flush()
