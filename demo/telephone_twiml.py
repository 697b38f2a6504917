"""The demonstration's reading of TwiML: which verbs and attributes exist, and what each does to a leg.

An attribute or verb that Twilio does not know is an alert here as well, so that the tests see it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, fromstring

if TYPE_CHECKING:
    from demo.telephone_leg import Leg

LARGEST_DOCUMENT = 64 * 1024
_CALLBACK = {"recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"}
_EVENTS = {"statusCallback", "statusCallbackMethod", "statusCallbackEvent"}
ATTRIBUTES: dict[str, set[str]] = {
    "Say": {"voice", "language", "loop"},
    "Play": {"loop", "digits"},
    "Pause": {"length"},
    "Gather": {"input", "action", "method", "timeout", "finishOnKey", "numDigits", "actionOnEmptyResult", "language"},
    "Enqueue": {"action", "method", "waitUrl", "waitUrlMethod", "workflowSid"},
    "Leave": set(),
    "Hangup": set(),
    "Redirect": {"method"},
    "Reject": {"reason"},
    "Dial": {"action", "method", "timeout", "timeLimit", "callerId", "hangupOnStar", "answerOnBridge", "record"},
    "Conference": {"muted", "beep", "startConferenceOnEnter", "endConferenceOnExit", "waitUrl", "waitMethod", "region"}
    | {"maxParticipants", "participantLabel", "coach", "record", "trim", "eventCallbackUrl"}
    | _EVENTS
    | _CALLBACK,
    "Record": {"action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "transcribe"} | _CALLBACK,
}
CHILDREN = {"Gather": {"Say", "Play", "Pause"}, "Dial": {"Conference"}}
WHILE_QUEUED = {"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"}


class HungUp(Exception):
    """The document asks to end the call."""


class LeftQueue(Exception):
    """The document takes the caller out of the queue."""


class Broken(Exception):
    """Twilio would say "an application error has occurred". `code` is Twilio's."""

    def __init__(self, code: int, detail: str):
        super().__init__(detail)
        self.code, self.detail = code, detail


def read(body: bytes, allowed: set[str] | None = None) -> Element:
    """A checked document. Raises Broken with 11750 (too large), 12100 (no XML), 12200 (unknown verb or attribute)."""
    if len(body) > LARGEST_DOCUMENT:
        raise Broken(11750, f"{len(body)} bytes")
    try:
        root = fromstring(body)  # noqa: S314  # our own product's answer; entities are limited by expat
    except ParseError as error:
        raise Broken(12100, str(error)) from error
    if root.tag != "Response":
        raise Broken(12200, root.tag)
    for verb in root:
        _check(verb, allowed or set(ATTRIBUTES) - {"Conference"})
    return root


def _check(verb: Element, allowed: set[str]) -> None:
    if verb.tag not in allowed:
        raise Broken(12200, f"<{verb.tag}> is not allowed here")
    if unknown := set(verb.attrib) - ATTRIBUTES[verb.tag]:
        raise Broken(12200, f"<{verb.tag}> has no {sorted(unknown)}")
    for child in verb:
        _check(child, CHILDREN.get(verb.tag, set()))


async def perform(leg: "Leg", document: Element | None) -> None:
    """Runs documents until one ends or hangs up."""
    while document is not None:
        document = await _run(leg, document)


async def _run(leg: "Leg", document: Element) -> Element | None:
    for verb in document:
        leg.does(verb.tag)
        following = await VERBS[verb.tag](leg, verb)
        if following is not None:
            return following
    return None


async def _say(leg: "Leg", verb: Element) -> None:
    text = (verb.text or "").strip()
    leg.hears(text)
    await leg.sleep(len(text) / (7 if verb.get("language", "").startswith("ja") else 14))


async def _play(leg: "Leg", verb: Element) -> None:
    leg.hears("♪")
    await leg.sleep(20)


async def _pause(leg: "Leg", verb: Element) -> None:
    await leg.sleep(float(verb.get("length", "1")))


