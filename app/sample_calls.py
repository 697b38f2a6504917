"""The sample desk's telephone calls: the provider's words go through `receive`, what agents do through the actions."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.actions import calls, outbox
from app.actions.uploads import keep
from app.models import Agent, Attachment, Call, FileState
from channels.contract import Hook
from demo import desk_wire as wire
from demo.desk_values import Step
from demo.telephone_sound import tone

if TYPE_CHECKING:
    from app.sample import Sample, Talk


class Calls:
    """The telephone side of one seeding."""

    def __init__(self, sample: "Sample") -> None:
        self.sample = sample
        self._sids: dict[int, str] = {}  # by the id of the talk

    async def step(self, at: datetime, talk: "Talk", step: Step) -> None:
        match step.do:
            case "calls":
                self._sids[id(talk)] = wire.call_sid(next(self.sample.numbers))
                await self._tell(at, talk, "voice", CallStatus="ringing")
            case "picks_up":
                await self._pick_up(at, talk, step)
            case "leaves":
                await self._voicemail(at, talk, int(step.more["seconds"]))
            case "hangs_up":
                call = await self._call(talk)
                if call.answered_at is None:
                    await self._tell(at, talk, "left", QueueResult="hangup")
                await self._tell(at, talk, "status", CallStatus="completed", CallDuration=str(step.more["seconds"]))

    async def _call(self, talk: "Talk") -> Call:
        query = select(Call).where(col(Call.external_id) == self._sids[id(talk)])
        return (await self.sample.session.scalars(query)).one()

    async def _tell(self, at: datetime, talk: "Talk", route: str, query: str = "", **form: str) -> None:
        """One webhook about the call."""
        config = talk.inbox.row.config
        caller = talk.guest.phone or "+266696687"
        form = {"CallSid": self._sids[id(talk)], **form}
        body = wire.call_form(str(config["account_sid"]), form.pop("CallSid"), caller, str(config["number"]), **form)
        hook_url = self.sample.parts.inboxes.site(talk.inbox.row.token).hook_url
        headers = {"content-type": "application/x-www-form-urlencoded"}
        hook = Hook(
            route=route, body=body, received_at=at, headers=headers, method="POST", url=f"{hook_url}/{route}{query}"
        )
        await self.sample.take(talk, hook)
        await self.sample.session.flush()
        self.sample.session.expunge_all()

    async def _pick_up(self, at: datetime, talk: "Talk", step: Step) -> None:
        session = self.sample.session
        agent = await session.get_one(Agent, self.sample.agents[step.by])
        call = await calls.answer(session, (await self._call(talk)).id, agent, via="phone", now=at)
        order, sid, phone = call.order_key, call.external_id, agent.phone
        await self._carry_out(at)
        at += timedelta(seconds=8)
        leg = wire.call_sid(next(self.sample.numbers), "agent")
        query = f"?call={sid}&order={order}&accepted=1"
        await self._tell(at, talk, "agent", query, CallSid=leg, Direction="outbound-api", To=phone, Digits="1")
        await self._carry_out(at)
        await self._tell(at + timedelta(seconds=1), talk, "join")

    async def _carry_out(self, at: datetime) -> None:
        """The provider did what was ordered."""
        session = self.sample.session
        await session.flush()
        for order in await outbox.claim_orders(session, at, 5):
            await outbox.order_done(session, order, None, at)
        session.expunge_all()

    async def _voicemail(self, at: datetime, talk: "Talk", seconds: int) -> None:
        """The greeting, the tone, the message, the end; its sound is here at once."""
        session, sample = self.sample.session, self.sample
        config = talk.inbox.row.config
        recording = "RE" + self._sids[id(talk)][2:]
        account = config["account_sid"]
        url = f"{config['api_base']}/2010-04-01/Accounts/{account}/Recordings/{recording}"
        await self._tell(at, talk, "left", QueueResult="leave")
        at += timedelta(seconds=seconds + 14)
        told = {"RecordingSid": recording, "RecordingUrl": url, "RecordingDuration": str(seconds)}
        sound = await keep(sample.parts.files, tone(seconds), "voicemail.wav", "audio/wav")
        await self._tell(at, talk, "recording", RecordingStatus="completed", **told)
        waiting = select(col(Attachment.id)).where(
            col(Attachment.message_id) == talk.message, col(Attachment.state) == FileState.WAITING
        )
        for file_id in (await session.scalars(waiting)).all():
            await outbox.file_ready(session, file_id, at, file_key=sound.file_key, size=sound.size)
        await self._tell(at, talk, "status", CallStatus="completed", CallDuration=str(seconds + 60))
