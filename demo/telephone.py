"""Twilio's side of the wire for the demonstration and the tests: `TelephoneCloud`.

Written from Twilio's documents and independent of our channel: it signs its webhooks itself (T1), carries out TwiML,
offers the REST calls that an SDK makes, and lets a visitor play the customer and the agent's desk phone.
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from starlette.routing import Route

from demo.telephone_leg import FINAL, Leg
from demo.telephone_page import control_routes
from demo.telephone_people import CALLERS, is_customer
from demo.telephone_rest import rest_routes
from demo.telephone_rooms import Rooms
from demo.telephone_sound import tone

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recording:
    sid: str
    call: str
    seconds: float
    url: str
    content: bytes


@dataclass(frozen=True)
class Heard:
    """One line of a call's transcript. `who`: "line" what was heard, "you" what was said or pressed."""

    n: int
    call: str
    who: str
    text: str


def signature(url: str, params: dict[str, str], token: str) -> str:
    """X-Twilio-Signature of a form (T1)."""
    text = url + "".join(key + params[key] for key in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class TelephoneCloud:
    """One account with one number. `pace` scales every second of waiting: 0.01 makes a minute 0.6 s.

    `ring_pace` scales how long telephones ring, `pace` unless it is given.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        hook_url: str,
        number: str,
        *,
        api_base: str = "https://api.twilio.com",
        pace: float = 1.0,
        ring_pace: float | None = None,
    ):
        self.account_sid, self.auth_token, self.number, self.pace = account_sid, auth_token, number, pace
        self.ring_pace = pace if ring_pace is None else ring_pace
        self.api_base = api_base.rstrip("/")
        self.hook_url = hook_url
        self.number_settings = {
            "voice_url": f"{hook_url}/voice",
            "voice_method": "POST",
            "voice_fallback_url": "https://handler.example.com/fallback",
            "status_callback": f"{hook_url}/status",
            "status_callback_method": "POST",
        }
        self.legs: dict[str, Leg] = {}
        self.recordings: dict[str, Recording] = {}
        self.rooms = Rooms(self)
        self.alerts: list[tuple[int, str]] = []  # Twilio's debugger: (code, detail)
        self.transcript: list[Heard] = []
        self.media_misses = 0  # so many downloads answer 404 before the sound is there
        self.faults: list[tuple[int, int]] = []  # (HTTP status, Twilio code) of the next REST calls; 0 loses the answer
        self._held: list[Callable[[], None]] | None = None
        self._numbers = itertools.count(1)
        self._salt = secrets.token_hex(8)  # no CallSid comes again after a restart
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waiting: set[asyncio.Event] = set()
        self._http: httpx2.AsyncClient | None = None

    def routes(self) -> list[Route]:
        """Twilio's REST API, to be mounted wherever `api_base` points."""
        return rest_routes(self)

    def controls(self) -> list[Route]:
        """The JSON API of the demonstration's telephones."""
        return control_routes(self)

    # -- playing the customer and the agent

    async def dial(self, from_: str = CALLERS[0].number) -> Leg:
        """A customer calls our number. Returns at once; the call goes on by itself."""
        leg = self._leg(direction="inbound", from_=from_, to=self.number, url=self.number_settings["voice_url"])
        leg.callback = self.number_settings["status_callback"]
        leg.start()
        return leg

    def ring(self, to: str, url: str, callback: str, events: frozenset[str], ring_s: float) -> Leg:
        """The REST API calls somebody: an agent's or a customer's telephone, or a browser that picks up by itself."""
        leg = self._leg(direction="outbound-api", from_=self.number, to=to, url=url)
        leg.callback, leg.callback_events, leg.ring_s = callback, events, ring_s
        leg.start()
        return leg

    @property
    def agent_legs(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.direction != "inbound" and not is_customer(leg.to)]

    @property
    def customer_legs(self) -> list[Leg]:
        """Customers whom the desk calls."""
        return [leg for leg in self.legs.values() if leg.direction != "inbound" and is_customer(leg.to)]

    @property
    def open_legs(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.status not in FINAL]

    # -- mischief (T6)

    def hold_callbacks(self) -> None:
        """From now on status callbacks are kept back."""
        self._held = []

    async def release_callbacks(self, order: Sequence[int] | None = None) -> int:
        """Delivers what was kept back in this order: an index may be missing (lost) or come twice. Returns how many."""
        held, self._held = self._held or [], None
        for index in range(len(held)) if order is None else order:
            held[index]()
            await self.settle()
        return len(held)

    def fail_next(self, status: int, code: int = 0) -> None:
        """The next REST call answers with this error and does nothing."""
        self.faults.append((status, code))

    def lose_next_answer(self) -> None:
        """The next REST call is carried out, and the connection breaks before the answer."""
        self.faults.append((0, 0))

    # -- waiting

    async def until(self, condition: Callable[[], object], limit_s: float = 20) -> None:
        """Waits until something became true; looks again whenever anything moved here."""
        moved = asyncio.Event()
        self._waiting.add(moved)
        try:
            async with asyncio.timeout(limit_s):
                while not condition():
                    moved.clear()
                    await moved.wait()
        finally:
            self._waiting.discard(moved)

    def touch(self) -> None:
        for moved in self._waiting:
            moved.set()

    async def settle(self) -> None:
        """Until every webhook that is under way was answered (calls that go on do not count)."""
        while under_way := {task for task in self._tasks if task.get_name() == "webhook"}:
            await asyncio.wait(under_way)

    async def close(self) -> None:
        """Hangs everything up and lets go of connections."""
        for leg in self.open_legs:
            await leg.hang_up()
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        if self._http is not None:
            await self._http.aclose()

    # -- what legs, rooms and routes use

    def sid(self, prefix: str, seed: str = "") -> str:
        """34 characters, unlike any other; the same for the same seed."""
        text = seed or f"{self.number}/{next(self._numbers)}"
        return prefix + hashlib.sha256(f"{self._salt}/{prefix}/{text}".encode()).hexdigest()[:32]

    def note(self, leg: Leg, who: str, text: str) -> None:
        self.transcript.append(Heard(len(self.transcript) + 1, leg.sid, who, text))
        self.touch()

    def record(self, call: str, seconds: float) -> Recording:
        sid = self.sid("RE")
        url = f"{self.api_base}/2010-04-01/Accounts/{self.account_sid}/Recordings/{sid}"
        self.recordings[sid] = Recording(sid, call, seconds, url, tone(seconds))
        return self.recordings[sid]

    def keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def call_back(self, in_order: asyncio.Lock, url: str, params: dict[str, str]) -> None:
        """A callback, delivered in the background; those of one call one after the other."""

        def deliver() -> None:
            self.keep(asyncio.create_task(self._deliver(in_order, url, params), name="webhook"))

        if self._held is None:
            deliver()
        else:
            self._held.append(deliver)

    async def post(self, url: str, params: dict[str, str]) -> httpx2.Response | None:
        """A signed webhook. None when nobody answered."""
        if self._http is None:
            self._http = httpx2.AsyncClient(timeout=15.0)
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "user-agent": "TwilioProxy/1.1",
            "x-twilio-signature": signature(url, params, self.auth_token),
            "i-twilio-idempotency-token": self.sid("IT"),
        }
        try:
            return await self._http.post(url, content=urlencode(params).encode(), headers=headers)
        except httpx2.HTTPError as error:
            _log.warning("telephone.webhook_failed %s %s", url, type(error).__name__)
            return None
        finally:
            self.touch()

    async def post_quietly(self, url: str, params: dict[str, str]) -> None:
        got = await self.post(url, params)
        if got is None or got.status_code >= 400:
            self.alerts.append((11200, f"{url}: {got.status_code if got is not None else 'no answer'}"))

    async def _deliver(self, in_order: asyncio.Lock, url: str, params: dict[str, str]) -> None:
        async with in_order:
            await self.post_quietly(url, params)

    def _leg(self, *, direction: str, from_: str, to: str, url: str) -> Leg:
        leg = Leg(self, direction=direction, from_=from_, to=to, url=url)
        self.legs[leg.sid] = leg
        return leg

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.alerts.append((0, repr(error)))
        self.touch()
