"""The demo's mail provider: its page's endpoints, its bounces, its letters."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from channels.contract import Hook, Inbound, Receipt
from channels.email import Email
from demo.mail import MailCloud
from tests.channels.email import sample
from tests.channels.email.test_send import OUT, YAMADA

PLAYER = tuple[httpx2.AsyncClient, Email, list[Hook]]


@pytest.fixture
async def played(cloud: MailCloud) -> AsyncIterator[PLAYER]:
    """The page's client, and an inbox that the demo's customers write to."""
    kept: list[Hook] = []

    async def take(hook: Hook) -> None:
        kept.append(hook)

    channel = sample.channel(smtp_host="127.0.0.1", smtp_port=cloud.port, smtp_tls="none", listen_port=0)
    stop = await channel.listen(take)
    assert channel.port is not None
    cloud.door = ("127.0.0.1", channel.port)
    app = Starlette(routes=cloud.controls())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://demo") as client:
        yield client, channel, kept
    await stop()


async def test_the_cast(played: PLAYER) -> None:
    client, _, _ = played
    users = (await client.get("/users")).json()
    assert [one["language"] for one in users] == ["ja", "ja", "ja", "en"]


async def test_a_visitor_writes_with_a_file_and_reads_the_answer(played: PLAYER) -> None:
    client, channel, kept = played
    sent = await client.post(
        "/send",
        data={"user": "yamada", "subject": "写真①", "text": "見てください", "charset": "iso-2022-jp"},
        files={"file": ("写真.png", b"\x89PNG", "image/png")},
    )
    assert sent.status_code == 201
    (item,) = channel.parse(kept[0])
    assert isinstance(item, Inbound)
    assert (item.subject, item.text, item.meta["message_id"]) == ("写真①", "見てください", sent.json()["message_id"])
    assert [(part.name, part.content) for part in item.parts] == [("写真.png", b"\x89PNG")]
    await channel.send(OUT)
    first = (await client.get("/mailbox", params={"user": "yamada"})).json()
    assert [(one["outgoing"], one["subject"]) for one in first] == [(True, "写真①"), (False, "Re: 醤油の件")]
    later = await client.get("/mailbox", params={"user": "yamada", "after": first[0]["number"]})
    assert [one["text"] for one in later.json()] == [OUT.text]
    file = await client.get("/file", params={"user": "yamada", "number": first[0]["number"], "index": 0})
    assert file.content == b"\x89PNG"


async def test_wrong_requests(played: PLAYER) -> None:
    client, _, _ = played
    assert (await client.get("/mailbox", params={"user": "nobody"})).status_code == 404
    assert (await client.post("/send", data={"user": "nobody"})).status_code == 404
    assert (await client.post("/state", data={"user": "yamada", "state": "odd"})).status_code == 404
    assert (await client.get("/file", params={"user": "yamada", "number": "9"})).status_code == 404


async def test_a_closed_door_is_told_to_the_visitor(cloud: MailCloud, played: PLAYER) -> None:
    client, _, _ = played
    cloud.inbox = "stranger@elsewhere.example"
    answer = await client.post("/send", data={"user": "emma", "subject": "x", "text": "y"})
    assert answer.status_code == 502 and "550" in answer.text
    assert (await client.get("/mailbox", params={"user": "emma"})).json() == []


@pytest.mark.parametrize(("state", "status"), [("full", "5.2.2"), ("unknown", "5.1.1")])
async def test_E12_a_customer_out_of_reach_bounces(cloud: MailCloud, played: PLAYER, state: str, status: str) -> None:
    client, channel, kept = played
    assert (await client.post("/state", data={"user": "yamada", "state": state})).status_code == 200
    sent = await channel.send(OUT)
    await cloud.stop()  # waits for the bounce
    (receipt,) = channel.parse(kept[0])
    assert isinstance(receipt, Receipt)
    assert (receipt.external_id, receipt.state, receipt.recipient) == (sent.external_ids[0], "bounced", YAMADA)
    assert receipt.permanent and receipt.reason.startswith(status)


async def test_E9_an_automatic_answer_never_bounces(cloud: MailCloud, played: PLAYER) -> None:
    _, channel, kept = played
    cloud.customers[0].state = "full"
    await channel.send(sample.answer_to(await _first(channel, kept, cloud), "auto", params={"auto": True}))
    await cloud.stop()
    assert len(kept) == 1


async def _first(channel: Email, kept: list[Hook], cloud: MailCloud) -> Inbound:
    await cloud.write("yamada", "こんにちは", "本文")
    (item,) = channel.parse(kept[0])
    assert isinstance(item, Inbound)
    return item
