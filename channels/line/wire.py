"""Everything of the LINE channel that talks to LINE. Imported when it is first needed: it brings the SDK."""

from collections.abc import Mapping
from dataclasses import replace

import httpx2

from channels.contract import Address, Fetched, Finding, Outbound, Part, Sent, Site, TryAgain, Undeliverable
from channels.line.check import findings, webhook
from channels.line.client import Api, Json, Refusal, Silence, Tokens
from channels.line.compose import requests
from channels.line.config import LineConfig
from channels.line.deliver import Delivery
from channels.line.fetch import Content
from channels.line.rates import Buckets
from channels.net import guarded_client


class Wire:
    """The connections of one inbox: made once inside a running loop, closed with the channel."""

    def __init__(self, config: LineConfig, site: Site, buckets: Buckets, *, timeout_s: float) -> None:
        self._config, self._site = config, site
        self._http = httpx2.AsyncClient(timeout=timeout_s)
        self._outside = guarded_client(site.private_hosts, timeout_s=timeout_s)
        tokens = Tokens(config, self._http)
        self._api = Api(config, tokens, buckets, timeout_s=timeout_s)
        self._content = Content(config.data_base, tokens, buckets, http=self._http, outside=self._outside)

    async def send(self, outbound: Outbound) -> Sent:
        insecure = self._config.api_base.startswith("http://")
        reserve = self._config.reserve_percent if outbound.spare else 0
        return await Delivery(self._api, outbound, requests(outbound, insecure=insecure), reserve=reserve).run()

    async def fetch(self, part: Part) -> Fetched:
        return await self._content.fetch(part)

    async def profile(self, address: Address) -> Address | None:
        """None when LINE does not tell: unknown, blocked, no consent (L34). Raises TryAgain when it does not answer."""
        try:
            if address.value.startswith("C"):
                return _named(address, await self._api.group(address.value), "groupName")
            return _named(address, await self._api.profile(address.value), "displayName")
        except Refusal as refusal:
            if refusal.status == 401:  # our token's failure says nothing of the customer
                raise TryAgain("credentials", detail=refusal.said) from refusal
            if refusal.status == 429 or refusal.status >= 500:
                raise TryAgain("provider_error", detail=refusal.said) from refusal
            return None
        except Silence as silence:
            raise TryAgain("no_answer", detail=str(silence)) from silence

    async def check(self) -> list[Finding]:
        return await findings(self._api, self._config, self._site)

    async def reached(self) -> Finding | None:
        """None while LINE itself does not answer, or refuses us: that is another trouble."""
        try:
            return (await webhook(self._api, self._site))[0]
        except (Refusal, Silence):
            return None

    async def quota(self) -> Mapping[str, int | None]:
        """Messages that may be sent this month, None when unlimited, and those sent so far, about (L21, L22)."""
        try:
            limit, used = await self._api.quota(), await self._api.consumption()
        except Refusal as refusal:
            if refusal.status in (401, 403):
                raise Undeliverable("credentials", detail=refusal.said) from refusal
            raise TryAgain("provider_error", detail=refusal.said) from refusal
        except Silence as silence:
            raise TryAgain("no_answer", detail=str(silence)) from silence
        value, total = limit.get("value"), used.get("totalUsage")
        limited = limit.get("type") != "none" and isinstance(value, int)
        return {"limit": value if limited else None, "used": total if isinstance(total, int) else 0}

    async def close(self) -> None:
        await self._api.close()
        await self._http.aclose()
        await self._outside.aclose()


def _named(address: Address, told: Json, name: str) -> Address | None:
    if not told.get(name):
        return None
    return replace(
        address,
        name=str(told[name]),
        picture_url=str(told.get("pictureUrl") or ""),
        language=str(told.get("language") or address.language),
    )
