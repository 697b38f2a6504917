"""One leg of a call in the demonstration: its state machine (T7), what it hears, and the person at its end."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from demo.telephone_twiml import Broken, HungUp, LeftQueue, perform, read

if TYPE_CHECKING:
    from demo.telephone import TelephoneCloud

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
REJECTED = {"busy": "busy", "rejected": "busy"}


def _stamp() -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())


class Leg:
    """A customer who called us (`direction` "inbound"), or an agent or customer whom we called ("outbound-api")."""

    def __init__(self, cloud: "TelephoneCloud", *, direction: str, from_: str, to: str, url: str):
        self.cloud, self.direction, self.from_, self.to, self.url = cloud, direction, from_, to, url
        self.sid = cloud.sid("CA")
        self.status = "ringing" if direction == "inbound" else "queued"
        self.callback, self.callback_events = "", frozenset({"completed"})
        self.ring_s = 20.0
        self.ended_at = ""  # RFC 2822
        self.heard: list[str] = []
        self.doing = ""  # the verb that runs now
        self.with_sids: frozenset[str] = frozenset()  # whom this leg talks with
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.queued_at: float | None = None
        self.is_redirected = False
        self.picked_up: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._answered_at: float | None = None
        self._over_at: float | None = None
        self._spoken = self._most = 0.0
        self._sequence = 0
        self._in_order = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    # -- the person

    def press(self, keys: str) -> None:
        """Keys of the telephone: "1", "#", "1234"."""
        for key in keys:
            self.keys.put_nowait(key)
        self.cloud.note(self, "you", f"[{keys}]")

    def speak(self, seconds: float, text: str = "") -> None:
        """Talks: into the recording that runs, or to whoever shares the room."""
        if self.doing == "Record":
            self._spoken = min(self._most, self._spoken + seconds)
            self.keys.put_nowait("")  # wakes the recorder: somebody spoke
        self.cloud.note(self, "you", text or f"({seconds:g} s)")
        for other in self.with_sids:
            self.cloud.legs[other].hears(text or f"({seconds:g} s)")

    def answer(self) -> None:
        """Picks the ringing telephone up."""
        if not self.picked_up.done():
            self.picked_up.set_result(True)

    def decline(self) -> None:
        if not self.picked_up.done():
            self.picked_up.set_result(False)

    async def hang_up(self) -> None:
        """Ends the call from this end; returns when Twilio knows."""
        await self.finish("completed" if self._answered_at is not None else "canceled")

    async def until(self, condition: Callable[[], object], limit_s: float = 20) -> None:
        """Waits until something became true; the limit only keeps a failing test short."""
        await self.cloud.until(condition, limit_s)

    # -- the network

    def start(self) -> None:
        self._run(self._incoming() if self.direction == "inbound" else self._outgoing())

    def redirect(self, url: str) -> None:
        """The live call leaves what it does and carries out another document."""
        before, self.is_redirected = self._task, True
        if before is not None:
            before.cancel()
        self._run(self._carry_out(url, before))

    async def finish(self, status: str) -> None:
        """The final state, once (T6): lets go of everything, then tells."""
        if self.status in FINAL:
            return
        self.status, self.doing, self.is_redirected = status, "", False
        self.ended_at, self._over_at = _stamp(), self.now()
        self.decline()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait({self._task})
        self.report("completed")
        self.cloud.touch()

    async def _incoming(self) -> None:
        document = await self.ask(self.url)
        first = document[0] if len(document) else None
        if first is not None and first.tag == "Reject":
            await self.finish(REJECTED[first.get("reason", "rejected")])
            return
        self._answered()
        await perform(self, document)

    async def _outgoing(self) -> None:
        self.report("initiated")
        self.status = "ringing"
        self.report("ringing")
        self.cloud.touch()
        if self.to.startswith("client:"):
            self.answer()  # the agent clicked already: the browser accepts by itself
        await asyncio.wait({self.picked_up}, timeout=self.ring_s * self.cloud.ring_pace)
        if not self.picked_up.done() or not self.picked_up.result():
            await self.finish("busy" if self.picked_up.done() else "no-answer")
            return
        self._answered()
        await self._carry_out(self.url)

    async def _carry_out(self, url: str, before: asyncio.Task[None] | None = None) -> None:
        if before is not None:
            await asyncio.wait({before})  # what it leaves behind is told first (QueueResult "redirected")
        await perform(self, await self.ask(url))

    def _answered(self) -> None:
        self.status, self._answered_at = "in-progress", self.now()
        self.report("answered")
        self.cloud.touch()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(self._to_the_end(work))
        self._task.add_done_callback(lambda _: work.close())  # hung up before it began
        self.cloud.keep(self._task)

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        me = asyncio.current_task()
        try:
            await work
        except (HungUp, LeftQueue):
            pass
        except Broken as error:
            self.cloud.alerts.append((error.code, error.detail))
            self.hears("We are sorry, an application error has occurred. Goodbye.")
        if self._task is me:
            await self.finish("completed" if self._answered_at is not None else "failed")

    async def ask(self, url: str, facts: dict[str, str] | None = None, allowed: set[str] | None = None) -> Element:
        """Fetches a document. Raises Broken 11200 when we do not answer with 200."""
        self.is_redirected = False
        got = await self.cloud.post(url, self.facts() | (facts or {}))
        if got is None or got.status_code != 200:
            raise Broken(11200, f"{url}: {got.status_code if got is not None else 'no answer'}")
        if "xml" not in got.headers.get("content-type", ""):
            raise Broken(12300, got.headers.get("content-type", ""))
        return read(got.content, allowed)

    def tell(self, url: str, facts: dict[str, str]) -> None:
        """A request whose answer nobody listens to any more."""
        self.cloud.keep(asyncio.create_task(self.cloud.post_quietly(url, self.facts() | facts)))

    def report(self, event: str) -> None:
        """A status callback, if it was asked for."""
        if not self.callback or event not in self.callback_events:
            return
        facts = {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
            "Timestamp": _stamp(),
        }
        if self.status in FINAL:
            facts |= {"CallDuration": str(self.talk_seconds), "Duration": str(-(-self.talk_seconds // 60))}
        self._sequence += 1
        self.cloud.call_back(self._in_order, self.callback, self.facts() | facts)

    def facts(self) -> dict[str, str]:
        """The parameters of every voice request, the empty ones included."""
        return {
            "AccountSid": self.cloud.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": self.status,
            "Called": self.to,
            "CalledCity": "",
            "Caller": self.from_,
            "CallerCountry": "JP" if self.from_.startswith("+81") else "",
            "Direction": self.direction,
            "From": self.from_,
            "FromCity": "",
            "To": self.to,
        }

    # -- what the verbs use

    def hears(self, text: str) -> None:
        self.heard.append(text)
        self.cloud.note(self, "line", text)

    def does(self, verb: str) -> None:
        self.doing = verb
        self.cloud.touch()

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.cloud.pace)

    def forget_keys(self) -> None:
        while not self.keys.empty():
            self.keys.get_nowait()

    @property
    def queue_seconds(self) -> int:
        return 0 if self.queued_at is None else round((self.now() - self.queued_at) / self.cloud.pace)

    @property
    def talk_seconds(self) -> int:
        if self._answered_at is None:
            return 0
        until = self.now() if self._over_at is None else self._over_at
        return round((until - self._answered_at) / self.cloud.pace)

    def begin_recording(self, most: float) -> None:
        self.forget_keys()
        self._spoken, self._most = 0.0, most

    async def recorded_until(self, ends: str, silence_s: float) -> str:
        """Until a key of `ends`, silence, or the greatest length. The key, or ""."""
        while self._spoken < self._most:
            try:
                key = await asyncio.wait_for(self.keys.get(), silence_s * self.cloud.pace)
            except TimeoutError:
                return ""
            if key and key in ends:
                return key
        return ""

    def keep_recording(self, verb: Element) -> dict[str, str]:
        """Stores what was spoken, calls back, and returns what the action hears; {} when it was nothing (T13)."""
        if not self._spoken:
            return {}
        recording = self.cloud.record(self.sid, self._spoken)
        facts = {
            "RecordingSid": recording.sid,
            "RecordingUrl": recording.url,
            "RecordingDuration": str(round(self._spoken)),
        }
        if callback := verb.get("recordingStatusCallback"):
            told = {"AccountSid": self.cloud.account_sid, "CallSid": self.sid, "RecordingStatus": "completed"}
            told |= {"RecordingChannels": "1", "RecordingSource": "RecordVerb", "ErrorCode": "0"}
            self.cloud.call_back(self._in_order, callback, facts | told)
        return facts
