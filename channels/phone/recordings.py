"""Downloads of recordings: basic authentication, our own API host only (T20)."""

from urllib.parse import urlsplit

import httpx2
import orjson

from channels.contract import Fetched, Part, TryAgain, Undeliverable
from channels.phone.wire import Wire

LARGEST = 100 * 1024 * 1024
SOON_S = 5.0
_GONE = frozenset({"absent", "deleted"})


async def fetch_recording(wire: Wire, part: Part) -> Fetched:
    """The sound as WAV. TryAgain while Twilio still writes it, Undeliverable("content_gone") when it will never come."""
    url = _checked(wire.config.api_base, wire.config.account_sid, part.remote)
    try:
        got = await wire.ask("GET", url + ".wav")
        if got.status_code == 404:
            raise await _why_missing(wire, url)
    except httpx2.HTTPError as error:
        raise TryAgain("unreachable", detail=type(error).__name__) from error
    if got.status_code in {401, 403}:
        raise Undeliverable("credentials", detail=str(got.status_code))
    if got.status_code == 429 or got.status_code >= 500:
        raise TryAgain("provider_error", detail=str(got.status_code))
    if got.status_code != 200 or len(got.content) > LARGEST:
        raise Undeliverable("refused", detail=str(got.status_code))
    kind = got.headers.get("content-type", "").partition(";")[0] or "audio/wav"
    return Fetched(content=got.content, media_type="audio/wav" if kind == "audio/x-wav" else kind, name=part.name)


def _checked(api_base: str, account: str, remote: str) -> str:
    """The recording's address without an ending. A signed webhook named it; our password still goes nowhere else."""
    url = remote.removeprefix("recording:").removesuffix(".wav").removesuffix(".mp3")
    home = f"{api_base}/2010-04-01/Accounts/{account}/Recordings/"
    name = url.removeprefix(home)
    if name == url or not name.isalnum() or urlsplit(url).netloc != urlsplit(api_base).netloc:
        raise Undeliverable("refused", detail="not an address of this account's recordings")
    return url


async def _why_missing(wire: Wire, url: str) -> TryAgain | Undeliverable:
    """The sound may follow its callback by some seconds; the recording's own record says whether it will."""
    got = await wire.ask("GET", url + ".json")
    if got.status_code == 200 and _status(got.content) not in _GONE:
        return TryAgain("preparing", after=SOON_S)
    if got.status_code == 429 or got.status_code >= 500:
        return TryAgain("provider_error", detail=str(got.status_code))
    return Undeliverable("content_gone", detail=str(got.status_code))


def _status(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["status"])
    except (ValueError, KeyError, TypeError):
        return ""
