"""The figures of a real, mixed history on both databases: each named as in domain 5.2, with its edge rules."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from app.actions import desk, hours, reply, snapshot
from app.actions.cases.merge import merge
from app.models import Agent, Call, Clock, Episode, Inbox, PresenceSpan, Resolution, Team, Ticket
from app.queries import history
from app.queries.reports import backlog, lists, overview
from app.queries.reports.asked import Asked
from app.rules.kpi import FIGURES, Value, result
from tests.actions.world import World, at, mail, ring, said
from tests.cast import START

DAY = date(2026, 7, 1)  # a Wednesday; START is noon in Tokyo
MINUTE, HOUR = 60, 3600
FIELDS = (
    "channel",
    "inbox_id",
    "team_id",
    "initial",
    "opened_at",
    "answered_at",
    "agent_id",
    "void",
    "waited_s",
    "worked_s",
)
SOLVED = (
    "resolved_at", "reopened_at", "agent_id", "channel", "inbox_id", "team_id", "initial", "turns", "transfers", "took_s",
    "worked_s",
)  # fmt: skip
OFFICE = {
    "zone": "Asia/Tokyo", "week": [[["09:00", "18:00"]]] * 5 + [[], []], "country": "", "closures": [], "days": {}
}  # fmt: skip


def asking(**more: Any) -> Asked:
    given: dict[str, Any] = {"first": DAY, "last": DAY + timedelta(days=6), "zone": "Asia/Tokyo", "now": at(6 * 86400)}
    return Asked(**given | more)


class Days:
    """What agents do in the history."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def _do(self, number: int, work: Callable[[Any, Ticket], Awaitable[Any]]) -> None:
        async with self.world.database.write() as session:
            await work(session, await desk.locked(session, number))

    async def answers(self, number: int, seconds: float, who: str = "hanako", then: str = "") -> None:
        agent: Agent = getattr(self.world.cast, who).agent
        draft = reply.Draft(text="承知しました", then=then)
        await self._do(number, lambda s, t: reply.reply(s, t, agent, draft, now=at(seconds)))

    async def sets(self, number: int, status: str, seconds: float) -> None:
        await self.world.status(number, status, now=at(seconds))

    async def gives(self, number: int, to: int | None, seconds: float) -> None:
        await self._do(number, lambda s, t: desk.assign(s, t, agent_id=to, by=1, reason="assigned", now=at(seconds)))

    async def comes(self, item: Any, **more: Any) -> int:
        placed = await self.world.take(item, now=item.sent_at, **more)
        assert placed[0].ticket is not None
        return placed[0].ticket


@pytest.fixture
async def told(world: World) -> dict[str, int]:
    """1 answered at once and solved for good; 2 answered twice, handed over, reopened; 3 nobody answered; 4 spam;
    5 thanks, closed unanswered; 6 an automatic mail; 7 begun by the desk; 8 waiting over night."""
    days, cast = Days(world), world.cast
    async with world.database.write() as session:
        made = await hours.add(session, name="標準", spec=OFFICE, agent_id=None, now=START)
        (await session.get_one(Team, cast.team.id)).calendar_id = made.id
        await session.flush()
    one = await days.comes(said(0, who="ichi"))
    await days.answers(one, 10 * MINUTE, then="resolved")
    two = await days.comes(said(60, who="ni"))
    await days.comes(said(90, who="ni"))  # a second message of the same turn
    await days.answers(two, 60 + 20 * MINUTE, then="pending")
    await days.gives(two, None, 30 * MINUTE)
    await days.gives(two, cast.jiro.id, 31 * MINUTE)
    await days.comes(said(2 * HOUR, who="ni"))
    await days.answers(two, 2 * HOUR + 40 * MINUTE, "jiro", then="resolved")
    await days.comes(said(4 * HOUR, who="ni"))
    await days.answers(two, 4 * HOUR + 5 * MINUTE, "jiro", then="resolved")
    three = await days.comes(mail(300, who="san"), inbox=world.email)
    four = await days.comes(said(400, who="shi"))
    await days.sets(four, "spam", 500)
    five = await days.comes(said(600, who="go"))
    await days.sets(five, "closed", 700)
    six = await days.comes(mail(800, who="roku", auto=True), inbox=world.email)
    async with world.database.write() as session:
        inbox = await session.get_one(Inbox, world.email.id)
        draft = reply.Draft(text="新しいお届け日のご案内", client_id="c")
        made_first = await reply.write_first(
            session, inbox, cast.hanako.agent, to="nana@customer.example", subject="ご案内", draft=draft, now=at(900)
        )
        seven = made_first.id
    eight = await days.comes(said(5 * HOUR, who="hachi"))  # 17:00
    await days.answers(eight, 5 * HOUR + 17 * HOUR)  # 10:00 the next day: two open hours
    return {
        "one": one,
        "two": two,
        "three": three,
        "four": four,
        "five": five,
        "six": six,
        "seven": seven,
        "eight": eight,
    }


