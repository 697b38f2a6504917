"""What an attacker has: HTTP, sockets, a mail that is signed as the relay signs it, and the stolen database file."""

import base64
import contextlib
import hashlib
import hmac
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import websockets
from websockets.asyncio.client import ClientConnection

from app.db import Database
from tests.cast import Cast, Member
from tests.servers import Running

LINE_SECRET = "line-secret-3f1c9a"
MIME_SECRET = "mime-secret-77ab01"
TWILIO_TOKEN = "twilio-token-5d2e90"
IDENTITY_SECRET = "identity-secret-of-the-widget-0042"
PASSWORDS = ("imap-password-a81f", "smtp-password-c72e")
SECRETS = (LINE_SECRET, MIME_SECRET, TWILIO_TOKEN, IDENTITY_SECRET, *PASSWORDS, "line-access-token-9b")
SHOP = "https://shop.example"
CONFIGS: dict[str, dict[str, Any]] = {
    "line": {"channel_id": "1650000000", "channel_secret": LINE_SECRET, "access_token": "line-access-token-9b"},
    "email": {
        "address": "support@mikawaya.example",
        "mime_secret": MIME_SECRET,
        "imap_password": PASSWORDS[0],
        "smtp_password": PASSWORDS[1],
        "authserv_ids": ["mx.mikawaya.example"],
    },
    "chat": {"identity_secret": IDENTITY_SECRET, "allowed_origins": [SHOP]},
    "phone": {"account_sid": "AC" + "0" * 32, "auth_token": TWILIO_TOKEN, "number": "+815012345678"},
}
WAIT_S = 10.0


class House:
    """The product under attack."""

    def __init__(self, running: Running, cast: Cast, inboxes: dict[str, tuple[int, str]]) -> None:
        self.running, self.cast, self._inboxes = running, cast, inboxes
        self.url = running.url
        self.http = httpx2.AsyncClient(base_url=running.url, timeout=60, trust_env=False)

    def inbox(self, kind: str) -> int:
        return self._inboxes[kind][0]

    def token(self, kind: str) -> str:
        return self._inboxes[kind][1]

    async def close(self) -> None:
        await self.http.aclose()

    def look_again(self) -> None:
        """The doors look at the inboxes again now, not in five seconds."""
        self.running.product.parts.inboxes._read_at = -1e9

    # -- agents -----------------------------------------------------------------------------------------------------

    async def api(self, method: str, path: str, *, by: Member | None = None, **more: Any) -> httpx2.Response:
        """A program's request as this member; the owner's by default."""
        headers = (by or self.cast.owner).bearer | more.pop("headers", {})
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **more)

    async def tickets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.api("GET", "/tickets?view=all")).json()["items"]
        return found

    async def ticket(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api("GET", f"/tickets/{number}")).json()
        return found

    # -- customers --------------------------------------------------------------------------------------------------

    async def mail(self, raw: str | bytes, *, secret: str = MIME_SECRET, **headers: str) -> httpx2.Response:
        """A mail as the relay posts it."""
        body = raw.replace("\n", "\r\n").encode() if isinstance(raw, str) else raw
        mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        given = {"x-mikawaya-signature": mac} | headers
        return await self.http.post(f"/hooks/{self.token('email')}/mime", content=body, headers=given)

    async def line(self, *events: dict[str, Any], secret: str = LINE_SECRET) -> httpx2.Response:
        body = orjson.dumps({"destination": "U" + "0" * 32, "events": list(events)})
        proof = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
        return await self.http.post(f"/hooks/{self.token('line')}", content=body, headers={"x-line-signature": proof})

    @contextlib.asynccontextmanager
    async def visit(
        self, visitor: str = "", *, origin: str = SHOP, headers: dict[str, str] | None = None, **hello: Any
    ) -> AsyncIterator["Visitor"]:
        address = self.url.replace("http", "ws") + "/chat"
        async with websockets.connect(address, origin=origin, additional_headers=headers, proxy=None) as socket:  # type: ignore[arg-type]
            made = Visitor(socket)
            given = {"op": "hello", "widget": self.token("chat"), "visitor": visitor, "language": "ja"}
            with contextlib.suppress(websockets.ConnectionClosed):  # refused at the door: the reason can still be read
                await made.tell(**(given | hello))
            made.welcome = await made.next()
            yield made

    async def upload(self, visitor: str, *, widget: str | None = None, **more: Any) -> httpx2.Response:
        """A visitor's file, as the widget sends it."""
        asked = {"widget": self.token("chat") if widget is None else widget}
        headers = {"x-mikawaya-visitor": visitor} | more.pop("headers", {})
        return await self.http.post("/chat/files", params=asked, headers=headers, **more)

    async def change(self, statement: Any) -> None:
        """Arranges rows by hand."""
        database = Database(self.running.settings.database)
        async with database.write() as session:
            await session.execute(statement)
        await database.close()

    # -- the thief --------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.running.settings.var / "mikawaya.db")) as stolen:
            return stolen.execute(query, values).fetchall()

    def everything(self) -> dict[str, bytes]:
        """Each table of the database as one heap of bytes, each file of the store, by name."""
        found = {}
        with contextlib.closing(sqlite3.connect(self.running.settings.var / "mikawaya.db")) as stolen:
            stolen.text_factory = bytes
            for (name,) in stolen.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = stolen.execute(f'SELECT * FROM "{name.decode()}"').fetchall()
                found[name.decode()] = b"\n".join(
                    each if isinstance(each, bytes) else str(each).encode() for row in rows for each in row
                )
        for path in self.running.settings.files.rglob("*"):
            if path.is_file():
                found[path.name] = path.read_bytes()
        return found

    def where(self, text: str) -> list[str]:
        """The tables and files in which a text stands, as itself or as JSON writes it."""
        forms = {text.encode(), text.encode("unicode_escape"), orjson.dumps(text)[1:-1]}
        return [name for name, heap in self.everything().items() if any(form in heap for form in forms)]


