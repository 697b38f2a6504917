"""Downloading what a customer sent (L13)."""

import asyncio
import mimetypes
from urllib.parse import quote

import httpx2

from channels.contract import Fetched, Part, TryAgain, Undeliverable
from channels.line.client import Refusal, Silence, Tokens, as_json
from channels.line.rates import Buckets
from channels.net import PrivateAddress

LARGEST = 200_000_000
LONGEST_S = 600  # a host that drips bytes does not hold us for ever
EXTENSIONS = {"image/jpeg": ".jpg", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a", "video/mp4": ".mp4"}


class Content:
    """The content host of one channel, and any other host behind the guard."""

    def __init__(
        self, base: str, tokens: Tokens, buckets: Buckets, *, http: httpx2.AsyncClient, outside: httpx2.AsyncClient
    ):
        self._base, self._tokens, self._http, self._outside = base, tokens, http, outside
        self._buckets = buckets

    async def fetch(self, part: Part) -> Fetched:
        """Raises TryAgain while LINE still prepares it, Undeliverable when it is gone."""
        road, _, rest = part.remote.partition(":")
        try:
            async with asyncio.timeout(LONGEST_S):
                if road == "external":
                    return await self._download(self._outside, rest, {}, part, "")
                if road not in ("content", "media") or not rest:
                    raise Undeliverable("content_gone", detail="there is no address to fetch it from")
                return await self._of_line(road, rest, part)
        except PrivateAddress as error:
            raise Undeliverable("content_refused", detail=str(error)) from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.TooManyRedirects) as error:
            raise Undeliverable("content_refused", detail=type(error).__name__) from error
        except (httpx2.HTTPError, Silence, TimeoutError) as error:
            raise TryAgain("no_answer", detail=f"{type(error).__name__} {error}".strip()) from error

    async def _of_line(self, road: str, message: str, part: Part) -> Fetched:
        url = f"{self._base}/v2/bot/message/{quote(message, safe='')}/content"
        if wait := self._buckets.take("content", asyncio.get_running_loop().time()):
            raise TryAgain("rate_limited", after=wait)
        try:
            token = await self._tokens.current()
            try:
                return await self._with(token, road, url, part, message)
            except Refusal as refusal:
                if refusal.status != 401 or (fresh := await self._tokens.current(refused=token)) == token:
                    raise
                return await self._with(fresh, road, url, part, message)
        except Refusal as refusal:
            raise _meaning(refusal.status) from refusal

    async def _with(self, token: str, road: str, url: str, part: Part, message: str) -> Fetched:
        headers = {"Authorization": f"Bearer {token}"}
        if road == "media":
            await self._wait_converted(f"{url}/transcoding", headers)
        return await self._download(self._http, url, headers, part, message)

    async def _wait_converted(self, url: str, headers: dict[str, str]) -> None:
        """Video and audio are converted first; until then there is nothing to download."""
        answer = await self._http.get(url, headers=headers)
        if answer.status_code != 200:
            raise Refusal(answer.status_code)
        state = as_json(answer.content).get("status")
        if state == "failed":
            raise Undeliverable("content_gone", detail="LINE could not convert it")
        if state == "processing":
            raise TryAgain("content_preparing")

    async def _download(
        self, client: httpx2.AsyncClient, url: str, headers: dict[str, str], part: Part, message: str
    ) -> Fetched:
        async with client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == 202:
                raise TryAgain("content_preparing")
            if answer.status_code != 200:
                raise Refusal(answer.status_code) if message else _meaning(answer.status_code)
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > LARGEST:
                    raise Undeliverable("content_too_large", detail=f"over {LARGEST} bytes")
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower() or part.media_type
        return Fetched(content=bytes(content), media_type=media_type, name=part.name or _name(message, media_type))


def _name(message: str, media_type: str) -> str:
    extension = EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ""
    return f"{message or 'content'}{extension}"


def _meaning(status: int) -> Exception:
    """What a refusal of the content host means to the one who waits for it."""
    if status in (404, 410):
        return Undeliverable("content_gone", detail=f"LINE answered {status}")
    if status in (401, 403):
        return Undeliverable("credentials", detail=f"LINE answered {status}")
    if status == 429 or status >= 500:
        return TryAgain("provider_error", detail=f"LINE answered {status}")
    return Undeliverable("content_gone", detail=f"LINE answered {status}")
