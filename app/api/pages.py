"""The built pages: the agents' app, the chat's frame and its loader."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from app.api.door import Here, problem
from channels.embedding import Embeds

router = APIRouter(include_in_schema=False)
DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ALWAYS_ASK = {"Cache-Control": "no-cache"}
DESK_CSP = (
    "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; "
    "media-src 'self' blob: https://sdk.twilio.com; "
    "connect-src 'self' ws: wss: https://*.twilio.com; frame-src 'self' blob: data:; frame-ancestors 'none'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
FRAME_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def _file(name: str, headers: dict[str, str]) -> Response:
    try:
        path = (DIST / name).resolve()
        known = path.is_relative_to(DIST) and path.is_file()
    except (OSError, ValueError):  # a name that no file can have: too long, with NUL
        known = False
    if not known or (path.suffix == ".html" and "Content-Security-Policy" not in headers):
        return problem(404, "missing", "There is no such page.")  # pages have a route each, and their policy with it
    return FileResponse(path, headers={**SAFE, **headers})


@router.get("/assets/{name:path}")
async def asset(name: str) -> Response:
    return _file(f"assets/{name}", {**FOREVER, "Access-Control-Allow-Origin": "*"})


@router.get("/widget.js")
async def loader() -> Response:
    return _file("widget.js", {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"})


@router.get("/widget/frame.html")
async def frame(here: Here, widget: str = "") -> Response:
    """The chat's frame; only the pages that the inbox allows may embed it (W1)."""
    opened = await here.inboxes.by_token(widget)
    if opened is None or not isinstance(opened.channel, Embeds):
        return problem(404, "missing", "There is no such chat.")
    policy = f"{FRAME_CSP}; frame-ancestors {opened.channel.frame_ancestors()}"
    return _file("widget/frame.html", {**ALWAYS_ASK, "Content-Security-Policy": policy})


@router.get("/{path:path}")
async def desk(request: Request, path: str) -> Response:
    """The agents' app: any other path is one of its own."""
    if f"{path}/".startswith(("api/", "hooks/", "demo/", "f/")):
        return problem(404, "missing", "There is no such page.")
    if "." in path.rsplit("/", 1)[-1]:
        return _file(path, ALWAYS_ASK)
    return _file("index.html", {**ALWAYS_ASK, "Content-Security-Policy": DESK_CSP})
