"""The telephone, through Twilio: `Phone`. The SDK is imported when something is first sent (it takes 0.3 s)."""

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from channels.contract import (
    Answer,
    CallUpdate,
    Fetched,
    Finding,
    Hook,
    Item,
    Limits,
    Outbound,
    Part,
    Placement,
    Sent,
    Site,
)
from channels.phone.config import PhoneConfig
from channels.phone.numbers import dialled
from channels.phone.parse import parse
from channels.phone.signature import check_signature
from channels.phone.softphone import access_token
from channels.phone.twiml import answer

if TYPE_CHECKING:
    from channels.phone.calls import Calls

__all__ = ["Phone", "PhoneConfig"]


class Phone:
    """One number at Twilio. The flow of a call, door by door, is in docs/phone.md."""

    kind: ClassVar[str] = "phone"
    Config: ClassVar[type[PhoneConfig]] = PhoneConfig
    # Twilio has no idempotency key for new calls: a lost answer needs a person (L20).
    limits: ClassVar[Limits] = Limits(text_units=0, files="none", idempotent=False)

    def __init__(self, config: PhoneConfig, site: Site) -> None:
        self.config, self.site = config, site
        self._calls: Calls | None = None

    def verify(self, hook: Hook) -> None:
        check_signature(hook, self.config.auth_tokens)

    def parse(self, hook: Hook) -> list[Item]:
        return parse(hook, self.config.default_region)

    def answer(self, hook: Hook, placements: Sequence[Placement]) -> Answer:
        return answer(hook, placements, self.config, self.site.hook_url)

    async def send(self, outbound: Outbound) -> Sent:
        """kind "connect" {"call", "agent"}: rings an agent. "join" {"call"}: brings the customer to them. "dial" {"call",
        "to"}: rings a customer. "ask" {"call"}: asks a customer how it was. "hangup" {"call", "reason"?}: ends this leg."""
        calls = await self._open()
        return await calls.send(outbound)

    async def fetch(self, part: Part) -> Fetched:
        calls = await self._open()
        return await calls.fetch(part)

    @property
    def ring_s(self) -> int:
        return self.config.ring_s

    @property
    def dial_s(self) -> int:
        return self.config.dial_s

    def dialled(self, value: str, *, costly: bool = False) -> str:
        return dialled(value, self.config.default_region, costly=costly)

    async def follow(self, call: str, params: Mapping[str, Any]) -> list[CallUpdate]:
        calls = await self._open()
        return await calls.follow(call, params)

    async def check(self) -> list[Finding]:
        calls = await self._open()
        return await calls.check()

    def token(self, agent: int, now: datetime) -> str:
        return access_token(self.config, agent, now)

    async def close(self) -> None:
        if self._calls is not None:
            await self._calls.close()
            self._calls = None

    async def _open(self) -> "Calls":
        if self._calls is None:
            module = await asyncio.to_thread(importlib.import_module, "channels.phone.calls")
            self._calls = self._calls or module.Calls(self.config, self.site.hook_url)
        return self._calls
