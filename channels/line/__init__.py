"""LINE: the Messaging API's webhooks in, replies and pushes out.

Importing this module is cheap: the hooks door needs only `verify` and `parse`. What talks to LINE (the SDK takes over
a second to import) is loaded in a thread when it is first needed.
"""

import asyncio
import base64
import hmac
import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from channels.contract import (
    Address,
    Answer,
    Fetched,
    Finding,
    Forged,
    Hook,
    Item,
    Limits,
    Outbound,
    Part,
    Placement,
    Sent,
    Site,
)
from channels.line.config import LineConfig
from channels.line.parse import read_hook, read_json
from channels.line.rates import RATES, Buckets, Rates

if TYPE_CHECKING:
    from channels.line.wire import Wire


class Line:
    """One LINE official account."""

    kind: ClassVar[str] = "line"
    Config: ClassVar[type[LineConfig]] = LineConfig
    limits: ClassVar[Limits] = Limits(
        text_units=5000,
        groups=True,
        unit="utf16",
        parts_per_send=5,
        files="link",
        image_bytes=10_000_000,
        idempotent=True,
        handle_life_s=50,
        counted=True,
        choices=13,
        silent=True,
        quotes=True,
    )

    def __init__(self, config: LineConfig, site: Site, *, timeout_s: float = 15, rates: Rates = RATES) -> None:
        """`timeout_s`: how long LINE may take to answer one request."""
        self.config, self.site = config, site
        self._timeout_s, self._buckets = timeout_s, Buckets(rates)
        self._secrets = config.secrets
        self._ours = f'"destination":"{config.bot_user_id}"'.encode() if config.bot_user_id else b""
        self._wire: Wire | None = None

    def verify(self, hook: Hook) -> None:
        """The signature over the raw bytes, by either secret (L3, L5), then the destination (L6)."""
        given = hook.headers.get("x-line-signature")
        if not given:
            raise Forged("the X-Line-Signature header is missing")
        claimed = given.encode("utf-8", "replace")
        proofs = (base64.b64encode(hmac.digest(secret, hook.body, "sha256")) for secret in self._secrets)
        if not any(hmac.compare_digest(proof, claimed) for proof in proofs):
            raise Forged("the signature does not fit the body")
        if self._ours and self._ours not in hook.body:
            self._check_destination(hook.body)

    def _check_destination(self, body: bytes) -> None:
        read = read_json(body)
        destination = read.get("destination") if isinstance(read, dict) else None
        if destination is not None and destination != self.config.bot_user_id:
            raise Forged("the webhook is for another account")

    def parse(self, hook: Hook) -> list[Item]:
        return read_hook(hook, self.config)

    def answer(self, hook: Hook, placements: Sequence[Placement]) -> Answer:
        return Answer()

    async def send(self, outbound: Outbound) -> Sent:
        return await (await self._open()).send(outbound)

    async def fetch(self, part: Part) -> Fetched:
        return await (await self._open()).fetch(part)

    async def profile(self, address: Address) -> Address | None:
        return await (await self._open()).profile(address)

    async def check(self) -> list[Finding]:
        return await (await self._open()).check()

    async def reached(self) -> Finding | None:
        return await (await self._open()).reached()

    async def quota(self) -> Mapping[str, int | None]:
        return await (await self._open()).quota()

    async def close(self) -> None:
        if self._wire is not None:
            wire, self._wire = self._wire, None
            await wire.close()

    async def _open(self) -> "Wire":
        if self._wire is None:
            module = await asyncio.to_thread(importlib.import_module, "channels.line.wire")
            self._wire = self._wire or cast(
                "Wire", module.Wire(self.config, self.site, self._buckets, timeout_s=self._timeout_s)
            )
        return self._wire