async def figures(world: World, asked: Asked) -> dict[str, Value]:
    return (await overview.all_figures(world.database, list(FIGURES), asked))[0]


def parts(found: dict[str, Value], code: str) -> tuple[float, float]:
    return found[code].numerator, found[code].denominator


async def test_volume_response_and_resolution(world: World, told: dict[str, int]) -> None:
    found = await figures(world, asking())
    assert found["inbound"].numerator == 6, "受付件数: without spam, and without what the desk began"
    assert parts(found, "response_rate") == (3, 4), (
        "返信率: the unanswered counts; spam, thanks and automatic mail do not"
    )
    first = found["first_response"]
    assert sorted([10 * MINUTE, 20 * MINUTE, 2 * HOUR]) == [600, 1200, 7200] and (first.p50, first.p90) == (1200, 7200)
    assert parts(found, "first_response") == (600 + 1200 + 7200, 3), "FRT: reopened keeps its first; outbound left out"
    assert parts(found, "next_response") == (40 * MINUTE + 5 * MINUTE, 2), "one run, from its oldest message"
    assert parts(found, "one_contact") == (1, 2), (
        "FCR: one answer, no transfer, not reopened; closed unanswered is left out"
    )
    assert parts(found, "reopen_rate") == (1, 3)
    assert parts(found, "transfer_rate") == (1, 3), "given back and taken by somebody else is a transfer"
    assert parts(found, "resolution")[1] == 3, "only resolutions that stand"
    assert found["turns"].numerator == 6, "void turns are none"


async def test_elapsed_and_business_time_differ_by_what_was_closed_and_paused(
    world: World, told: dict[str, int]
) -> None:  # fmt: skip
    elapsed = await figures(world, asking(basis="elapsed"))
    assert elapsed["first_response"].p90 == 17 * HOUR
    business = await figures(world, asking())
    rows = await world.all(Resolution, ticket_id=told["two"])
    # open from 60 s; pending from 21 min to 2 h; resolved for the first time at 2 h 40.
    assert rows[0].took_s == 2 * HOUR + 40 * MINUTE - 60
    assert rows[0].worked_s == 20 * MINUTE + 40 * MINUTE
    assert rows[1].worked_s == 20 * MINUTE + 40 * MINUTE + 5 * MINUTE, "being resolved is no work"
    assert parts(business, "first_resolution")[1] == parts(elapsed, "first_resolution")[1] == 3


