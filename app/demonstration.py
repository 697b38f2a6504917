"""The demonstration: the product with a sample desk, and the outside world of `demo/` in the same process.

It is the rim, like main.py: here the product meets the servers that play its providers. Its data lives in `var/demo`,
apart from everything that a production installation has.
"""

import secrets
import socket
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from app import clock, feed, log, tables
from app.commands import check_port, run_server
from app.config import Settings, settings
from app.main import create_app
from app.models import Inbox
from app.sample import PASSWORD, seed
from app.sample_past import blocked, chats, letters
from demo.desk import DESK
from demo.line import BOT
from demo.server import Clouds

HOST = "127.0.0.1"
Json = dict[str, Any]


def run(port: int | None = None) -> None:
    """Serves the demonstration until it is interrupted. Raises WrongSetting when the port is taken."""
    given = demo_settings(settings(), port)
    check_port(given.host, given.port)
    log.configure(json_lines=bool(given.log_json))
    tables.migrate(given)
    run_server(Demonstration(given, announce=True), given, given.port)


def demo_settings(given: Settings, port: int | None) -> Settings:
    """The settings of the demonstration: its own folder, database and key, reachable from this machine only."""
    chosen = port or given.port
    url = given.public_url if "public_url" in given.model_fields_set else f"http://{HOST}:{chosen}"
    return given.model_copy(
        update={
            "mode": "demo", "var": given.var / "demo", "database_url": "", "secret_key": SecretStr(""), "bus": "local",
            "host": HOST, "port": chosen, "public_url": url,
        }
    )  # fmt: skip


class Demonstration:
    """The product and its clouds as one ASGI application. Its tables must be there."""

    def __init__(self, given: Settings, *, announce: bool = False) -> None:
        self.settings, self._announce = given, announce
        self.product = create_app(given, mounts=[("/demo", self._outside)])
        self.clouds: Clouds | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self.product(scope, receive, send)
            return

        async def tell(message: Json) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete" and self._announce:
                print(welcome(self.settings), flush=True)

        await self._open()
        try:
            await self.product(scope, receive, tell)
        finally:
            if self.clouds is not None:
                await self.clouds.close()

    async def _outside(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.clouds is not None
        await self.clouds.app(scope, receive, send)

    async def _open(self) -> None:
        """Seeds an empty database, opens the clouds, and tells the inboxes where the clouds are this time."""
        parts = self.product.parts
        if not await self._inboxes():
            await seed(parts, DESK, first_configs(self.settings), clock.utcnow())
        self.clouds = Clouds(self.settings.public_url, await self._inboxes(), DESK, sign_ins())
        await self.clouds.open()
        self.clouds.mail.door = (HOST, _free_port())
        await self._move(self.clouds.mail.port, self.clouds.mail.door[1])
        async with parts.database.read() as session:
            self.clouds.remember_chat(*await chats(session, parts))
            self.clouds.remember_blocked(await blocked(session))
            self.clouds.remember_mail(await letters(session, parts, DESK, self.clouds.mail.inbox))

    async def _inboxes(self) -> dict[str, Json]:
        """The settings of each kind's first inbox, secrets and token included."""
        parts = self.product.parts
        async with parts.database.read() as session:
            rows = (await session.scalars(select(Inbox).order_by(col(Inbox.id).desc()))).all()
        found = {row.kind: {**row.config, **parts.vault.unseal(row.secrets), "token": row.token} for row in rows}
        return found if found.keys() >= {"line", "email", "chat", "phone"} else {}

    async def _move(self, smtp_port: int, door_port: int) -> None:
        """Ports may be others than last time."""
        moved = places(self.settings, smtp_port, door_port)
        async with self.product.parts.database.write() as session:
            first: dict[str, Inbox] = {}
            for row in (await session.scalars(select(Inbox).order_by(col(Inbox.id)))).all():
                first.setdefault(row.kind, row)
            for kind, change in moved.items():
                first[kind].config = {**first[kind].config, **change}
                await feed.record(session, feed.event("inbox.changed", clock.utcnow(), inbox=first[kind].id))


def places(given: Settings, smtp_port: int, door_port: int) -> dict[str, Json]:
    """Where the clouds are: the settings of the inboxes that change with the ports."""
    here = f"http://{HOST}:{given.port}/demo"
    return {
        "line": {"api_base": f"{here}/line/api", "data_base": f"{here}/line/api"},
        "phone": {"api_base": f"{here}/twilio"},
        "email": {"smtp_port": smtp_port, "listen_port": door_port},
    }


def first_configs(given: Settings) -> dict[str, Json]:
    """The settings of the four inboxes, with secrets that no other demonstration has."""
    moved: Mapping[str, Json] = places(given, 25, 0)
    return {
        "line": {
            "channel_id": "1650000000", "channel_secret": secrets.token_hex(16), "access_token": secrets.token_hex(40),
            "bot_user_id": BOT, **moved["line"],
        },
        "email": {
            "address": "support@mikawaya.example", "sender_name": "三河屋サポート", "smtp_host": HOST, "smtp_tls": "none",
            "listen_host": HOST, **moved["email"],
        },
        "chat": {"title_ja": "三河屋に聞く", "title_en": "Ask Mikawaya", "identity_secret": secrets.token_hex(32)},
        "phone": {
            "account_sid": f"AC{secrets.token_hex(16)}", "auth_token": secrets.token_hex(16), "number": "+815031234567",
            "voicemail_after_s": 40, **moved["phone"],
        },
    }  # fmt: skip


def sign_ins() -> list[dict[str, str]]:
    """Who may sign in at the sample desk, and how. These passwords exist in a demonstration's database only."""
    fields = ("email", "name", "role")
    return [{name: getattr(m, name) for name in fields} | {"password": PASSWORD} for m in DESK.members]


def welcome(given: Settings) -> str:
    width = max(len(member.email) for member in DESK.members)
    people = "\n".join(f"    {m.email:<{width}}  {m.role:<8} {m.name}" for m in DESK.members)
    return (
        f"\n  三河屋 Mikawaya: a demonstration with a sample desk. Nothing leaves this machine.\n\n"
        f"  Play the customer   {given.public_url}/demo\n"
        f"  The agents' desk    {given.public_url}\n\n"
        f"  Sign in as one of these, password {PASSWORD}\n{people}\n\n"
        f"  Its data is in {given.var} (delete the folder to begin anew). Ctrl+C stops it.\n"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
