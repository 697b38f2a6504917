"""A mail provider for the demonstration and the tests: an SMTP server with customers' mailboxes behind it. What the
product sends arrives here; what the demo's customers write goes to the product's own mail door."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import make_msgid, parseaddr
from typing import cast

import aiosmtplib
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from demo.mail_box import Mail, opened
from demo.mail_letters import Letter, Upload, bounce, quoted, written

HOST = "mail.demo.example"
LARGEST = 30_000_000  # bytes of a mail that the provider takes
TOKYO = timezone(timedelta(hours=9), "JST")
REFUSALS = {  # what the provider says about a mailbox in this state: enhanced status and words
    "full": ("5.2.2", "Mailbox full"),
    "unknown": ("5.1.1", "User unknown"),
}


@dataclass(slots=True)
class Customer:
    """A demo customer with a mailbox. `state`: "ok", or "full" or "unknown", which make what arrives bounce."""

    key: str
    name: str
    address: str
    language: str = "ja"
    state: str = "ok"


@dataclass(slots=True)
class Faults:
    """What goes wrong next. `recipient`, `data`: answers given once each instead of 250, first to last; `refused`: answers
    to an address, for good; `drops`: connections cut after DATA."""

    recipient: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    drops: int = 0
    keep_dropped: bool = True  # whether a mail whose connection is cut was kept all the same: the ambiguous case


def customers() -> list[Customer]:
    """The people of the demonstration."""
    return [
        Customer("yamada", "山田 花子", "hanako.yamada@mail.demo.example"),
        Customer("takahashi", "髙橋 一郎", "ichiro.takahashi@mail.demo.example"),
        Customer("suzuki", "鈴木 美咲", "misaki..suzuki@mail.demo.example"),
        Customer("emma", "Emma Clarke", "emma.clarke@mail.demo.example", language="en"),
    ]


class MailCloud:
    """The provider. `door`: where the product takes mail; `inbox`: the address that customers write to; `tls`: offers
    STARTTLS with this certificate, or speaks TLS from the start (`implicit`); `accounts`: who may send, with password or
    access token, when not everybody may."""

    def __init__(
        self,
        *,
        inbox: str = "support@mikawaya.example",
        door: tuple[str, int] = ("127.0.0.1", 0),
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        accounts: Mapping[str, str] | None = None,
    ) -> None:
        self.inbox = inbox
        self.door = door
        self.tls = tls
        self.implicit = implicit
        self.accounts = dict(accounts or {})
        self.port = 0
        self.faults = Faults()
        self.customers = customers()
        self.mailboxes: dict[str, list[Mail]] = {}
        self._numbers = 0
        self._server: asyncio.Server | None = None
        self._sessions: set[SMTP] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Condition()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Opens the SMTP server; `self.port` tells where."""
        loop = asyncio.get_running_loop()

        def connected() -> SMTP:
            self._sessions = {one for one in self._sessions if one.transport is not None}
            made = SMTP(
                _Postman(self),
                data_size_limit=LARGEST,
                enable_SMTPUTF8=True,
                hostname=HOST,
                loop=loop,
                tls_context=None if self.implicit else self.tls,
                auth_require_tls=not self.implicit,
                authenticator=_Gate(self.accounts) if self.accounts else None,
                auth_exclude_mechanism=None if self.accounts else ["LOGIN", "PLAIN", "XOAUTH2"],
            )
            self._sessions.add(made)
            return made

        self._server = await loop.create_server(connected, host, port, ssl=self.tls if self.implicit else None)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the server and waits for bounces that are still on their way."""
        await asyncio.gather(*self._errands, return_exceptions=True)
        if self._server:
            self._server.close()
            for one in self._sessions:
                if one.transport is not None:
                    cast(asyncio.Transport, one.transport).close()
            await self._server.wait_closed()

    def mailbox(self, address: str) -> list[Mail]:
        """A mailbox, oldest first."""
        return self.mailboxes.setdefault(address.lower(), [])

    async def arrival(self, address: str, count: int = 1) -> list[Mail]:
        """Waits until the mailbox has received `count` mails; returns what it received."""

        def received() -> list[Mail]:
            return [one for one in self.mailbox(address) if not one.outgoing]

        async with self._arrived:
            await self._arrived.wait_for(lambda: len(received()) >= count)
        return received()

    async def keep(self, raw: bytes, envelope_from: str, recipients: Sequence[str]) -> None:
        """Puts a mail into its recipients' mailboxes, or sends it back."""
        for recipient in recipients:
            customer = self._customer(recipient)
            if customer and customer.state != "ok":
                self._bounce(raw, envelope_from, recipient, customer.state)
            else:
                self._file(recipient, raw, envelope_from=envelope_from)
        async with self._arrived:
            self._arrived.notify_all()

    async def write(
        self,
        user: str,
        subject: str,
        text: str,
        *,
        in_reply_to: str = "",
        charset: str = "utf-8",
        files: Sequence[Upload] = (),
    ) -> str:
        """A customer writes, or answers one of the mails in their mailbox. Returns the Message-ID.

        KeyError: no such customer. aiosmtplib.SMTPException or OSError: the product's door did not take it."""
        customer = next(one for one in self.customers if one.key == user)
        now = datetime.now(UTC)
        former = next((one for one in self.mailbox(customer.address) if one.message_id == in_reply_to), None)
        body = text if former is None else f"{text}\n\n{self._quoted(former)}"
        letter = Letter(
            sender_name=customer.name,
            sender=customer.address,
            to=self._reply_address(former),
            subject=subject,
            text=body,
            message_id=make_msgid(domain=HOST).strip("<>"),
            date=now,
            in_reply_to=in_reply_to,
            references=former.references if former else (),
            charset=charset,
            files=tuple(files),
        )
        raw = written(letter)
        await self._deliver(raw, customer.address, letter.to)
        sent = self._file(customer.address, raw, outgoing=True)
        self.mailbox(customer.address)[-1] = replace(sent, subject=subject, text=body)  # the standard codec lacks ①㈱
        return letter.message_id

    def _customer(self, address: str) -> Customer | None:
        return next((one for one in self.customers if one.address == address.lower()), None)

    def _quoted(self, former: Mail) -> str:
        name, address = parseaddr(former.sender)
        return quoted(former.text, name=name, address=address, at=former.at.astimezone(TOKYO))

    def _reply_address(self, former: Mail | None) -> str:
        if former is None or former.outgoing:
            return self.inbox
        return parseaddr(former.reply_to or former.sender)[1]

    def _file(self, address: str, raw: bytes, *, outgoing: bool = False, envelope_from: str = "") -> Mail:
        self._numbers += 1
        now = datetime.now(UTC)
        mail = opened(raw, self._numbers, at=now, outgoing=outgoing, envelope_from=envelope_from)
        self.mailbox(address).append(mail)
        return mail

    def _bounce(self, raw: bytes, envelope_from: str, recipient: str, state: str) -> None:
        if not envelope_from:  # nobody bounces a bounce
            return
        status, words = REFUSALS[state]
        report = bounce(raw, recipient=recipient, status=status, words=words, host=HOST, date=datetime.now(UTC))
        errand = asyncio.get_running_loop().create_task(self._deliver(report, "", envelope_from))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _deliver(self, raw: bytes, sender: str, recipient: str) -> None:
        """To the product's mail door, with the addresses verbatim."""
        client = aiosmtplib.SMTP(
            hostname=self.door[0], port=self.door[1], start_tls=False, timeout=20, local_hostname=HOST
        )
        await client.connect()
        try:
            await client.ehlo()
            for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
                answer = await client.execute_command(command.encode())
                if answer.code >= 300:
                    raise aiosmtplib.SMTPResponseException(answer.code, answer.message)
            await client.data(raw)
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()

    def controls(self) -> list[Route]:
        """The endpoints behind the mailbox of the demo page; the app mounts them."""
        return [
            Route("/users", self._users),
            Route("/mailbox", self._mailbox),
            Route("/file", self._download),
            Route("/send", self._send, methods=["POST"]),
            Route("/state", self._state, methods=["POST"]),
        ]

    async def _users(self, request: Request) -> Response:
        fields = ("key", "name", "address", "language", "state")
        return JSONResponse([{name: getattr(one, name) for name in fields} for one in self.customers])

    async def _mailbox(self, request: Request) -> Response:
        customer = self._named(request.query_params.get("user", ""))
        if customer is None:
            return JSONResponse({"error": "no such user"}, status_code=404)
        after = request.query_params.get("after", "0")
        newer = [one for one in self.mailbox(customer.address) if one.number > (int(after) if after.isdigit() else 0)]
        return JSONResponse([one.shown() for one in newer])

    async def _download(self, request: Request) -> Response:
        asked = request.query_params
        customer = self._named(asked.get("user", ""))
        box = self.mailbox(customer.address) if customer else []
        files = [file for one in box if str(one.number) == asked.get("number") for file in one.files]
        index = asked.get("index", "0")
        if not index.isdigit() or int(index) >= len(files):
            return JSONResponse({"error": "no such file"}, status_code=404)
        found = files[int(index)]
        return Response(
            found.content, media_type="application/octet-stream", headers={"content-disposition": "attachment"}
        )

    async def _send(self, request: Request) -> Response:
        async with request.form(max_files=10) as form:
            user = str(form.get("user", ""))
            if self._named(user) is None:
                return JSONResponse({"error": "no such user"}, status_code=404)
            files = await _uploads(form)
            try:
                sent = await self.write(
                    user,
                    str(form.get("subject", "")),
                    str(form.get("text", "")),
                    in_reply_to=str(form.get("in_reply_to", "")),
                    charset="iso-2022-jp" if form.get("charset") == "iso-2022-jp" else "utf-8",
                    files=files,
                )
            except (aiosmtplib.SMTPException, OSError) as problem:
                return JSONResponse({"error": str(problem)}, status_code=502)
        return JSONResponse({"message_id": sent}, status_code=201)

    async def _state(self, request: Request) -> Response:
        async with request.form() as form:
            customer = self._named(str(form.get("user", "")))
            state = str(form.get("state", ""))
        if customer is None or state not in ("ok", *REFUSALS):
            return JSONResponse({"error": "no such user or state"}, status_code=404)
        customer.state = state
        return JSONResponse({"state": state})

    def _named(self, key: str) -> Customer | None:
        return next((one for one in self.customers if one.key == key), None)


