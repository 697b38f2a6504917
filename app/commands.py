"""What the commands do."""

import asyncio
import errno
import gc
import getpass
import json
import re
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from sqlalchemy import select
from sqlmodel import col

from app import clock, log, tables
from app.actions import inboxes, people
from app.config import Settings, settings
from app.doctor import examine
from app.errors import WrongSetting
from app.jobs.run import Clocks
from app.jobs.search import catch_up
from app.main import create_api, create_app
from app.models import Agent, ApiToken, HookState, Inbox, RawHook, Role
from app.parts import Parts, assemble
from app.replay import replay
from app.security import new_token, token_hash
from channels import KINDS, channel_type

T = TypeVar("T")
LONGEST_NAME = 80  # of an inbox, as on the settings page


def serve(*, jobs: bool, port: int | None) -> None:
    given = settings()
    log.configure(json_lines=given.log_json is not False)
    check_port(given.host, port or given.port)
    asyncio.run(tables.check(given))
    run_server(create_app(given, clocks=jobs), given, port)


def check_port(host: str, port: int) -> None:
    """Raises WrongSetting when nothing can listen there."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as taken:
        if isinstance(taken, socket.gaierror) or taken.errno == errno.EADDRNOTAVAIL:
            raise WrongSetting(f"MIKAWAYA_HOST does not fit: {host} is no address of this machine.") from None
        if taken.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is in use" if taken.errno == errno.EADDRINUSE else "may not be used"
        raise WrongSetting(f"Port {port} {why}: choose another with --port N or MIKAWAYA_PORT.") from None


def run_server(app: Any, given: Settings, port: int | None) -> None:
    # What was imported lives as long as the process: the garbage collector need not walk over it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    uvicorn.run(app, host=given.host, port=port or given.port, timeout_graceful_shutdown=15, **server_options(given))


def server_options(given: Settings) -> dict[str, Any]:
    """uvicorn as performance.md found it best: no access log, no per-message deflate. Only named proxies are believed."""
    return {
        "loop": "uvloop" if sys.platform != "win32" else "asyncio", "http": "httptools", "ws": "websockets-sansio",
        "ws_per_message_deflate": False, "ws_max_size": 1024 * 1024, "lifespan": "on", "access_log": False,
        "log_level": "warning", "proxy_headers": bool(given.trusted_proxies),
        "forwarded_allow_ips": list(given.trusted_proxies),
    }  # fmt: skip


def jobs() -> None:
    given = settings()
    log.configure(json_lines=given.log_json is not False)
    asyncio.run(tables.check(given))
    asyncio.run(_jobs(assemble(given)))


async def _jobs(parts: Parts) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await parts.start()
    clocks = Clocks(parts)
    await clocks.start()
    await stop.wait()
    await clocks.stop()
    await parts.stop()


def migrate() -> None:
    tables.migrate(settings())


def _with(work: Callable[[Parts], Awaitable[T]]) -> T:
    log.configure(json_lines=False)  # to standard error: what a command prints may be read by a program

    async def run() -> T:
        await tables.check(settings())
        parts = assemble(settings())
        try:
            return await work(parts)
        finally:
            await parts.stop()

    return asyncio.run(run())


def owner(given: str) -> None:
    email = given.strip()
    if not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", email):
        raise WrongSetting(f"{email!r} is no mail address.")
    asyncio.run(tables.check(settings()))  # before somebody thinks of a password
    password = getpass.getpass("Password (at least 10 characters): ") if sys.stdin.isatty() else sys.stdin.readline()
    password = password.rstrip("\n")
    if len(password) < 10:
        raise WrongSetting("The password is too short: give at least 10 characters.")

    async def work(parts: Parts) -> None:
        async with parts.database.write() as session:
            await people.add_agent(
                session, email=email, name=email.partition("@")[0], password=password, now=clock.utcnow(), team_ids=[],
                role=Role.OWNER, language=parts.settings.language,
            )  # fmt: skip

    _with(work)
    print(f"{email} is an owner now. Sign in at {settings().public_url}")


def token(agent: str, name: str) -> None:
    async def work(parts: Parts) -> str:
        async with parts.database.write() as session:
            found = (await session.scalars(select(Agent).where(col(Agent.email) == agent.strip().lower()))).first()
            if found is None or not found.active:
                raise WrongSetting(f"There is no active agent {agent}.")
            made = new_token()
            session.add(ApiToken(agent_id=found.id, name=name, token_hash=token_hash(made), created_at=clock.utcnow()))
            return made

    print(_with(work))


def inbox_add(kind: str, name: str, given: list[str], language: str) -> None:
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise WrongSetting(f"--name: give 1 to {LONGEST_NAME} characters.")
    config: dict[str, Any] = {}
    for each in given:
        key, sep, value = each.partition("=")
        if not sep:
            raise WrongSetting(f"--set {each}: write key=value.")
        config[key] = _value(value)

    async def work(parts: Parts) -> Inbox:
        async with parts.database.write() as session:
            return await inboxes.add(
                session, parts.vault, kind=kind, name=name.strip(), config=config, now=clock.utcnow(), language=language
            )

    made = _with(work)
    print(f"{made.kind} {made.name}: {settings().public_url}/hooks/{made.token}")


def _value(given: str) -> Any:
    if given.startswith("@"):
        try:
            return Path(given[1:]).read_text(encoding="utf-8").strip()
        except OSError as missing:
            raise WrongSetting(f"{given[1:]} cannot be read: {missing.strerror}.") from None
        except UnicodeDecodeError:
            raise WrongSetting(f"{given[1:]} cannot be read: it is no UTF-8 text.") from None
    try:
        parsed = json.loads(given)
    except ValueError:
        return given
    return parsed if isinstance(parsed, bool | list | dict) else given


def inbox_list() -> None:
    async def work(parts: Parts) -> list[Inbox]:
        async with parts.database.read() as session:
            return list((await session.scalars(select(Inbox).order_by(col(Inbox.id)))).all())

    for each in _with(work):
        state = each.alarm or ("on" if each.enabled else "off")
        print(f"{each.id:>4}  {each.kind:<6} {state:<10} {each.name}  {settings().public_url}/hooks/{each.token}")


def inbox_fields(kind: str) -> None:
    if kind not in KINDS:
        raise WrongSetting(f"There is no kind {kind!r}: it is one of {', '.join(KINDS)}.")
    schema = channel_type(kind).Config.model_json_schema()
    needed = set(schema.get("required", ()))
    for name, field in schema["properties"].items():
        print(f"{name:<24} {'required' if name in needed else '':<9} {field.get('title_en', '')}")


def replay_all() -> None:
    async def work(parts: Parts) -> list[tuple[int, str | None, str]]:
        async with parts.database.read() as session:
            failed = select(col(RawHook.id)).where(col(RawHook.state) == HookState.FAILED).order_by(col(RawHook.id))
            ids = list((await session.scalars(failed)).all())
        return [(each, *(await replay(parts, each))) for each in ids]

    found = _with(work)
    for number, state, error in found:
        print(f"{number}: {state or 'its inbox cannot be opened'} {error}".rstrip())
    still = sum(state != HookState.TAKEN for _, state, _ in found)
    print(f"{len(found) - still} read again")
    if still:
        raise WrongSetting(f"{still} still cannot be read: their bytes are kept.")


def reindex() -> None:
    print(f"{_with(partial(catch_up, anew=True))} pieces read")


def doctor() -> None:
    async def work(parts: Parts) -> bool:
        sound = True
        async for well, words in examine(parts, clock.utcnow()):
            print(f"{'ok' if well else 'wrong':<6} {words}")
            sound = sound and well
        return sound

    if not _with(work):
        raise WrongSetting("Something above is wrong.")


def openapi() -> None:
    api = create_api(assemble(Settings(secret_key="x" * 32)))  # type: ignore[arg-type]
    print(json.dumps(api.openapi(), ensure_ascii=False, indent=1))
