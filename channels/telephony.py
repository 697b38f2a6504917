"""What a telephone channel may offer besides: the part of the channel contract that speaks of calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from channels.contract import CallUpdate


@runtime_checkable
class Softphone(Protocol):
    """A channel through which an agent's browser can talk."""

    def token(self, agent: int, now: datetime) -> str:
        """A short-lived access token for this agent's browser leg (T14)."""


@runtime_checkable
class Dials(Protocol):
    """A channel through which an agent can call a customer (T22)."""

    @property
    def dial_s(self) -> int:
        """How long a customer's telephone rings, in seconds."""

    def dialled(self, value: str, *, costly: bool = False) -> str:
        """Pure. The number as it is dialled. Raises Undeliverable: "withheld_number", "emergency_number",
        "premium_number", "wrong_number", and "costly_number" unless somebody agreed to pay more."""


@runtime_checkable
class Follows(Protocol):
    """A channel whose provider can be asked what became of a live call: its words may be lost (T6)."""

    @property
    def ring_s(self) -> int:
        """How long an agent's telephone rings, in seconds."""

    async def follow(self, call: str, params: Mapping[str, Any]) -> list[CallUpdate]:
        """What has changed and may not have been heard; nothing while the call goes on. Raises TryAgain or Undeliverable.

        `params`: "now"; "leg" and "agent_leg", ids at the provider, and "order", the key that asked for the agent's,
        each "" while unknown; "dial", the key that asked for a customer's leg that has not answered yet, else "";
        "voicemail", whether a recording is expected.
        """
