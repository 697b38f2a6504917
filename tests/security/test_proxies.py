"""Who stands before the door: the address of the connection, and another one only when a named proxy says so."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx2
import pytest

from app.config import Settings
from tests import servers

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
TRIES = 10


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    """`python -m app serve`, behind a proxy on 127.0.0.1."""
    named = settings.model_copy(update={"trusted_proxies": (PROXY, "10.0.0.0/8")})
    with servers.program(named, "serve") as program:
        yield program.url


class Client:
    """Tries passwords from one address, each for another agent: only the address is counted."""

    def __init__(self, url: str, address: str) -> None:
        self._http = httpx2.Client(base_url=url, transport=httpx2.HTTPTransport(local_address=address), timeout=60)
        self._address, self._number = address, 0

    def close(self) -> None:
        self._http.close()

    def tries(self, times: int, forwarded: str, **headers: str) -> list[int]:
        found = []
        for _ in range(times):
            self._number += 1
            given = {"email": f"nobody{self._number}.{self._address}@x.example", "password": "x"}
            heads = {"X-Forwarded-For": forwarded.format(self._number)} | headers
            found.append(self._http.post("/api/v1/session", json=given, headers=heads).status_code)
        return found


Knock = Callable[[str, str], Client]


@pytest.fixture
def knock() -> Iterator[Knock]:
    """Clients from an address of this machine."""
    with contextlib.ExitStack() as opened:

        def made(url: str, address: str) -> Client:
            return opened.enter_context(contextlib.closing(Client(url, address)))

        yield made


def test_J11_an_untrusted_peer_does_not_evade_the_brake_by_a_header(url: str, knock: Knock) -> None:
    client = knock(url, STRANGER)
    spoofed = {"Forwarded": "for=192.0.2.9", "X-Real-IP": "192.0.2.9", "X-Forwarded-Proto": "https"}
    assert client.tries(TRIES, "192.0.2.{}", **spoofed) == [401] * TRIES
    assert client.tries(3, "198.51.100.{}, 127.0.0.1", **spoofed) == [429] * 3
    assert knock(url, PROXY).tries(1, "203.0.113.7") == [401], "nor does it lock others out"


def test_J11_behind_a_trusted_proxy_clients_are_told_apart_and_cannot_choose_who_they_are(
    url: str, knock: Knock
) -> None:
    proxy = knock(url, PROXY)
    assert proxy.tries(TRIES + 1, "203.0.113.7") == [401] * TRIES + [429]
    assert proxy.tries(TRIES, "203.0.113.8") == [401] * TRIES, "another client is another"
    assert proxy.tries(2, "192.0.2.{}, 203.0.113.8") == [429] * 2, "the proxy appends: what stands before is claimed"
    assert proxy.tries(2, "192.0.2.{}, 203.0.113.8, 10.1.2.3") == [429] * 2, "through two proxies too"
    assert proxy.tries(1, "2001:db8:0:1::{}") == [401]
    assert proxy.tries(TRIES, "2001:db8:0:1::{}")[-1] == 429, "an IPv6 network is one client"
    assert proxy.tries(1, "2001:db8:0:2::1") == [401]


def test_without_the_setting_nobody_is_believed(settings: Settings, knock: Knock) -> None:
    with servers.product(settings, clocks=False) as running:
        client = knock(running.url, PROXY)
        assert client.tries(TRIES + 1, "203.0.113.{}") == [401] * TRIES + [429]


@pytest.mark.parametrize("wrong", ["proxy.lan", "10.0.0.1/8", "127.0.0.1,*", "0.0.0.0/0", "::/0", "10.0.0.0/33"])
def test_a_wrong_proxy_is_one_line_and_exit_2(settings: Settings, wrong: str) -> None:
    environment = servers.environment(settings) | {"MIKAWAYA_TRUSTED_PROXIES": wrong}
    command = [sys.executable, "-m", "app", "serve"]
    told = subprocess.run(command, cwd=servers.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    (line,) = told.stderr.strip().splitlines()
    assert line.startswith("MIKAWAYA_TRUSTED_PROXIES does not fit")
    assert wrong.rpartition(",")[2] in line


def test_spaces_and_an_empty_list_are_no_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "MIKAWAYA_TRUSTED_PROXIES", " 127.0.0.1 , ::1,")
    assert Settings().trusted_proxies == ("127.0.0.1", "::1")
    monkeypatch.setitem(os.environ, "MIKAWAYA_TRUSTED_PROXIES", "")
    assert Settings().trusted_proxies == ()
