"""kill -9 between claim and send, and between send and writing the result: one outcome, on every channel.

Either the customer has it once, or the message is `unconfirmed` and a person decides. Never twice, never forgotten.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect

from app.config import Settings
from demo.line import LineCloud
from demo.mail import MailCloud
from demo.telephone import TelephoneCloud
from tests.crash.rig import (
    LEASE_OVER_S,
    LINE_SECRET,
    ON_SQLITE,
    Desk,
    free_port,
    line_config,
    open_desk,
    provider,
    serving,
    until,
)

pytestmark = pytest.mark.timeout(400)
MOMENTS = ("message.claimed", "message.ready", "message.sent")


# -- LINE ---------------------------------------------------------------------------------------------------------------


class Wall:
    """The clock of LINE's side; it goes ahead together with the product's."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@asynccontextmanager
async def line_desk(settings: Settings) -> AsyncIterator[tuple[Desk, LineCloud, Wall]]:
    port, wall = free_port(), Wall()
    desk = await open_desk(settings, "line", line_config(f"http://127.0.0.1:{port}/provider"))
    cloud = LineCloud(LINE_SECRET, "long-lived", desk.hook, clock=wall)
    async with provider(cloud.routes(), port):
        yield desk, cloud, wall


def delivered(cloud: LineCloud) -> list[str]:
    """What the customer sees of ours."""
    return [bubble.text for bubble in cloud.history(cloud.users[0].id) if bubble.side == "desk"]


@pytest.mark.parametrize("point", MOMENTS)
async def test_L19_a_push_goes_out_once(settings: Settings, point: str) -> None:
    """It carries its retry key from the first attempt: LINE says 409 to the repetition."""
    async with line_desk(settings) as (desk, cloud, wall):
        async with serving(desk.settings, point, nth=2) as product:
            assert await cloud.send_text(cloud.users[0].id, "届きません") == 200
            await until(desk.tickets, "there is a ticket")
            await desk.reply("お調べします")  # takes the reply token
            await until(lambda: _said(cloud, 1), "the first answer is there")
            await desk.reply("本日発送しました")
            await product.died()
        wall.ahead = LEASE_OVER_S
        async with serving(desk.settings, later_s=LEASE_OVER_S):
            answers = await desk.answers()
        assert [each["state"] for each in answers] == ["sent", "sent"]
        assert delivered(cloud) == ["お調べします", "本日発送しました"]


async def _said(cloud: LineCloud, count: int) -> bool:
    return len(delivered(cloud)) >= count


REPLIES = {"message.claimed": ("sent", 1), "message.ready": ("unconfirmed", 0), "message.sent": ("unconfirmed", 1)}


@ON_SQLITE
@pytest.mark.parametrize("point", REPLIES)
async def test_L20_a_reply_goes_out_once_or_a_person_decides(settings: Settings, point: str) -> None:
    """A reply cannot be repeated safely, and its token is dead when the lease is over: nobody can know but a person."""
    async with line_desk(settings) as (desk, cloud, wall):
        async with serving(desk.settings, point) as product:
            assert await cloud.send_text(cloud.users[0].id, "届きません") == 200
            await until(desk.tickets, "there is a ticket")
            await desk.reply("お調べします")
            await product.died()
        wall.ahead = LEASE_OVER_S
        async with serving(desk.settings, later_s=LEASE_OVER_S):
            [answer] = await desk.answers()
            assert (answer["state"], len(delivered(cloud))) == REPLIES[point]
            if (
                answer["state"] == "unconfirmed"
            ):  # a person looks, and says what was: it goes out again only if it had not
                await desk.ask("POST", f"/messages/{answer['id']}/settle", {"sent": point == "message.sent"})
                assert [each["state"] for each in await desk.answers()] == ["sent"]
            assert delivered(cloud) == ["お調べします"]


# -- mail ---------------------------------------------------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.parametrize("point", MOMENTS)
async def test_a_mail_sent_twice_is_one_mail(settings: Settings, point: str) -> None:
    """SMTP has no idempotency key: after a death a mail may go again, and then with the same Message-ID, never another."""
    cloud, door = MailCloud(), free_port()
    await cloud.start()
    customer = cloud.customers[0]
    ways = {"smtp_host": "127.0.0.1", "smtp_port": cloud.port, "smtp_tls": "none", "listen_port": door}
    desk = await open_desk(settings, "email", {"address": cloud.inbox} | ways)
    cloud.door = ("127.0.0.1", door)
    try:
        async with serving(desk.settings, point) as product:
            await cloud.write(customer.key, "納期について", "いつ届きますか。")
            await desk.reply("明日届きます。")
            await product.died()
        async with serving(desk.settings, later_s=LEASE_OVER_S):
            [answer] = await desk.answers()
        arrived = [mail for mail in cloud.mailbox(customer.address) if not mail.outgoing]
    finally:
        await cloud.stop()
    assert answer["state"] == "sent"
    assert len(arrived) == (2 if point == "message.sent" else 1)
    assert len({mail.message_id for mail in arrived}) == 1


