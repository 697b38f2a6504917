"""A small shop page that embeds the chat widget, as a customer's own web site would: by one script tag, under a strict CSP.

It plays the site's side: it also signs who its logged-in member is (a JWT with HS256), as a site's server does.
"""

import base64
import hashlib
import hmac
import html
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from demo.shop_words import GOODS, WORDS

_HERE = Path(__file__).parent / "shop_files"
_MEMBER = {"sub": "member-1024", "name": "磯野 フネ", "email": "fune@example.jp", "company": ""}


class Shop:
    """The page of 三河屋, a neighbourhood shop. `widget_url` is the product's widget.js, `token` the chat inbox's token."""

    def __init__(
        self,
        widget_url: str,
        token: str,
        *,
        identity_secret: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.widget_url, self.token, self.identity_secret, self._clock = widget_url, token, identity_secret, clock

    def controls(self) -> list[Route]:
        """The page and its files; mount them under any prefix that ends with a slash."""
        return [
            Route("/", self._page),
            Route("/shop.css", _file("shop.css")),
            Route("/shop.js", _file("shop.js")),
            Route("/identity", self._identity),
        ]

    async def _page(self, request: Request) -> Response:
        language = "en" if request.query_params.get("lang") == "en" else "ja"
        page = Template((_HERE / "shop.html").read_text(encoding="utf-8"))
        words = {name: html.escape(text) for name, text in WORDS[language].items()}
        filled = page.substitute(
            words,
            lang=language,
            goods=_goods(language),
            widget_url=html.escape(self.widget_url),
            token=html.escape(self.token),
            member_hidden="" if self.identity_secret else "hidden",
        )
        return HTMLResponse(filled, headers={"content-security-policy": self._policy()})

    def _policy(self) -> str:
        """As strict as a shop may have it: what is listed for the widget is all that it needs (docs/chat.md)."""
        address = urlsplit(self.widget_url)
        widget = f"{address.scheme}://{address.netloc}" if address.netloc else "'self'"
        return (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; "
            f"script-src 'self' {widget}; frame-src {widget}; require-trusted-types-for 'script'"
        )

    async def _identity(self, request: Request) -> Response:
        """Who is signed in at the shop, signed for the widget (W2)."""
        if not self.identity_secret:
            return JSONResponse({"token": None}, status_code=404)
        return JSONResponse({"token": self.sign(_MEMBER)}, headers={"cache-control": "no-store"})

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT that lives ten minutes."""
        begun = int(self._clock().timestamp())
        times = {"iat": begun, "exp": begun + 600, "jti": secrets.token_hex(8), "aud": self.token}
        pieces = [_url64(json.dumps(piece).encode()) for piece in ({"alg": "HS256", "typ": "JWT"}, claims | times)]
        mac = hmac.new(self.identity_secret.encode(), ".".join(pieces).encode(), hashlib.sha256).digest()
        return ".".join([*pieces, _url64(mac)])


def _goods(language: str) -> str:
    """The goods as list items; each picture is a symbol of the page's own sprite."""
    items = []
    for good in GOODS:
        name, note = (html.escape(text) for text in (good["en"] if language == "en" else good["ja"]))
        price = f"{good['price']:,}"
        amount = f"¥{price}" if language == "en" else f"{price}<small>円</small>"
        items.append(
            f'<li class="good {good["tone"]}"><svg aria-hidden="true"><use href="#{good["picture"]}"></use></svg>'
            f'<h3>{name}</h3><p>{note}</p><p class="price">{amount}</p></li>'
        )
    return "\n".join(items)


def _file(name: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return FileResponse(_HERE / name)

    return answer


def _url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
