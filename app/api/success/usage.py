"""What other systems tell of accounts' use: identify and track, once each."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.actions.success import usage as verbs
from app.api.door import Now, Reading, Writing, json_response
from app.api.success.accounts import SuccessReader, SuccessWriter
from app.api.success.shapes import Properties, UnjoinedOut, UsageTaken
from app.errors import Invalid
from app.queries.success import accounts as queries

router = APIRouter(prefix="/api/v1", tags=["success"])
MOST_PROPERTIES = 50


class NamelessEvent(Invalid):
    """An event of the kind track needs a name."""


class TooManyProperties(Invalid):
    """An event has fifty properties at most."""


class UsageEventIn(BaseModel):
    id: str = Field(min_length=1, max_length=120, description="Yours: the same again is the same event")
    kind: Literal["identify", "track"]
    account: str = Field(min_length=1, max_length=80, description="The account's code")
    name: str = Field(default="", max_length=120, description="What was done: track only")
    user: str = Field(default="", max_length=320, description="A mail address, or what you call the user")
    at: AwareDatetime | None = None
    properties: Properties = Field(default_factory=dict)


class UsageEventsIn(BaseModel):
    events: Annotated[list[UsageEventIn], Field(min_length=1, max_length=1000)]


@router.post("/usage-events", status_code=202, response_model=UsageTaken)
async def take_usage_events(
    session: Writing, agent: SuccessWriter, now: Now, asked: UsageEventsIn | UsageEventIn
) -> Response:
    """One, or up to a thousand. Each counts once, whatever comes twice or late."""
    given = asked.events if isinstance(asked, UsageEventsIn) else [asked]
    if any(each.kind == "track" and not each.name.strip() for each in given):
        raise NamelessEvent
    if any(len(each.properties) > MOST_PROPERTIES for each in given):
        raise TooManyProperties
    rows: list[dict[str, Any]] = [
        {
            "key": each.id, "kind": each.kind, "name": each.name.strip(), "account_code": each.account,
            "member": each.user, "at": min(each.at or now, now), "properties": each.properties,
        }
        for each in given
    ]  # fmt: skip
    taken, repeated, unknown = await verbs.take(session, rows, now)
    return json_response({"taken": taken, "repeated": repeated, "unknown": unknown}, 202)


@router.get("/usage-events/unjoined", response_model=list[UnjoinedOut])
async def unjoined_usage(session: Reading, agent: SuccessReader) -> Response:
    """The codes that events came for and no account has."""
    return json_response(await queries.unjoined(session))
