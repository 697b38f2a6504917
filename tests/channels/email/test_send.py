"""What leaves: over real SMTP to the demo's provider, and judged by its bytes (E2, E3, E5, E9, E18, E29)."""

import asyncio
import base64
import email
import email.policy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from email.message import EmailMessage
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Address, File, Inbound, Outbound, TryAgain, Undeliverable
from channels.email import Email
from channels.email.config import LINK_OVER, MailConfig
from channels.email.headers import parse_ids
from channels.email.mime import read
from channels.email.outgoing import Attached, compose
from channels.email.replies import proven_thread
from demo.mail import MailCloud
from tests.channels.email import sample

YAMADA = "hanako.yamada@mail.demo.example"
OUT = Outbound(
    key="018f0000-0000-7000-8000-000000000001",
    to=Address(kind="email", value=YAMADA, name="山田 花子"),
    conversation="first@example.jp",
    now=sample.NOW,
    thread=42,
    message=7,
    ticket=3,
    text="ご連絡ありがとうございます。\n①㈱髙橋 🍶\n",
    subject="醤油の件",
    answers=("first@example.jp#0123456789ab", "last@example.jp#0123456789ab"),
    sender_name="佐藤",
)


def sending(cloud: MailCloud, **config: Any) -> Email:
    return sample.channel(smtp_host="127.0.0.1", smtp_port=cloud.port, smtp_tls="none", **config)


def composed(outbound: Outbound, files: list[Attached] | None = None, **config: Any) -> bytes:
    channel = sample.channel(**config)
    return compose(outbound, files or [], cast(MailConfig, channel.config), sample.SITE)