async def test_each_figure_opens_exactly_what_it_counted(world: World, told: dict[str, int]) -> None:
    asked = asking()
    found = await figures(world, asked)
    async with world.database.read() as session:
        for code, figure in FIGURES.items():
            if figure.fact in ("snapshot", "span"):
                continue
            rows, after = await lists.page(session, code, asked, which="all", cursor=None, limit=200)
            value = found[code]
            counted = value.numerator if figure.kind == "count" else value.denominator
            assert (len(rows), after) == (counted, None), code
            if figure.kind == "ratio":
                hits, _ = await lists.page(session, code, asked, which="hit", cursor=None, limit=200)
                missed, _ = await lists.page(session, code, asked, which="miss", cursor=None, limit=200)
                assert len(hits) == value.numerator and len(hits) + len(missed) == counted, code
        missed, _ = await lists.page(session, "response_rate", asked, which="miss", cursor=None, limit=200)
        assert [each["ticket"]["number"] for each in missed] == [told["three"]]
        seen, cursor = [], None
        while True:
            rows, cursor = await lists.page(session, "turns", asked, which="all", cursor=cursor, limit=2)
            seen += [(each["at"], each["ticket"]["number"]) for each in rows]
            if cursor is None:
                break
        assert len(seen) == 6 and [at for at, _ in seen] == sorted([at for at, _ in seen], reverse=True)


async def test_told_apart_the_parts_are_the_whole(world: World, told: dict[str, int]) -> None:
    asked = asking()
    found = await figures(world, asked)
    async with world.database.read() as session:
        for code, figure in FIGURES.items():
            if figure.fact in ("snapshot", "span"):
                continue
            for by in ("channel", "team", "agent", "inbox", "tier", "day"):
                rows = dict(await overview.table(session, code, asked, by))
                told_apart = [sum(getattr(v, part) for v in rows.values()) for part in ("numerator", "denominator")]
                if figure.kind == "count":
                    assert told_apart[0] == found[code].numerator, (code, by)
                else:
                    assert tuple(told_apart) == parts(found, code), (code, by)
        channels = dict(await overview.table(session, "response_rate", asked, "channel"))
        assert {key: (v.numerator, v.denominator) for key, v in channels.items()} == {"line": (3, 3), "email": (0, 1)}
        days = dict(await overview.table(session, "turns", asked, "day"))
        assert next(iter(days)) == DAY and len(days) == 7 and days[DAY].numerator == 6


async def test_filters_and_the_period_before(world: World, told: dict[str, int]) -> None:
    line = await figures(world, asking(channel="line"))
    assert parts(line, "response_rate") == (3, 3)
    jiro = await figures(world, asking(agent=world.cast.jiro.id))
    assert parts(jiro, "next_response") == (45 * MINUTE, 2) and "response_rate" in jiro
    nobody = await figures(world, asking(agent=0))
    assert parts(nobody, "response_rate") == (0, 1), "nobody's: the one that nobody answered"
    later = asking(first=DAY + timedelta(days=7), last=DAY + timedelta(days=13))
    empty = await figures(world, later)
    assert all(result(FIGURES[c].kind, v) in (None, 0) for c, v in empty.items())
    assert result("ratio", empty["response_rate"]) is None, "no data is –, never 0"
    before = overview.before(later)
    assert (before.first, before.last) == (DAY, DAY + timedelta(days=6))


async def test_the_period_compared_with_has_the_same_counts_and_means_without_percentiles(
    world: World, told: dict[str, int]
) -> None:
    found, again = await overview.all_figures(world.database, list(FIGURES), asking(), asking())
    assert found["first_response"].p50 is not None and again["first_response"].p50 is None
    assert {code: (each.numerator, each.denominator) for code, each in found.items()} == {
        code: (each.numerator, each.denominator) for code, each in again.items()
    }


async def test_recomputed_from_the_log_the_facts_are_the_same(world: World, told: dict[str, int]) -> None:
    """Episodes and resolutions, of every ticket, from events and messages alone."""
    assert await assert_retold(world, told.values()) > 10


