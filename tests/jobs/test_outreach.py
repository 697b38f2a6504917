"""J4: outreach goes only to who may hear it, once, and stops when they say so; an answer comes to who looks after them.
On both databases, against demo LINE and a demo mail provider."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, TypeVar

import pytest
from sqlalchemy import select, text, update
from sqlmodel import SQLModel, col

from app.config import Settings
from app.models import (
    Account,
    AccountPerson,
    Consent,
    HealthSetup,
    Identity,
    Message,
    Notification,
    OutreachCopy,
    Person,
    Thread,
    Ticket,
)
from tests.cast import Cast, Member
from tests.conftest import Hands
from tests.jobs.rig import Desk, LineDesk, MailDesk, line_desk, mail_desk

Row = TypeVar("Row", bound=SQLModel)
NOON = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
WORDS = {
    "ja": {"subject": "{{account.name}}様へのご案内", "text": "{{person.name|ご担当者}}様\n新しい樽が入りました。"}
}
SENDER = {"name": "三河屋商店", "address": "東京都台東区1-2-3", "contact": "03-0000-0000"}


@pytest.fixture
async def mail(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[MailDesk]:
    hands.now = NOON
    async with mail_desk(settings, cast) as desk:
        yield desk


@pytest.fixture
async def line(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[LineDesk]:
    hands.now = NOON
    async with line_desk(settings, cast, wall=lambda: hands.now.timestamp()) as desk:
        yield desk


async def call(desk: Desk, method: str, path: str, status: int = 200, *, by: Member | None = None, **json: Any) -> Any:
    headers = (by or desk.cast.success).bearer
    answer = await desk.http.request(method, f"/api/v1/success{path}", json=json or None, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def all_of(desk: Desk, model: type[Row]) -> list[Row]:
    async with desk.parts.database.read() as session:
        return list((await session.scalars(select(model).order_by(text("id")))).all())


async def account(desk: Desk, *people: tuple[str, str], name: str = "豆腐屋") -> int:
    """An account of the success manager's, and its people: (name, mail address)."""
    async with desk.parts.database.write() as session:
        made = Account(name=name, owner_id=desk.cast.success.id, created_at=NOON)
        session.add(made)
        await session.flush()
        for person, address in people:
            row = Person(name=person, created_at=NOON)
            session.add(row)
            await session.flush()
            session.add(AccountPerson(account_id=made.id, person_id=row.id))
            if address:
                key = f"email::{address}"
                session.add(Identity(person_id=row.id, key=key, kind="email", value=address, created_at=NOON))
        await session.flush()
        return made.id


def letter(desk: Desk, accounts: list[int], **more: Any) -> dict[str, Any]:
    given = {
        "purpose": "service",
        "channel": desk.inbox.kind,
        "inbox_id": desk.inbox.id,
        "texts": WORDS,
        "name": "新樽",
    }
    return given | {"client_id": "press-0001", "to": {"account_ids": accounts, "everyone": True}} | more


async def agrees(desk: Desk, person: int, says: str = "yes", channel: str = "email") -> None:
    given = {"channel": channel, "says": says, "source": "form", "words": "ご案内を受け取る"}
    await call(desk, "POST", f"/people/{person}/consents", 201, **given)


async def arrived(mail: MailDesk, address: str, count: int = 1) -> EmailMessage:
    raw = (await mail.cloud.arrival(address, count))[-1].raw
    return message_from_bytes(raw, policy=policy.default)


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def promoted(mail: MailDesk) -> tuple[str, EmailMessage]:
    """The first customer agreed to advertising and got some: the path of their link, and the mail."""
    address = mail.cloud.customers[0].address
    number = await account(mail, ("青木", address))
    await agrees(mail, 1)
    await call(mail, "PUT", "/setup/sender", by=mail.cast.lead, **SENDER)
    await call(mail, "POST", "/outreach", 201, **letter(mail, [number], purpose="promotion"))
    assert await mail.deliver() == 1
    got = await arrived(mail, address)
    found = re.search(r"https?://\S+(/stop/\S+)", body(got))
    assert found, body(got)
    return found[1], got


