"""The house keeps its shape: imports, sizes, one place for commits, time and the environment, complete translations."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute

from app.api import door
from app.config import Settings
from app.main import create_api
from app.parts import assemble
from app.rules.permissions import GRANTS
from tests.servers import KEY, ROOT

MOST_LINES, MOST_FUNCTION = 400, 50

# Catalogues are data: one file for each language, a line for each string.
LONG = re.compile(r"\.gen\.ts$|^alembic/versions/")

# Where an error of any kind may be caught, and why.
CATCH_ALL = {
    ("app/jobs/loop.py", "_once"): "the top of a clock's loop",
    ("app/jobs/apart.py", "_try"): "one row that fails is set aside, the others go on",
    ("app/jobs/deliver.py", "_send"): "a bug of one channel is the message's failure, not the loop's",
    ("app/jobs/calls.py", "_ask"): "a bug of one channel must not keep other calls from being asked for",
    ("app/jobs/fetch.py", "_file"): "a bug of one fetch is the file's failure, not the loop's",
    ("app/jobs/fetch.py", "_ask"): "a name that cannot be asked for is no reason to stop",
    ("app/jobs/mailings.py", "_report"): "one report that cannot be made must not hold up the others",
    ("app/jobs/mailings.py", "_send"): "a bug in an adapter must not stop the clock",
    ("app/jobs/automate.py", "_pass_on"): "one bad event must not hold up all rules",
    ("app/jobs/automate.py", "_pairs"): "nor one bad ticket",
    ("app/jobs/success.py", "_pass_on"): "one bad case must not hold up the others",
    ("app/jobs/hooks.py", "_lane"): "the top of a webhook's lane: others go on",
    ("app/main.py", "__call__"): "the door again: a room that cannot be loaded is a problem for its own callers only",
    ("app/parts.py", "take"): "the door: a bug in the reading keeps the bytes for a retry",
    ("app/replay.py", "replay"): "the door again: still unreadable bytes stay in the list",
    ("app/db.py", "_write"): "a batch that fails goes one by one",
    ("app/db.py", "_one_by_one"): "who waits for the writer hears of it",
    ("app/db.py", "_alone"): "the one that fails alone is kept as a dead letter",
    ("app/live.py", "_follow"): "the top of the log reader's loop",
    ("app/bus.py", "_run"): "the top of the bus's loop",
    ("app/quotas.py", "_ask"): "a background question whose answer may fail in any way",
    ("channels/email/door.py", "handle_DATA"): "the mail door's rim: a 451 costs a retry",
    ("channels/email/inbound.py", "parse_mail"): "a mail that cannot be read is a ticket with the raw mail attached",
    ("channels/email/inbound.py", "reread_mail"): "such a mail stays as it is",
    ("channels/email/inbound.py", "_unreadable"): "what could be read until there is all there is",
}

# Routes that anybody may call, and why.
OPEN = {
    ("GET", "/healthz"): "says nothing but that the process answers",
    ("GET", "/readyz"): "says nothing but that the database answers",
    ("POST", "/api/v1/session"): "signing in",
    ("GET", "/f/{public_id}/{signature}/{name}"): "the signature is the key (L26)",
    ("POST", "/chat/files"): "visitors, by their secret token",
    ("POST", "/chat/line"): "visitors, by their secret token",
    ("GET", "/chat/line/{name}"): "visitors, by their line's secret name",
    ("POST", "/chat/line/{name}"): "visitors, by their line's secret name",
    ("POST", "/chat/line/{name}/end"): "visitors, by their line's secret name",
    ("GET", "/rate/{token}"): "the signature in the token is the key",
    ("POST", "/rate/{token}"): "the signature in the token is the key",
    ("GET", "/stop/{token}"): "the signature in the token is the key",
    ("POST", "/stop/{token}"): "the signature in the token is the key",
    ("GET", "/help"): "leads to the public help centre",
    ("GET", "/help/{locale}"): "public articles",
    ("GET", "/help/{locale}/search"): "public articles",
    ("GET", "/help/{locale}/articles/{slug}"): "public articles",
    ("GET", "/help/{locale}/shared/{token}"): "the signature in the token is the key",
    ("POST", "/help/{locale}/feedback/{token}"): "the signature in the token is the key",
    ("GET", "/help/{locale}/offers/{token}"): "the signature in the token is the key",
    ("POST", "/help/{locale}/offers/{token}"): "the signature in the token is the key",
    ("GET", "/sitemap.xml"): "public articles",
    ("GET", "/assets/{name:path}"): "the built pages",
    ("GET", "/widget.js"): "the built pages",
    ("GET", "/widget/frame.html"): "the built pages",
    ("GET", "/{path:path}"): "the built pages",
    ("WS", "/live"): "asks for itself: closes with 4401",
    ("WS", "/chat"): "visitors, by their secret token",
}


@cache
def tracked(*endings: str) -> tuple[str, ...]:
    """What git tracks, with these endings."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return tuple(name for name in listed if name.endswith(endings) and (ROOT / name).is_file())


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(), name)


def functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """a.b.c of an attribute chain."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def calls(name: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node.lineno


def app_files(but: str) -> list[str]:
    return [name for name in tracked(".py") if name.startswith("app/") and name != but]


# -- imports and sizes --------------------------------------------------------------------------------------------------


def test_imports_go_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("ending", [".py", ".ts", ".vue", ".css"])
def test_files_stop_at_400_lines(ending: str) -> None:
    sizes = {n: len((ROOT / n).read_text().splitlines()) for n in tracked(ending) if not LONG.search(n)}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_functions_stop_at_50_lines() -> None:
    long = [
        f"{name}:{f.lineno} {f.name} has {f.end_lineno - f.lineno + 1} lines"
        for name in tracked(".py") if not LONG.search(name) and not name.startswith("tests/")
        for f in functions(name) if f.end_lineno and f.end_lineno - f.lineno >= MOST_FUNCTION
    ]  # fmt: skip
    assert long == []


def test_no_relative_imports() -> None:
    found = [name for name in tracked(".py") for n in ast.walk(tree(name)) if isinstance(n, ast.ImportFrom) and n.level]
    assert found == []


# -- one place ----------------------------------------------------------------------------------------------------------


def test_only_db_begins_and_commits() -> None:
    ends = (".commit", ".begin", ".begin_nested", ".rollback")
    others = [name for name in app_files("app/db.py") if name != "app/sqlite.py"]  # the driver that db's sessions use
    assert [f"{n}:{line}" for n in others for call, line in calls(n) if call.endswith(ends)] == []


def test_only_the_clock_reads_the_time() -> None:
    reads = re.compile(
        r"^(datetime\.)*(datetime|date)\.(now|utcnow|today)$|^time\.(time|monotonic|perf_counter|time_ns)$|^(func\.now)$"
    )
    assert [f"{n}:{line}" for n in app_files("app/clock.py") for call, line in calls(n) if reads.match(call)] == []


def test_only_config_reads_the_environment() -> None:
    names = ("os.environ", "os.getenv", "environ")
    found = [
        f"{name}:{node.lineno}"
        for name in [*app_files("app/config.py"), *(n for n in tracked(".py") if n.startswith("channels/"))]
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node) in names
    ]
    assert found == []


def test_errors_of_any_kind_are_caught_only_at_the_rim() -> None:
    found = {
        (name, function.name)
        for name in tracked(".py") if name.startswith(("app/", "channels/"))
        for function in functions(name)
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or dotted(node.type) in ("Exception", "BaseException"))
    }  # fmt: skip
    assert found - set(CATCH_ALL) == set(), "catches everything: say why in CATCH_ALL, or name the errors"
    assert set(CATCH_ALL) - found == set(), "no longer catches everything: leave it out of CATCH_ALL"


# -- words --------------------------------------------------------------------------------------------------------------


def test_nothing_is_left_to_do() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    code = tracked(".py", ".ts", ".vue", ".css", ".md", ".html", ".sh", ".toml")
    assert [n for n in code if n != "tests/test_house.py" and mark.search((ROOT / n).read_text())] == []


def test_no_vague_names() -> None:
    vague = re.compile(r"^(process|handle|do)_|(Manager|Service|Helper|Utils|Handler|Impl)$")
    allowed = {
        "handle_RCPT",
        "handle_DATA",
        "handle_EHLO",
        "handle_MAIL",
        "handle_async_request",
        "handle_starttag",
        "handle_endtag",
        "handle_data",
    }  # aiosmtpd's, httpx's and html.parser's
    found = [
        f"{name}:{node.lineno} {node.name}"
        for name in tracked(".py") if name.startswith(("app/", "channels/", "demo/"))
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and vague.search(node.name) and node.name not in allowed
    ]  # fmt: skip
    assert found == []


def test_lock_files_name_no_registry() -> None:
    locks = tracked(".lock", "package-lock.json")
    assert locks
    named = re.compile(r"--(index-url|extra-index-url|find-links)|@ (https?|git)|\"resolved\": \"https?:")
    assert [name for name in locks if named.search((ROOT / name).read_text())] == []


def paths_of(text: str) -> set[str]:
    """The keys of a TypeScript catalogue: nested objects of strings, or a flat one."""
    found, stack = set(), []
    for line in text.splitlines():
        opens = re.match(r"\s*\"?([\w.]+)\"?: \{\s*$", line)
        value = re.findall(r"(?:^|[{,])\s*\"?([\w.]+)\"?:\s*(?=[\"'`]|$)", line)
        if opens:
            stack.append(opens[1])
        elif re.match(r"\s*\},?;?\s*$", line) and stack:
            stack.pop()
        else:
            found |= {".".join([*stack, key]) for key in value}
    return found


def test_the_apps_catalogues_have_the_same_keys() -> None:
    folder = ROOT / "frontend" / "src" / "i18n"
    rooms = {path.name for path in (folder / "ja").glob("*.ts")}
    assert rooms == {path.name for path in (folder / "en").glob("*.ts")}
    for room in rooms - {"index.ts"}:
        ja, en = (paths_of((folder / language / room).read_text()) for language in ("ja", "en"))
        assert ja ^ en == set(), room


def test_the_widgets_catalogues_have_the_same_keys() -> None:
    text = (ROOT / "frontend" / "widget" / "words.ts").read_text()
    ja, en = (re.search(rf"const {language}\b[^=]*= \{{\n(.*?)\n\}}", text, re.S) for language in ("ja", "en"))
    assert ja and en
    japanese, english = (set(re.findall(r'^\s*"([\w.]+)":', found[1], re.M)) for found in (ja, en))
    assert len(japanese) > 30
    assert japanese ^ english == set()
    launcher = (ROOT / "frontend" / "widget" / "launcher-words.ts").read_text()
    lines = {m[1]: set(re.findall(r"(\w+): \"", m[2])) for m in re.finditer(r"^  (ja|en): \{(.*)\}", launcher, re.M)}
    assert lines["ja"] == lines["en"] != set()


# -- doors --------------------------------------------------------------------------------------------------------------


def api_routes() -> list[APIRoute | APIWebSocketRoute]:
    api = create_api(assemble(Settings(secret_key=KEY)))  # type: ignore[arg-type]
    inner = [getattr(route, "original_router", None) for route in api.routes]
    found = [route for router in inner if router for route in router.routes]
    return [route for route in found if isinstance(route, APIRoute | APIWebSocketRoute)]


def permission_of(route: APIRoute | APIWebSocketRoute) -> str | None:
    """The permission that a route asks for; "" when any signed-in agent may; None when it asks nobody."""
    waiting, signed, asked = [route.dependant], False, None
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        asked = getattr(dependant.call, "permission", None) or asked
        signed = signed or dependant.call is door.signed_in
    return asked or ("" if signed else None)


def key_of(route: APIRoute | APIWebSocketRoute) -> tuple[str, str]:
    return ("WS" if isinstance(route, APIWebSocketRoute) else next(iter(route.methods)), route.path)


def test_every_route_says_who_may_call_it() -> None:
    unasked = {key_of(route) for route in api_routes() if permission_of(route) is None}
    assert unasked == set(OPEN)


def test_every_permission_of_a_route_is_granted_to_somebody() -> None:
    granted = frozenset().union(*GRANTS.values())
    assert {permission_of(route) or "" for route in api_routes()} - granted <= {""}


def test_unsafe_routes_write_only_after_the_caller_is_known() -> None:
    """Every unsafe route under /api/v1 but signing in asks for somebody."""
    unsafe = [r for r in api_routes() if key_of(r)[0] in ("POST", "PATCH", "PUT", "DELETE")]
    assert len(unsafe) > 20
    assert {key_of(r) for r in unsafe if permission_of(r) is None} == {
        ("POST", "/api/v1/session"),
        ("POST", "/chat/files"),
        ("POST", "/chat/line"),
        ("POST", "/chat/line/{name}"),
        ("POST", "/chat/line/{name}/end"),
        ("POST", "/rate/{token}"),
        ("POST", "/stop/{token}"),
        ("POST", "/help/{locale}/feedback/{token}"),
        ("POST", "/help/{locale}/offers/{token}"),
    }


def test_the_openapi_document_has_no_nameless_operation() -> None:
    api = create_api(assemble(Settings(secret_key=KEY)))  # type: ignore[arg-type]
    document = json.loads(json.dumps(api.openapi()))
    names = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(names) == len(set(names)) > 30