async def _redirect(leg: "Leg", verb: Element) -> Element:
    return await leg.ask((verb.text or "").strip())


async def _hangup(leg: "Leg", verb: Element) -> None:
    raise HungUp


async def _leave(leg: "Leg", verb: Element) -> None:
    raise LeftQueue


async def _gather(leg: "Leg", verb: Element) -> Element | None:
    leg.forget_keys()
    most, ends = int(verb.get("numDigits", "64")), verb.get("finishOnKey", "#")
    prompt = asyncio.create_task(_prompt(leg, verb))
    digits = ""
    try:
        while len(digits) < most:
            key = await _key(leg, prompt, float(verb.get("timeout", "5")))
            if not key or key == ends:
                break
            digits += key
    finally:
        prompt.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await prompt
    return await leg.ask(verb.attrib["action"], {"Digits": digits}) if digits and "action" in verb.attrib else None


async def _prompt(leg: "Leg", verb: Element) -> None:
    for child in verb:
        await VERBS[child.tag](leg, child)
        leg.does("Gather")


async def _key(leg: "Leg", prompt: asyncio.Task[None], timeout_s: float) -> str:
    """The next key; "" when none came in time. The time runs from the end of the prompt."""
    pressed = asyncio.create_task(leg.keys.get())
    try:
        await asyncio.wait({pressed, prompt}, return_when=asyncio.FIRST_COMPLETED)
        if not pressed.done():
            await asyncio.wait({pressed}, timeout=timeout_s * leg.cloud.pace)
        return pressed.result() if pressed.done() else ""
    finally:
        pressed.cancel()


async def _enqueue(leg: "Leg", verb: Element) -> Element | None:
    """Asks the waitUrl again and again. The action hears why they left; only after `leave` its answer is carried out."""
    leg.queued_at = leg.now()
    action = verb.get("action", "")
    try:
        while True:
            document = await leg.ask(verb.attrib["waitUrl"], _queue(leg, verb), WHILE_QUEUED)
            await perform(leg, document)
            await leg.sleep(0.2)
    except LeftQueue:
        facts = {"QueueResult": "leave"} | _queue(leg, verb)
    except (asyncio.CancelledError, HungUp, Broken):
        facts = {"QueueResult": "redirected" if leg.is_redirected else "hangup"} | _queue(leg, verb)
        if action:
            leg.tell(action, facts)
        raise
    finally:
        leg.queued_at = None
    return await leg.ask(action, facts) if action else None


def _queue(leg: "Leg", verb: Element) -> dict[str, str]:
    waited = str(leg.queue_seconds)
    return {"QueueSid": leg.cloud.sid("QU", verb.text or ""), "QueueTime": waited, "QueuePosition": "1"}


async def _dial(leg: "Leg", verb: Element) -> Element | None:
    room = verb.find("Conference")
    if room is None:
        raise Broken(13214, "this demonstration dials conferences only")
    await leg.cloud.rooms.stay(leg, room)
    action = verb.get("action")
    return await leg.ask(action, {"DialCallStatus": "completed"}) if action else None


async def _record(leg: "Leg", verb: Element) -> Element | None:
    """An empty recording falls through (T13). Hanging up ends it too, and the action hears of that."""
    leg.begin_recording(float(verb.get("maxLength", "3600")))
    ended_by = "hangup"
    try:
        ended_by = await leg.recorded_until(verb.get("finishOnKey", "1234567890*#"), float(verb.get("timeout", "5")))
    finally:
        facts = leg.keep_recording(verb) | {"Digits": ended_by}
        if ended_by == "hangup" and not leg.is_redirected and len(facts) > 1 and "action" in verb.attrib:
            leg.tell(verb.attrib["action"], facts)
    return await leg.ask(verb.attrib["action"], facts) if len(facts) > 1 and "action" in verb.attrib else None


VERBS: dict[str, Callable[["Leg", Element], Awaitable[Element | None]]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Enqueue": _enqueue,
    "Leave": _leave,
    "Dial": _dial,
    "Record": _record,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _hangup,
}
