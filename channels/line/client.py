"""The Messaging API through line-bot-sdk v3, with the SDK's traps closed (dependencies.md, 6).

The SDK waits 300 s by default, must be created inside a running loop and closed, and raises on answers that it does
not expect: here every call has a time limit and keeps to LINE's rates (L23), and ends in JSON, a `Refusal` or a `Silence`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import aiohttp
import httpx2
import orjson
from linebot.v3.messaging import (
    ApiException,
    ApiResponse,
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    PushMessageRequest,
    ReplyMessageRequest,
)

from channels.line.config import LineConfig
from channels.line.rates import Buckets

TOKEN_LIFE_S = 600  # stateless tokens live 15 minutes (L33)

Message = Mapping[str, Any]
Json = dict[str, Any]


class Refusal(Exception):
    """LINE answered, and not with success."""

    def __init__(self, status: int, body: bytes | str = b"", headers: Mapping[str, str] | None = None):
        super().__init__(status)
        self.status, self.body, self.headers = status, as_json(body), headers or {}

    @property
    def said(self) -> str:
        """LINE's own words with its request id, for the log and for the agent."""
        details = [d.get("message", "") for d in self.body.get("details") or () if isinstance(d, dict)]
        words = "; ".join(str(word) for word in (self.body.get("message") or self.body.get("error"), *details) if word)
        request = self.headers.get("x-line-request-id", "")
        return f"{self.status} {words}{f' ({request})' if request else ''}"[:500]

    @property
    def retry_after(self) -> float | None:
        seconds = self.headers.get("retry-after", "")
        return float(seconds) if seconds.isdigit() else None


class Silence(Exception):
    """No answer came. `asked`: whether LINE may have received the request."""

    def __init__(self, asked: bool, reason: str):
        super().__init__(reason)
        self.asked = asked


class Throttled(Silence):
    """Our own limit: LINE was not asked. `wait`: seconds until it may be."""

    def __init__(self, wait: float):
        super().__init__(False, "our own limit of requests")
        self.wait = wait


class Tokens:
    """The access token: the long-lived one, or stateless ones issued from id and secret (L33)."""

    def __init__(self, config: LineConfig, http: httpx2.AsyncClient):
        self._config, self._http = config, http
        self._fixed = config.access_token.get_secret_value()
        self._issued, self._until = "", 0.0
        self._lock = asyncio.Lock()

    async def current(self, *, refused: str = "") -> str:
        """A token other than `refused`, if there can be one. Raises Refusal or Silence."""
        if self._fixed:
            return self._fixed
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now >= self._until or self._issued == refused:
                self._issued, self._until = await self._issue(), now + TOKEN_LIFE_S
            return self._issued

    async def _issue(self) -> str:
        """By the next secret too: the old one may just have died (L5)."""
        answer = await self._ask(self._config.secrets[0])
        if answer.status_code in (400, 401) and len(self._config.secrets) > 1:
            answer = await self._ask(self._config.secrets[1])
        token = as_json(answer.content).get("access_token")
        if answer.status_code != 200 or not isinstance(token, str):
            wrong = answer.status_code == 200 or answer.status_code in (400, 403)
            raise Refusal(401 if wrong else answer.status_code, answer.content, answer.headers)
        return token

    async def _ask(self, secret: bytes) -> httpx2.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.channel_id,
            "client_secret": secret.decode(),
        }
        try:
            return await self._http.post(f"{self._config.api_base}/oauth2/v3/token", data=form)
        except httpx2.HTTPError as error:
            raise Silence(False, type(error).__name__) from error


class Api:
    """LINE's endpoints as coroutines that return JSON. Raises Refusal and Silence only. Made inside a running loop."""

    def __init__(self, config: LineConfig, tokens: Tokens, buckets: Buckets, *, timeout_s: float):
        self._tokens, self._buckets = tokens, buckets
        self._client = AsyncApiClient(Configuration(access_token="", host=config.api_base))
        self._sdk = AsyncMessagingApi(self._client)
        self._limit = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(5, timeout_s))

    async def reply(self, token: str, messages: Sequence[Message], *, silent: bool = False) -> Json:
        told = {"replyToken": token, "messages": list(messages), "notificationDisabled": silent}
        request = ReplyMessageRequest.from_dict(told)
        return await self._ask("reply", lambda limit: self._sdk.reply_message_with_http_info(request, **limit))

    async def push(self, to: str, messages: Sequence[Message], key: str, *, silent: bool = False) -> Json:
        told = {"to": to, "messages": list(messages), "notificationDisabled": silent}
        request = PushMessageRequest.from_dict(told)
        return await self._ask("push", lambda limit: self._sdk.push_message_with_http_info(request, key, **limit))

    async def quota(self) -> Json:
        return await self._ask("quota", lambda limit: self._sdk.get_message_quota_with_http_info(**limit))

    async def consumption(self) -> Json:
        return await self._ask(
            "consumption", lambda limit: self._sdk.get_message_quota_consumption_with_http_info(**limit)
        )

    async def profile(self, user: str) -> Json:
        return await self._ask("profile", lambda limit: self._sdk.get_profile_with_http_info(user, **limit))

    async def group(self, group: str) -> Json:
        return await self._ask("group", lambda limit: self._sdk.get_group_summary_with_http_info(group, **limit))

    async def bot(self) -> Json:
        return await self._ask("bot", lambda limit: self._sdk.get_bot_info_with_http_info(**limit))

    async def endpoint(self) -> Json:
        return await self._ask("endpoint", lambda limit: self._sdk.get_webhook_endpoint_with_http_info(**limit))

    async def test_endpoint(self) -> Json:
        return await self._ask("test_endpoint", lambda limit: self._sdk.test_webhook_endpoint_with_http_info(**limit))

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, endpoint: str, call: Callable[[Json], Awaitable[ApiResponse]]) -> Json:
        if wait := self._buckets.take(endpoint, asyncio.get_running_loop().time()):
            raise Throttled(wait)
        token = await self._tokens.current()
        try:
            return await self._once(call, token)
        except Refusal as refusal:
            if refusal.status != 401 or (fresh := await self._tokens.current(refused=token)) == token:
                raise
            return await self._once(call, fresh)

    async def _once(self, call: Callable[[Json], Awaitable[ApiResponse]], token: str) -> Json:
        self._client.configuration.access_token = token  # read by the SDK before its first await
        try:
            answer = await call({"_request_timeout": self._limit})
        except ApiException as error:
            raise Refusal(error.status, error.body or b"", error.headers) from error
        except aiohttp.ClientConnectorError as error:
            raise Silence(False, type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Silence(True, type(error).__name__) from error
        except ValueError:  # a success whose body is new to the SDK
            return {}
        return as_json(answer.raw_data) | {"request_id": answer.headers.get("x-line-request-id", "")}


def as_json(body: bytes | str) -> Json:
    """The object in a body; {} when there is none."""
    try:
        read = orjson.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
