"""Mails of machines: automatic answers (E8), our own (E9), reports about ours (E12)."""

from pathlib import Path

import pytest

from channels.contract import Inbound, Item, Noticed, Receipt
from tests.channels.email import sample

OURS = "t3.m7.2523b128f5ef@mikawaya.example"


def items(name: str) -> list[Item]:
    return sample.channel().parse(sample.at_door((sample.FIXTURES / f"{name}.eml").read_bytes()))


def read(headers: str, **envelope: str) -> Inbound:
    (item,) = sample.channel().parse(sample.at_door(sample.mail(headers), **envelope))
    assert isinstance(item, Inbound)
    return item


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: AUTO-Replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "X-Autoreply: yes",
        "X-Autorespond: x",
        "X-AutoResponder: x",
        "Precedence: Bulk",
        "Precedence: auto_reply",
        "List-Id: <x.example>",
        "List-Unsubscribe: <mailto:x@y>",
        "Return-Path: <>",
        "From: MAILER-DAEMON@example.jp",
        "From: No-Reply@example.jp",
        "From: noreply@example.jp",
        "Reply-To: do-not-reply@example.jp",
        "X-Auto-Response-Suppress: All",
        "Subject: 自動返信: 休み",
        "Subject: 【自動送信】受付",
        "Subject: 不在のお知らせ",
        "Subject: Out of Office: x",
        "Subject: automatic reply: x",
        "Content-Type: multipart/report; boundary=x",
    ],
)
def test_E8_machines_are_recognised(headers: str) -> None:
    found = read(headers)
    assert (found.auto, found.reopens) == (True, False)


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (a person)",
        "Precedence: first-class",
        "Subject: Re: 【自動返信】お問い合わせを受け付けました",
        "Subject: 不在票について",
        "Subject: 担当者不在で困っています",
        "From: reply@example.jp",
        "Return-Path: <hanako@example.jp>",
    ],
)
def test_E8_people_are_not(headers: str) -> None:
    found = read(headers)
    assert (found.auto, found.reopens) == (False, True)


def test_E8_a_null_envelope_sender_is_a_machine() -> None:
    assert read("", **{"x-envelope-from": ""}).auto is True
    assert read("", **{"x-envelope-from": "hanako@example.jp"}).auto is False


def test_E9_our_own_mail_coming_back_is_no_message() -> None:
    (item,) = items("loop_own")
    assert isinstance(item, Noticed) and item.code == "email.loop"


def test_E9_another_installations_mail_is_a_message() -> None:
    (item,) = items("loop_other")
    assert isinstance(item, Inbound)


def receipts(name: str) -> list[tuple[str, str, str, bool]]:
    found = items(name)
    assert all(isinstance(one, Receipt) and one.external_id == OURS for one in found)
    return [(one.state, one.recipient, one.reason, one.permanent) for one in found if isinstance(one, Receipt)]


def test_E12_a_hard_bounce() -> None:
    assert receipts("dsn_failed") == [("bounced", "taro@example.jp", "5.1.1 smtp; 550 5.1.1 User unknown", True)]


def test_E12_a_delay_is_no_bounce() -> None:
    assert receipts("dsn_delayed") == [("delayed", "taro@example.jp", "4.4.1 smtp; 450 later", False)]


def test_E12_several_recipients_each_have_their_own_fate() -> None:
    found = receipts("dsn_several")
    assert [(state, who, final) for state, who, _, final in found] == [
        ("bounced", "taro@example.jp", True),
        ("delivered", "jiro@example.jp", False),
    ]


def test_E12_japanese_carriers_may_filter() -> None:
    ((state, _, reason, _),) = receipts("dsn_docomo")
    assert state == "bounced" and "受信拒否設定" in reason


def test_E12_a_bounce_in_words_only() -> None:
    ((state, _, reason, permanent),) = receipts("dsn_words_only")
    assert (state, permanent) == ("bounced", True) and "no mailbox here" in reason


def test_E12_a_bounce_of_nothing_of_ours_is_a_note_and_never_a_ticket() -> None:
    (item,) = items("dsn_unmatched")
    assert isinstance(item, Noticed) and item.code == "email.bounce_unmatched"


def test_E12_read_receipts_and_complaints() -> None:
    ((state, who, _, _),) = receipts("mdn_read")
    assert (state, who) == ("read", "taro@example.jp")
    (item,) = items("arf_complaint")
    assert isinstance(item, Noticed) and item.params["message_id"] == OURS


def test_E12_a_customer_may_ask_about_a_report() -> None:
    raw = Path(sample.FIXTURES / "dsn_failed.eml").read_bytes()
    asked = raw.replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed")
    asked = asked.replace(b"MAILER-DAEMON@mx.example.jp", b"taro@example.jp")
    (item,) = sample.channel().parse(sample.at_door(asked))
    assert isinstance(item, Inbound)
