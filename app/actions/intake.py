"""A batch of customers' messages: looked up in sets, judged in memory, written in bulk (writing.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import feed
from app.actions import copies
from app.actions.rows import allocate, row
from app.actions.success import letters, touch
from app.actions.turns import Turns
from app.actions.writing import Sets, attachment, flush, link_accounts
from app.models import (
    Audience,
    Call,
    Delivery,
    Episode,
    Identity,
    Message,
    Person,
    Status,
    Thread,
    Ticket,
)  # fmt: skip
from app.queries.inboxed import Inboxed
from app.queries.intake import CONTINUES, Early, Known, Line, duplicates, early_words
from app.queries.intake import known as look_up
from app.rules.threads import Came, Place, Where, may_continue, place
from app.rules.threads import Known as KnownTicket
from app.text import plain, preview, storable
from channels.contract import Address, Inbound, Placement

UPLOADED = "upload:"  # a part that the door has stored already, by its public id
Came5 = tuple[Inboxed, int, Inbound, dict[str, str], dict[str, str]]  # with uploads and cleaned HTML


class Batch:
    """One use: `write` once."""

    def __init__(self, connection: Connection, *, now: datetime, reopen_days: int) -> None:
        self.connection, self.now, self.reopen_days = connection, now, reopen_days
        self.sets = Sets()
        self.known = Known()
        self.turns = Turns(now)
        self.ids: dict[str, list[int]] = {}

    def write(self, came: Sequence[Came5]) -> dict[int, Placement]:
        """Returns id(item) -> its placement."""
        pairs = [(inbox.id, item) for inbox, _, item, *_ in came]
        known = duplicates(self.connection, pairs)
        early = early_words(self.connection, pairs)
        places: dict[int, Placement] = {}
        fresh: list[Came5] = []
        for each in came:
            inbox, _, item, *_ = each
            key = (inbox.id, item.external_id)
            if key in known:
                ticket, thread, message = known[key]
                places[id(item)] = Placement(item=item, ticket=ticket, thread=thread, message=message, duplicate=True)
            else:
                known[key] = (None, None, None)
                fresh.append(each)
        if fresh:
            self.known = look_up(self.connection, [(inbox.id, item) for inbox, _, item, *_ in fresh])
            self._allocate(fresh)
            for each in fresh:
                placed = self._place(*each)
                places[id(each[2])] = placed
                known[(each[0].id, each[2].external_id)] = (placed.ticket, placed.thread, placed.message)
            self._early_words(early)
            link_accounts(self.connection, self.sets)
            letters.answered(self.connection, self.sets, self.now)
            touch.opened(self.connection, self.sets, self.now)
            self.turns.promise(self.connection, self.sets)
            flush(self.connection, self.sets, self.now)
        found = {key: self._settled(placed, known, came) for key, placed in places.items()}
        again = [(i.id, item.external_id, raw, found[id(item)].message) for i, raw, item, *_ in came
                 if found[id(item)].duplicate and item.kind != "call"]  # fmt: skip
        if again:
            copies.keep(self.connection, again, self.now)
        return found

    def _settled(self, placed: Placement, known: dict[Any, Any], came: Sequence[Came5]) -> Placement:
        """A duplicate within the batch is placed where its first copy went."""
        if not placed.duplicate or placed.ticket is not None:
            return placed
        inbox = next(i for i, _, item, *_ in came if item is placed.item)
        ticket, thread, message = known[(inbox.id, placed.item.external_id)]  # type: ignore[union-attr]
        return Placement(item=placed.item, ticket=ticket, thread=thread, message=message, duplicate=True)

    def _allocate(self, came: Sequence[Came5]) -> None:
        """Ids for everything that this batch may create: on PostgreSQL an unused ticket number would be a gap."""
        strangers = len({item.sender.key for _, _, item, *_ in came} - set(self.known.identities))
        special = sum(bool(item.answers or item.thread or item.kind == "call") for _, _, item, *_ in came)
        openings = special + len({_begun(i, item) for i, _, item, *_ in came if not self._continues(i, item)})
        counts = {"person": strangers, "identity": strangers, "ticket": openings, "thread": openings}
        self.ids = allocate(self.connection, {**counts, "message": len(came)})
        for fresh in self.ids.values():
            fresh.reverse()  # so that pop() hands them out in order

    def _continues(self, inbox: Inboxed, item: Inbound) -> bool:
        thread = self.known.current.get((inbox.id, item.conversation))
        line = self.known.lines.get(thread or 0)
        return line is not None and line.ticket["status"] in CONTINUES and self._is_member(item, line)

    # -- judging ------------------------------------------------------------------------------------------------

    def _place(
        self, inbox: Inboxed, raw: int, item: Inbound, uploads: dict[str, str], cleaned: dict[str, str]
    ) -> Placement:
        line, related = self._candidate(inbox, item)
        came = Came(sent_at=item.sent_at, auto=item.auto, opens=item.opens, reopens=item.reopens)
        judged = place(came, _known(line), now=self.now, reopen_days=self.reopen_days)
        if judged.where == Where.NOWHERE:
            return Placement(item=item)
        identity = self._identity(item.sender, inbox)
        if judged.where == Where.NEW or line is None:
            line = self._open(inbox, item, identity)
            related = judged.related or related
        elif item.kind == "call" or line.thread["inbox_id"] != inbox.id:
            line = self._thread(line.ticket, inbox, item, identity)  # another line to the customer in the same case
        held = not self._is_member(item, line)
        trusted = line.new_thread or (not held and item.meta.get("auth") != "fail")
        message = self._message(inbox, raw, item, identity, line)
        message["html"] = cleaned.get(item.html, "")
        if held:
            message["state"] = Delivery.HELD
        if related:
            message["meta"] = {**message["meta"], "related": related}
        self._touch(inbox, item, line, message, judged, adds=trusted)
        self._attach(item, message, uploads)
        if item.kind == "call":
            self._call(inbox, item, line, message)
        return Placement(
            item=item,
            ticket=line.ticket["id"],
            thread=line.thread["id"],
            message=message["id"],
            opened=judged.where == Where.NEW,
            facts=self._call_facts(inbox, item),
        )

    def _identity(self, sender: Address, inbox: Inboxed) -> dict[str, Any]:
        found = self.known.identities.get(sender.key)
        if found is not None:
            return found
        name = plain(sender.name)[:200]
        person = row(Person, id=self.ids["person"].pop(), name=name, language=sender.language[:8], created_at=self.now)
        identity = row(
            Identity,
            id=self.ids["identity"].pop(),
            person_id=person["id"],
            key=sender.key,
            kind=sender.kind,
            value=sender.value,
            scope=sender.scope,
            name=name,
            picture_url=plain(sender.picture_url)[:2000],
            verified=sender.verified,
            ask_at=self.now if inbox.tells_names else None,
            created_at=self.now,
        )
        self.sets.persons.append(person)
        self.sets.identities.append(identity)
        self.known.identities[sender.key] = identity
        return identity

    def _candidate(self, inbox: Inboxed, item: Inbound) -> tuple[Line | None, int | None]:
        """The line that the message may continue, and else the ticket it only seems to belong to (E1, E7)."""
        if item.thread is not None and item.thread in self.known.lines:
            return self.known.lines[item.thread], None
        related = None
        for reference in item.answers:
            line = self.known.lines.get(self.known.cited.get((inbox.id, reference), 0))
            if line is not None and self._is_member(item, line):
                return line, None
            related = related or (line.ticket["id"] if line else None)
        if not item.answers and (inbox.id, item.conversation) in self.known.current:
            line = self.known.lines[self.known.current[(inbox.id, item.conversation)]]
            if self._is_member(item, line):
                return line, related
            related = related or line.ticket["id"]
        caller = self.known.identities.get(item.sender.key, {}).get("id")
        if item.kind == "call" and caller in self.known.calling:
            return self.known.lines[self.known.calling[caller]], related
        return None, related

    def _is_member(self, item: Inbound, line: Line) -> bool:
        """E7, for mails: anybody can quote a Message-ID, or use it again. Elsewhere the channel knows its conversations."""
        members = self.known.members.get(line.thread["id"], ())
        return item.sender.kind != "email" or may_continue(item.sender.value, sorted(members))

    def _open(self, inbox: Inboxed, item: Inbound, identity: dict[str, Any]) -> Line:
        ticket = row(
            Ticket,
            id=self.ids["ticket"].pop(),
            subject=plain(item.subject)[:400] or preview(item.text, 60),
            channel=inbox.kind,
            inbox_id=inbox.id,
            team_id=inbox.team_id,
            person_id=identity["person_id"],
            account_id=identity.get("account_id"),
            created_at=self.now,
            updated_at=self.now,
        )
        self.sets.tickets.append(ticket)
        self.turns.opened(
            ticket, inbox, tier=identity.get("tier"), language=identity.get("language") or item.sender.language
        )
        self.sets.events.append(
            feed.event("ticket.opened", self.now, ticket=ticket["id"], inbox=inbox.id, channel=inbox.kind)
        )
        return self._thread(ticket, inbox, item, identity)

    def _thread(self, ticket: dict[str, Any], inbox: Inboxed, item: Inbound, identity: dict[str, Any]) -> Line:
        key = (inbox.id, item.conversation)
        before = self.known.current.get(key)
        if before is not None and not self._is_member(item, self.known.lines[before]):
            # a stranger's mail leaves the conversation it quotes alone
            key, before = (inbox.id, item.external_id), None
        if before is not None:
            self.known.lines[before].thread["current"] = False
            self.sets.retired.append({"id": before, "current": False})
        if not self.ids.get("thread"):
            raise LookupError("no thread id was allocated for this message")
        thread = row(
            Thread,
            id=self.ids["thread"].pop(),
            ticket_id=ticket["id"],
            inbox_id=inbox.id,
            identity_id=identity["id"],
            channel=inbox.kind,
            conversation=key[1],
            subject=plain(item.subject)[:400],
            created_at=self.now,
        )
        self.sets.threads.append(thread)
        self.known.members[thread["id"]], self.known.current[key] = {identity["value"]}, thread["id"]
        line = self.known.lines[thread["id"]] = Line(thread, ticket, new_thread=True)
        return line

    def _message(self, inbox: Inboxed, raw: int, item: Inbound, identity: dict[str, Any], line: Line) -> dict[str, Any]:
        line.thread["last_seq"] += 1
        message = row(
            Message,
            id=self.ids["message"].pop(),
            ticket_id=line.ticket["id"],
            thread_id=line.thread["id"],
            inbox_id=inbox.id,
            seq=line.thread["last_seq"],
            direction="in",
            audience=Audience.PUBLIC,
            identity_id=identity["id"],
            kind=item.kind,
            subject=plain(item.subject)[:400],
            text=plain(item.text),
            meta=storable(item.meta),
            auto=item.auto,
            external_id=item.external_id,
            reference=str(item.meta.get("message_id") or item.external_id)[:1000],
            client_id=item.meta.get("client_id"),
            raw_id=raw,
            sent_at=item.sent_at,
            created_at=self.now,
        )
        self.sets.messages.append(message)
        self.known.cited.setdefault((inbox.id, message["reference"]), line.thread["id"])
        self.sets.events.append(
            feed.event("message.received", self.now, ticket=line.ticket["id"], message=message["id"], kind=item.kind)
        )
        return message

    def _touch(
        self, inbox: Inboxed, item: Inbound, line: Line, message: dict[str, Any], judged: Place, *, adds: bool
    ) -> None:
        """`adds`: the sender may add people to the conversation, who get our answers too. A held message is not the
        customer's word: until an agent has let it in nobody waits for an answer (E7)."""
        held = message["state"] == Delivery.HELD
        thread, ticket = line.thread, line.ticket
        newest = thread["customer_at"] is None or item.sent_at >= thread["customer_at"]
        if newest and not held:
            thread["customer_at"] = item.sent_at
            if item.handle is not None:
                thread["handle"], thread["handle_at"] = item.handle.token, item.handle.received_at
            if item.subject:
                thread["subject"] = plain(item.subject)[:400]
        if item.participants and adds:
            known = {p["value"]: p for p in thread["participants"]}
            known |= {p.value: {"value": plain(p.value), "name": plain(p.name)[:200]} for p in item.participants}
            thread["participants"] = list(known.values())
            self.known.members[thread["id"]] |= known.keys()
        if not line.new_thread:
            (self.sets.moved if item.subject or item.participants else self.sets.heard)[thread["id"]] = thread
        self.sets.touched[ticket["id"]] = ticket
        ticket["updated_at"] = self.now
        if newest:
            ticket.update(
                preview=preview(message["text"]), preview_kind="held" if held else item.kind, preview_from="customer"
            )
        if ticket["channel"] != inbox.kind:
            ticket["channel"] = inbox.kind
            self.sets.changed[ticket["id"]] = ticket
        if judged.where == Where.REOPEN:
            self._reopen(ticket)
        if not item.auto and not held and ticket["status"] == Status.OPEN:
            self._await(inbox, item, ticket, message)

    def _reopen(self, ticket: dict[str, Any]) -> None:
        before = ticket["status"]
        self.turns.of(ticket).was = before
        if before == Status.RESOLVED:
            ticket["reopened"] += 1
            self.sets.reopened.append(ticket["id"])
        ticket["status"], ticket["snoozed_until"], ticket["resolved_at"] = Status.OPEN, None, None
        self.sets.changed[ticket["id"]] = ticket
        self.sets.events.append(feed.event("ticket.reopened", self.now, ticket=ticket["id"], was=before))

    def _await(self, inbox: Inboxed, item: Inbound, ticket: dict[str, Any], message: dict[str, Any]) -> None:
        """The oldest unanswered message is the episode's, and the clock counts from it; later ones move neither."""
        since, before = min(item.sent_at, self.now), ticket["needs_reply_since"]
        if before is not None and before <= since:
            return
        ticket["needs_reply_since"] = self.turns.of(ticket).since = since
        self.sets.changed[ticket["id"]] = ticket
        if before is not None:
            self.turns.of(ticket).later = True
            return
        self.sets.episodes.append(
            row(
                Episode, ticket_id=ticket["id"], message_id=message["id"], channel=inbox.kind, opened_at=since,
                inbox_id=inbox.id, team_id=ticket["team_id"], initial=ticket["first_response_at"] is None,
            )
        )  # fmt: skip

    def _attach(self, item: Inbound, message: dict[str, Any], uploads: dict[str, str]) -> None:
        for part in item.parts:
            if part.remote.startswith(UPLOADED):
                self.sets.taken.append({"public_id": part.remote.removeprefix(UPLOADED), "message_id": message["id"]})
            else:
                self.sets.attachments.append(attachment(part, uploads, message_id=message["id"], now=self.now))

    def _call(self, inbox: Inboxed, item: Inbound, line: Line, message: dict[str, Any]) -> None:
        self.sets.calls.append(
            row(
                Call,
                inbox_id=inbox.id,
                ticket_id=line.ticket["id"],
                message_id=message["id"],
                external_id=item.external_id,
                started_at=item.sent_at,
                team_id=line.ticket["team_id"],
            )
        )
        self.sets.events.append(
            feed.event("call.waiting", self.now, ticket=line.ticket["id"], message=message["id"], inbox=inbox.id)
        )

    def _call_facts(self, inbox: Inboxed, item: Inbound) -> dict[str, Any]:
        waiting = {"state": "waiting", "waited_s": 0, "position": 1, "language": inbox.language}
        return waiting if item.kind == "call" else {}

    def _early_words(self, early: dict[tuple[int, str], list[Early]]) -> None:
        """An unsend or an edit that came before its message (P2)."""
        for message in self.sets.messages:
            for word in early.get((message["inbox_id"], message["external_id"]), ()):
                if word.word == "unsent":
                    self._never_shown(message, word)
                elif word.word == "edited" and message["unsent_at"] is None:
                    self._edited(message, word)

    def _edited(self, message: dict[str, Any], word: Early) -> None:
        text, ticket = plain(word.params["text"]), self.sets.touched[message["ticket_id"]]
        if ticket["preview"] == preview(message["text"]):
            ticket["preview"] = preview(text)
        message["original"] = message["original"] or message["text"]
        message["text"], message["edited_at"] = text, word.at

    def _never_shown(self, message: dict[str, Any], word: Early) -> None:
        ticket, texts = self.sets.touched[message["ticket_id"]], (message["text"], message["original"])
        if ticket["preview"] in map(preview, texts):
            ticket["preview"] = ""
        if ticket.get("subject") in [preview(text, 60) for text in texts]:  # only the ticket that it opens has one here
            ticket["subject"] = ""
        message.update(text="", html="", subject="", original="", meta={}, unsent_at=word.at)
        self.sets.attachments = [a for a in self.sets.attachments if a["message_id"] != message["id"]]
        self.sets.emptied.append(message["raw_id"])


def _begun(inbox: Inboxed, item: Inbound) -> tuple[int, str, str]:
    return inbox.id, item.conversation, item.sender.value if item.sender.kind == "email" else ""


def _known(line: Line | None) -> KnownTicket | None:
    if line is None:
        return None
    at, told = line.ticket, line.thread["customer_at"]
    return KnownTicket(at["id"], at["status"], at["resolved_at"], at["updated_at"], told)