async def assert_retold(world: World, numbers: Iterable[int]) -> int:
    """How many facts were told again."""
    seen = 0
    for number in numbers:
        async with world.database.read() as session:
            again = await history.retold(session, number)
        kept = await world.all(Episode, ticket_id=number)
        assert [[getattr(e, f) for f in FIELDS] for e in sorted(again.episodes, key=lambda e: e.message_id)] == [
            [getattr(e, f) for f in FIELDS] for e in kept
        ]
        periods = await world.all(Resolution, ticket_id=number)
        assert [[getattr(e, f) for f in SOLVED] for e in again.resolutions] == [
            [getattr(e, f) for f in SOLVED] for e in periods
        ]
        assert again.transfers == (await world.ticket(number)).transfers
        seen += len(kept) + len(periods)
    return seen


async def test_recomputed_from_the_log_merged_tickets_are_one_case(world: World, told: dict[str, int]) -> None:
    """An unanswered mail, an answered one and a resolved one are put into others, a chain among them."""
    lead = world.cast.lead.agent
    chain = ((told["eight"], told["three"]), (told["three"], told["two"]), (told["one"], told["two"]))
    before = await figures(world, asking())
    for n, (part, master) in enumerate(chain):
        async with world.database.write() as session:
            await merge(session, part, master, agent=lead, now=at(86400 + n), other_customer=True)
    await Days(world).answers(told["two"], 2 * 86400, then="resolved")
    await assert_retold(world, [told["one"], told["two"], told["three"], told["eight"]])
    found = await figures(world, asking())
    assert found["inbound"].numerator == before["inbound"].numerator - 3
    assert parts(found, "response_rate") == (1, 1) and parts(found, "first_resolution")[1] == 2
    elapsed = await figures(world, asking(basis="elapsed"))
    assert elapsed["resolution"].numerator == 2 * 86400 + 100, "since the first message of all"


async def test_sla_attainment_counts_what_was_decided(world: World, told: dict[str, int]) -> None:
    """SLA達成率: kept in time / (kept + broken); what still runs, or was cancelled, is not counted."""
    found = await figures(world, asking())
    clocks = await world.all(Clock, metric="first_response")
    decided = [each for each in clocks if each.met_at or each.breached_at]
    assert parts(found, "sla_first_response") == (sum(not c.breached_at for c in decided), len(decided))
    assert len(decided) < len(clocks)
    assert found["sla_callback"].denominator == 0


async def test_calls(world: World) -> None:
    """応答率, 放棄呼率, サービスレベル A/B/C, ASA, ATT, ACW, AHT."""
    waits = [(5, 65), (20, 140), (40, 100)]  # answered after, ended at
    lost = [3, 5, 15, 60]  # given up after
    hanako = world.cast.hanako.id
    for number, _ in enumerate([*waits, *lost, 1], 1):
        await world.take(ring(number, who=f"caller{number}"), now=at(number), inbox=world.phone)
    async with world.database.write() as session:
        calls = (await session.scalars(select(Call).order_by(col(Call.id)))).all()
        for call, (answered, ended) in zip(calls, waits, strict=False):
            begin = call.started_at
            call.state, call.outcome, call.agent_id = "ended", "answered", hanako
            call.answered_at, call.ended_at = begin + timedelta(seconds=answered), begin + timedelta(seconds=ended)
            call.wrap_s = 30 if ended == 140 else 0
        for call, after in zip(calls[3:7], lost, strict=True):
            call.state, call.outcome, call.ended_at = "ended", "missed", call.started_at + timedelta(seconds=after)
        mailbox = calls[7]
        mailbox.state, mailbox.outcome, mailbox.voicemail_s = "ended", "voicemail", 20
        mailbox.ended_at = mailbox.started_at + timedelta(seconds=50)
        ended = calls[1].ended_at
        assert ended is not None
        session.add(
            PresenceSpan(agent_id=hanako, state="available", began_at=START - timedelta(hours=1), ended_at=ended)
        )
        session.add(
            PresenceSpan(agent_id=hanako, state="wrap_up", began_at=ended, ended_at=ended + timedelta(seconds=30))
        )
        await session.flush()
    found = await figures(world, asking())
    assert found["offered"].numerator == 8
    assert parts(found, "answer_rate") == (3, 8), "voicemail is no answer"
    assert parts(found, "abandon_rate") == (2, 6), "given up within 5 s: out of both; voicemail is not abandoned"
    assert found["short_abandons"].numerator == 2
    assert parts(found, "service_level") == (2, 8), "A"
    assert parts(await figures(world, asking(variant="B")), "service_level") == (2, 5), "B"
    assert parts(await figures(world, asking(variant="C")), "service_level") == (5, 8), "C"
    assert parts(await figures(world, asking(target_s=40)), "service_level") == (3, 8)
    assert parts(found, "asa") == (65, 3) and parts(found, "abandon_wait") == (75, 2)
    assert parts(found, "talk") == (60 + 120 + 60, 3) and parts(found, "aht") == (240 + 30, 3)
    assert parts(found, "wrap_up") == (30, 3)
    assert parts(found, "hold") == (0, 0), "nobody tells it: –"
    assert parts(found, "occupancy")[0] == 30
    assert parts(found, "repeat_rate") == (0, 8) and found["net_offered"].numerator == 8, "eight callers"
    by_agent = await figures(world, asking(agent=hanako))
    assert parts(by_agent, "occupancy") == parts(found, "occupancy")
    assert "occupancy" not in await figures(world, asking(channel="line")), "presence knows no channel"


