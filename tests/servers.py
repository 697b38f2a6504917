"""Servers that tests start and stop: a PostgreSQL of their own, and the product itself over real HTTP.

`postgres()` gives the URL of a server, `product(settings)` runs the whole application in a thread, `program(settings)`
as a process of its own (for tests that kill it). All listen on free ports and are gone when their block ends.
"""

import contextlib
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from app.config import Settings
from app.main import Product, create_app

ROOT = Path(__file__).resolve().parents[1]
READY_S = 60.0
KEY = "the-key-of-the-tests-which-nobody-else-has"


class NoPostgres(Exception):
    """PostgreSQL cannot be had here; the message says why."""


# -- PostgreSQL ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database: TEST_DATABASE_URL, else a server of our own. NoPostgres."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="mikawaya-pg-"))
    try:
        with _own_server(_binaries(), folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere is None:
        raise NoPostgres("no initdb in /usr/lib/postgresql/*/bin nor in PATH, and TEST_DATABASE_URL is not set")
    return Path(elsewhere).resolve().parent


def _nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if not hasattr(os, "getuid") or os.getuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


# Ends the server when our end of its pipe closes: by us, or by the kernel when a test run is killed. Nothing is left.
GUARD = '"$@" & server=$!; exec 3<&0; (read -r _ <&3; kill -INT $server) & wait $server'


@contextlib.contextmanager
def _own_server(binaries: Path, folder: Path) -> Iterator[str]:
    data, nobody = folder / "data", _nobody()
    data.mkdir()
    if nobody:
        for each in (folder, data):
            shutil.chown(each, "nobody", "nogroup")
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        capture_output=True, text=True, cwd="/", check=False, **nobody,
    )  # fmt: skip
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.strip()[-300:]}")
    for _ in range(5):  # a port that was free may be taken a moment later
        port = free_port()
        command = ["sh", "-c", GUARD, "guard", binaries / "postgres", "-D", data, "-p", str(port), *_options()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", **nobody)
        try:
            if _accepts(server, port):
                yield f"postgresql://tester@127.0.0.1:{port}/postgres"
                return
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(20)
    raise NoPostgres(f"postgres did not start: {(folder / 'log').read_text(errors='replace')[-300:]}")


def _options() -> Iterator[str]:
    settings = {
        "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "synchronous_commit": "off",
        "full_page_writes": "off", "max_connections": "200", "shared_buffers": "32MB", "deadlock_timeout": "100ms",
        "autovacuum": "off", "max_wal_size": "256MB",
    }  # fmt: skip
    for name, value in settings.items():
        yield from ("-c", f"{name}={value}")


def _accepts(server: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it takes connections; False when it ended instead."""
    asked = [_binaries() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    end = time.monotonic() + READY_S
    while server.poll() is None and time.monotonic() < end:
        if subprocess.run(asked, check=False).returncode == 0:
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes], how: int) -> None:
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# -- the product --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """The product, served."""

    url: str
    settings: Settings  # with the public URL it has
    product: Product


@contextlib.contextmanager
def product(given: Settings, *, clocks: bool = True, mounts: Sequence[tuple[str, Any]] = ()) -> Iterator[Running]:
    """The whole application under uvicorn in a thread, as `serve` runs it. The database must be migrated.

    Its public URL is the one it listens on.
    """
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        settings = given.model_copy(update={"public_url": url, "port": port})
        made = create_app(settings, clocks=clocks, mounts=mounts)
        options = importlib.import_module("app.commands").server_options(settings)
        server = uvicorn.Server(uvicorn.Config(made, timeout_graceful_shutdown=3, **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="product", daemon=True)
        thread.start()
        try:
            _until(lambda: server.started or not thread.is_alive(), "the product starts")
            if not server.started:
                raise RuntimeError("the product did not start: see the log above")
            yield Running(url, settings, made)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "the product did not stop"


def _until(true: Any, what: str) -> None:
    end = time.monotonic() + READY_S
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain until {what}")
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Program:
    """`python -m app ...` as a process of its own."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """kill -9: nothing is tidied up."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def program(given: Settings, *arguments: str) -> Iterator[Program]:
    """`python -m app serve` (or other arguments) as a process, ready to answer; ended with SIGTERM, or killed before."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = given.model_copy(update={"public_url": url, "port": port})
    log = Path(tempfile.mkstemp(prefix="mikawaya-program-", suffix=".log")[1])
    command = [sys.executable, "-m", "app", *(arguments or ("serve",))]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=out, stderr=out)
    try:
        if not arguments or arguments[0] == "serve":
            _until(lambda: process.poll() is not None or _ready(url), "the program is ready")
            if process.poll() is not None:
                raise RuntimeError(f"the program ended with {process.returncode}: {log.read_text()[-2000:]}")
        yield Program(url, process, log)
    finally:
        _end(process, signal.SIGTERM)
        log.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Told:
    """What a command that has ended said."""

    code: int
    out: list[str]
    err: list[str]


def told(environment: Mapping[str, str], *words: str, stdin: str = "") -> Told:
    """`python -m app ...` as a process, with these lines on its standard input, until it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *words], cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    return Told(done.returncode, done.stdout.splitlines(), done.stderr.splitlines())


def environment(given: Settings) -> dict[str, str]:
    """The environment that makes a process use these settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MIKAWAYA_")}
    plain = {
        "VAR": str(given.var.absolute()), "DATABASE_URL": given.database_url, "PUBLIC_URL": given.public_url,
        "SECRET_KEY": given.secret_key.get_secret_value(), "PORT": str(given.port), "MODE": given.mode,
        "TRUSTED_PROXIES": ",".join(given.trusted_proxies), "PRIVATE_HOSTS": ",".join(given.private_hosts),
    }  # fmt: skip
    return clean | {f"MIKAWAYA_{name}": value for name, value in plain.items()}


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz", timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False


def migrate(given: Settings) -> None:
    """Alembic to the newest tables, as `python -m app migrate` does."""
    importlib.import_module("app.tables").migrate(given)
