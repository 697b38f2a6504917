"""The clients' side, in processes of their own: who sends webhooks, and who looks at a screen.

A raw asyncio protocol, because the load must cost much less than what it measures. `python -m bench.load '<json>' FILE` reads
its orders and writes what it saw as JSON. Times are CLOCK_MONOTONIC, the same for all processes of a machine.
"""

import asyncio
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvloop
from websockets.asyncio.client import connect

from bench.webhooks import Customers, Webhooks, known_user

now = time.perf_counter


@dataclass(frozen=True, slots=True)
class Orders:
    """What one client process is to do."""

    role: str  # "seed", "flood", "pace", "screen"
    host: str
    port: int
    path: str = ""
    secret: str = ""
    seconds: float = 5.0
    connections: int = 64
    events: int = 1  # a webhook
    rate: float = 1000.0  # webhooks a second, when paced
    known: int = 2000
    share_new: float = 0.2
    run: str = "a1b2c3d4"
    first: int = 0  # number of the first message
    token: str = ""


class Connection(asyncio.Protocol):
    """One keep-alive connection: one request at a time."""

    def __init__(self, sender: "Sender") -> None:
        self.sender = sender
        self.transport: Any = None
        self.sent_at = 0.0
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self, request: bytes, sent_at: float) -> None:
        self.sent_at = sent_at
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        if b"content-length: 0" not in self.buffer[:end].lower():
            self.sender.stop(f"unexpected answer: {self.buffer[:200]!r}")
            return
        status, self.buffer = self.buffer[9:12], self.buffer[end + 4 :]
        self.sender.answered(self, status)

    def connection_lost(self, exc: Exception | None) -> None:
        self.sender.stop("the server closed a connection")


class Sender:
    """Closed loop (`flood`): each connection sends its next webhook when the last is answered. Paced: by the clock."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.webhooks = Webhooks(orders.path, orders.host, orders.secret.encode())
        self.customers = Customers(orders.run, orders.known, orders.share_new)
        self.number = orders.first
        self.took: list[float] = []
        self.sent: dict[int, float] = {}
        self.failed = 0
        self.problem = ""
        self.paced = orders.role == "pace"
        self.until = 0.0
        self.open = 0
        self.idle: deque[Connection] = deque()
        self.waiting: deque[float] = deque()
        self.over = asyncio.Event()

    def stop(self, problem: str) -> None:
        if not self.over.is_set():
            self.problem = problem
            self.over.set()

    def request(self) -> bytes:
        if self.orders.role == "seed":
            users = [known_user(self.number + i) for i in range(self.orders.events)]
        else:
            users = [self.customers.next() for _ in range(self.orders.events)]
        self.number += len(users)
        return self.webhooks.request([(self.number - len(users) + i, user) for i, user in enumerate(users)])

    def answered(self, connection: Connection, status: bytes) -> None:
        at = now()
        self.took.append(at - connection.sent_at)
        self.failed += status != b"200"
        if self.paced and self.waiting:
            self._send(connection, self.waiting.popleft())
        elif self.paced:
            self.open -= 1
            self.idle.append(connection)
        elif self._more(at):
            self._send(connection, now())
        else:
            self.open -= 1
        if not self.open and not self._more(at):
            self.over.set()

    def _more(self, at: float) -> bool:
        if self.orders.role == "seed":
            return self.number < self.orders.first + self.orders.known
        return at < self.until

    def _send(self, connection: Connection, sent_at: float) -> None:
        request = self.request()
        if self.paced:
            self.sent[self.number - 1] = sent_at
            connection.send(request, sent_at)
        else:
            connection.send(request, now())

    async def run(self) -> dict[str, Any]:
        orders, loop = self.orders, asyncio.get_running_loop()
        made = [
            (await loop.create_connection(lambda: Connection(self), orders.host, orders.port))[1]
            for _ in range(orders.connections)
        ]
        begun = now()
        self.until = begun + orders.seconds
        if self.paced:
            self.idle.extend(made)
            await self._pace(begun)
        else:
            self.open = len(made)
            for connection in made:
                self._send(connection, now())
        await self.over.wait()
        return {
            "seconds": now() - begun, "webhooks": len(self.took), "messages": self.number - orders.first,
            "failed": self.failed, "took": self.took, "problem": self.problem, "sent": list(self.sent.items()),
        }  # fmt: skip

    async def _pace(self, begun: float) -> None:
        """What is due is sent, or waits for a free connection: its time runs from when it was due to go."""
        done = 0
        while (at := now()) < self.until and not self.over.is_set():
            due = int((at - begun) * self.orders.rate) - done
            for _ in range(due):
                if self.idle:
                    self.open += 1
                    self._send(self.idle.popleft(), now())
                else:
                    self.waiting.append(at)
            done += due
            await asyncio.sleep(0.0005)
        if not self.open:
            self.over.set()


async def screen(orders: Orders) -> dict[str, Any]:
    """An agent's screen: when each message's frame came. Frames are read after the run, not while it goes."""
    frames: list[tuple[float, str | bytes]] = []
    url = f"ws://{orders.host}:{orders.port}/live"
    headers = {"Authorization": f"Bearer {orders.token}"}
    async with connect(url, additional_headers=headers, compression=None, max_size=None) as socket:
        await socket.send(b'{"cursor":null}'.decode())
        await socket.recv()
        print("ready", flush=True)
        end = now() + orders.seconds
        while (left := end - now()) > 0:
            try:
                async with asyncio.timeout(left):
                    frame = await socket.recv()
            except TimeoutError:
                break
            frames.append((now(), frame))
    seen: dict[int, float] = {}
    for at, frame in frames:
        for message in orjson.loads(frame).get("messages", ()):
            seen.setdefault(int(message["text"].rpartition("#")[2]), at)
    return {"frames": len(frames), "seen": list(seen.items())}


def main() -> None:
    orders = Orders(**orjson.loads(sys.argv[1]))
    found = uvloop.run(screen(orders) if orders.role == "screen" else _send(orders))
    Path(sys.argv[2]).write_bytes(orjson.dumps(found))


async def _send(orders: Orders) -> dict[str, Any]:
    return await Sender(orders).run()


if __name__ == "__main__":
    main()
