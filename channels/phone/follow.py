"""Asking Twilio what became of a call, because its callbacks may be lost (T6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.contract import CallUpdate, Part, TryAgain
from channels.phone.config import PhoneConfig
from channels.phone.parse import FINAL, recording_part
from channels.phone.refusals import refusal


@dataclass(frozen=True, slots=True)
class Seen:
    """One leg as Twilio shows it. A leg that it does not know has failed."""

    status: str
    ended_at: datetime | None = None
    duration_s: int | None = None

    @property
    def is_over(self) -> bool:
        return self.status in FINAL


async def follow(client: Client, config: PhoneConfig, call: str, params: Mapping[str, Any]) -> list[CallUpdate]:
    """`channels.telephony.Follows.follow`. The customer's leg is asked for first: when that is over, everything is."""
    try:
        return await _follow(client, config, call, params)
    except TwilioRestException as error:
        raise refusal(error) from error
    except (httpx2.HTTPError, TwilioException, ValueError) as error:
        raise TryAgain("unreachable", detail=type(error).__name__) from error


async def _follow(client: Client, config: PhoneConfig, call: str, params: Mapping[str, Any]) -> list[CallUpdate]:
    now, leg, agent_leg, dial = (
        params["now"],
        params.get("leg", ""),
        params.get("agent_leg", ""),
        params.get("dial", ""),
    )
    ours = "" if leg == call else leg  # of a call that came in the leg is the call
    told: list[CallUpdate] = []
    if leg:
        seen = await _look(client, leg)
        if seen.is_over:
            kept = await _recordings(client, config, call, leg, now) if params.get("voicemail") else []
            at = min(seen.ended_at or now, now)
            over = CallUpdate(
                call=call, at=at, event="ended", reason=seen.status, leg=ours, duration_s=seen.duration_s
            )  # fmt: skip
            return [*kept, over]
        if dial and seen.status == "in-progress":
            told.append(CallUpdate(call=call, at=now, event="connected", leg=ours, order=dial))
    if agent_leg and (gone := await _look(client, agent_leg)).is_over:
        at, order = min(gone.ended_at or now, now), params.get("order", "")
        told.append(
            CallUpdate(call=call, at=at, event="agent_left", reason=gone.status, leg=agent_leg, order=order)
        )  # fmt: skip
    return told


async def _look(client: Client, leg: str) -> Seen:
    try:
        found = await client.calls(leg).fetch_async()
    except TwilioRestException as error:
        if error.status == 404:
            return Seen("failed")
        raise
    seconds = str(found.duration or "")
    return Seen(str(found.status), found.end_time, int(seconds) if seconds.isdecimal() else None)


async def _recordings(client: Client, config: PhoneConfig, call: str, leg: str, now: datetime) -> list[CallUpdate]:
    """A message was left and both words of it may be lost: it is a customer's message all the same (T13)."""
    told = []
    for found in await client.calls(leg).recordings.list_async(limit=5):
        seconds = str(found.duration or "")
        if str(found.status) == "completed" and seconds.isdecimal():
            part = _part(config, str(found.sid), int(seconds))
            told.append(CallUpdate(call=call, at=now, event="recorded", recording=part, duration_s=int(seconds)))
    return told


def _part(config: PhoneConfig, sid: str, seconds: int) -> Part:
    url = f"{config.api_base}/2010-04-01/Accounts/{config.account_sid}/Recordings/{sid}"
    return recording_part(sid, url, seconds)
