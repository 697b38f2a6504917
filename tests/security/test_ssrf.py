"""Addresses that strangers choose reach the public internet and nothing else, however they are written (L13)."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.net import PrivateAddress, guarded_client, is_public

CARRIED = [
    "::7f00:1", "::10.0.0.1", "64:ff9b:1::7f00:1", "64:ff9b:1::a00:1", "::ffff:0:127.0.0.1", "::ffff:0:a00:1", "fec0::1",
    "fec0:1::1", "2002:a9fe:a9fe::", "64:ff9b::a9fe:a9fe", "::ffff:169.254.169.254", "fd00:ec2::254", "2001:0:0:0:0:0:5601:5601",
]  # fmt: skip


@pytest.mark.parametrize("address", CARRIED)
def test_L13_a_private_address_inside_another_is_private(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4).filter(lambda address: not address.is_global))
def test_L13_no_private_address_is_public_in_any_dress(address: ipaddress.IPv4Address) -> None:
    dresses = ["{}", "::ffff:{}", "::{}", "64:ff9b::{}", "64:ff9b:1::{}", "::ffff:0:{}"]
    assert [dress for dress in dresses if is_public(dress.format(address))] == []
    assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) | int(address) << 80)))


@pytest.fixture
async def inside() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on this machine that nobody outside may reach: its port, and what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, None, 0, family=socket.AF_INET)
    yield server.sockets[0].getsockname()[1], asked
    server.close()
    await server.wait_closed()


WRITTEN = [
    "http://127.0.0.1:{}/", "http://localhost:{}/", "http://2130706433:{}/", "http://0x7f000001:{}/", "http://0x7f.1:{}/",
    "http://017700000001:{}/", "http://127.1:{}/", "http://0:{}/", "http://0.0.0.0:{}/", "http://[::1]:{}/",
    "http://[::ffff:127.0.0.1]:{}/", "http://[::ffff:7f00:1]:{}/", "http://127.0.0.1.:{}/", "http://LOCALHOST:{}/",
    "http://①②⑦.⓪.⓪.①:{}/", "http://good.example@127.0.0.1:{}/", "http://127.0.0.1:{}\\@good.example/",
    "http://[::]:{}/", "http://127.0.0.1%00.good.example:{}/", "http://169.254.169.254:{}/latest/meta-data/",
]  # fmt: skip
REFUSED = (PrivateAddress, httpx2.InvalidURL, httpx2.ConnectError, httpx2.UnsupportedProtocol)


@pytest.mark.parametrize("url", WRITTEN)
async def test_L13_our_own_machine_cannot_be_reached(inside: tuple[int, list[bytes]], url: str) -> None:
    port, asked = inside
    async with guarded_client(timeout_s=5) as client:
        with pytest.raises(REFUSED):
            await client.get(url.format(port))
    assert asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/", "gopher://x/", "data:,x", "//127.0.0.1/", "http://", "unix:/x"]
)
async def test_L13_only_http_is_spoken(url: str) -> None:
    async with guarded_client() as client:
        with pytest.raises((httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
            await client.get(url)


async def test_L13_a_name_that_changes_its_mind_is_asked_once(
    inside: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is checked, ours when it is used. Used is what was checked."""
    port, asked = inside
    answers = iter(
        ["203.0.113.9" if number == 99 else ("8.8.8.8" if number == 0 else "127.0.0.1") for number in range(9)]
    )
    questions: list[str] = []

    async def resolved(self: Any, host: str, where: Any, **more: Any) -> list[Any]:
        questions.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), where))]

    tried: list[Any] = []

    async def connects(self: Any, made: Any, host: str | None = None, where: Any = None, **more: Any) -> Any:
        tried.append(host)
        raise OSError("the test does not go out")

    loop = type(asyncio.get_running_loop())
    monkeypatch.setattr(loop, "getaddrinfo", resolved)
    monkeypatch.setattr(loop, "create_connection", connects)
    async with guarded_client(timeout_s=5) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"http://rebind.example:{port}/")
    assert questions[0] == "rebind.example"
    assert [host for host in tried if host != "8.8.8.8"] == []
    assert asked == []


async def test_L13_one_private_answer_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolved(self: Any, host: str, where: Any, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, where)) for each in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", resolved)
    async with guarded_client() as client:
        with pytest.raises(PrivateAddress):
            await client.get("http://both.example/")
