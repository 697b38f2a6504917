"""What we ask of Twilio: ring an agent or a customer, bring them into one room, hang up (T14, T15, T18, T22)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.contract import CallUpdate, Fetched, Finding, Outbound, Part, Sent, TryAgain, Unconfirmed, Undeliverable
from channels.phone.checks import check_number
from channels.phone.config import PhoneConfig
from channels.phone.follow import follow
from channels.phone.numbers import dialled, e164
from channels.phone.recordings import fetch_recording
from channels.phone.refusals import refusal
from channels.phone.wire import Wire
from channels.phone.words import UNREACHED

NOT_IN_PROGRESS = 21220  # "invalid call state"
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
        if outbound.kind not in {"connect", "join", "dial", "ask", "hangup"}:
            raise Undeliverable("unsupported", detail=outbound.kind)
        if not call:
            raise Undeliverable("refused", detail="no call")
        match outbound.kind:
            case "connect":
                agent = self._agent(str(outbound.params.get("agent", "")))
                return await self._ring(outbound, call, agent, "agent", self.config.ring_s)
            case "dial":
                to = dialled(str(outbound.params.get("to", "")), self.config.default_region, costly=True)
                return await self._ring(outbound, call, to, "customer", self.config.dial_s)
            case "join" | "ask":
                return await self._lead(call, "join" if outbound.kind == "join" else "survey")
        return await self._hang_up(call, str(outbound.params.get("reason", "")))

    async def follow(self, call: str, params: Mapping[str, Any]) -> list[CallUpdate]:
        return await follow(self.client, self.config, call, params)

    async def fetch(self, part: Part) -> Fetched:
        return await fetch_recording(self.wire, part)

    async def check(self) -> list[Finding]:
        return await check_number(self.client, self.config, self.hook_url)

    async def close(self) -> None:
        await self.wire.close()

    async def _ring(self, outbound: Outbound, call: str, to: str, door: str, ring_s: int) -> Sent:
        """Rings somebody. Twilio would ring a second time for a second request: never repeat what may have gone out.

        From is always our own number: no other is shown in Japan (T23).
        """
        if outbound.attempt > 1 and outbound.memory.get(_NOT_CREATED) != outbound.attempt - 1:
            raise Unconfirmed("answer_lost", detail="an earlier attempt may have rung")
        memory = {_NOT_CREATED: outbound.attempt}
        query = urlencode({"call": call, "order": outbound.key})
        try:
            made = await self.client.calls.create_async(
                to=to,
                from_=self.config.number,
                url=f"{self.hook_url}/{door}?{query}",
                status_callback=f"{self.hook_url}/{door}-status?{query}",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=ring_s,
            )
        except TwilioRestException as error:
            if error.status >= 500:
                raise Unconfirmed("answer_lost", detail=f"status {error.status}") from error
            raise refusal(error, memory) from error
        except _NEVER_SENT as error:
            raise TryAgain("unreachable", memory=memory) from error
        except (httpx2.HTTPError, TwilioException, ValueError) as error:
            raise Unconfirmed("answer_lost", detail=type(error).__name__) from error
        return Sent(external_ids=(made.sid,), via="call", facts={"call": call, "leg": made.sid})

    async def _lead(self, call: str, door: str) -> Sent:
        """The customer's leg goes through this door of ours."""
        if not await self._change(call, url=f"{self.hook_url}/{door}", method="POST"):
            raise Undeliverable("call_over", detail=call)
        return Sent(external_ids=(call,), via="call")

    async def _hang_up(self, call: str, reason: str) -> Sent:
        """Ends a leg; an agent who waits for a customer hears the reason first. A leg that is over is what was wanted."""
        if reason in UNREACHED:
            told = await self._change(call, url=f"{self.hook_url}/told?{urlencode({'reason': reason})}", method="POST")
            if told:
                return Sent(external_ids=(call,), via="call")
        await self._change(call, status="completed")
        return Sent(external_ids=(call,), via="call")

    async def _change(self, call: str, **change: str) -> bool:
        """Changes a live leg; False when it is over. Doing it twice does no harm, so every doubt is another try."""
        try:
            await self.client.calls(call).update_async(**change)
        except TwilioRestException as error:
            if error.status == 404 or error.code == NOT_IN_PROGRESS:
                return False
            raise refusal(error) from error
        except (httpx2.HTTPError, TwilioException, ValueError) as error:
            raise TryAgain("unreachable", detail=type(error).__name__) from error
        return True

    def _agent(self, agent: str) -> str:
        """Where the agent is: a browser or SIP phone as named, a telephone as E.164."""
        if agent.startswith(("client:", "sip:", "sips:")):
            return agent
        number = e164(agent, self.config.default_region)
        if number is None:
            raise Undeliverable("refused", detail="the agent's number is none that can be dialled")
        return number