async def test_J4_each_gets_their_own_words_once_and_who_is_left_out_is_said_with_the_reason(mail: MailDesk) -> None:
    address = mail.cloud.customers[0].address
    number = await account(mail, ("青木", address), ("無し", ""), ("断り", "no@b.example"), ("跳ね", "gone@b.example"))
    await agrees(mail, 3, "never", "any")
    async with mail.parts.database.write() as session:
        gone = update(Identity).where(col(Identity.value) == "gone@b.example")
        await session.execute(gone.values(reachable=False, reach_code="bounced"))
    seen = await call(
        mail,
        "POST",
        "/outreach/preview",
        **{k: v for k, v in letter(mail, [number]).items() if k not in ("name", "client_id")},
    )
    assert {each["person"]["name"]: each["refused"] for each in seen["copies"]} == {
        "青木": "", "無し": "no_address", "断り": "never", "跳ね": "unreachable",
    }  # fmt: skip
    assert seen["goes"] == 1 and seen["copies"][0]["text"].startswith("青木様")
    first = await call(mail, "POST", "/outreach", 201, **letter(mail, [number]))
    again = await call(mail, "POST", "/outreach", 201, **letter(mail, [number]))
    assert first["id"] == again["id"], "pressed twice"
    assert await mail.deliver() == 1 and await mail.deliver() == 0
    got = await arrived(mail, address)
    assert got["Subject"] == "豆腐屋様へのご案内" and body(got).startswith("青木様")
    assert got["List-Unsubscribe"] is None, "a service notice is no advertising"
    page = await call(mail, "GET", f"/outreach/{first['id']}")
    assert (page["people"], page["refused"], page["sent"]) == (4, 3, 1)
    listed = await mail.http.get("/api/v1/tickets?view=all", headers=mail.cast.hanako.bearer)
    assert listed.json()["items"] == [], "kept apart from tickets"


