"""The stage of a measurement: a server process on a core of its own, its database, LINE's side, a PostgreSQL cluster."""

import asyncio
import contextlib
import json
import os
import platform
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "bench"
SECRET = "bench-channel-secret"
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
PROFILE_MS = 50  # how long LINE takes to say who somebody is


def environment(**settings: str) -> dict[str, str]:
    """As on a user's machine: compiled modules are kept, nothing of our own settings is inherited."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MIKAWAYA_") and k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(KEPT / "pycache"), **settings}


def pinned(core: int) -> Any:
    """For `preexec_fn`: this process on one core, where the system can."""
    return lambda: os.sched_setaffinity(0, {core}) if hasattr(os, "sched_setaffinity") else None


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """This process and what it starts, for a while."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory beside the product's own data, so that the disk is the same."""
    KEPT.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="run-", dir=KEPT))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


class Site:
    """One installation in a directory of its own."""

    def __init__(self, var: Path, *, database_url: str = "") -> None:
        self.var, self.database_url = var, database_url
        self.port = free_port()
        self.token = self.path = ""
        self.env = environment(
            MIKAWAYA_VAR=str(var), MIKAWAYA_DATABASE_URL=database_url, MIKAWAYA_SECRET_KEY="b" * 48,
            MIKAWAYA_PUBLIC_URL=f"http://127.0.0.1:{self.port}",
        )  # fmt: skip

    def set_up(self, *, line_base: str = "http://127.0.0.1:9") -> "Site":
        """By the product's own commands: tables, an owner with a token, a LINE inbox."""
        self.app("migrate")
        self.app("owner", "bench@example.com", say="a long password\n")
        self.token = self.app("token", "bench@example.com").strip()
        self.path = self.inbox("line", channel_id="1", channel_secret=SECRET, access_token="t", api_base=line_base)
        return self

    @property
    def file(self) -> Path:
        return self.var / "mikawaya.db"

    def app(self, *words: str, say: str = "") -> str:
        """Runs one of the product's commands and returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *words], cwd=ROOT, env=self.env, input=say, text=True, capture_output=True
        )
        if done.returncode:
            raise SystemExit(f"python -m app {words[0]}: {done.stderr or done.stdout}")
        return done.stdout

    def inbox(self, kind: str, **settings: str) -> str:
        """A new inbox; returns the path of its hook."""
        given = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        return "/" + self.app("inbox", "add", kind, "--name", kind, *given).strip().split("/", 3)[3]

    @contextmanager
    def serving(self, *words: str, profile: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m app serve` (or other words) on the server's core, ready. `profile` gets cProfile's figures."""
        watch = ["-m", "cProfile", "-o", str(profile)] if profile else []
        with (self.var / "server.log").open("ab") as said:
            server = subprocess.Popen(
                [sys.executable, *watch, "-m", "app", *(words or ("serve",)), "--port", str(self.port)],
                cwd=ROOT, env=self.env, preexec_fn=pinned(SERVER_CORE), stdout=said, stderr=said,
            )  # fmt: skip
        try:
            self._await(server)
            yield server
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _await(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and server.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz") as answer:
                if answer.status == 200:
                    return
            time.sleep(0.02)
        raise SystemExit(f"the server did not start: {(self.var / 'server.log').read_text()[-2000:]}")


@dataclass(frozen=True, slots=True)
class Client:
    """A client process, and the file that it leaves what it saw in: a pipe would hold some hundred kilobytes up."""

    process: subprocess.Popen[bytes]
    answer: Path

    def await_line(self) -> None:
        """Waits until it says that it is ready."""
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"ready\n":
            raise SystemExit("a client process did not start")


def clients(orders: Sequence[dict[str, Any]]) -> list[Client]:
    """Client processes on the clients' core, each with its orders."""
    made = []
    for each in orders:
        descriptor, name = tempfile.mkstemp(prefix="answer-", dir=KEPT)
        os.close(descriptor)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.load", json.dumps(each), name], cwd=ROOT, stdout=subprocess.PIPE,
            preexec_fn=pinned(CLIENT_CORE),
        )  # fmt: skip
        made.append(Client(process, Path(name)))
    return made


def answer_of(client: Client) -> dict[str, Any]:
    """What a client process saw."""
    client.process.communicate()
    said = client.answer.read_bytes()
    client.answer.unlink()
    if client.process.returncode:
        raise SystemExit("a client process failed")
    found: dict[str, Any] = json.loads(said)
    if found.get("problem") or found.get("failed"):
        raise SystemExit(f"the load failed: {found['failed']} answers were not 200; {found['problem']}")
    return found


@contextmanager
def line_side() -> Iterator[str]:
    """LINE's API as far as a server asks it when customers only write: who is this? Answers after 50 ms."""
    ready: list[int] = []
    started, loop = threading.Event(), asyncio.new_event_loop()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].rpartition(b"/")[2].decode()
                await asyncio.sleep(PROFILE_MS / 1000)
                body = json.dumps({"userId": asked, "displayName": f"山田 {asked[-4:]}", "language": "ja"}).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
        writer.close()

    async def listen() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])
        started.set()
        await server.serve_forever()

    def run() -> None:
        pinned(CLIENT_CORE)()
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(listen())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait()
    try:
        yield f"http://127.0.0.1:{ready[0]}"
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(5)


class Postgres:
    """A cluster of our own, by a user who is not root, with fsync as it is."""

    def __init__(self, directory: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: float(p.parts[4]))
        if not found and not shutil.which("postgres"):
            raise LookupError("PostgreSQL is not installed")
        self._bin = (found[-1] if found else Path(str(shutil.which("postgres")))).parent
        self._user = "postgres" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self._directory = directory
        self.port = free_port()

    def url(self, name: str) -> str:
        return f"postgresql://bench@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Makes the cluster when it is not there, and starts it."""
        self._directory.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self._directory, self._user)
        if not (self._directory / "PG_VERSION").exists():
            self._run("initdb", "-D", str(self._directory), "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-p {self.port} -h 127.0.0.1 -k '' -c shared_buffers=512MB -c max_wal_size=4GB"
        log = str(self._directory / "server.log")
        self._run("pg_ctl", "-D", str(self._directory), "-w", "-t", "120", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._directory), "-m", "fast", "-w", "stop")

    def sql(self, statement: str, database: str = "postgres") -> str:
        return self._run("psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", "-Atc", statement, database)

    def script(self, statements: str, database: str) -> None:
        """Many statements in one transaction."""
        self._run(
            "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-c",
            statements, database,
        )  # fmt: skip

    def version(self) -> str:
        return self.sql("SHOW server_version")

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [str(self._bin / program), *words], user=self._user, cwd="/", text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{program}: {done.stdout[-2000:]}")
        return done.stdout.strip()


def machine() -> str:
    """One line for the results."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{len(CORES)} cores, {cpu}, {platform.system()} {platform.release()}, {versions}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, user and system; 0 where the system does not tell."""
    said = _lines(f"/proc/{pid}/stat")
    if not said:
        return 0.0
    fields = said[0].rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank; the values are in seconds or whatever the caller has."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)
