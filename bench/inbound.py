"""Inbound: signed LINE webhooks from client processes against a running server, beside the floor of the same rows."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.floor import PostgresFloor, SqliteFloor, Written
from bench.stage import (
    SERVER_CORE,
    Postgres,
    Site,
    answer_of,
    clients,
    cpu_seconds,
    line_side,
    median,
    on_core,
    percentile,
    scratch,
)

KNOWN = 2000
SHARE_NEW = 0.2
CONNECTIONS = 64
PACED = 1000


@dataclass(slots=True)
class Flood:
    """One flood and its floor."""

    webhooks_s: float
    messages_s: float
    p50_ms: float
    p99_ms: float
    floor_s: float  # messages a second
    rows: float  # a message
    cpu_us: float  # the server's, a message

    @property
    def ratio(self) -> float:
        return self.messages_s / self.floor_s


@dataclass(slots=True)
class Store:
    """What differs between the databases: counting, copying, the floor."""

    name: str
    url: str
    site: Site
    copy: Callable[[], None]  # the database as it is now, for the floor
    number: Callable[[str], int]  # one number from the database, by SQL
    floor: Callable[[], tuple[Written, float]]

    def count(self) -> int:
        """Committed messages."""
        return self.number("SELECT COUNT(*) FROM message")

    def settle(self) -> None:
        """Waits until everybody's name was asked: the first asking imports LINE's SDK, which takes a second by itself."""
        until = time.monotonic() + 60
        while time.monotonic() < until and self.number(
            "SELECT COUNT(*) FROM identity WHERE ask_at IS NOT NULL AND asks = 0"
        ):
            time.sleep(0.1)


def run(*, quick: bool, profile: Path | None = None, only: str = "") -> list[str]:
    """The section's lines."""
    lines = []
    with line_side() as line_base:
        for stored in (_sqlite, _postgres):
            if only and only not in stored.__name__:
                continue
            try:
                with stored(line_base) as store:
                    lines += _measure(store, quick=quick, profile=profile)
            except LookupError as missing:
                lines.append(f"PostgreSQL was left out: {missing}.")
    return lines


def _words() -> list[str]:
    """BENCH_SERVE="serve --no-jobs" looks at the door alone."""
    return os.environ.get("BENCH_SERVE", "").split()


