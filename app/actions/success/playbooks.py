"""Playbooks: a new version, a run's beginning, its way through the steps, and its end. Nothing is sent by itself."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.success.accounts import locked as locked_account
from app.errors import Conflict, Invalid, Missing
from app.models import Account, Agent, Playbook, PlaybookRun, PlaybookStep, PlaybookVersion
from app.models.playbook import RUNNING
from app.queries.success import playbooks as queries
from app.rules.hours import Hours
from app.rules.success import playbooks as rules
from app.rules.success.workdays import closes, opens

LEASE = timedelta(minutes=5)  # so long a run that was claimed is nobody else's


class NoPlaybook(Missing):
    """There is no such playbook."""


class NoRun(Missing):
    """There is no such run."""


class NoStep(Missing):
    """There is no such step."""


class RunsAlready(Conflict):
    """A playbook of this kind runs for this account already."""


class RunOver(Conflict):
    """This run is over."""


class StepOver(Conflict):
    """This step has been done or skipped."""


class WhySkipped(Invalid):
    """Say in a few words why it is left out."""


async def put(
    session: AsyncSession, given: Mapping[str, Any], *, by: int | None, now: datetime, number: int | None = None
) -> Playbook:
    """A new playbook, or the one with this number changed: another spec is a new version. WrongPlaybook, NoPlaybook."""
    rules.check(given["spec"])
    playbook = await _locked(session, number) if number is not None else None
    if playbook is None:
        playbook = Playbook(name=given["name"], kind=given["kind"], enabled=given["enabled"], version=0, created_at=now)
        session.add(playbook)
        await session.flush()
    kept = await queries.spec_of(session, playbook.id, playbook.version) if playbook.version else None
    playbook.name, playbook.enabled = given["name"], given["enabled"]
    if kept != given["spec"]:
        playbook.version += 1
        version = {"playbook_id": playbook.id, "version": playbook.version, "spec": given["spec"]}
        session.add(PlaybookVersion(**version, by_id=by, created_at=now))
    await session.flush()
    params: dict[str, Any] = {"playbook": playbook.id, "version": playbook.version}
    await feed.record(session, feed.event("playbook.changed", now, agent=by, **params))
    return playbook


async def archive(session: AsyncSession, number: int, *, by: int, now: datetime) -> None:
    """Nobody begins it any more; what runs goes on."""
    playbook = await _locked(session, number)
    playbook.archived_at, playbook.enabled = playbook.archived_at or now, False
    await session.flush()
    await feed.record(session, feed.event("playbook.changed", now, agent=by, playbook=number, version=playbook.version))


async def _locked(session: AsyncSession, number: int) -> Playbook:
    found = (await session.scalars(select(Playbook).where(col(Playbook.id) == number).with_for_update())).first()
    if found is None:
        raise NoPlaybook
    return found


async def start(
    session: AsyncSession, account_id: int, playbook_id: int, hours: Hours, now: datetime, *,
    by: int | None = None, cause: tuple[str, int, date] | None = None,
) -> PlaybookRun:  # fmt: skip
    """NoAccount, NoPlaybook, RunsAlready. By an event: the same one starts it once."""
    account = await locked_account(session, account_id)
    playbook = await session.get(Playbook, playbook_id)
    if playbook is None or playbook.archived_at is not None:
        raise NoPlaybook
    mine = col(PlaybookRun.account_id) == account_id
    if await session.scalar(select(col(PlaybookRun.id)).where(mine, col(PlaybookRun.kind) == playbook.kind, RUNNING)):
        raise RunsAlready
    why, number, on = cause or ("hand", 0, now.date())
    run = PlaybookRun(
        playbook_id=playbook.id, version=playbook.version, account_id=account_id, kind=playbook.kind, cause=why,
        cause_id=number, cause_on=on, started_by=by, wake_at=now, started_at=now,
    )  # fmt: skip
    session.add(run)
    await session.flush()
    await _tell(session, run, "started", now, by)
    await go_on(session, run, account, hours, now)
    return run


async def claim(session: AsyncSession, now: datetime) -> int | None:
    """A run that is due, ours for a while: who dies with it leaves it to the next."""
    due = select(col(PlaybookRun.id)).where(RUNNING, col(PlaybookRun.wake_at) <= now)
    number = await session.scalar(due.order_by(col(PlaybookRun.wake_at)).limit(1).with_for_update(skip_locked=True))
    if number is not None:
        mine = col(PlaybookRun.id) == number, col(PlaybookRun.wake_at) <= now
        await session.execute(update(PlaybookRun).where(*mine).values(wake_at=now + LEASE))
    return number


async def locked_run(session: AsyncSession, number: int) -> PlaybookRun:
    """NoRun."""
    query = select(PlaybookRun).where(col(PlaybookRun.id) == number).with_for_update()
    found = (await session.scalars(query)).first()
    if found is None:
        raise NoRun
    return found


async def wake(session: AsyncSession, number: int, hours: Hours, now: datetime) -> None:
    """What time and events have brought. The same again changes nothing."""
    run = await locked_run(session, number)
    if run.state == "running":
        await go_on(session, run, await session.get_one(Account, run.account_id), hours, now)


async def go_on(session: AsyncSession, run: PlaybookRun, account: Account, hours: Hours, now: datetime) -> None:
    """As far as it goes now. The run is locked."""
    spec = await queries.spec_of(session, run.playbook_id, run.version)
    facts = await queries.facts(session, run)
    for step in await _steps(session, run):
        if step.state == "open" and rules.met_by_itself(spec, step.key, facts):
            await _finish(session, run, step, "done", now)
    facts = await queries.facts(session, run)
    turn = rules.Turn(run.position, run.wait_until)
    rules.advance(spec, turn, facts, now, opens=lambda days: opens(hours, now, days))
    for place in turn.opened:
        await _open(session, run, account, spec["steps"][place], place, (hours, now))
    run.position, run.wait_until, run.wake_at = turn.position, turn.wait_until, rules.wake(turn, now)
    await session.flush()
    states = [each.state for each in await _steps(session, run)]
    if turn.ended or rules.over(spec, turn, states):
        await _end(session, run, turn.ended or "done", now, met=rules.met(spec, facts))


async def _steps(session: AsyncSession, run: PlaybookRun) -> list[PlaybookStep]:
    query = select(PlaybookStep).where(col(PlaybookStep.run_id) == run.id).order_by(col(PlaybookStep.place))
    return list((await session.scalars(query)).all())


async def _open(
    session: AsyncSession, run: PlaybookRun, account: Account, step: Mapping[str, Any], place: int, at: tuple[Hours, datetime]
) -> None:  # fmt: skip
    hours, now = at
    owner = {"manager": account.owner_id, "starter": run.started_by or account.owner_id}.get(step["owner"])
    session.add(PlaybookStep(
        run_id=run.id, key=step["key"], place=place, kind=step["kind"], mark=step.get("mark", ""), opened_at=now,
        owner_id=await queries.of_success(session, owner), due_at=closes(hours, now, step["days"]),
    ))  # fmt: skip
    await session.flush()


async def end_step(
    session: AsyncSession, number: int, to: str, *, agent: Agent, note: str, hours: Hours, now: datetime
) -> PlaybookRun:
    """Done, or skipped with a reason; the run goes on. NoStep, StepOver, RunOver, WhySkipped."""
    found = await session.get(PlaybookStep, number)
    if found is None:
        raise NoStep
    run = await locked_run(session, found.run_id)
    await session.refresh(found)
    if run.state != "running":
        raise RunOver(state=run.state)
    if found.state != "open":
        raise StepOver(state=found.state)
    if to == "skipped" and not note.strip():
        raise WhySkipped
    await _finish(session, run, found, to, now, by=agent.id, note=note.strip())
    await go_on(session, run, await session.get_one(Account, run.account_id), hours, now)
    return run


async def _finish(
    session: AsyncSession, run: PlaybookRun, step: PlaybookStep, to: str, now: datetime, *,
    by: int | None = None, note: str = "",
) -> None:  # fmt: skip
    step.state, step.ended_at, step.ended_by, step.note = to, now, by, note
    await session.flush()
    await _tell(session, run, "step", now, by, step=step.key, to=to)


async def cancel(session: AsyncSession, number: int, reason: str, *, by: int, now: datetime) -> PlaybookRun:
    """NoRun, RunOver, WhySkipped."""
    run = await locked_run(session, number)
    if run.state != "running":
        raise RunOver(state=run.state)
    if not reason.strip():
        raise WhySkipped
    run.reason = reason.strip()
    await _end(session, run, "canceled", now, by=by)
    return run


async def _end(
    session: AsyncSession, run: PlaybookRun, to: str, now: datetime, *, met: bool | None = None, by: int | None = None
) -> None:
    run.state, run.ended_at, run.met, run.wait_until = to, now, met, None
    await session.execute(
        update(PlaybookStep)
        .where(col(PlaybookStep.run_id) == run.id, col(PlaybookStep.state) == "open")
        .values(state="dropped", ended_at=now)
    )
    await session.flush()
    await _tell(session, run, "ended", now, by, to=to, met=met)


async def _tell(session: AsyncSession, run: PlaybookRun, what: str, now: datetime, by: int | None, **more: Any) -> None:
    params: dict[str, Any] = {"run": run.id, "playbook": run.playbook_id, "account": run.account_id, **more}
    await feed.record(session, feed.event(f"playbook.{what}", now, agent=by, **params))
