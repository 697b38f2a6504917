"""The demonstration's outside world in one place: LINE, Twilio, a mail provider, a shop, and the page to play the customer.

clouds = Clouds("http://127.0.0.1:8000", inboxes, desk, sign_ins)
await clouds.open()              # opens the mail provider's SMTP server
clouds.app                       # ASGI, to be served under /demo by the same process as the product
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from demo.desk_values import Desk
from demo.line import LineCloud
from demo.line_chat import Bubble, Content, person
from demo.mail import Customer, MailCloud
from demo.shop import Shop
from demo.telephone import TelephoneCloud

PAGE = Path(__file__).parent / "page"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob: http: https:; media-src 'self' blob: http: https:; "
    "frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail of the past, for a customer's mailbox. `outgoing`: the customer wrote it."""

    address: str
    raw: bytes
    at: datetime
    outgoing: bool


class Clouds:
    """The providers of one demonstration. `inboxes`: by kind, the settings with secrets, and "token"."""

    def __init__(
        self, url: str, inboxes: Mapping[str, Mapping[str, Any]], desk: Desk, sign_ins: Sequence[Mapping[str, str]]
    ) -> None:
        self.sign_ins = list(sign_ins)
        line, mail, chat, phone = (inboxes[kind] for kind in ("line", "email", "chat", "phone"))
        self.line = LineCloud(
            line["channel_secret"], line["access_token"], f"{url}/hooks/{line['token']}", channel_id=line["channel_id"]
        )
        self.line.memory.people = {p.id: p for p in (person(g.name, g.language) for g in desk.guests if g.line)}
        self.mail = MailCloud(inbox=mail["address"])
        self.mail.customers = [
            Customer(guest.key, guest.name, guest.mail, guest.language) for guest in desk.guests if guest.mail
        ]
        self.phone = TelephoneCloud(
            phone["account_sid"], phone["auth_token"], f"{url}/hooks/{phone['token']}", phone["number"],
            api_base=phone["api_base"],
        )  # fmt: skip
        self.shop = Shop("/widget.js", chat["token"], identity_secret=chat["identity_secret"])
        self.app = Starlette(routes=[Route("/demo", self._page), Mount("/demo", routes=self._routes())])

    async def open(self) -> None:
        await self.mail.start()

    async def close(self) -> None:
        await self.phone.close()
        await self.mail.stop()

    def remember_chat(self, bubbles: Sequence[Bubble], contents: Mapping[str, Content]) -> None:
        """LINE's chats of the past, oldest first; `seq` is given here."""
        for bubble in bubbles:
            bubble.seq = self.line.memory.next_seq()
            self.line.memory.bubbles.append(bubble)
        self.line.memory.contents.update(contents)

    def remember_blocked(self, users: Collection[str]) -> None:
        """These LINE users have blocked the account."""
        for user in self.line.users:
            user.following = user.id not in users

    def remember_mail(self, letters: Sequence[Letter]) -> None:
        """The mailboxes of the past, oldest first."""
        for each in letters:
            kept = self.mail._file(each.address, each.raw, outgoing=each.outgoing)
            self.mail.mailbox(each.address)[-1] = replace(kept, at=each.at)

    def _routes(self) -> list[Mount | Route]:
        return [
            Route("/", self._page),
            Route("/page/{name}", self._file),
            Route("/sign-ins", self._sign_ins),
            Mount("/line/api", routes=self.line.routes()),
            Mount("/line", routes=self.line.controls()),
            Mount("/twilio", routes=self.phone.routes()),
            Mount("/telephone", routes=self.phone.controls()),
            Mount("/mail", routes=self.mail.controls()),
            Mount("/shop", routes=self.shop.controls()),
        ]

    async def _page(self, request: Request) -> Response:
        return _served("index.html")

    async def _file(self, request: Request) -> Response:
        return _served(request.path_params["name"])

    async def _sign_ins(self, request: Request) -> Response:
        return JSONResponse(self.sign_ins)


def _served(name: str) -> Response:
    path = (PAGE / name).resolve()
    if path.parent != PAGE.resolve() or not path.is_file():
        return Response("There is no such page.", 404)
    headers = {"content-security-policy": POLICY, "x-content-type-options": "nosniff", "cache-control": "no-cache"}
    return FileResponse(path, media_type=TYPES.get(path.suffix), headers=headers)
