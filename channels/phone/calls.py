"""What we ask of Twilio: ring an agent, bring a customer into the room, hang up (T14, T15, T18)."""

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx2
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.contract import Fetched, Finding, Outbound, Part, Sent, TryAgain, Unconfirmed, Undeliverable
from channels.phone.checks import check_number
from channels.phone.config import PhoneConfig
from channels.phone.numbers import e164
from channels.phone.recordings import fetch_recording
from channels.phone.wire import Wire

NOT_IN_PROGRESS = 21220  # "invalid call state"
AUTHENTICATION = frozenset({20003, 20005})
TOO_MANY = 20429
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_NOT_CREATED = "not_created"  # memory: the last attempt that surely made no call


class Calls:
    """The open connection of one inbox to Twilio. Made inside the running loop, closed by `close`."""

    def __init__(self, config: PhoneConfig, hook_url: str) -> None:
        self.config, self.hook_url = config, hook_url
        self.wire = Wire(config)
        self.client = Client(config.account_sid, config.auth_tokens[0], http_client=self.wire)

    async def send(self, outbound: Outbound) -> Sent:
        call = str(outbound.params.get("call", ""))
        if outbound.kind not in {"connect", "join", "hangup"}:
            raise Undeliverable("unsupported", detail=outbound.kind)
        if not call:
            raise Undeliverable("refused", detail="no call")
        if outbound.kind == "connect":
            return await self._connect(outbound, call)
        return await self._update(outbound.kind, call)

    async def fetch(self, part: Part) -> Fetched:
        return await fetch_recording(self.wire, part)

    async def check(self) -> list[Finding]:
        return await check_number(self.client, self.config, self.hook_url)

    async def close(self) -> None:
        await self.wire.close()

    async def _connect(self, outbound: Outbound, call: str) -> Sent:
        """Rings the agent. Twilio would ring a second time for a second request: never repeat what may have gone out."""
        if outbound.attempt > 1 and outbound.memory.get(_NOT_CREATED) != outbound.attempt - 1:
            raise Unconfirmed("answer_lost", detail="an earlier attempt may have rung the agent")
        memory = {_NOT_CREATED: outbound.attempt}
        query = urlencode({"call": call, "order": outbound.key})
        try:
            made = await self.client.calls.create_async(
                to=self._agent(str(outbound.params.get("agent", ""))),
                from_=self.config.number,
                url=f"{self.hook_url}/agent?{query}",
                status_callback=f"{self.hook_url}/agent-status?{query}",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=self.config.ring_s,
            )
        except TwilioRestException as error:
            if error.status >= 500:
                raise Unconfirmed("answer_lost", detail=f"status {error.status}") from error
            raise _refusal(error, memory) from error
        except _NEVER_SENT as error:
            raise TryAgain("unreachable", memory=memory) from error
        except (httpx2.HTTPError, TwilioException, ValueError) as error:
            raise Unconfirmed("answer_lost", detail=type(error).__name__) from error
        return Sent(external_ids=(made.sid,), via="call", facts={"call": call, "leg": made.sid})

    async def _update(self, kind: str, call: str) -> Sent:
        """Changes the customer's live call. Doing it twice does no harm, so every doubt is another try."""
        change = {"status": "completed"} if kind == "hangup" else {"url": f"{self.hook_url}/join", "method": "POST"}
        try:
            await self.client.calls(call).update_async(**change)
        except TwilioRestException as error:
            if error.status == 404 or error.code == NOT_IN_PROGRESS:
                if kind == "join":
                    raise Undeliverable("call_over", detail=str(error.code), unreachable=False) from error
                return Sent(external_ids=(call,), via="call")  # hung up already: that is what was wanted
            raise _refusal(error) from error
        except (httpx2.HTTPError, TwilioException, ValueError) as error:
            raise TryAgain("unreachable", detail=type(error).__name__) from error
        return Sent(external_ids=(call,), via="call")

    def _agent(self, agent: str) -> str:
        """Where the agent is: a browser or SIP phone as named, a telephone as E.164."""
        if agent.startswith(("client:", "sip:", "sips:")):
            return agent
        number = e164(agent, self.config.default_region)
        if number is None:
            raise Undeliverable("refused", detail="the agent's number is none that can be dialled")
        return number


def _refusal(error: TwilioRestException, memory: Mapping[str, int] | None = None) -> TryAgain | Undeliverable:
    """What an HTTP error of Twilio means for this order (T29)."""
    code = str(error.code or error.status)
    if error.status == 429 or error.code == TOO_MANY:
        return TryAgain("rate_limited", detail=code, memory=memory)
    if error.status >= 500:
        return TryAgain("provider_error", detail=code, memory=memory)
    if error.status == 401 or error.code in AUTHENTICATION or (error.status == 403 and not _names_a_call(error)):
        return Undeliverable("credentials", detail=code)
    return Undeliverable("refused", detail=code)


def _names_a_call(error: TwilioRestException) -> bool:
    """13xxx and 21xxx are about this one call (a country that is not allowed, a wrong number), not about the account."""
    return int(error.code or 0) // 1000 in {13, 21}
