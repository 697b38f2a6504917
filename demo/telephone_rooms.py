"""Conferences of the demonstration (T15): who is in which room, and what happens when somebody leaves."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

if TYPE_CHECKING:
    from demo.telephone import TelephoneCloud
    from demo.telephone_leg import Leg

EVENT_NAMES = {"start": "conference-start", "end": "conference-end"}


@dataclass(eq=False)
class Room:
    sid: str
    name: str
    callback: str = ""  # of the first participant: only that one counts
    events: frozenset[str] = frozenset()
    started: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    members: dict[str, Element] = field(default_factory=dict)  # CallSid -> <Conference>, in order of arrival
    in_order: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rooms:
    def __init__(self, cloud: "TelephoneCloud"):
        self.cloud = cloud
        self.open: dict[str, Room] = {}

    async def stay(self, leg: "Leg", verb: Element) -> None:
        """Joins and stays until the room is over or the leg is taken out of it."""
        room = self._enter(leg, verb)
        try:
            await room.over.wait()
        finally:
            self._leave(leg, room)

    def _enter(self, leg: "Leg", verb: Element) -> Room:
        name = (verb.text or "").strip()
        room = self.open.get(name)
        if room is None:
            events = frozenset(verb.get("statusCallbackEvent", "").split())
            room = Room(self.cloud.sid("CF"), name, verb.get("statusCallback", ""), events)
            self.open[name] = room
        room.members[leg.sid] = verb
        self._tell(room, "join", leg.sid)
        if not room.started and verb.get("startConferenceOnEnter", "true") == "true" and len(room.members) > 1:
            room.started = True
            self._tell(room, "start")
        self._introduce(room)
        return room

    def _leave(self, leg: "Leg", room: Room) -> None:
        verb = room.members.pop(leg.sid)
        leg.with_sids = frozenset()
        self._tell(room, "leave", leg.sid)
        if verb.get("endConferenceOnExit", "false") == "true" or not room.members:
            if self.open.get(room.name) is room:
                del self.open[room.name]
                self._tell(room, "end")
            room.over.set()
        self._introduce(room)

    def _introduce(self, room: Room) -> None:
        """Everybody in a started room hears everybody else."""
        everybody = frozenset(room.members) if room.started else frozenset()
        for sid in room.members:
            self.cloud.legs[sid].with_sids = everybody - {sid}
        self.cloud.touch()

    def _tell(self, room: Room, event: str, sid: str = "") -> None:
        if not room.callback or event not in room.events:
            return
        facts = {
            "AccountSid": self.cloud.account_sid,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": EVENT_NAMES.get(event, f"participant-{event}"),
        }
        self.cloud.call_back(room.in_order, room.callback, facts | ({"CallSid": sid} if sid else {}))