async def test_utilisation_is_of_the_time_logged_in_and_spans_are_clipped_to_the_period(world: World) -> None:
    """稼働率 beside 占有率; a span that began long before counts with what reaches in, one that ended does not."""
    hanako, day = world.cast.hanako.id, timedelta(days=1)
    begin = asking().begin
    hour = timedelta(hours=1)
    spans = [
        ("available", begin - 3 * day, begin - 2 * day), ("busy", begin - 2 * day, begin + hour),
        ("available", begin + hour, begin + 3 * hour), ("break", begin + 3 * hour, begin + 4 * hour),
        ("offline", begin + 4 * hour, None),
    ]  # fmt: skip
    async with world.database.write() as session:
        await session.execute(delete(PresenceSpan))
        for state, since, until in spans:
            session.add(PresenceSpan(agent_id=hanako, state=state, began_at=since, ended_at=until))
        await session.flush()
    found = await figures(world, asking())
    assert parts(found, "occupancy") == (HOUR, 3 * HOUR)
    assert parts(found, "utilisation") == (3 * HOUR, 4 * HOUR), (
        "breaks are in; being away from the desk's system is not"
    )
    later = await figures(world, asking(first=DAY + timedelta(days=2), last=DAY + timedelta(days=3)))
    assert parts(later, "utilisation") == (0, 0), "–"


async def test_the_backlog_is_written_down_at_a_days_end_and_never_again(
    world: World, told: dict[str, int]
) -> None:  # fmt: skip
    async with world.database.write() as session:
        assert await snapshot.take(session, DAY, at(12 * HOUR))
        assert not await snapshot.take(session, DAY, at(13 * HOUR)), "another process was first"
    async with world.database.read() as session:
        before = await backlog.total(session, asking())
        taken, numbers = await backlog.numbers(session, asking())
    open_then = {told[name] for name in ("three", "six", "seven", "eight")}
    assert before == Value(len(open_then)) and set(numbers) == open_then and taken == at(12 * HOUR)
    await world.status(told["three"], "closed", now=at(14 * HOUR))
    async with world.database.read() as session:
        assert await backlog.total(session, asking()) == before
        assert await backlog.told_apart(session, asking(), "age") == {"day": before}
        assert await backlog.total(session, asking(tag=1)) is None, "nobody wrote down the tags"
        rows, cursor = await lists.page(session, "backlog", asking(), which="all", cursor=None, limit=3)
        rest, end = await lists.page(session, "backlog", asking(), which="all", cursor=cursor, limit=3)
    assert [each["ticket"]["number"] for each in rows + rest] == sorted(open_then, reverse=True) and end is None