def by_stdlib(raw: bytes) -> EmailMessage:
    """Read by somebody else's parser, which records defects."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert not [defect for part in mail.walk() for defect in part.defects]
    return mail


def content_of(raw: bytes) -> Callable[[], Awaitable[bytes]]:
    async def give() -> bytes:
        return raw

    return give


def file(name: str, raw: bytes, media_type: str = "application/pdf", **more: Any) -> File:
    given_size = more.pop("size", len(raw))
    return File(
        name=name, media_type=media_type, size=given_size, url="https://desk.example/f/1", read=content_of(raw), **more
    )


async def test_a_reply_arrives_readable(cloud: MailCloud) -> None:
    sent = await sending(cloud).send(OUT)
    (mail,) = await cloud.arrival(YAMADA)
    assert sent.external_ids == (mail.message_id,) and sent.via == "smtp"
    assert mail.text == OUT.text
    assert (mail.subject, mail.sender) == ("Re: 醤油の件", "三河屋サポート 佐藤 <support@mikawaya.example>")
    assert mail.envelope_from == "support@mikawaya.example"
    assert proven_thread(mail.reply_to, sample.SITE.key) == 42
    assert mail.references == ("first@example.jp", "last@example.jp")


async def test_E29_the_message_id_is_the_same_at_every_attempt(cloud: MailCloud) -> None:
    first = await sending(cloud).send(OUT)
    second = await sending(cloud).send(replace(OUT, attempt=2))
    assert first.external_ids == second.external_ids
    other = await sending(cloud).send(replace(OUT, key="another"))
    assert other.external_ids != first.external_ids


def test_E3_ids_of_a_hundred_and_twenty_characters_stand_in_the_real_bytes() -> None:
    long = tuple(f"{number:02d}" + "A" * 100 + "@PROD.OUTLOOK.EXAMPLE" for number in range(5))
    raw = composed(replace(OUT, answers=long))
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    assert f"In-Reply-To: <{long[-1]}>".encode() in head
    assert ("References: " + " ".join(f"<{one}>" for one in long)).encode() in head
    assert b"=?" not in head.partition(b"References:")[2].partition(b"\r\n")[0]
    assert by_stdlib(raw)["In-Reply-To"].strip() == f"<{long[-1]}>"


def test_references_are_capped_keeping_the_first_and_the_last() -> None:
    ids = tuple(f"m{number}.{'x' * 60}@example.jp" for number in range(100))
    fields = read(composed(replace(OUT, answers=ids)))[0].fields
    kept = parse_ids(fields.raw("references"))
    assert len(fields.raw("references")) < 1_700
    assert (kept[0], kept[-1], kept[1:]) == (ids[0], ids[-1], list(ids[-len(kept) + 1 :]))


def test_a_first_mail_has_no_re_and_no_references() -> None:
    fields = read(composed(replace(OUT, answers=())))[0].fields
    assert (fields.text("subject"), fields.raw("references"), fields.raw("in-reply-to")) == ("醤油の件", b"", b"")
    assert read(composed(replace(OUT, subject="RE: x")))[0].fields.text("subject") == "RE: x"
    assert read(composed(replace(OUT, answers=("sha256:abc",))))[0].fields.raw("references") == b""


NASTY = st.text(st.characters(codec="utf-8") | st.sampled_from('\r\n\0\u2028\x85\x0b<>",;:=?'), max_size=60)


@given(subject=NASTY, name=NASTY, text=NASTY, answer=NASTY, file_name=NASTY)
@settings(max_examples=150, deadline=None)
def test_header_injection_is_impossible(subject: str, name: str, text: str, answer: str, file_name: str) -> None:
    attack = "\r\nBcc: victim@example.jp\r\n\r\n"
    outbound = replace(
        OUT,
        subject=subject + attack + subject,
        sender_name=name + attack,
        to=Address(kind="email", value=YAMADA, name=name + attack),
        text=text,
        answers=(answer + attack,),
    )
    raw = composed(outbound, [Attached(file(file_name + attack, b"x"), b"x")])
    fields = read(raw)[0].fields
    assert {key for key, _ in fields.items} <= {
        "from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "x-mikawaya-loop",
        "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")


@given(st.text(max_size=300), st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_what_we_write_our_own_parser_reads_back(text: str, subject: str) -> None:
    site = replace(sample.SITE, installation="")
    raw = compose(
        replace(OUT, text=text, subject=subject, answers=()), [], cast(MailConfig, sample.channel().config), site
    )
    (item,) = sample.channel().parse(sample.at_door(raw))
    assert isinstance(item, Inbound)
    lines = text.removeprefix("\ufeff").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    assert item.text.rstrip("\n") == lines or not lines.strip()


async def test_html_with_an_inline_image_and_a_file(cloud: MailCloud) -> None:
    picture = file("図.png", b"\x89PNG", "image/png", content_id="pic1")
    paper = file("請求書（十一月分）とても長い名前の書類.pdf", b"%PDF" * 100)
    html = '<p>こちらです <img src="cid:pic1"></p>'
    await sending(cloud, signature="三河屋\nTEL 03").send(replace(OUT, html=html, files=(picture, paper)))
    (mail,) = await cloud.arrival(YAMADA)
    parsed = by_stdlib(mail.raw)
    kinds = [part.get_content_type() for part in parsed.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain",
        "multipart/related", "text/html", "image/png", "application/pdf",
    ]  # fmt: skip
    assert "cid:pic1" in mail.html and "三河屋<br>" in mail.html
    assert mail.text.endswith("-- \n三河屋\nTEL 03\n")
    assert [(one.name, one.content) for one in mail.files] == [("図.png", b"\x89PNG"), (paper.name, b"%PDF" * 100)]


async def test_E29_a_file_over_ten_megabytes_goes_as_a_link(cloud: MailCloud) -> None:
    big = file("動画.mp4", b"", "video/mp4", size=LINK_OVER + 1)
    await sending(cloud).send(replace(OUT, files=(big,)))
    (mail,) = await cloud.arrival(YAMADA)
    assert "添付ファイル: 動画.mp4 (10.0 MB)\nhttps://desk.example/f/1" in mail.text and not mail.files


async def test_E29_what_the_server_finds_too_large_goes_as_a_link(
    cloud: MailCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.mail.LARGEST", 20_000)
    await sending(cloud).send(replace(OUT, language="en", files=(file("a.pdf", b"x" * 30_000),)))
    (mail,) = await cloud.arrival(YAMADA)
    assert "Attachment: a.pdf (30 kB)" in mail.text and not mail.files
    with pytest.raises(Undeliverable) as refused:
        await sending(cloud).send(replace(OUT, text="あ" * 30_000))
    assert refused.value.code == "smtp_too_large"


async def test_E9_automatic_mail_says_so_and_has_no_envelope_sender(cloud: MailCloud) -> None:
    await sending(cloud).send(replace(OUT, params={"auto": True}))
    (mail,) = await cloud.arrival(YAMADA)
    parsed = by_stdlib(mail.raw)
    assert (parsed["Auto-Submitted"], parsed["X-Auto-Response-Suppress"], parsed["Precedence"]) == (
        "auto-replied",
        "All",
        "auto_reply",
    )
    assert parsed["X-Mikawaya-Loop"] == "mkw-sample"
    assert mail.envelope_from == ""


async def test_E9_a_person_s_mail_carries_only_the_loop_header(cloud: MailCloud) -> None:
    await sending(cloud).send(OUT)
    (mail,) = await cloud.arrival(YAMADA)
    parsed = by_stdlib(mail.raw)
    assert parsed["Auto-Submitted"] is None and parsed["X-Mikawaya-Loop"] == "mkw-sample"


async def test_E5_an_answer_leaves_from_the_address_that_was_written_to(cloud: MailCloud) -> None:
    await sending(cloud).send(replace(OUT, params={"from": "help@mikawaya.example"}))
    await sending(cloud).send(replace(OUT, params={"from": "evil@example.jp"}))
    first, second = await cloud.arrival(YAMADA, 2)
    assert first.sender.endswith("<help@mikawaya.example>") and first.reply_to.startswith("help+t42.")
    assert second.sender.endswith("<support@mikawaya.example>")


async def test_without_plus_addressing_there_is_no_reply_address(cloud: MailCloud) -> None:
    await sending(cloud, plus_addressing=False).send(OUT)
    (mail,) = await cloud.arrival(YAMADA)
    assert mail.reply_to == ""


async def test_E18_odd_addresses_are_written_to_verbatim(cloud: MailCloud) -> None:
    odd = Address(kind="email", value="a..b.@docomo.ne.jp")
    await sending(cloud).send(replace(OUT, to=odd))
    (mail,) = await cloud.arrival("a..b.@docomo.ne.jp")
    assert b"To: <a..b.@docomo.ne.jp>\r\n" in mail.raw


async def test_E18_an_international_address_needs_smtputf8(cloud: MailCloud) -> None:
    await sending(cloud).send(replace(OUT, to=Address(kind="email", value="花子@example.jp")))
    assert await cloud.arrival("花子@example.jp")


async def test_copies_are_sent_and_a_refused_copy_is_reported(cloud: MailCloud) -> None:
    copies = (Address(kind="email", value="jiro@example.jp"), Address(kind="email", value=YAMADA))
    sent = await sending(cloud).send(replace(OUT, cc=copies))
    assert len(cloud.mailbox(YAMADA)) == len(cloud.mailbox("jiro@example.jp")) == 1 and "refused" not in sent.facts
    cloud.faults.refused["jiro@example.jp"] = "550 5.1.1 User unknown"
    sent = await sending(cloud).send(replace(OUT, cc=copies))
    assert sent.facts["refused"] == ["jiro@example.jp"]
    assert (len(cloud.mailbox(YAMADA)), len(cloud.mailbox("jiro@example.jp"))) == (2, 1)


@pytest.mark.parametrize("value", ["a@b.jp>\r\nRCPT TO:<x@y.jp", "a b@c.jp", "nobody", "@c.jp", ""])
async def test_an_address_cannot_carry_commands(cloud: MailCloud, value: str) -> None:
    with pytest.raises(Undeliverable) as never:
        await sending(cloud).send(replace(OUT, to=Address(kind="email", value=value)))
    assert (never.value.code, never.value.unreachable) == ("smtp_address_invalid", True)
    assert not any(cloud.mailboxes.values())


async def test_a_4xx_answer_means_later(cloud: MailCloud) -> None:
    for place in ("recipient", "data"):
        getattr(cloud.faults, place).append("451 4.7.1 greylisted")
        with pytest.raises(TryAgain) as later:
            await sending(cloud).send(OUT)
        assert (later.value.code, later.value.after) == ("smtp_deferred", 300) and "4.7.1" in later.value.detail
    assert not cloud.mailbox(YAMADA)


async def test_a_5xx_answer_means_never(cloud: MailCloud) -> None:
    cloud.faults.data.append("554 5.6.0 spam")
    with pytest.raises(Undeliverable) as never:
        await sending(cloud).send(OUT)
    assert (never.value.code, never.value.unreachable) == ("smtp_refused", False)


@pytest.mark.parametrize(
    ("words", "unreachable"), [("550 5.1.1 User unknown", True), ("550 5.7.1 Relaying denied", False)]
)
async def test_a_refused_address_is_unreachable_unless_it_is_our_fault(
    cloud: MailCloud, words: str, unreachable: bool
) -> None:
    cloud.faults.recipient.append(words)
    with pytest.raises(Undeliverable) as never:
        await sending(cloud).send(OUT)
    assert (never.value.code, never.value.unreachable) == ("smtp_address_refused", unreachable)


async def test_E29_a_lost_answer_is_retried_under_the_same_id(cloud: MailCloud) -> None:
    cloud.faults.drops = 1
    with pytest.raises(TryAgain):
        await sending(cloud).send(OUT)
    sent = await sending(cloud).send(replace(OUT, attempt=2))
    first, second = await cloud.arrival(YAMADA, 2)
    assert first.message_id == second.message_id == sent.external_ids[0]


async def test_a_server_that_is_away_means_later(cloud: MailCloud) -> None:
    channel = sending(cloud)
    await cloud.stop()
    with pytest.raises(TryAgain) as later:
        await channel.send(OUT)
    assert later.value.code == "smtp_unreachable"
    (finding,) = await channel.check()
    assert (finding.ok, finding.code) == (False, "email.smtp_unreachable")


async def test_a_silent_server_means_later() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    hung_up = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    channel = sample.channel(
        smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1], smtp_tls="none", timeout_s=0.3
    )
    with pytest.raises(TryAgain):
        await channel.send(OUT)
    await hung_up.wait()
    server.close()
    await server.wait_closed()


async def test_a_required_starttls_is_never_skipped(cloud: MailCloud) -> None:
    channel = sample.channel(smtp_host="127.0.0.1", smtp_port=cloud.port, smtp_tls="starttls")
    with pytest.raises((TryAgain, Undeliverable)):
        await channel.send(OUT)
    assert not cloud.mailbox(YAMADA)


async def test_a_refused_sign_in_waits_for_somebody_to_mend_it(cloud: MailCloud) -> None:
    channel = sending(cloud, smtp_user="u", smtp_password="p")
    with pytest.raises(TryAgain) as later:
        await channel.send(OUT)
    assert later.value.code == "smtp_login"
    (finding,) = await channel.check()
    assert finding.code == "email.smtp_login"


async def test_check(cloud: MailCloud) -> None:
    assert [(one.ok, one.code) for one in await sending(cloud).check()] == [(True, "email.smtp_ok")]
    assert [(one.ok, one.code) for one in await sample.channel().check()] == [(False, "email.no_server")]
    with pytest.raises(Undeliverable):
        await sample.channel().send(OUT)


def test_E24_the_reply_line_is_recognised_when_it_comes_back() -> None:
    raw = composed(OUT, reply_line=True)
    body = base64.b64decode(raw.partition(b"\r\n\r\n")[2]).decode()
    quoted = "".join(f"> {line}\n" for line in body.splitlines())
    (item,) = sample.channel().parse(sample.at_door(sample.mail(body="わかりました\n\n" + quoted)))
    assert isinstance(item, Inbound) and item.meta["folded_at"] == len("わかりました\n\n")


def test_secrets_and_titles_in_the_form() -> None:
    schema = MailConfig.model_json_schema()
    for name, one in schema["properties"].items():
        assert one["title_ja"] and one["title_en"], name
    for name in ("imap_password", "smtp_password", "imap_token", "smtp_token", "mime_secret"):
        assert schema["properties"][name]["writeOnly"] is True
    assert "hunter2" not in repr(sample.channel(smtp_password="hunter2").config)


@pytest.mark.parametrize("address", ["", "no-at", "a b@c.example", "a@b@", "x\r\n@y.example z"])
def test_a_wrong_address_is_refused_by_the_settings(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        sample.channel(address=address)
