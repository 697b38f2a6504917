"""The whole way through a real mail server, OpenSMTPD: in by our door, out by its relay (E1, E3, E27)."""

import asyncio

import pytest

from channels.contract import Hook, Inbound, Receipt
from demo.mail import MailCloud
from tests.channels.email import sample, smtpd

YAMADA = "hanako.yamada@mail.demo.example"


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_through_a_real_mail_server_and_back(protocol: str, cloud: MailCloud) -> None:
    arrived: asyncio.Queue[Hook] = asyncio.Queue()
    door = sample.channel(listen_port=0, listen_protocol=protocol)
    stop = await door.listen(arrived.put)
    assert door.port is not None
    server = smtpd.running(domain="mikawaya.example", door=door.port, protocol=protocol, relay=cloud.port)
    port = await asyncio.to_thread(server.__enter__)
    try:
        cloud.door = ("127.0.0.1", port)
        channel = sample.channel(smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none")

        await cloud.write("yamada", "①醤油", "㈱三河屋さま\nお願いします", charset="iso-2022-jp")
        first = _message(channel.parse(await arrived.get()))
        assert (first.subject, first.text) == ("①醤油", "㈱三河屋さま\nお願いします\n")

        long = "A" * 110 + "@PROD.OUTLOOK.EXAMPLE"
        sent = await channel.send(sample.answer_to(first, "承知しました 🍶", answers=(first.external_id, long)))
        (received,) = await cloud.arrival(YAMADA)
        assert received.message_id == sent.external_ids[0] and long in received.references

        await cloud.write("yamada", f"Re: {received.subject}", "助かります。", in_reply_to=received.message_id)
        second = _message(channel.parse(await arrived.get()))
        assert (second.thread, second.answers[0]) == (42, received.message_id)

        cloud.customers[0].state = "unknown"
        await channel.send(sample.answer_to(second, "届きません", key="another"))
        (bounced,) = channel.parse(await arrived.get())
        assert isinstance(bounced, Receipt)
        assert (bounced.state, bounced.recipient, bounced.permanent) == ("bounced", YAMADA, True)
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)
        await stop()


def _message(items: object) -> Inbound:
    assert isinstance(items, list) and len(items) == 1 and isinstance(items[0], Inbound)
    return items[0]