def _measure(store: Store, *, quick: bool, profile: Path | None) -> list[str]:
    site, seconds = store.site, 2.0 if quick else 6.0
    with site.serving(*_words()):
        _send(site, role="seed", events=10, known=KNOWN, connections=4)
    lines = [
        f"### {store.name}",
        "",
        "| load | webhooks/s | messages/s | floor, messages/s | ratio | rows a message | CPU a message | ack p50 | ack p99 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    number = KNOWN
    cases = (
        ("1 event a webhook", 1, SHARE_NEW),
        ("10 events a webhook", 10, SHARE_NEW),
        ("1 event, all customers known", 1, 0.0),
    )
    for name, events, share_new in cases[:1] if profile else cases[:2] if quick else cases:
        runs = []
        for turn in range(1 if quick or profile else 3):
            run_name = f"{events:x}{turn:x}{int(share_new * 100):02x}".rjust(8, "a")
            store.copy()
            with site.serving(*_words(), profile=profile) as server:
                warm = _send(site, role="flood", seconds=0.5, first=number, run=f"b{run_name[1:]}", known=KNOWN)
                number += warm["messages"]
                if "--no-jobs" not in _words():
                    store.settle()
                before, used = store.count(), cpu_seconds(server.pid)
                saw = _send(
                    site, role="flood", events=events, share_new=share_new, seconds=seconds, first=number, run=run_name,
                    known=KNOWN, connections=CONNECTIONS if events == 1 else CONNECTIONS // 2,
                )  # fmt: skip
                used = cpu_seconds(server.pid) - used
                committed = store.count() - before
            number += saw["messages"]
            if committed != saw["messages"]:
                raise SystemExit(f"{saw['messages']} messages were acknowledged, {committed} are in the database")
            found, took = store.floor()
            runs.append(
                Flood(
                    saw["webhooks"] / saw["seconds"], committed / saw["seconds"], percentile(saw["took"], 0.5) * 1e3,
                    percentile(saw["took"], 0.99) * 1e3, found.messages / took, found.rows / found.messages,
                    used / committed * 1e6,
                )
            )  # fmt: skip
            print(f"  {store.name}: {_row(name, runs[-1:])}", flush=True)
        lines.append(_row(name, runs))
    return lines if profile else [*lines, "", _paced(store, seconds, number), ""]


def _row(name: str, runs: list[Flood]) -> str:
    def mid(of: Callable[[Flood], float]) -> float:
        return median([of(each) for each in runs])

    told = (
        f"{mid(lambda f: f.webhooks_s):,.0f}",
        f"{mid(lambda f: f.messages_s):,.0f}",
        f"{mid(lambda f: f.floor_s):,.0f}",
        f"{mid(lambda f: f.ratio):.2f}",
        f"{mid(lambda f: f.rows):.1f}",
        f"{mid(lambda f: f.cpu_us):.0f} µs",
        f"{mid(lambda f: f.p50_ms):.1f} ms",
        f"{mid(lambda f: f.p99_ms):.1f} ms",
    )
    return f"| {name} | {' | '.join(told)} |"


def _paced(store: Store, seconds: float, number: int) -> str:
    site = store.site
    common = {"host": "127.0.0.1", "port": site.port, "path": site.path, "secret": "bench-channel-secret"}
    with site.serving(*_words()):
        _send(site, role="flood", seconds=0.5, first=number, run="c0ffee01", known=KNOWN)
        number += 1_000_000
        if "--no-jobs" not in _words():
            store.settle()
        look, *_ = clients([{**common, "role": "screen", "token": site.token, "seconds": seconds + 3}])
        look.await_line()
        pace = {
            **common, "role": "pace", "rate": PACED, "seconds": seconds, "first": number, "known": KNOWN,
            "share_new": SHARE_NEW, "run": "c0ffee00",
        }  # fmt: skip
        saw = answer_of(clients([pace])[0])
        shown = answer_of(look)
    seen = dict(shown["seen"])
    took = [seen[n] - at for n, at in saw["sent"] if n in seen]
    if len(took) != len(saw["sent"]):
        raise SystemExit(f"{len(saw['sent'])} messages were sent, {len(took)} came to the screen")
    acks = saw["took"]
    print(f"  {store.name}: paced: screen p99 {percentile(took, 0.99) * 1e3:.1f} ms", flush=True)
    return (
        f"At {PACED:,} messages/s, one event a webhook: webhook to screen p50 {percentile(took, 0.5) * 1e3:.1f} ms,"
        f" p99 {percentile(took, 0.99) * 1e3:.1f} ms; acknowledged p50 {percentile(acks, 0.5) * 1e3:.1f} ms,"
        f" p99 {percentile(acks, 0.99) * 1e3:.1f} ms ({shown['frames'] / seconds:,.0f} frames/s)."
    )


def _send(site: Site, **orders: Any) -> dict[str, Any]:
    given = {"host": "127.0.0.1", "port": site.port, "path": site.path, "secret": "bench-channel-secret", **orders}
    return answer_of(clients([given])[0])


@contextmanager
def _sqlite(line_base: str) -> Iterator[Store]:
    with scratch() as directory:
        site = Site(directory).set_up(line_base=line_base)
        before = directory / "before.db"

        def copy() -> None:
            for old in directory.glob("before.db*"):
                old.unlink()
            with closing(sqlite3.connect(site.file)) as source, closing(sqlite3.connect(before)) as target:
                source.backup(target)

        def number(query: str) -> int:
            with closing(sqlite3.connect(site.file)) as connection:
                return int(connection.execute(query).fetchone()[0])

        def floor() -> tuple[Written, float]:
            plain = SqliteFloor(before, site.file)
            found = plain.written()
            with on_core(SERVER_CORE):
                return found, plain.run(found)

        yield Store("SQLite, synchronous=FULL", "", site, copy, number, floor)


@contextmanager
def _postgres(line_base: str) -> Iterator[Store]:
    with scratch() as directory:
        directory.chmod(0o755)
        cluster = Postgres(directory / "cluster")
        cluster.start()
        try:
            cluster.sql("CREATE DATABASE desk")
            site = Site(directory, database_url=cluster.url("desk")).set_up(line_base=line_base)

            def copy() -> None:
                cluster.sql("DROP DATABASE IF EXISTS before")
                cluster.sql("CREATE DATABASE before TEMPLATE desk")

            def number(query: str) -> int:
                return int(cluster.sql(query, "desk"))

            def floor() -> tuple[Written, float]:
                return asyncio.run(_postgres_floor(cluster))

            yield Store(f"PostgreSQL {cluster.version()}, fsync on", site.database_url, site, copy, number, floor)
        finally:
            cluster.stop()


async def _postgres_floor(cluster: Postgres) -> tuple[Written, float]:
    plain = PostgresFloor(cluster.url("before"), cluster.url("desk"))
    found = await plain.written()
    with on_core(SERVER_CORE):
        return found, await plain.run(found)
