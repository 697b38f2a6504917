"""What Twilio hears back: TwiML, built as a tree so that no text can break out of its place (T5, T9-T15)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from channels.contract import Answer, Hook, Placement
from channels.phone.config import PhoneConfig
from channels.phone.routes import CALLBACKS, CallHook, read
from channels.phone.words import UNREACHED, WORDS, known_language, queue_words

ANNOUNCE_EVERY_S = 30  # T11: every 30 to 60 seconds
LOOK_AGAIN_S = 5  # how soon to ask again while an agent's phone rings
ANSWER_IN_S = 8  # after the question
SILENCE_ENDS_RECORDING_S = 10
_LOCALE = {"ja": "ja-JP", "en": "en-US"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Speaker:
    """Writes one TwiML document in one language."""

    def __init__(self, config: PhoneConfig, hook_url: str, language: str):
        self.config, self.hook_url, self.language = config, hook_url, language
        self.root = Element("Response")

    def url(self, route: str, **query: str) -> str:
        return f"{self.hook_url}/{route}" + (f"?{urlencode(query)}" if query else "")

    def verb(self, name: str, text: str = "", parent: Element | None = None, **attributes: str) -> Element:
        element = SubElement(self.root if parent is None else parent, name, attributes)
        element.text = _NOT_XML.sub("", text) or None
        return element

    def say(self, text: str, parent: Element | None = None) -> None:
        voice = self.config.voice_en if self.language == "en" else self.config.voice_ja
        chosen = {"voice": voice} if voice else {}
        self.verb("Say", text, parent, language=_LOCALE[self.language], **chosen)

    def tell(self, code: str, parent: Element | None = None) -> None:
        self.say(WORDS[self.language][code], parent)

    def answer(self) -> Answer:
        body = b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(self.root, encoding="utf-8")
        return Answer(body=body, media_type="application/xml")


def answer(hook: Hook, placements: Sequence[Placement], config: PhoneConfig, hook_url: str) -> Answer:
    """The TwiML for this request. Placements may be missing (a failed batch): the caller is served all the same."""
    call = read(hook)
    if call.route in CALLBACKS:
        return Answer()
    facts: Mapping[str, Any] = placements[0].facts if placements else {}
    # The facts tell the caller's language; agents hear the inbox's.
    language = None if call.route.startswith(("agent", "told")) else facts.get("language")
    speaker = Speaker(config, hook_url, known_language(language, config.language))
    write = _WRITERS.get(call.route)
    if write is not None and call.sid:
        write(speaker, call, facts)
    return speaker.answer()


def _voice(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    if call.is_internal:
        speaker.verb("Reject")
        return
    speaker.say(speaker.config.greeting(speaker.language))
    if speaker.config.recording_notice:
        speaker.tell("recording")
    if facts.get("state") == "voicemail":  # nobody is there: do not let them wait for it
        _voicemail(speaker)
        return
    # A name of its own for each caller: who is next is our decision, not that of Twilio's FIFO (T10).
    speaker.verb("Enqueue", f"call-{call.sid}", waitUrl=speaker.url("wait"), action=speaker.url("left"))


def _wait(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    state = facts.get("state", "waiting")
    if state == "ended":
        speaker.verb("Hangup")
        return
    left_s = speaker.config.voicemail_after_s - _whole(facts.get("waited_s", call.param("QueueTime")))
    if state == "connecting":
        left_s += speaker.config.ring_s + LOOK_AGAIN_S  # an agent is picking up: no voicemail in that very moment
    if state == "voicemail" or (left_s <= 0 and state != "connected"):
        speaker.verb("Leave")
        return
    if state == "waiting":
        speaker.say(queue_words(_whole(facts.get("position")), speaker.language))
        _hold(speaker, max(1, min(ANNOUNCE_EVERY_S, left_s)))
    else:
        speaker.verb("Pause", length=str(LOOK_AGAIN_S))


def _hold(speaker: Speaker, seconds: int) -> None:
    if speaker.config.hold_music_url and seconds == ANNOUNCE_EVERY_S:
        speaker.verb("Play", speaker.config.hold_music_url)
    else:
        speaker.verb("Pause", length=str(seconds))


def _left(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    """Out of the queue: `leave` and Twilio's own failures end at the voicemail, anything else is taken care of."""
    if call.param("QueueResult") in {"leave", "queue-full", "error", "system-error"} and facts.get("state") != "ended":
        _voicemail(speaker)


