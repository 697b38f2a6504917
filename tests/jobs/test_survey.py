"""Satisfaction, asked once for each resolution in the channel's own way, answered by a tap or on a page. On both databases,
against demo LINE and a demo mail provider."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.config import Settings
from app.jobs.survey import AskSurveys
from app.models import (
    Clock,
    Event,
    Identity,
    Inbox,
    Message,
    Notification,
    Resolution,
    Survey,
    Ticket,
)
from app.parts import Parts, assemble
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rig import Desk, LineDesk, MailDesk, line_desk, mail_desk

ASKED = "先日のお問い合わせの対応はいかがでしたか。よろしければ、5段階でお聞かせください。"


@pytest.fixture(autouse=True)
def _today(hands: Hands) -> None:
    hands.now = datetime.now(UTC)


@pytest.fixture
async def line(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[LineDesk]:
    async with line_desk(settings, cast, wall=lambda: hands.now.timestamp()) as desk:
        await surveyed(desk)
        yield desk


@pytest.fixture
async def mail(settings: Settings, cast: Cast) -> AsyncIterator[MailDesk]:
    async with mail_desk(settings, cast) as desk:
        await surveyed(desk)
        yield desk


async def surveyed(desk: Desk, *, on: bool = True, delay_s: int = 600) -> None:
    body = {"delay_s": delay_s, "name": "三河屋", "inbox_ids": [desk.inbox.id] if on else []}
    set_up = await desk.http.put("/api/v1/surveys/setup", json=body, headers=desk.cast.owner.bearer)
    assert set_up.status_code == 200, set_up.text


async def solved(line: LineDesk, hands: Hands, text: str = "届きません", *, ticket: int = 1) -> None:
    """A customer asked, an agent answered, the ticket is resolved, and the delay is over."""
    await line.wrote(text)
    await line.post(f"/tickets/{ticket}/replies", {"text": "本日お届けします", "then": "resolved"})
    await line.deliver()
    hands.advance(minutes=11)


async def ask(desk: Desk) -> int:
    judged = await AskSurveys(desk.parts).step()
    await desk.deliver()
    return judged


async def surveys(parts: Parts) -> list[Survey]:
    async with parts.database.read() as session:
        return list((await session.scalars(select(Survey).order_by(col(Survey.id)))).all())


async def all_of(desk: Desk, model: Any) -> list[Any]:
    async with desk.parts.database.read() as session:
        return list((await session.scalars(select(model).order_by(model.id))).all())


async def tap(line: LineDesk, index: int) -> int:
    newest = [each for each in line.cloud.history(line.customer.id) if each.choices][-1]
    return await line.cloud.choose(line.customer.id, newest.id, index)


# -- who is asked -------------------------------------------------------------------------------------------------------


async def test_a_resolution_asks_once_after_its_delay(line: LineDesk, hands: Hands) -> None:
    await line.wrote()
    await line.post("/tickets/1/replies", {"text": "はい", "then": "resolved"})
    await line.deliver()
    hands.advance(minutes=9)
    assert await ask(line) == 0, "not before the delay is over"
    hands.advance(minutes=2)
    before = (await all_of(line, Ticket))[0].updated_at
    assert await ask(line) == 1
    assert line.seen[-1] == ASKED
    shown = line.cloud.history(line.customer.id)[-1]
    assert shown.choices[0]["action"]["label"] == "😄 とても良い" and len(shown.choices) == 5
    assert await ask(line) == 0, "once for each resolution"
    ticket = (await all_of(line, Ticket))[0]
    assert (ticket.status, ticket.updated_at) == ("resolved", before), "the machine's question moves nothing"
    question = (await all_of(line, Message))[-1]
    assert question.auto and question.author == "machine"


async def test_reopened_within_the_delay_asks_nothing(line: LineDesk, hands: Hands) -> None:
    await line.wrote()
    await line.post("/tickets/1/replies", {"text": "はい", "then": "resolved"})
    hands.advance(minutes=5)
    await line.wrote("まだです")
    hands.advance(minutes=6)
    assert await ask(line) == 1
    assert [(each.state, each.why) for each in await surveys(line.parts)] == [("skipped", "reopened")]


async def test_a_person_is_asked_once_in_thirty_days(line: LineDesk, hands: Hands) -> None:
    await solved(line, hands)
    await ask(line)
    hands.advance(days=15)
    await solved(line, hands, "もう一つ", ticket=2)
    await ask(line)
    hands.advance(days=16)
    await solved(line, hands, "三つ目", ticket=3)
    await ask(line)
    assert [(each.state, each.why) for each in await surveys(line.parts)] == [
        ("asked", ""), ("skipped", "recent"), ("asked", "")]  # fmt: skip


async def test_two_processes_ask_a_person_once(line: LineDesk, hands: Hands) -> None:
    await solved(line, hands)
    async with line.parts.database.write() as session:
        first = (await session.scalars(select(Resolution))).one()
        again = {"ticket_id": 1, "agent_id": first.agent_id, "channel": "line", "inbox_id": first.inbox_id}
        session.add(Resolution(resolved_at=first.resolved_at, **again))
    other = assemble(line.parts.settings)
    jobs = [AskSurveys(each) for each in (line.parts, other, line.parts, other)]
    await asyncio.gather(*(each.step() for each in jobs))
    await other.stop()
    found = await surveys(line.parts)
    assert len(found) == len(await all_of(line, Resolution)) == 2
    assert [each.state for each in found].count("asked") == 1
    assert [each.kind for each in await all_of(line, Message)].count("survey") == 1


@pytest.mark.parametrize(
    ("arranged", "why"),
    [
        ((Ticket, {"status": "spam"}), "spam"),
        ((Identity, {"reachable": False, "reach_code": "blocked"}), "unreachable"),
        ((Message, {"author": "machine"}), "unanswered"),
        ((Message, {"auto": True}), "silent"),
    ],
)
async def test_E8_who_is_never_asked(line: LineDesk, hands: Hands, arranged: tuple[Any, Any], why: str) -> None:
    await solved(line, hands)
    async with line.parts.database.write() as session:
        await session.execute(update(arranged[0]).values(**arranged[1]))
    await ask(line)
    assert [(each.state, each.why) for each in await surveys(line.parts)] == [("skipped", why)]
    assert [each.text for each in await all_of(line, Message) if each.kind == "survey"] == []


async def test_an_inbox_that_does_not_ask_and_what_is_long_over(line: LineDesk, hands: Hands) -> None:
    await surveyed(line, on=False)
    await solved(line, hands)
    assert await ask(line) == 0
    hands.advance(days=2)
    await surveyed(line)
    assert await ask(line) == 0 and await surveys(line.parts) == [], "switched on later, it asks about nothing old"


# -- a tap on LINE ------------------------------------------------------------------------------------------------------


async def test_L16_a_tap_is_an_answer_and_no_message(line: LineDesk, hands: Hands) -> None:
    await solved(line, hands)
    await ask(line)
    messages, clocks = len(await all_of(line, Message)), len(await all_of(line, Clock))
    assert await tap(line, 1) == 200
    await line.deliver()
    survey = (await surveys(line.parts))[0]
    assert (survey.state, survey.score, survey.agent_id) == ("answered", 4, line.cast.hanako.id)
    assert (await all_of(line, Ticket))[0].status == "resolved", "an answer reopens nothing"
    assert len(await all_of(line, Clock)) == clocks
    assert len(await all_of(line, Message)) == messages + 1, "our thanks, and no message of theirs"
    assert line.cloud.history(line.customer.id)[-1].via == "reply", "by the tap's own token: it costs nothing"
    assert await all_of(line, Notification) == []


async def test_a_low_score_asks_why_and_tells_the_leads_once(line: LineDesk, hands: Hands) -> None:
    await solved(line, hands)
    await ask(line)
    assert await tap(line, 4) == 200
    await line.cloud.redeliver()
    await line.deliver()
    shown = line.cloud.history(line.customer.id)[-1]
    assert "理由" in shown.text and shown.choices[0]["action"]["label"] == "待ち時間"
    assert await tap(line, 0) == 200
    await line.deliver()
    survey = (await surveys(line.parts))[0]
    assert (survey.score, survey.reason) == (1, "wait")
    told = await all_of(line, Notification)
    assert [(each.agent_id, each.kind, each.params["score"]) for each in told] == [(line.cast.lead.id, "survey.low", 1)]
    events = [each for each in await all_of(line, Event) if each.kind == "survey.answered"]
    assert [(each.params["score"], each.params["reason"], each.params["changed"]) for each in events] == [
        (1, "", False), (1, "wait", True)]  # fmt: skip


async def test_a_stranger_s_tap_and_nonsense_change_nothing(line: LineDesk, hands: Hands) -> None:
    await solved(line, hands)
    await ask(line)
    other = line.cloud.users[1].id
    for user, data in ((other, "choice:survey:1:5"), (line.customer.id, "choice:survey:99:5"),
                       (line.customer.id, "choice:survey:1:6"), (line.customer.id, "choice:survey:1:wait"),
                       (line.customer.id, "choice:nonsense"), (line.customer.id, "survey:1:5")):  # fmt: skip
        assert await line.cloud.raw([line.cloud.postback(user, data)]) == 200
    assert [each.state for each in await surveys(line.parts)] == ["asked"]
    hands.advance(days=31)
    assert await tap(line, 0) == 200
    assert [each.state for each in await surveys(line.parts)] == ["asked"], "too late"


# -- a page from a mail -------------------------------------------------------------------------------------------------


async def link(mail: MailDesk, hands: Hands, *, subject: str = "注文の件") -> str:
    """The link in the mail that asks Aoki about their resolved ticket."""
    customer = mail.cloud.customers[0]
    await mail.write_first(customer.address)
    async with mail.parts.database.write() as session:  # they asked first, for this test
        await session.execute(update(Ticket).values(subject=subject))
        ours = (await session.scalars(select(Message))).one()
        identity = (await session.scalars(select(Identity))).one()
        session.add(
            Message(
                ticket_id=1, thread_id=ours.thread_id, inbox_id=ours.inbox_id, seq=99, direction="in", text="届きません",
                identity_id=identity.id, sent_at=hands.now, created_at=hands.now,
            )
        )  # fmt: skip
    await mail.deliver()
    await mail.http.patch("/api/v1/tickets/1", json={"status": "resolved"}, headers=mail.cast.hanako.bearer)
    hands.advance(minutes=11)
    assert await ask(mail) == 1
    raw = (await mail.cloud.arrival(customer.address, 2))[-1].raw
    letter = message_from_bytes(raw, policy=policy.default)
    assert letter["Auto-Submitted"] == "auto-replied"
    part = letter.get_body(("plain",))
    assert part is not None
    found = re.search(r"https?://\S+/rate/\S+", part.get_content())
    assert found, part.get_content()
    return "/rate/" + found[0].rpartition("/")[2]


async def test_a_mail_s_link_answers_only_by_the_button(mail: MailDesk, hands: Hands) -> None:
    path = await link(mail, hands)
    for method in ("GET", "HEAD", "GET"):
        looked = await mail.http.request(method, path)
    assert looked.status_code == 200 and "<script" not in looked.text and "三河屋" in looked.text
    assert "noindex" in looked.headers["x-robots-tag"] and "注文の件" in looked.text
    assert [each.state for each in await surveys(mail.parts)] == ["asked"], "scanners that follow links change nothing"
    low = await mail.http.post(path, data={"score": "2", "comment": "遅い <b>"})
    assert "待ち時間" in low.text and "遅い &lt;b&gt;" in low.text
    done = await mail.http.post(path, data={"score": "2", "reason": "wait", "comment": "遅い <b>"})
    assert "ありがとうございました" in done.text
    survey = (await surveys(mail.parts))[0]
    assert (survey.score, survey.reason, survey.comment) == (2, "wait", "遅い <b>")
    assert len(await all_of(mail, Notification)) == 1


async def test_one_answer_that_can_be_changed_for_seven_days(mail: MailDesk, hands: Hands) -> None:
    path = await link(mail, hands)
    await mail.http.post(path, data={"score": "5"})
    hands.advance(days=6)
    assert "change=1" in (await mail.http.get(path)).text
    assert (await mail.http.post(path, data={"score": "3"})).status_code == 200
    hands.advance(days=2)
    assert (await mail.http.post(path, data={"score": "1"})).status_code == 410, "seven days after the first answer"
    assert "change=1" not in (await mail.http.get(path)).text
    assert [each.score for each in await surveys(mail.parts)] == [3], "the latest counts, one for the resolution"


async def test_a_forged_link_and_a_form_of_nonsense(mail: MailDesk, hands: Hands) -> None:
    path = await link(mail, hands)
    token = path.removeprefix("/rate/")
    number, _, signature = token.partition("-")
    forged = [f"2-{signature}", f"{number}-{'a' * 26}", number, "x", "-", f"{10**30}-{signature}", "%00", "٣-x"]
    for each in forged:
        assert (await mail.http.get(f"/rate/{each}")).status_code == 404, each
        assert (await mail.http.post(f"/rate/{each}", data={"score": "5"})).status_code == 404, each
    for given in ({}, {"score": "6"}, {"score": "x"}, {"score": "5", "reason": "x"}, {"score": "５"}):
        assert (await mail.http.post(path, data=given)).status_code == 422, given
    assert [each.state for each in await surveys(mail.parts)] == ["asked"]
    long = await mail.http.post(path, data={"score": "5", "comment": "長" * 5000 + "\0"})
    assert long.status_code == 200 and len((await surveys(mail.parts))[0].comment) == 1000


async def test_the_link_stands_in_the_mail_and_nowhere_else(mail: MailDesk, hands: Hands) -> None:
    """Who reads the conversation here must not be able to answer for the customer."""
    path = await link(mail, hands)
    token = path.removeprefix("/rate/")
    ticket = await mail.http.get("/api/v1/tickets/1", headers=mail.cast.hanako.bearer)
    assert token not in ticket.text and "/rate/" not in ticket.text
    assert token not in "".join(each.text for each in await all_of(mail, Message))


async def test_english_by_the_person(mail: MailDesk, hands: Hands) -> None:
    async with mail.parts.database.write() as session:
        await session.execute(update(Inbox).values(language="en"))
    await mail.parts.inboxes.refresh()
    page: httpx2.Response = await mail.http.get(await link(mail, hands, subject="My order"))
    assert 'lang="en"' in page.text and "How did we do with your inquiry “My order”?" in page.text


# -- settings -----------------------------------------------------------------------------------------------------------


async def test_only_the_owner_sets_it_and_what_does_not_fit_is_refused(line: LineDesk) -> None:
    good = {"delay_s": 60, "name": "", "inbox_ids": []}
    for role, member in line.cast.roles.items():
        got = await line.http.get("/api/v1/surveys/setup", headers=member.bearer)
        put = await line.http.put("/api/v1/surveys/setup", json=good, headers=member.bearer)
        assert (got.status_code, put.status_code) == ((200, 200) if role == "owner" else (403, 403)), role
    for wrong in ({"delay_s": 59}, {"inbox_ids": [99]}, {"name": "x" * 81}, {"delay_s": 10**30}):
        answer = await line.http.put("/api/v1/surveys/setup", json=good | wrong, headers=line.cast.owner.bearer)
        assert answer.status_code == 422, wrong


# -- figures ------------------------------------------------------------------------------------------------------------


async def test_CSAT_top_two_of_five_over_answers_with_its_response_rate(line: LineDesk, hands: Hands) -> None:
    await solved(line, hands)
    await ask(line)
    figures = await reported(line)
    assert figures["csat"]["value"] is None and figures["csat_mean"]["value"] is None, "no answer is –, never 0"
    assert (figures["csat_response"]["value"], figures["csat_response"]["denominator"]) == (0, 1)
    await tap(line, 4)
    hands.advance(minutes=1)
    await line.cloud.raw([line.cloud.postback(line.customer.id, "choice:survey:1:4")])
    figures = await reported(line)
    assert (figures["csat"]["value"], figures["csat"]["numerator"], figures["csat"]["denominator"]) == (1, 1, 1)
    assert figures["csat_mean"]["value"] == 4 and figures["csat_response"]["value"] == 1
    rows = await line.http.get("/api/v1/reports/csat/rows", headers=line.cast.lead.bearer)
    assert [(each["ticket"]["number"], each["hit"]) for each in rows.json()["items"]] == [(1, True)]
    table = await line.http.get("/api/v1/reports/csat_mean?by=agent", headers=line.cast.lead.bearer)
    assert [(each["name"], each["value"]) for each in table.json()["rows"]] == [("花子", 4)]
    sheet = await line.http.get("/api/v1/reports/csat/export.csv", headers=line.cast.lead.bearer)
    assert sheet.content.startswith(b"\xef\xbb\xbf") and sheet.status_code == 200


async def reported(desk: Desk) -> dict[str, dict[str, Any]]:
    got = await desk.http.get("/api/v1/reports", headers=desk.cast.lead.bearer)
    return {each["code"]: each for each in got.json()["figures"]}
