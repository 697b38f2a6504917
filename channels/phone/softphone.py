"""The access token of an agent's browser leg (T14): a JWT as Twilio's Voice SDK reads it, built from `now`.

Twilio's own builder reads the clock and loads 30 MB of libraries; the token is three dictionaries.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import orjson

from channels.contract import Undeliverable
from channels.phone.config import PhoneConfig

TOKEN_LIFE_S = 3600  # T14: at most an hour; the browser asks for the next one before it ends


def identity(agent: int) -> str:
    """The opaque name of an agent's browser: `client:agent-7` is what Twilio calls."""
    return f"agent-{agent}"


def access_token(config: PhoneConfig, agent: int, now: datetime) -> str:
    """A token with a voice grant. Raises Undeliverable("softphone_off") when the inbox has no API key."""
    secret = config.api_key_secret.get_secret_value()
    if not config.api_key_sid or not secret:
        raise Undeliverable("softphone_off", detail="api_key_sid and api_key_secret are not set")
    issued = int(now.timestamp())
    voice: dict[str, Any] = {"incoming": {"allow": True}}
    if config.twiml_app_sid:
        voice["outgoing"] = {"application_sid": config.twiml_app_sid}
    claims = {
        "jti": f"{config.api_key_sid}-{issued}",
        "iss": config.api_key_sid,
        "sub": config.account_sid,
        "nbf": issued,
        "exp": issued + TOKEN_LIFE_S,
        "grants": {"identity": identity(agent), "voice": voice},
    }
    return _signed({"cty": "twilio-fpa;v=1", "typ": "JWT", "alg": "HS256"}, claims, secret)


def _signed(header: dict[str, Any], claims: dict[str, Any], secret: str) -> str:
    text = b".".join(_encode(orjson.dumps(one)) for one in (header, claims))
    return (text + b"." + _encode(hmac.digest(secret.encode(), text, hashlib.sha256))).decode()


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