async def test_J4_advertising_needs_consent_a_sender_and_can_be_stopped_with_one_press(mail: MailDesk) -> None:
    number = await account(mail, ("青木", mail.cloud.customers[0].address), ("黙る", "quiet@b.example"))
    promotion = letter(mail, [number], purpose="promotion", client_id="press-0002")
    refusal = await call(mail, "POST", "/outreach", 409, **promotion)
    assert (refusal["code"], refusal["missing"]) == ("no_sender", ["name", "address", "contact"])
    await call(mail, "PUT", "/setup/sender", 403, **SENDER)
    await call(mail, "PUT", "/setup/sender", by=mail.cast.lead, **SENDER)
    assert (await call(mail, "POST", "/outreach", 422, **promotion))["reasons"] == ["no_consent"]
    await agrees(mail, 1)
    page = await call(mail, "POST", "/outreach", 201, **promotion)
    assert {each["person"]["name"]: each["refused"] for each in page["copies"]} == {"青木": "", "黙る": "no_consent"}
    await mail.deliver()
    got = await arrived(mail, mail.cloud.customers[0].address)
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for words in SENDER.values():
        assert words in body(got)
    path = "/stop/" + str(got["List-Unsubscribe"]).strip("<> ").rpartition("/")[2]
    assert path in body(got)
    pressed = await mail.http.post(path, data={"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    told = await call(mail, "GET", "/people/1/consents")
    assert told["standing"]["email"] == {"promotion": "no", "never": False}
    assert [(each["says"], each["source"]) for each in told["said"]] == [("no", "mail_header"), ("yes", "form")]
    later = letter(mail, [number], purpose="promotion", client_id="press-0003")
    assert (await call(mail, "POST", "/outreach", 422, **later))["reasons"] == ["no", "no_consent"]


async def test_J4_looking_at_the_page_stops_nothing_and_the_same_press_again_says_nothing_new(mail: MailDesk) -> None:
    path, _ = await promoted(mail)
    for method in ("GET", "HEAD", "GET"):
        looked = await mail.http.request(method, path)
    assert looked.status_code == 200 and "<script" not in looked.text and "三河屋商店" in looked.text
    assert "noindex" in looked.headers["x-robots-tag"] and looked.headers["cache-control"] == "no-store"
    assert [each.says for each in await all_of(mail, Consent)] == ["yes"], "scanners that follow links change nothing"
    for scope in ("never", "never"):
        assert "連絡は行いません" in (await mail.http.post(path, data={"scope": scope})).text
    said = await all_of(mail, Consent)
    assert [(each.says, each.channel, each.source) for each in said] == [
        ("yes", "email", "form"),
        ("never", "any", "page"),
    ]
    assert said[1].address and said[1].copy_id == 1, "the proof: from where, by which letter"
    token = path.removeprefix("/stop/")
    number, _, signature = token.partition("-")
    for forged in (f"2-{signature}", f"{number}-{'a' * 26}", number, "x", f"{10**30}-{signature}", "%00"):
        assert (await mail.http.get(f"/stop/{forged}")).status_code == 404, forged
        assert (await mail.http.post(f"/stop/{forged}")).status_code == 404, forged
    refusal = await call(mail, "POST", "/outreach", 422, **letter(mail, [1], client_id="press-0009"))
    assert refusal["reasons"] == ["never"], "no notice either"


async def test_J4_who_refuses_while_the_letter_waits_for_their_morning_never_gets_it(
    mail: MailDesk, hands: Hands
) -> None:
    number = await account(mail, ("青木", mail.cloud.customers[0].address))
    async with mail.parts.database.write() as session:
        (await session.get_one(HealthSetup, 1)).awake_to = 11 * 60  # asleep from 11:00
    page = await call(mail, "POST", "/outreach", 201, **letter(mail, [number]))
    assert page["copies"][0]["goes_at"] == "2026-07-01T23:00:00Z", "whisper: eight in their morning"
    assert await mail.deliver() == 0
    await agrees(mail, 1, "never", "any")
    hands.advance(hours=21)
    assert await mail.deliver() == 1
    message = (await all_of(mail, Message))[0]
    assert message.state == "discarded" and message.external_id is None
    assert [(each.refused, each.sent_at) for each in await all_of(mail, OutreachCopy)] == [("never", None)]


async def test_an_answered_mail_is_a_case_of_the_success_manager_s_and_counts(mail: MailDesk) -> None:
    _, got = await promoted(mail)
    customer = mail.cloud.customers[0].address
    vacation = (
        f"From: {customer}\nTo: {mail.cloud.inbox}\nSubject: away\nMessage-ID: <auto@x>\nAuto-Submitted: auto-replied\n"
    )
    await mail.wrote(f"{vacation}In-Reply-To: {got['Message-ID']}\n\nI am away.\n")
    assert (await all_of(mail, OutreachCopy))[0].answered_at is None, "a machine's answer is none"
    answer = (
        f"From: {customer}\nTo: {mail.cloud.inbox}\nSubject: Re\nMessage-ID: <a1@x>\nIn-Reply-To: {got['Message-ID']}\n"
    )
    await mail.wrote(f"{answer}\n一樽お願いします。\n")
    carrier, case = await all_of(mail, Ticket)
    assert (carrier.origin, carrier.status, case.origin, case.status) == ("outreach", "closed", "inbound", "open")
    assert (case.assignee_id, case.account_id) == (mail.cast.success.id, 1)
    copy = (await all_of(mail, OutreachCopy))[0]
    assert copy.answer_id == case.id and copy.answered_at is not None
    bell = [(each.agent_id, each.kind) for each in await all_of(mail, Notification)]
    assert (mail.cast.success.id, "outreach.answered") in bell
    path = f"/api/v1/tickets/{case.id}/replies"
    theirs = await mail.http.post(path, json={"text": "割り込み"}, headers=mail.cast.hanako.bearer)
    assert (theirs.status_code, theirs.json()["code"]) == (403, "not_your_voice")
    own = await mail.http.post(path, json={"text": "承りました"}, headers=mail.cast.success.bearer)
    assert own.status_code == 201, own.text


async def test_a_LINE_answer_opens_a_case_and_an_open_case_keeps_its_line(line: LineDesk) -> None:
    await line.wrote("樽が届きません")
    async with line.parts.database.write() as session:
        made = Account(name="豆腐屋", owner_id=line.cast.success.id, created_at=NOON)
        session.add(made)
        await session.flush()
        session.add(AccountPerson(account_id=made.id, person_id=1))
    await call(line, "POST", "/outreach", 201, **letter(line, [1]))
    assert await line.deliver() == 1
    assert line.seen[-1].endswith("新しい樽が入りました。")
    await line.wrote("まだです")
    assert [each.origin for each in await all_of(line, Ticket)] == ["inbound", "outreach"], "the open case goes on"
    await line.http.patch("/api/v1/tickets/1", json={"status": "resolved"}, headers=line.cast.hanako.bearer)
    await call(line, "POST", "/outreach", 201, **letter(line, [1], client_id="press-0005"))
    await line.deliver()
    await line.wrote("一樽お願いします")
    tickets = await all_of(line, Ticket)
    assert tickets[0].status == "resolved", "an answer to a letter opens no solved case again"
    assert (tickets[-1].origin, tickets[-1].assignee_id) == ("inbound", line.cast.success.id)
    assert [each.answer_id for each in await all_of(line, OutreachCopy)] == [None, tickets[-1].id]
    assert [each.current for each in await all_of(line, Thread)] == [False, False, False, True]
    await line.cloud.unfollow(line.customer.id)
    refusal = await call(line, "POST", "/outreach", 422, **letter(line, [1], client_id="press-0006"))
    assert refusal["reasons"] == ["unreachable"], "blocked"


async def test_agents_neither_write_outreach_nor_see_who_agreed(mail: MailDesk) -> None:
    number = await account(mail, ("青木", "a@b.example"))
    for method, path in (("GET", "/outreach"), ("GET", "/people/1/consents"), ("GET", f"/accounts/{number}/standing")):
        await call(mail, method, path, 403, by=mail.cast.hanako)
    await call(mail, "POST", "/outreach", 403, by=mail.cast.hanako, **letter(mail, [number]))
    wrong = letter(mail, [number], texts={"ja": {"subject": "件", "text": "{{person.age}}"}})
    assert (await call(mail, "POST", "/outreach", 422, **wrong))["reason"] == "variable"
    empty = letter(mail, [number], texts={"ja": {"subject": "件", "text": "更新日は{{contract.renews_on}}です"}})
    assert (await call(mail, "POST", "/outreach", 422, **empty))["reasons"] == ["variable"], "nobody reads a gap"
