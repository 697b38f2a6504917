"""Sending one outbound: the reply while it is free, then pushes, nothing twice and nothing lost (L16-L22).

A reply cannot be repeated safely: when its answer never came, only "Invalid reply token" at the next try tells that
it may have arrived, and then a person decides (L20). A push can: it carries a retry key from its first attempt, and
409 means that LINE has it already (L19).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn, Self
from uuid import UUID, uuid5

from channels.contract import Outbound, Sent, TryAgain, Unconfirmed, Undeliverable
from channels.line.client import Api, Json, Refusal, Silence, Throttled
from channels.line.compose import GROUP, Message, target, too_large

RETRY_KEY_LIFE = timedelta(hours=23)  # LINE remembers a key for 24 hours (L19)
SOON_S = 2.0  # a reply is repeated while its token may still live (L20)


@dataclass(slots=True)
class Progress:
    """What LINE has accepted so far; a TryAgain carries it to the next attempt."""

    done: int = 0  # requests accepted
    pushes: int = 0
    ids: list[str] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)  # quote tokens in the order of ids (L27)
    requests: list[str] = field(default_factory=list)  # LINE's request ids, for its support (L39)
    reply_spent: bool = False  # the token was refused while nothing had been sent: push from here on
    reply_tried: bool = False  # the reply may have arrived
    pushed_at: str = ""  # when the first push was tried
    clean_through: int = 0  # the last attempt after which it is certain that no reply has arrived

    @classmethod
    def of(cls, memory: Mapping[str, Any]) -> Self:
        known: dict[str, Any] = {name: value for name, value in memory.items() if name in cls.__slots__}
        lists: dict[str, Any] = {name: [*value] for name, value in known.items() if isinstance(value, list)}
        return cls(**known | lists)

    def accept(self, answer: Json) -> None:
        self.done += 1
        sent = [one for one in answer.get("sentMessages") or () if isinstance(one, dict)]
        self.ids += [str(one.get("id", "")) for one in sent]
        self.quotes += [str(one.get("quoteToken") or "") for one in sent]
        self.requests += [answer["request_id"]] if answer.get("request_id") else []

    def memory(self) -> dict[str, Any]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


class Delivery:
    """One attempt to send one outbound. `requests` are its message objects, at most five each."""

    def __init__(self, api: Api, outbound: Outbound, requests: Sequence[Sequence[Message]], *, reserve: int = 0):
        """`reserve`: the percentage of the month's messages that this one must leave untouched."""
        self._api, self._outbound, self._requests, self._reserve = api, outbound, requests, reserve
        self._progress = Progress.of(outbound.memory)

    async def run(self) -> Sent:
        """Raises TryAgain, Undeliverable or Unconfirmed."""
        if not self._requests:
            raise Undeliverable("refused", detail="there is nothing to send")
        if any(too_large(request) for request in self._requests):
            raise Undeliverable("too_large")
        if self._outbound.handle and not self._progress.done and not self._progress.reply_spent:
            await self._reply(self._outbound.handle.token)
        for index in range(self._progress.done, len(self._requests)):
            await self._push(index)
        return self._sent()

    async def _reply(self, token: str) -> None:
        progress, attempt = self._progress, self._outbound.attempt
        certain = attempt == 1 or progress.clean_through == attempt - 1
        try:
            progress.accept(await self._api.reply(token, self._requests[0], silent=self._outbound.silent))
        except Refusal as refusal:
            if refusal.status == 400 and "reply token" in str(refusal.body.get("message", "")).lower():
                if not certain:
                    raise Unconfirmed("reply_unconfirmed", detail=refusal.said) from refusal
                progress.reply_spent = True
                return
            if refusal.status < 500:
                progress.clean_through = attempt if certain else 0
                self._refused(refusal)
            self._again("provider_error", refusal.said, reply_tried=True)
        except Throttled as throttled:
            self._throttled(throttled)
        except Silence as silence:
            progress.clean_through = attempt if certain and not silence.asked else 0
            self._again("no_answer", str(silence), reply_tried=silence.asked)

    async def _push(self, index: int) -> None:
        now, progress = self._outbound.now, self._progress
        if self._reserve and not progress.pushed_at:
            await self._spare()
        progress.pushed_at = progress.pushed_at or now.isoformat()
        if now - datetime.fromisoformat(progress.pushed_at) > RETRY_KEY_LIFE:
            raise Unconfirmed("retry_key_expired", detail=self._partly(""))
        key = str(uuid5(UUID(self._outbound.key), str(index)))
        try:
            to, silent = target(self._outbound), self._outbound.silent
            progress.accept(await self._api.push(to, self._requests[index], key, silent=silent))
        except Refusal as refusal:
            if refusal.status == 409:
                progress.accept(refusal.body)
            elif refusal.status == 429:
                await self._too_many(refusal)
            else:
                self._refused(refusal)
        except Throttled as throttled:
            self._throttled(throttled)
        except Silence as silence:
            self._again("no_answer", str(silence))
        progress.pushes += 1

    def _throttled(self, throttled: Throttled) -> NoReturn:
        """It waits in the outbox, as long as it takes (L23)."""
        memory = self._progress.memory()
        raise TryAgain("rate_limited", after=throttled.wait, detail=str(throttled), memory=memory, asked=False)

    async def _spare(self) -> None:
        """What nobody waits for leaves the rest of the month to the answers (L22). Where LINE does not tell, it goes."""
        limit, used = await self._allowance()
        if limit is None or used is None or used * 100 < limit * (100 - self._reserve):
            return
        raise Undeliverable("quota_reserved", detail=self._partly(f"{used} of {limit} are used"))

    async def _allowance(self) -> tuple[int | None, int | None]:
        """The month's limit and what is used of it; None what LINE does not tell."""
        try:
            told = (await self._api.quota()).get("value"), (await self._api.consumption()).get("totalUsage")
        except (Refusal, Silence):
            return None, None
        limit, used = (value if isinstance(value, int) else None for value in told)
        return limit, used

    async def _too_many(self, refusal: Refusal) -> NoReturn:
        """429 has several causes and its words are no promise: the quota tells them apart (L21)."""
        limit, used = await self._allowance()
        if limit is not None and used is not None and used >= limit:
            raise Undeliverable("quota_exhausted", detail=self._partly(f"{used} of {limit} are used"))
        self._refused(refusal)

    def _refused(self, refusal: Refusal) -> NoReturn:
        if refusal.status in (401, 403):
            raise Undeliverable("credentials", detail=self._partly(refusal.said)) from refusal
        if refusal.status == 429:
            self._again("rate_limited", refusal.said, after=refusal.retry_after)
        if refusal.status >= 500:
            self._again("provider_error", refusal.said, after=refusal.retry_after)
        raise Undeliverable("refused", detail=self._partly(refusal.said)) from refusal

    def _again(self, code: str, detail: str, *, after: float | None = None, reply_tried: bool = False) -> NoReturn:
        if reply_tried:
            self._progress.reply_tried, after = True, SOON_S
        raise TryAgain(code, after=after, detail=detail, memory=self._progress.memory())

    def _partly(self, detail: str) -> str:
        done, whole = self._progress.done, len(self._requests)
        return f"{done} of {whole} requests had been accepted. {detail}".strip() if done else detail

    def _sent(self) -> Sent:
        """A push to a group costs one message for each member, whose number is unknown here: at least one (L22)."""
        progress = self._progress
        facts: dict[str, Any] = {"quote_tokens": progress.quotes, "request_ids": progress.requests}
        if progress.pushes and GROUP.fullmatch(target(self._outbound)):
            facts["cost_is_minimum"] = True
        via = "push" if progress.pushes else "reply"
        return Sent(external_ids=tuple(progress.ids), via=via, cost=progress.pushes, facts=facts)
