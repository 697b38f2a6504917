"""Optional parts of the channel contract: what some providers can be asked, and what some bytes can be read as."""

from typing import ClassVar, Protocol, runtime_checkable

from channels.contract import Finding, Hook, Inbound


@runtime_checkable
class Reaches(Protocol):
    """A channel whose provider can be asked whether its webhooks still reach us (L12)."""

    async def reached(self) -> Finding | None:
        """What the provider says; None when it does not answer, which says nothing. Never raises on a failure of theirs."""


@runtime_checkable
class Rereads(Protocol):
    """A channel whose messages may have been read in a wrong charset (E14)."""

    charsets: ClassVar[tuple[str, ...]]  # what a person may choose

    def reread(self, hook: Hook, charset: str) -> Inbound | None:
        """Pure. The same message, its words in this charset; None when it could never be read."""
