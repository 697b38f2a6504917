"""Requests to strangers' addresses stay outside (L13)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2
import pytest

from channels.net import PrivateAddress, guarded_client, is_public

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@contextlib.asynccontextmanager
async def answering(head: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives every request the same answer, and what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(head.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()
        await server.wait_closed()


OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
async def test_nothing_reaches_a_private_host(host: str) -> None:
    async with answering(OK) as (url, asked), guarded_client() as client:
        with pytest.raises(PrivateAddress):
            await client.get(url.replace("127.0.0.1", host))
    assert not asked


async def test_a_host_that_the_operator_allows_is_reached() -> None:
    async with answering(OK) as (url, asked), guarded_client({"127.0.0.1"}) as client:
        assert (await client.get(url)).text == "ok"
    assert len(asked) == 1


async def test_a_redirect_inside_is_refused_as_well() -> None:
    async with answering(OK) as (inside, asked):
        moved = (
            f"HTTP/1.1 302 Found\r\nlocation: {inside.replace('127.0.0.1', 'localhost')}/\r\ncontent-length: 0\r\n\r\n"
        )
        async with answering(moved) as (outside, _), guarded_client({"127.0.0.1"}) as client:
            with pytest.raises(PrivateAddress):
                await client.get(outside)
    assert not asked


async def test_the_address_that_was_checked_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time (DNS rebinding) gains nothing: it is asked once."""
    async with answering(OK) as (url, asked), guarded_client() as client:
        answers = [[(2, 1, 6, "", ("127.0.0.1", 0))]]

        async def resolve(*_: object, **__: object) -> list[object]:
            return list(answers.pop())

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        monkeypatch.setattr("channels.net.is_public", lambda address: True)
        answer = await client.get(url.replace("127.0.0.1", "shop.example"))
        monkeypatch.undo()
    assert answer.text == "ok" and answer.url.host == "shop.example"
    assert b"host: shop.example" in asked[0].lower() and not answers


async def test_an_unknown_name_is_a_connection_error() -> None:
    async with guarded_client() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("http://no-such-host.invalid/")
