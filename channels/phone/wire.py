"""HTTP to Twilio: one pooled httpx2 client that the SDK, the downloads and the checks share."""

import logging
from typing import Any

import httpx2
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from channels.phone.config import PhoneConfig

SDK_BASE = "https://api.twilio.com"
TIMEOUT = httpx2.Timeout(15.0, connect=5.0)
_logger = logging.getLogger(__name__)


class Wire(AsyncHttpClient):  # type: ignore[misc]  # the SDK is untyped
    """The SDK's transport. Its own one (aiohttp) has no time limit by default and cannot reach another host."""

    def __init__(self, config: PhoneConfig) -> None:
        super().__init__(_logger, True, None)
        self.config = config
        self.client = httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False)

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """What the SDK calls. The tokens are ours, so that a rotated one does not stop the telephone (T3)."""
        request = {"params": params, "data": data or None, "headers": headers}
        got = await self.ask(method, self.config.api_base + uri.removeprefix(SDK_BASE), **request)
        return Response(got.status_code, got.text, got.headers)

    async def ask(self, method: str, url: str, **request: Any) -> httpx2.Response:
        """One request with the first token that Twilio accepts. A 401 did nothing, so asking again is safe."""
        tokens = self.config.auth_tokens
        for token in tokens[:-1]:
            got = await self.client.request(method, url, auth=(self.config.account_sid, token), **request)
            if got.status_code != 401:
                return got
        return await self.client.request(method, url, auth=(self.config.account_sid, tokens[-1]), **request)

    async def close(self) -> None:
        await self.client.aclose()
