"""Report mails: each slot goes out once, whoever looks and whenever they die; only owners and leads have a say. On both
databases, against a demo mail provider."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.actions.mailings import outbox, reports
from app.actions.receive import receive
from app.config import Settings
from app.jobs.mailings import Mailings
from app.models import Agent, Inbox, Mailing, MailingCopy, Notification, ReportMail, Role
from app.queries.inboxed import Inboxed
from app.rules.mailings.warnings import SETTLE
from tests.actions.world import RULES, arrival, at
from tests.actions.world import mail as customers_mail
from tests.cast import Cast, Member
from tests.conftest import Hands
from tests.jobs.rig import MailDesk, mail_desk

LEAD, OWNER = "lead@mikawaya.example", "owner@mikawaya.example"


@pytest.fixture
async def mail(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[MailDesk]:
    async with mail_desk(settings, cast) as desk:
        yield desk


def body(mail: MailDesk, **more: Any) -> dict[str, Any]:
    """Each day at nine in Tokyo, of the day before, to the lead."""
    given = {"name": "朝の数字", "figures": ["inbound", "response_rate", "first_response"], "period": "yesterday"}
    return given | {"every": "daily", "hour": 9, "agent_ids": [mail.cast.lead.id]} | more


async def ask(mail: MailDesk, method: str, path: str = "", given: Any = None, *, by: Member | None = None) -> Any:
    headers = (by or mail.cast.lead).bearer
    return await mail.http.request(method, f"/api/v1/report-mails{path}", json=given, headers=headers)


async def saved(mail: MailDesk, *, by: Member | None = None, **more: Any) -> int:
    made = await ask(mail, "POST", given=body(mail, **more), by=by)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def turn(mail: MailDesk) -> int:
    return await Mailings(mail.parts).step()


async def letters(mail: MailDesk) -> list[Mailing]:
    async with mail.parts.database.read() as session:
        return list((await session.scalars(select(Mailing).order_by(col(Mailing.id)))).all())


async def copies(mail: MailDesk) -> list[MailingCopy]:
    async with mail.parts.database.read() as session:
        return list((await session.scalars(select(MailingCopy).order_by(col(MailingCopy.id)))).all())


def received(mail: MailDesk, address: str = LEAD) -> list[EmailMessage]:
    return [message_from_bytes(one.raw, policy=policy.default) for one in mail.cloud.mailbox(address)]


async def test_a_slot_goes_out_once_with_its_figures_charts_and_sheet(mail: MailDesk, hands: Hands) -> None:
    """START is Wednesday noon in Tokyo: the customer's mail and its answer are of that day."""
    await mail.write_first("taro@customer.example")
    number = await saved(mail, figures=["inbound", "talk", "backlog"], filters={"channel": "email"}, name="朝の<数字>")
    assert await turn(mail) == 0, "today's nine o'clock was before it was saved"
    hands.now = datetime(2026, 7, 2, 0, 0, 5, tzinfo=UTC)
    await asyncio.gather(*[turn(mail) for _ in range(3)])
    assert await turn(mail) == 0
    (it,) = received(mail)
    assert it["Subject"] == "【レポート】朝の<数字> (2026-07-01)" and it["Auto-Submitted"] == "auto-generated"
    kinds = [part.get_content_type() for part in it.walk() if not part.is_multipart()]
    assert kinds[:2] == ["text/plain", "text/html"] and kinds[-1] == "text/csv"
    text, html = (it.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "期間: 2026-07-01 (Asia/Tokyo)" in text and "絞り込み: チャネル: メール" in text
    assert "/reports?period=custom&first=2026-07-01&last=2026-07-01&basis=business&channel=email" in text
    assert "朝の&lt;数字&gt;" in html
    pictures = {part["Content-ID"].strip("<>") for part in it.walk() if part.get_content_maintype() == "image"}
    assert pictures and all(f'src="cid:{each}"' in html for each in pictures)
    shown = (await ask(mail, "GET")).json()
    assert shown["sender"] == "email" and shown["items"][0]["id"] == number
    assert (
        shown["items"][0]["sent_at"] == "2026-07-02T00:00:05Z"
        and shown["items"][0]["next_at"] == "2026-07-03T00:00:00Z"
    )


async def test_the_figures_are_those_of_the_screen(mail: MailDesk, hands: Hands) -> None:
    inbox = Inboxed(mail.inbox.id, "email")
    asked = [customers_mail(n, who=who) for n, who in enumerate(("ichi", "ni", "san"))]
    async with mail.parts.database.write() as session:
        await receive(session, [arrival(inbox, each) for each in asked], now=at(3), rules=RULES)
    await mail.reply("お調べします", ticket=1)
    await saved(mail, figures=["inbound", "turns", "response_rate"])
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    await turn(mail)
    days = {"first": "2026-07-01", "last": "2026-07-01"}
    screen = await mail.http.get("/api/v1/reports", params=days, headers=mail.cast.lead.bearer)
    shown = {each["code"]: each for each in screen.json()["figures"]}
    assert [shown[code]["value"] for code in ("inbound", "turns", "response_rate")] == [3, 3, pytest.approx(1 / 3)]
    (it,) = received(mail)
    text = it.get_body(("plain",)).get_content()
    for code, said in (("inbound", "3"), ("turns", "3"), ("response_rate", "33.3%")):
        assert f"{shown[code]['name']}: {said}" in text


async def test_after_downtime_only_the_newest_missed_slot_is_sent(mail: MailDesk, hands: Hands) -> None:
    await saved(mail)
    hands.now = datetime(2026, 7, 9, 23, 0, tzinfo=UTC)  # Friday the 10th, 8 in Tokyo: the 9th's slot is the newest
    await turn(mail)
    (it,) = received(mail)
    assert "(2026-07-08)" in it["Subject"]
    hands.advance(hours=1, seconds=1)
    await turn(mail)
    assert "(2026-07-09)" in received(mail)[-1]["Subject"] and len(received(mail)) == 2


async def test_who_dies_between_claim_and_letter_leaves_the_slot_to_the_next(mail: MailDesk, hands: Hands) -> None:
    await saved(mail)
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    async with mail.parts.database.write() as session:
        assert len(await reports.claim(session, hands.now, 5)) == 1
    assert await turn(mail) == 0, "somebody may still be reading the figures"
    hands.advance(minutes=11)
    await turn(mail)
    assert len(received(mail)) == 1 and len(await letters(mail)) == 1


async def test_who_dies_while_sending_leaves_an_unconfirmed_copy_and_a_person_decides(
    mail: MailDesk, hands: Hands
) -> None:
    number = await saved(mail)
    (await ask(mail, "POST", f"/{number}/now")).raise_for_status()
    async with mail.parts.database.write() as session:
        (copy,) = await outbox.claim(session, hands.now, 5)
    assert (await ask(mail, "POST", f"/{number}/copies/{copy}/again")).json()["code"] == "copy_on_its_way"
    hands.advance(minutes=6)
    for _ in range(2):
        await turn(mail)
    (latest,) = (await ask(mail, "GET", f"/{number}/letters")).json()
    assert (latest["copies"][0]["state"], latest["copies"][0]["failure"]) == ("unconfirmed", "died_sending")
    assert received(mail) == [], "it is not sent a second time by itself"
    (await ask(mail, "POST", f"/{number}/copies/{copy}/again")).raise_for_status()
    await turn(mail)
    assert len(received(mail)) == 1
    assert (await ask(mail, "POST", f"/{number}/copies/{copy}/again")).status_code == 409


async def test_a_mail_server_that_is_away_is_tried_again_and_seen(mail: MailDesk, hands: Hands) -> None:
    number, port = await saved(mail), mail.cloud.port
    await mail.cloud.stop()
    (await ask(mail, "POST", f"/{number}/now")).raise_for_status()
    await turn(mail)
    (shown,) = (await ask(mail, "GET")).json()["items"]
    (copy,) = shown["latest"]["copies"]
    assert (copy["state"], copy["failure"], copy["attempts"]) == ("queued", "smtp_unreachable", 1)
    assert shown["sent_at"] is None
    await mail.cloud.start(port=port)
    hands.advance(seconds=6)
    await turn(mail)
    assert [(each.state, each.failure) for each in await copies(mail)] == [("sent", "")] and len(received(mail)) == 1


async def test_without_a_mail_inbox_it_waits_and_says_so(mail: MailDesk, hands: Hands) -> None:
    number = await saved(mail)
    async with mail.parts.database.write() as session:
        await session.execute(update(Inbox).values(enabled=False))
    await mail.parts.inboxes.refresh()
    (await ask(mail, "POST", f"/{number}/now")).raise_for_status()
    await turn(mail)
    assert [each.failure for each in await copies(mail)] == ["no_mail_inbox"]


async def test_a_period_without_anything_is_left_out_when_that_is_wished(mail: MailDesk, hands: Hands) -> None:
    await saved(mail, skip_empty=True)
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    await turn(mail)
    assert received(mail) == []
    (shown,) = (await ask(mail, "GET")).json()["items"]
    assert (shown["skipped_at"], shown["next_at"]) == ("2026-07-02T00:00:00Z", "2026-07-03T00:00:00Z")


async def test_who_may_no_longer_read_figures_gets_none(mail: MailDesk, hands: Hands) -> None:
    """Let go or made an agent since: before the letter is made no copy is, after that it is dropped."""
    number = await saved(mail, agent_ids=[mail.cast.lead.id, mail.cast.owner.id])
    (await ask(mail, "POST", f"/{number}/now")).raise_for_status()
    async with mail.parts.database.write() as session:
        await session.execute(update(Agent).where(col(Agent.id) == mail.cast.lead.id).values(role=Role.AGENT))
    await turn(mail)
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    await turn(mail)
    assert received(mail) == [] and len(received(mail, OWNER)) == 1
    assert [each.state for each in await copies(mail)] == ["dropped", "sent"]


async def test_a_report_that_cannot_be_read_is_seen_and_tried_again(mail: MailDesk, hands: Hands) -> None:
    await saved(mail)
    async with mail.parts.database.write() as session:
        await session.execute(update(ReportMail).values(figures=["of_another_version"]))
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    await turn(mail)
    assert (await ask(mail, "GET")).json()["items"][0]["error"] == "KeyError"
    assert await turn(mail) == 0
    async with mail.parts.database.write() as session:
        await session.execute(update(ReportMail).values(figures=["inbound"]))
    hands.advance(seconds=6)
    await turn(mail)
    assert len(received(mail)) == 1 and (await ask(mail, "GET")).json()["items"][0]["error"] == ""


# -- who may --------------------------------------------------------------------------------------------------------------


async def test_only_owners_and_leads_see_and_change_report_mails(mail: MailDesk) -> None:
    number = await saved(mail)
    calls = [("GET", ""), ("POST", ""), ("PUT", f"/{number}"), ("DELETE", f"/{number}"), ("POST", f"/{number}/now")]
    for who in (mail.cast.hanako, mail.cast.success):
        for method, path in [*calls, ("GET", f"/{number}/letters"), ("POST", f"/{number}/copies/1/again")]:
            assert (await ask(mail, method, path, body(mail), by=who)).status_code == 403, (method, path)
    assert (await ask(mail, "GET", by=mail.cast.owner)).status_code == 200
    assert await letters(mail) == []


async def test_addresses_outside_the_desk_are_the_owner_s(mail: MailDesk, hands: Hands) -> None:
    """Nor may a lead widen what an outsider is told."""
    outside = {"outside": ["board@parent.example"]}
    assert (await ask(mail, "POST", given=body(mail, **outside))).json()["code"] == "outside_address"
    number = await saved(mail, by=mail.cast.owner, agent_ids=[], **outside)
    for change in (outside, {"outside": []}):
        assert (await ask(mail, "PUT", f"/{number}", body(mail, **change))).status_code == 403
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    await turn(mail)
    assert len(received(mail, "board@parent.example")) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"figures": ["inbound", "inbound"]}, "unknown_figures"),
        ({"figures": ["nonsense"]}, "unknown_figures"),
        ({"figures": []}, "invalid"),
        ({"agent_ids": []}, "nobody_reads"),
        ({"agent_ids": [987654]}, "reader_may_not"),
        ({"filters": {"team": 987654}}, "unknown_filter"),
        ({"filters": {"nonsense": 1}}, "invalid"),
        ({"hour": 24}, "invalid"),
        ({"name": " "}, "invalid"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_reason(mail: MailDesk, wrong: dict[str, Any], code: str) -> None:
    refused = await ask(mail, "POST", given=body(mail, **wrong), by=mail.cast.owner)
    assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
    assert (await ask(mail, "GET")).json()["items"] == []


async def test_agents_are_no_readers_and_no_address_is_two(mail: MailDesk) -> None:
    refused = await ask(mail, "POST", given=body(mail, agent_ids=[mail.cast.hanako.id]))
    assert refused.json()["code"] == "reader_may_not"
    for address in ("a@b.example, c@d.example", "x", "a@b\r\nBcc: c@d", "<a@b.example>"):
        refused = await ask(mail, "POST", given=body(mail, outside=[address]), by=mail.cast.owner)
        assert refused.json()["code"] == "no_address", address


async def test_a_removed_report_is_not_sent_and_a_team_s_clock_is_its_own(mail: MailDesk, hands: Hands) -> None:
    number = await saved(mail)
    (await ask(mail, "POST", f"/{number}/now")).raise_for_status()
    assert (await ask(mail, "DELETE", f"/{number}")).status_code == 204
    hands.now = datetime(2026, 7, 2, 0, 1, tzinfo=UTC)
    assert await turn(mail) == 0 and received(mail) == [] and await copies(mail) == []
    spec = {"zone": "Europe/Berlin", "week": [[["09:00", "18:00"]]] * 7, "country": "", "closures": [], "days": {}}
    made = await mail.http.post("/api/v1/calendars", json={"name": "b", "spec": spec}, headers=mail.cast.owner.bearer)
    team = f"/api/v1/teams/{mail.cast.team.id}"
    change = {"name": "一次対応", "calendar_id": made.json()["id"]}
    (await mail.http.patch(team, json=change, headers=mail.cast.owner.bearer)).raise_for_status()
    again = await ask(mail, "POST", given=body(mail, filters={"team": mail.cast.team.id}))
    assert again.json()["next_at"] == "2026-07-02T07:00:00Z"
    assert date.fromisoformat(again.json()["next_at"][:10]).day == 2


# -- warnings by mail -----------------------------------------------------------------------------------------------------


async def warned(mail: MailDesk, now: datetime, *percents: int) -> None:
    """Warnings of Hanako as the watch writes them (test_watch.py holds that it does), of the first ticket."""
    params = {"metric": "first_response", "due_at": now.isoformat()}
    async with mail.parts.database.write() as session:
        session.add_all([
            Notification(
                agent_id=mail.cast.hanako.id, kind="clock.warned", ticket_id=1, params={**params, "percent": each},
                created_at=now, mail_at=now + SETTLE,
            )
            for each in percents
        ])  # fmt: skip


async def prefers(mail: MailDesk, mode: str) -> None:
    path = "/api/v1/session"
    changed = await mail.http.patch(path, json={"warn_mail": mode}, headers=mail.cast.hanako.bearer)
    assert changed.json()["warn_mail"] == mode


HANAKO = "hanako@mikawaya.example"


async def test_SLA9_a_storm_of_warnings_is_one_mail_and_none_comes_twice(mail: MailDesk, hands: Hands) -> None:
    await mail.write_first("taro@customer.example")
    await prefers(mail, "all")
    await warned(mail, hands.now, 50, 75, 100)
    assert await turn(mail) == 0, "more may follow within the minute"
    hands.advance(seconds=61)
    await asyncio.gather(*[turn(mail) for _ in range(3)])
    (it,) = received(mail, HANAKO)
    assert it["Subject"] == "【SLA】期限切れ1件・期限前の警告0件", "a ticket's promise stands once, by its latest step"
    text = it.get_body(("plain",)).get_content()
    assert "#1 注文の件 — 初回応答: 期限切れ (期限 07/01 12:00)" in text and "/tickets/1" in text
    await warned(mail, hands.now, 150)
    hands.advance(seconds=61)
    await turn(mail)
    assert len(received(mail, HANAKO)) == 1, "nobody gets two within a quarter of an hour"
    hands.advance(minutes=15)
    for _ in range(2):
        await turn(mail)
    assert len(received(mail, HANAKO)) == 2


@pytest.mark.parametrize(
    ("mode", "connected", "percent", "comes"),
    [
        ("away", False, 100, True), ("away", True, 100, False), ("away", False, 75, False), ("breaches", True, 100, True),
        ("breaches", False, 75, False), ("never", False, 150, False), ("all", True, 50, True),
    ],
)  # fmt: skip
async def test_SLA9_each_agent_chooses_what_comes_by_mail(
    mail: MailDesk, hands: Hands, mode: str, connected: bool, percent: int, comes: bool
) -> None:
    await mail.write_first("taro@customer.example")
    await prefers(mail, mode)
    async with mail.parts.database.write() as session:
        mine = update(Agent).where(col(Agent.id) == mail.cast.hanako.id)
        await session.execute(mine.values(live_at=hands.now if connected else None))
    await warned(mail, hands.now, percent)
    hands.advance(seconds=61)
    await turn(mail)
    assert bool(received(mail, HANAKO)) == comes
    assert await turn(mail) == 0, "it is judged once"


async def test_SLA9_what_was_read_or_is_over_is_not_mailed(mail: MailDesk, hands: Hands) -> None:
    await mail.write_first("taro@customer.example")
    await prefers(mail, "all")
    await warned(mail, hands.now, 100)
    await mail.post("/notifications/read")
    hands.advance(seconds=61)
    await turn(mail)
    await warned(mail, hands.now, 100)
    done = {"status": "resolved"}
    (await mail.http.patch("/api/v1/tickets/1", json=done, headers=mail.cast.hanako.bearer)).raise_for_status()
    hands.advance(seconds=61)
    await turn(mail)
    assert received(mail, HANAKO) == []