class Visitor:
    """A visitor's end of the chat's socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}

    @property
    def thread(self) -> str:
        return str(self.welcome["thread"])

    async def tell(self, **frame: Any) -> None:
        await self.socket.send(orjson.dumps(frame).decode())

    async def next(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(await self.socket.recv())
        return found

    async def until(self, *ops: str) -> dict[str, Any]:
        """The next frame of one of these kinds."""
        while (frame := await self.next())["op"] not in ops:
            pass
        return frame

    async def say(self, text: str, **more: Any) -> dict[str, Any]:
        """Says it, and returns the echo or the error."""
        client_id = secrets.token_hex(8)
        await self.tell(**({"op": "say", "client_id": client_id, "text": text} | more))
        return await self.until("said", "error")

    async def hears(self, text: str) -> list[dict[str, Any]]:
        """All frames until one has this text in it."""
        found = [await self.next()]
        while text not in str(found[-1]):
            found.append(await self.next())
        return found

    async def ping(self) -> list[dict[str, Any]]:
        """All frames that came until the answer to a ping: what was said before it has been worked off."""
        await self.tell(op="ping")
        found = []
        while (frame := await self.next())["op"] != "pong":
            found.append(frame)
        return found


def secret_of(visitor: str) -> str:
    """A visitor's token: 43 characters of base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(visitor.encode()).digest()).decode().rstrip("=")


def identity_jwt(sub: str, audience: str, *, secret: str = IDENTITY_SECRET, **claims: Any) -> str:
    """A token as the shop's site signs it for its logged-in visitor."""
    at = int(time.time())
    given = {"sub": sub, "aud": audience, "iat": at, "exp": at + 600, "jti": secrets.token_hex(8)} | claims
    head = _piece({"alg": "HS256", "typ": "JWT"})
    signed = f"{head}.{_piece(given)}"
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _piece(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def line_text(number: int, text: str, *, user: str = "U" + "1" * 32, **more: Any) -> dict[str, Any]:
    """A LINE message event."""
    return {
        "type": "message",
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user},
        "webhookEventId": f"01H{number:023d}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": secrets.token_hex(16),
        "message": {"id": str(500000000000000000 + number), "type": "text", "quoteToken": "q", "text": text},
    } | more


def letter(
    number: int, text: str = "醤油が届きません", *, sender: str = "sato@customer.example", head: str = ""
) -> str:
    """A plain mail; `head` holds further header lines."""
    more = f"{head}\n" if head else ""
    return (
        f"Message-ID: <m{number}@customer.example>\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nFrom: {sender}\n"
        f"To: support@mikawaya.example\nSubject: 注文の件 {number}\n{more}"
        f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
    )


def html_letter(number: int, html: str, *, subject: str = "HTML", head: str = "") -> str:
    more = f"{head}\n" if head else ""
    return (
        f"Message-ID: <h{number}@customer.example>\nFrom: sato@customer.example\nTo: support@mikawaya.example\n"
        f"Subject: {subject}\n{more}MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{html}\n"
    )