def _voicemail(speaker: Speaker) -> None:
    speaker.tell("voicemail")
    speaker.verb(
        "Record",
        action=speaker.url("recorded"),
        maxLength=str(speaker.config.voicemail_max_s),
        timeout=str(SILENCE_ENDS_RECORDING_S),
        finishOnKey="#",
        playBeep="true",
        recordingStatusCallback=speaker.url("recording"),
        recordingStatusCallbackEvent="completed absent",
    )
    speaker.tell("goodbye")  # reached only when nothing was recorded (T13)


def _recorded(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    speaker.tell("goodbye")
    speaker.verb("Hangup")


def _agent(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    state = facts.get("state")
    if state in {"ended", "taken"}:  # never into an empty room, nor into somebody else's call (T17, T18)
        speaker.tell("canceled" if call.is_outgoing else "gone" if state == "ended" else "taken")
        speaker.verb("Hangup")
    elif call.is_taken:
        quiet = {"waitUrl": ""} if call.is_outgoing else {}  # music would drown the moment when they pick up
        if call.is_outgoing and state != "connected":
            speaker.tell("calling")
        dial = speaker.verb("Dial", action=speaker.url("agent-done", call=call.call, order=call.order))
        _room(speaker, dial, call.call, startConferenceOnEnter="true", endConferenceOnExit="false", **quiet)
    elif call.query.get("accepted"):  # another key than 1
        speaker.verb("Hangup")
    else:  # a voicemail box "answers" too: somebody must press a key (T14)
        again = speaker.url("agent", call=call.call, order=call.order, accepted="1")
        words = "press_to_call" if call.is_outgoing else "press"
        speaker.tell(words, speaker.verb("Gather", numDigits="1", timeout="10", action=again))
        speaker.verb("Hangup")


def _agent_done(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    speaker.verb("Hangup")


def _join(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    _bring(speaker, call.sid)


def _bring(speaker: Speaker, call: str) -> None:
    """The customer comes into the room, and it ends when they leave (T15)."""
    room = {"startConferenceOnEnter": "true", "endConferenceOnExit": "true", "waitUrl": ""}
    _room(speaker, speaker.verb("Dial"), call, **room)


def _customer(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    """The customer whom we called picked up. The agent may have gone in that very moment (T18)."""
    if call.call and facts.get("state", "connected") == "connected":
        _bring(speaker, call.call)
    else:
        speaker.tell("sorry")
        speaker.verb("Hangup")


def _survey(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    """The agent has gone; who stays on the line is asked how it was. Who hangs up has answered nothing."""
    _ask(speaker, "survey", {})


def _rated(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    """Another key is asked for once more. What a failed batch left unread is thanked for: its bytes are kept."""
    if facts.get("rated", True):
        speaker.tell("rated")
    elif not call.query.get("again"):
        _ask(speaker, "survey_again", {"again": "1"})
        return
    speaker.verb("Hangup")


def _ask(speaker: Speaker, words: str, query: Mapping[str, str]) -> None:
    keys = speaker.verb("Gather", numDigits="1", timeout=str(ANSWER_IN_S), action=speaker.url("rated", **query))
    speaker.tell(words, keys)
    speaker.verb("Hangup")


def _told(speaker: Speaker, call: CallHook, facts: Mapping[str, Any]) -> None:
    """The agent, alone in the room, hears why nobody comes."""
    reason = call.query.get("reason", "")
    speaker.tell(reason if reason in UNREACHED else "failed")
    speaker.verb("Hangup")


def _room(speaker: Speaker, dial: Element, call: str, **attributes: str) -> None:
    """The conference of one call (T15). Only the first participant's callback counts, so both legs name it."""
    near = {"region": "jp1"} if speaker.config.default_region == "JP" else {}
    callback = {"statusCallback": speaker.url("conference", call=call), "statusCallbackEvent": "start end join leave"}
    speaker.verb("Conference", f"call-{call.replace(':', '-')}", dial, beep="false", **attributes, **near, **callback)


def _whole(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


_WRITERS = {
    "voice": _voice,
    "wait": _wait,
    "left": _left,
    "recorded": _recorded,
    "agent": _agent,
    "agent-done": _agent_done,
    "join": _join,
    "customer": _customer,
    "told": _told,
    "survey": _survey,
    "rated": _rated,
}
