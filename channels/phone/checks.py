"""The connection test: does the account answer, is the number ours, do its webhooks point here?"""

from typing import Any

import httpx2
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.contract import Finding
from channels.phone.config import PhoneConfig


async def check_number(client: Client, config: PhoneConfig, hook_url: str) -> list[Finding]:
    """Findings, each `ok` or not: phone_account, phone_number, phone_voice_url, phone_status_url, phone_fallback_url."""
    try:
        account = await client.api.v2010.accounts(config.account_sid).fetch_async()
        numbers = await client.incoming_phone_numbers.list_async(phone_number=config.number, limit=1)
    except TwilioRestException as error:
        return [Finding(ok=False, code="phone_account", detail=str(error.code or error.status))]
    except (httpx2.HTTPError, TwilioException, ValueError) as error:
        return [Finding(ok=False, code="phone_account", detail=type(error).__name__)]
    findings = [
        Finding(ok=account.status == "active", code="phone_account", detail=str(account.status)),
        Finding(ok=bool(numbers), code="phone_number", detail=config.number),
    ]
    return findings + (_webhooks(numbers[0], hook_url) if numbers else [])


def _webhooks(number: Any, hook_url: str) -> list[Finding]:
    """The number's own settings at Twilio. Without a fallback on another host the phone dies with us (T5)."""
    voice, status, fallback = number.voice_url or "", number.status_callback or "", number.voice_fallback_url or ""
    elsewhere = bool(fallback) and not fallback.startswith(hook_url)
    return [
        _same("phone_voice_url", voice, f"{hook_url}/voice", number.voice_method),
        _same("phone_status_url", status, f"{hook_url}/status", number.status_callback_method),
        Finding(ok=elsewhere, code="phone_fallback_url", detail=fallback),
    ]


def _same(code: str, is_set: str, wanted: str, method: str | None) -> Finding:
    """Fragments (#rc=2) are Twilio's own connection settings and no part of the address (T4)."""
    right = is_set.partition("#")[0] == wanted and (method or "POST") == "POST"
    return Finding(ok=right, code=code, detail=is_set if right else f"{is_set or '-'} -> {wanted}")