class _Gate:
    """aiosmtpd's authenticator: compares with the accounts."""

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self.accounts = accounts

    def __call__(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: LoginPassword
    ) -> AuthResult:
        right = self.accounts.get(told.login.decode()) == told.password.decode()
        return AuthResult(success=right, handled=False, auth_data=told.login)


class _Postman:
    """aiosmtpd's hooks: takes what the product sends, and fails as it is told to."""

    def __init__(self, cloud: MailCloud) -> None:
        self.cloud = cloud

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.cloud.accounts and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:
        """`user=<name>^Aauth=Bearer <token>^A^A` in base64."""
        told = base64.b64decode(words[1]).decode().split("\1")
        user, token = told[0].removeprefix("user="), told[1].removeprefix("auth=Bearer ")
        return AuthResult(success=self.cloud.accounts.get(user) == token, handled=False, auth_data=user)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.cloud.faults.recipient:
            return self.cloud.faults.recipient.pop(0)
        if address.lower() in self.cloud.faults.refused:
            return self.cloud.faults.refused[address.lower()]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        faults = self.cloud.faults
        if faults.data:
            return faults.data.pop(0)
        dropped = faults.drops > 0
        faults.drops -= dropped
        if not dropped or faults.keep_dropped:
            await self.cloud.keep(
                envelope.original_content or b"", (envelope.mail_from or "").strip("<>"), envelope.rcpt_tos
            )
        if dropped and server.transport is not None:
            cast(asyncio.Transport, server.transport).abort()
        return "250 2.0.0 OK"


async def _uploads(form: FormData) -> list[Upload]:
    out = []
    for value in form.getlist("file"):
        if isinstance(value, UploadFile) and value.filename:
            kind = value.content_type or "application/octet-stream"
            out.append(Upload(name=value.filename, media_type=kind, content=await value.read()))
    return out
