"""Requests to addresses that strangers chose: they reach the public internet and nothing else (SSRF guard, L13)."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

import httpx2

# Their last 32 bits are an IPv4 address: NAT64, its local prefix, "IPv4-compatible" and "IPv4-translated".
CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")))


class PrivateAddress(httpx2.TransportError):
    """The host resolves to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable by everybody. Looks through IPv6 addresses that carry an IPv4 one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found.is_site_local:  # fec0::/10, withdrawn but still routed here and there
            return False
        if any(found in network for network in CARRIERS):
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
    return found.is_global and not found.is_multicast


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Resolves a name once, checks every address it got, and connects to exactly the one that it checked.

    A redirect is another request, so it is checked again. Connections are not kept: a kept one is known by its IP
    address only and might serve another name.
    """

    def __init__(self, private_hosts: Iterable[str] = ()) -> None:
        self._allowed = frozenset(host.lower() for host in private_hosts)
        limits = httpx2.Limits(max_connections=20, max_keepalive_connections=0)
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        if request.url.scheme not in ("http", "https") or not host or (request.url.port or 0) > 65535:
            raise httpx2.UnsupportedProtocol("only http and https addresses can be fetched")
        if host.lower() in self._allowed:
            return await self._inner.handle_async_request(request)
        pinned = httpx2.Request(
            request.method,
            request.url.copy_with(host=await self._resolve(host, request.url.port)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def check(self, host: str, port: int | None) -> None:
        """Raises what a request to this host would: for addresses that are kept before the first request is made."""
        if host.lower() not in self._allowed:
            await self._resolve(host, port)

    async def _resolve(self, host: str, port: int | None) -> str:
        try:
            rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError(f"{host} cannot be resolved") from error
        addresses = [str(row[4][0]) for row in rows]
        if not addresses or not all(is_public(address) for address in addresses):
            raise PrivateAddress(f"{host} is not a public address")
        return addresses[0]

    async def aclose(self) -> None:
        await self._inner.aclose()


def guarded_client(
    private_hosts: Iterable[str] = (), *, timeout_s: float = 30, follows: bool = True
) -> httpx2.AsyncClient:
    """A client for URLs that came from outside. Refuses with PrivateAddress, redirects included.

    `private_hosts` are names or addresses that may be reached all the same. The environment's proxies are not used:
    a proxy would resolve the name for us, unchecked.
    """
    return httpx2.AsyncClient(
        transport=GuardedTransport(private_hosts),
        timeout=timeout_s,
        follow_redirects=follows,
        max_redirects=5,
        trust_env=False,
    )
