"""Twilio's webhook signature: pure functions (T1, T2, T3)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from channels.contract import Forged, Hook

_URL = re.compile(r"^(?P<scheme>https?)://(?P<host>\[[^\]]*\]|[^/:?#@]+)(?::(?P<port>\d+))?(?P<rest>.*)$", re.DOTALL)
_STANDARD_PORT = {"https": "443", "http": "80"}


class ForgedCall(Forged):
    """Twilio did not sign this request."""

    status = 403


def form_of(hook: Hook) -> list[tuple[str, str]]:
    """The POST parameters, empty values included (T3). A GET has none, whatever its body says."""
    if hook.method.upper() == "GET" or not _is_form(hook):
        return []
    return parse_qsl(hook.body.decode("utf-8", "replace"), keep_blank_values=True)


def query_of(hook: Hook) -> dict[str, str]:
    """The parameters of the URL; they are protected by the signature, because the whole URL is."""
    return dict(parse_qsl(hook.url.partition("#")[0].partition("?")[2], keep_blank_values=True))


def sign(url: str, params: Iterable[tuple[str, str]], token: str) -> str:
    """base64(HMAC-SHA1(token, URL + every distinct key and value, sorted)) (T1)."""
    text = url + "".join(key + value for key, value in sorted(set(params)))
    return base64.b64encode(hmac.digest(token.encode(), text.encode("utf-8", "replace"), hashlib.sha1)).decode()


def url_forms(url: str) -> list[str]:
    """The URL as called, without its port and with the standard one: Twilio signs any of them (T3)."""
    match = _URL.match(url)
    if match is None:
        return [url]
    scheme, host, rest = match["scheme"], match["host"], match["rest"]
    bare = f"{scheme}://{host}{rest}"
    with_port = f"{scheme}://{host}:{match['port'] or _STANDARD_PORT[scheme]}{rest}"
    return list(dict.fromkeys((url, bare, with_port)))


def check_signature(hook: Hook, tokens: Sequence[str]) -> None:
    """Raises ForgedCall unless one of the tokens signed this request. Compares in constant time."""
    given = hook.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
    url = hook.url.partition("#")[0]  # fragments are neither sent nor signed (T3)
    if not given or not _body_is_covered(hook):
        raise ForgedCall
    params = form_of(hook)
    expected = [sign(form, params, token).encode() for form in url_forms(url) for token in tokens if token]
    if not any(hmac.compare_digest(one, given) for one in expected):
        raise ForgedCall


def _is_form(hook: Hook) -> bool:
    kind = hook.headers.get("content-type", "application/x-www-form-urlencoded")
    return kind.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def _body_is_covered(hook: Hook) -> bool:
    """A body that is no form is covered only by the hash in the signed URL."""
    if hook.method.upper() == "GET" or _is_form(hook):
        return True
    claimed = query_of(hook).get("bodySHA256", "").lower()
    return hmac.compare_digest(hashlib.sha256(hook.body).hexdigest().encode(), claimed.encode("utf-8", "replace"))
