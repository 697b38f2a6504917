"""One request of Twilio, read once: which door it came to and what it says. Pure, never raises."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from channels.contract import Hook
from channels.phone.signature import form_of, query_of

# Doors that only tell us something: Twilio wants no TwiML back.
CALLBACKS = frozenset({"status", "agent-status", "customer-status", "recording", "conference"})
OUTGOING = "out:"  # how the app names a call that we make, before anybody has a CallSid
_SID = re.compile(r"^CA[0-9A-Za-z]{1,62}$")
_CALL = re.compile(r"^(?:CA[0-9A-Za-z]{1,62}|out:[0-9a-f-]{1,60})$")


@dataclass(frozen=True, slots=True)
class CallHook:
    route: str
    sid: str  # of the leg that this request is about; "" when it is none that Twilio could have made
    form: Mapping[str, str]  # Twilio's parameters
    query: Mapping[str, str]  # ours, of the callback URL
    received_at: datetime

    @property
    def call(self) -> str:
        """The call, as our own URL names it: the customer's leg, or "out:..." when we call; "" when it does not."""
        named = self.query.get("call", "")
        return named if _CALL.match(named) else ""

    @property
    def is_outgoing(self) -> bool:
        return self.call.startswith(OUTGOING)

    @property
    def order(self) -> str:
        return self.query.get("order", "")[:64]

    @property
    def is_internal(self) -> bool:
        """The caller is no telephone: a browser or a SIP phone of ours."""
        return self.param("From").startswith(("client:", "sip:", "sips:"))

    @property
    def is_taken(self) -> bool:
        """The agent took the call: the browser, because they clicked; a telephone, because they pressed 1 (T14)."""
        return self.param("To").startswith("client:") or (
            bool(self.query.get("accepted")) and self.param("Digits") == "1"
        )

    @property
    def at(self) -> datetime:
        """When it happened: Twilio's own time where it tells one."""
        try:
            told = parsedate_to_datetime(self.param("Timestamp"))
        except (ValueError, TypeError, IndexError, OverflowError):
            return self.received_at
        return told if told.tzinfo else told.replace(tzinfo=UTC)

    def param(self, name: str) -> str:
        return self.form.get(name, "")

    def number(self, name: str) -> int | None:
        """A whole number that is not negative; None when it is missing or something else."""
        text = self.param(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def read(hook: Hook) -> CallHook:
    """A GET carries Twilio's parameters in its query, a POST in its form."""
    query = query_of(hook)
    form = query if hook.method.upper() == "GET" else dict(form_of(hook))
    sid = form.get("CallSid", "")
    return CallHook(
        route=hook.route.strip("/"),
        sid=sid if _SID.match(sid) else "",
        form=form,
        query=query,
        received_at=hook.received_at,
    )