# -- chat ---------------------------------------------------------------------------------------------------------------


class Visitor:
    """A visitor's browser: it keeps its secret, its conversation and the last number that it has seen."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.memory: dict[str, Any] = {"visitor": None, "thread": None, "last_seq": 0}
        self.seen: list[tuple[int, str]] = []

    async def visit(self, *, say: str = "", want: str = "") -> None:
        """Comes (back), says something if wanted, and stays until `want` was shown."""
        async with connect(f"{self.desk.url.replace('http', 'ws')}/chat") as socket:
            hello = {"op": "hello", "widget": self.desk.token, "identity": None, "language": "ja", "page": ""}
            await socket.send(json.dumps(hello | self.memory))
            welcome = json.loads(await socket.recv())
            self.memory |= {"visitor": welcome["visitor"], "thread": welcome["thread"]}
            for message in welcome["messages"]:
                self._see(message)
            if say:
                await socket.send(json.dumps({"op": "say", "client_id": "a-browser-s-own-id", "text": say}))
            while (say or want) not in [text for _, text in self.seen]:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 60))
                if frame["op"] in ("said", "message"):
                    self._see(frame["message"])

    def _see(self, message: dict[str, Any]) -> None:
        if message["seq"] > self.memory["last_seq"]:
            self.memory["last_seq"] = message["seq"]
            self.seen.append((message["seq"], message["text"]))


@ON_SQLITE
@pytest.mark.parametrize("point", MOMENTS)
async def test_W4_a_visitor_gets_the_answer_once(settings: Settings, point: str) -> None:
    desk = await open_desk(settings, "chat", {})
    visitor = Visitor(desk)
    async with serving(desk.settings, point) as product:
        await visitor.visit(say="在庫はありますか")
        await until(desk.tickets, "there is a ticket")
        await desk.reply("ございます")
        await product.died()
    async with serving(desk.settings, later_s=LEASE_OVER_S):
        [answer] = await desk.answers()
        await visitor.visit(want="ございます")
        await visitor.visit(want="ございます")
    assert answer["state"] == "sent"
    assert visitor.seen == [(1, "在庫はありますか"), (2, "ございます")]


# -- telephone ----------------------------------------------------------------------------------------------------------


PATIENT = 100.0  # the caller waits on while the product is away, however slow this machine is


@ON_SQLITE
@pytest.mark.parametrize("point", ["order.claimed", "order.ready", "order.sent"])
async def test_T15_the_agent_s_telephone_rings_once(settings: Settings, point: str) -> None:
    """Twilio would ring again for a second request: what may have gone out is not repeated, the caller is free again."""
    port = free_port()
    account, token, number = "AC" + "0" * 32, "the-auth-token", "+815012345678"
    api = f"http://127.0.0.1:{port}/provider"
    given = {"account_sid": account, "auth_token": token, "number": number, "api_base": api}
    desk = await open_desk(settings, "phone", given | {"voicemail_after_s": 3600, "ring_s": 120})
    cloud = TelephoneCloud(account, token, desk.hook, number, api_base=api, pace=PATIENT)
    async with provider(cloud.routes(), port):
        async with serving(desk.settings, point) as product:
            await desk.ask("PATCH", "/session", {"phone": "+819012345678"})
            await cloud.dial()
            call = await until(lambda: waiting_call(desk), "a call waits")
            try:
                await desk.ask("POST", f"/calls/{call['id']}/answer", {"via": "phone"})
            except Exception as broken:  # the answer may die with the process; the order is committed
                assert not isinstance(broken, AssertionError), broken
            await product.died()
        rung = len(cloud.agent_legs)
        assert rung == (1 if point == "order.sent" else 0)
        async with serving(desk.settings, later_s=LEASE_OVER_S):
            await until(lambda: waiting_call(desk), "the caller is free for anybody again")
            assert len(cloud.agent_legs) == rung, "it rang again"
        assert await desk.rows("SELECT state FROM channel_order WHERE kind = 'connect'") == [("unconfirmed",)]
        await cloud.close()


async def waiting_call(desk: Desk) -> dict[str, Any] | None:
    """The call that waits for an agent, if there is one."""
    tickets = await desk.tickets()
    call = tickets[0]["call"] if tickets else None
    return call if call and call["state"] == "waiting" else None
