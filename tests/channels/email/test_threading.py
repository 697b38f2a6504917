"""Which thread, which message and which person a mail belongs to (E1, E2, E4, E7, E26)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import Forged, Hook, Inbound
from channels.email.replies import bare_id, message_id, plain_address, proven_thread, reply_address
from tests.channels.email import sample

KEY = sample.SITE.key
REPLY = reply_address(sample.ADDRESS, 42, KEY)


def read(raw: bytes, **headers: str) -> Inbound:
    (item,) = sample.channel().parse(sample.at_door(raw, **headers))
    assert isinstance(item, Inbound)
    return item


def test_contract_samples() -> None:
    channel = sample.channel()
    for hook in sample.hooks():
        channel.verify(hook)
        assert channel.parse(hook)
    for hook in sample.forged():
        with pytest.raises(Forged):
            channel.verify(hook)


def test_without_a_secret_nothing_is_taken_by_http() -> None:
    with pytest.raises(Forged):
        sample.channel(mime_secret="").verify(sample.posted(sample.mail()))


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To", "X-Original-To"])
def test_E1_a_signed_reply_address_proves_the_thread(header: str) -> None:
    assert read(sample.mail(f"{header}: Support <{REPLY}>")).thread == 42


def test_E1_the_envelope_alone_proves_the_thread() -> None:
    assert read(sample.mail(), **{"x-envelope-to": f"other@example.jp, {REPLY}"}).thread == 42


def test_E1_reply_addresses_survive_a_change_of_case() -> None:
    assert read(sample.mail(f"To: {REPLY.upper()}")).thread == 42


@pytest.mark.parametrize(
    "forged",
    [
        REPLY.replace("+t42.", "+t43."),
        REPLY.replace("+t42.", "+t042."),
        REPLY[: REPLY.index("@") - 1] + "@mikawaya.example",
        reply_address(sample.ADDRESS, 42, b"another inbox's key"),
        "support+t42.@mikawaya.example",
        "support+t42.aaaaaaaaaaaaaaaa@mikawaya.example",
        f"support+t{'9' * 30}.aaaaaaaaaaaaaaaa@mikawaya.example",
    ],
)
def test_E1_forged_reply_addresses_prove_nothing(forged: str) -> None:
    found = read(sample.mail(f"To: {forged}"))
    assert found.thread is None


def test_E1_the_mac_is_sixteen_characters_of_base32() -> None:
    local = REPLY.partition("@")[0]
    mac = local.partition(".")[2]
    assert len(mac) == 16 and set(mac) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert proven_thread(REPLY, KEY) == 42 and plain_address(REPLY) == sample.ADDRESS


def test_E1_a_tag_on_top_of_a_tag() -> None:
    tagged = reply_address("support+jp@mikawaya.example", 7, KEY)
    assert (proven_thread(tagged, KEY), plain_address(tagged)) == (7, "support+jp@mikawaya.example")


def test_E1_in_reply_to_comes_before_references_from_right_to_left() -> None:
    found = read(sample.mail("In-Reply-To: <c@x>\nReferences: <a@x> <b@x>\n <c@x>"))
    assert found.answers == ("c@x", "b@x", "a@x")
    assert found.conversation == "a@x"


def test_E1_a_subject_tag_is_only_a_hint() -> None:
    found = read(sample.mail("Subject: Re: [#1234] order"))
    assert (found.ticket_hint, found.thread, found.answers) == (1234, None, ())


def test_a_first_mail_begins_its_own_conversation() -> None:
    assert read(sample.mail()).conversation == "m1@example.jp"


def test_E3_long_and_folded_ids_are_read_whole() -> None:
    long = "A" * 110 + "@PROD.OUTLOOK.COM"
    found = read(sample.mail(f"References:\n <a@x>\n\t<{long}>\nMessage-ID: \n <{long}>"))
    assert found.answers == (long, "a@x") and found.meta["message_id"] == long


def test_ids_without_brackets_or_with_noise() -> None:
    found = read(sample.mail('Message-ID: abc@d\nIn-Reply-To: Your message of Monday <x@y> "hm"'))
    assert (found.meta["message_id"], found.answers) == ("abc@d", ("x@y",))


def test_E26_one_mail_by_two_ways_has_one_id() -> None:
    raw = sample.mail()
    other_way = b"Received: from x by y\r\nReturn-Path: <hanako@example.jp>\r\n" + raw.replace(b"\r\n", b"\n") + b"\n"
    assert read(raw).external_id == read(other_way).external_id
    assert read(raw).external_id.startswith("m1@example.jp#")
    assert bare_id(read(raw).external_id) == "m1@example.jp"


@pytest.mark.parametrize(
    "change", ["Subject: other", "From: other@example.jp", "Date: Sun, 22 Nov 2026 11:58:00 +0900"]
)
def test_E26_the_same_message_id_on_another_mail_is_kept(change: str) -> None:
    assert read(sample.mail()).external_id != read(sample.mail(change)).external_id
    assert read(sample.mail()).external_id != read(sample.mail(body="other\n")).external_id


def test_E26_a_missing_message_id_gets_a_stable_one() -> None:
    raw = sample.mail().replace(b"Message-ID: <m1@example.jp>\r\n", b"")
    found = read(raw)
    assert found.external_id == read(raw).external_id and found.external_id.startswith("sha256:")
    assert found.meta["message_id"] == "" and found.conversation == found.external_id
    assert bare_id(found.external_id) == ""


def test_E4_participants_are_the_others() -> None:
    found = read(
        sample.mail(
            f"To: {REPLY}, Taro <taro@example.jp>\nCc: HELP@mikawaya.example, jiro@example.jp, taro@example.jp, hanako@example.jp"
        )
    )
    assert [one.value for one in found.participants] == ["taro@example.jp", "jiro@example.jp"]


def test_the_sender_is_reply_to_unless_that_is_ours() -> None:
    assert read(sample.mail("Reply-To: form@example.jp")).sender.value == "form@example.jp"
    assert read(sample.mail(f"Reply-To: {REPLY}")).sender.value == "hanako@example.jp"
    assert read(sample.mail("Reply-To: form@example.jp")).meta["from"] == "Hanako <hanako@example.jp>"


def test_a_from_field_never_verifies_anybody() -> None:
    assert read(sample.mail()).sender.verified is False


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        ("Sun, 22 Nov 2026 11:59:00 +0900", datetime(2026, 11, 22, 2, 59, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 12:04:00 +0900", datetime(2026, 11, 22, 3, 4, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 12:06:00 +0900", sample.NOW),
        ("Fri, 02 Oct 2026 12:00:00 +0900", sample.NOW),
        ("Sun, 22 Nov 2026 02:30:00", datetime(2026, 11, 22, 2, 30, tzinfo=UTC)),
        ("yesterday", sample.NOW),
        ("Sun, 22 Nov 99999 02:30:00", sample.NOW),
        ("Sun, 22 Nov 2026 02:30:00 +9999", sample.NOW),
    ],
)
def test_sent_at_is_the_date_field_where_it_can_be_true(date: str, sent: datetime) -> None:
    assert read(sample.mail(f"Date: {date}")).sent_at == sent


def auth(results: str, headers: str = "") -> str:
    return str(read(sample.mail(f"Authentication-Results: {results}\n{headers}".strip())).meta["auth"])


def test_E7_only_our_own_servers_results_count() -> None:
    assert auth("mx.mikawaya.example; dmarc=pass header.from=example.jp") == "pass"
    assert auth("mx.mikawaya.example (comment); dmarc=fail (p=none) header.from=example.jp") == "fail"
    assert auth("evil.example; dmarc=pass header.from=example.jp") == "none"
    assert auth("mx.mikawaya.example; dmarc=pass header.from=other.jp") == "none"
    assert auth("mx.mikawaya.example; dkim=pass header.d=example.jp") == "pass"
    assert auth("mx.mikawaya.example; dkim=pass header.d=jp") == "none"
    assert auth("mx.mikawaya.example; dkim=pass header.d=evil.example; spf=pass") == "none"


def test_E7_the_topmost_results_win_over_those_that_came_along() -> None:
    below = "Authentication-Results: mx.mikawaya.example; dmarc=pass header.from=example.jp"
    assert auth("mx.mikawaya.example; dmarc=fail header.from=example.jp", below) == "fail"


def test_E7_two_from_fields_are_never_authentic() -> None:
    raw = sample.mail("Authentication-Results: mx.mikawaya.example; dmarc=pass header.from=example.jp")
    assert read(b"From: boss@example.jp\r\n" + raw).meta["auth"] == "none"


def test_E2_our_message_id_is_fixed_by_its_key_and_cannot_be_guessed() -> None:
    one = message_id("k1", ticket=3, message=7, domain="d.example", secret=KEY)
    assert one == message_id("k1", ticket=3, message=7, domain="d.example", secret=KEY)
    assert one.startswith("t3.m7.") and one.endswith("@d.example") and len(one.split(".")[2].partition("@")[0]) == 12
    assert one != message_id("k1", ticket=3, message=7, domain="d.example", secret=b"other")


def test_E5_the_address_that_the_customer_wrote_to() -> None:
    assert read(sample.mail("To: help@mikawaya.example")).meta["inbox_address"] == "help@mikawaya.example"


def test_received_later_does_not_change_the_id() -> None:
    hook: Hook = sample.at_door(sample.mail())
    later = replace(hook, received_at=hook.received_at + timedelta(days=2))
    (one,), (two,) = sample.channel().parse(hook), sample.channel().parse(later)
    assert isinstance(one, Inbound) and isinstance(two, Inbound)
    assert one.external_id == two.external_id
