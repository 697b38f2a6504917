"""The mail door: acknowledged only when kept, no relay, SMTP and LMTP (E27)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosmtplib
import pytest

from channels.contract import Hook, Inbound, Listens
from channels.email import Email
from channels.email.replies import reply_address
from demo.mail import MailCloud
from tests.channels.email import sample

RAW = sample.mail()


@asynccontextmanager
async def open_door(refuse: bool = False, **config: Any) -> AsyncIterator[tuple[Email, list[Hook]]]:
    kept: list[Hook] = []

    async def take(hook: Hook) -> None:
        if refuse:
            raise RuntimeError("the database is away")
        kept.append(hook)

    channel = sample.channel(listen_port=0, **config)
    assert isinstance(channel, Listens)
    stop = await channel.listen(take)
    try:
        yield channel, kept
    finally:
        await stop()


async def talk(port: int | None, *lines: bytes) -> list[str]:
    """Says lines, one after each answer; the answers, the last reply of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = [await reply(reader)]
    for line in lines:
        writer.write(line + b"\r\n")
        answers.append(await reply(reader))
    writer.close()
    await writer.wait_closed()
    return answers


async def reply(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    while line[3:4] == b"-":
        line = await reader.readline()
    return line.decode().strip()


async def send(port: int | None, to: str, raw: bytes = RAW, sender: str = "hanako@example.jp") -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, timeout=10)
    async with client:
        await client.sendmail(sender, [to], raw)


async def test_E27_a_mail_is_acknowledged_after_it_is_kept() -> None:
    async with open_door() as (channel, kept):
        await send(channel.port, sample.ADDRESS)
        (hook,) = kept
        channel.verify(hook)
        (item,) = channel.parse(hook)
    assert hook.body.strip() == RAW.strip() and hook.headers["x-envelope-from"] == "hanako@example.jp"
    assert isinstance(item, Inbound) and item.text == "こんにちは\n"


async def test_E27_what_is_not_kept_is_refused_for_now() -> None:
    async with open_door(refuse=True) as (channel, _):
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(channel.port, sample.ADDRESS)
    assert refused.value.code == 451


async def test_the_door_is_no_relay() -> None:
    async with open_door() as (channel, kept):
        for stranger in ("taro@example.jp", "other@mikawaya.example", "support@example.jp"):
            with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
                await send(channel.port, stranger)
            assert refused.value.recipients[0].code == 550
    assert kept == []


async def test_E1_reply_addresses_and_aliases_are_ours() -> None:
    async with open_door() as (channel, kept):
        tagged = reply_address("help@mikawaya.example", 42, sample.SITE.key)
        await send(channel.port, tagged)
        (item,) = channel.parse(kept[0])
    assert isinstance(item, Inbound) and (item.thread, item.meta["inbox_address"]) == (42, "help@mikawaya.example")


async def test_a_bounce_with_a_null_sender_is_taken() -> None:
    async with open_door() as (channel, kept):
        await send(channel.port, sample.ADDRESS, sender="")
    assert kept[0].headers["x-envelope-from"] == ""


async def test_E19_a_mail_over_the_limit_is_refused_for_good() -> None:
    async with open_door(max_bytes=10_000) as (channel, kept):
        with pytest.raises(aiosmtplib.SMTPResponseException) as announced:
            await send(channel.port, sample.ADDRESS, sample.mail(body="x" * 20_000))
        answers = await talk(
            channel.port,
            b"EHLO x",
            b"MAIL FROM:<a@b.jp>",
            b"RCPT TO:<support@mikawaya.example>",
            b"DATA",
            sample.mail(body="x\n" * 10_000) + b"\r\n.",
        )
    assert announced.value.code == 552 and answers[-1].startswith("552") and kept == []


async def test_E19_long_lines_are_taken() -> None:
    async with open_door() as (channel, kept):
        await send(channel.port, sample.ADDRESS, sample.mail(body="あ" * 50_000))
    assert len(kept) == 1


async def test_dots_at_the_start_of_lines_survive() -> None:
    async with open_door() as (channel, kept):
        await send(channel.port, sample.ADDRESS, sample.mail(body="a\n.\n..b\n"))
        (item,) = channel.parse(kept[0])
    assert isinstance(item, Inbound) and item.text == "a\n.\n..b\n"


async def test_LMTP_answers_once_for_each_recipient() -> None:
    async with open_door(listen_protocol="lmtp") as (channel, kept):
        reader, writer = await asyncio.open_connection("127.0.0.1", channel.port)
        await reply(reader)
        for line in (
            b"LHLO x",
            b"MAIL FROM:<a@b.jp>",
            b"RCPT TO:<support@mikawaya.example>",
            b"RCPT TO:<help@mikawaya.example>",
            b"DATA",
        ):
            writer.write(line + b"\r\n")
            answer = await reply(reader)
        assert answer.startswith("354")
        writer.write(RAW + b"\r\n.\r\n")
        answers = [await reply(reader), await reply(reader)]
        writer.write(b"QUIT\r\n")
        assert (await reply(reader)).startswith("221")
        writer.close()
        await writer.wait_closed()
    assert [one[:3] for one in answers] == ["250", "250"]
    assert kept[0].headers["x-envelope-to"] == "support@mikawaya.example, help@mikawaya.example"


async def test_a_customer_in_the_middle_of_a_mail_does_not_hold_the_door() -> None:
    async with open_door() as (channel, kept):
        reader, writer = await asyncio.open_connection("127.0.0.1", channel.port)
        await reply(reader)
        writer.write(b"EHLO x\r\nMAIL FROM:<a@b.jp>\r\n")
        await reply(reader)
    assert kept == []
    writer.close()
    await writer.wait_closed()


async def test_no_port_no_door() -> None:
    async def take(hook: Hook) -> None:
        raise AssertionError

    channel = sample.channel()
    stop = await channel.listen(take)
    assert channel.port is None
    await stop()
    await channel.close()


async def test_the_whole_way_there_and_back(cloud: MailCloud) -> None:
    """A customer of the demo writes, gets an answer, answers that: one thread, proven by our own signature."""
    async with open_door() as (channel, kept):
        assert channel.port is not None
        cloud.door = ("127.0.0.1", channel.port)
        await cloud.write("takahashi", "醤油①", "㈱髙橋です。\n醤油をください。", charset="iso-2022-jp")
        (first,) = channel.parse(kept[0])
        assert isinstance(first, Inbound)
        assert (first.subject, first.text, first.sender.name) == (
            "醤油①",
            "㈱髙橋です。\n醤油をください。\n",
            "髙橋 一郎",
        )
        sender = sample.channel(smtp_host="127.0.0.1", smtp_port=cloud.port, smtp_tls="none")
        sent = await sender.send(sample.answer_to(first, "承知しました。"))
        (received,) = await cloud.arrival("ichiro.takahashi@mail.demo.example")
        await cloud.write("takahashi", f"Re: {received.subject}", "助かります。", in_reply_to=received.message_id)
        (second,) = channel.parse(kept[1])
    assert isinstance(second, Inbound)
    assert (second.thread, second.answers[0], second.conversation) == (42, sent.external_ids[0], first.conversation)
    assert second.text[: second.meta["folded_at"]].strip() == "助かります。"
