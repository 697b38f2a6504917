"""One demonstration for all of these tests, on a port of its own and in a folder of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 120
AGENT = {"email": "aoki@mikawaya.example", "password": "soy-sauce-1949"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """`python -m app ...` in a process of its own."""

    command: list[str]
    port: int
    var: Path
    process: subprocess.Popen[str] | None = None
    said: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith("MIKAWAYA_")}
        env |= {"MIKAWAYA_VAR": str(self.var), "PYTHONUNBUFFERED": "1"}
        line = [sys.executable, "-m", "app", *self.command, "--port", str(self.port)]
        self.process = subprocess.Popen(
            line, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.process.stdout and self.process.stdout.read()
        try:
            return httpx2.get(f"{self.url}/healthz", timeout=5, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        self.said, _ = self.process.communicate(timeout=60)
        return self.process.returncode

    @contextmanager
    def browser(self) -> Iterator[httpx2.Client]:
        """A signed-in agent."""
        headers = {"X-Mikawaya": "1", "Origin": self.url}
        with httpx2.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False) as client:
            answer = client.post("/api/v1/session", json=AGENT)
            assert answer.status_code == 200, answer.text
            yield client


def until(condition: Callable[[], Any]) -> Any:
    """What the condition became, as soon as it is true."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it never happened")


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(["demo"], free_port(), tmp_path_factory.mktemp("demonstration"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def agent(demonstration: Server) -> Iterator[httpx2.Client]:
    with demonstration.browser() as client:
        yield client
