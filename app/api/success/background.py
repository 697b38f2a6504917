"""What stands behind a ticket, and the desk's own list of kinds of inquiry."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions.success import background as verbs
from app.api.door import Now, Reader, Reading, Writing, having, json_response
from app.api.success.accounts import SetupWriter
from app.models import Agent, Ticket
from app.queries.success import background as queries

router = APIRouter(prefix="/api/v1", tags=["success"])
Writer = Annotated[Agent, Depends(having("note.write"))]
Label = Annotated[str, Field(max_length=60)]


class BackgroundIO(BaseModel):
    """Only what is named changes."""

    kind: Annotated[str, Field(max_length=24, description="Of inquiry; empty: nobody has said")] = ""
    bottleneck: Literal["", "shown", "hidden"] = Field(default="", description="They asked, or have not noticed")
    stage: Annotated[str, Field(max_length=12)] = ""
    cause: Annotated[str, Field(max_length=80)] = ""
    outcome: Annotated[str, Field(max_length=400)] = ""


class BackgroundOut(BackgroundIO):
    suggested_kind: str = Field(
        description="A guess from the customer's words while nobody has said the kind; or empty"
    )


class KindIO(BaseModel):
    code: Annotated[str, Field(max_length=24)]
    ja: Label
    en: Label
    words: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(default=[], max_length=60)
    complaint: bool = Field(default=False, description="In a complaint nobody sells anything")
    off: bool = False


class KindsIO(BaseModel):
    """A code stays for ever; one that is no longer wanted is off."""

    items: list[KindIO] = Field(min_length=1)
    ask: bool = Field(default=False, description="Ask for the kind on resolving, when nobody has said it")


@router.get("/tickets/{number}/background", response_model=BackgroundOut)
async def get_background(session: Reading, agent: Reader, number: int) -> Response:
    if await session.get(Ticket, number) is None:
        raise desk.NoTicket
    return json_response(await queries.shown(session, number))


@router.put("/tickets/{number}/background", response_model=BackgroundOut)
async def set_background(session: Writing, agent: Writer, now: Now, number: int, asked: BackgroundIO) -> Response:
    ticket = await desk.workable(session, number)
    given = {name: value.strip() for name, value in asked.model_dump(exclude_unset=True).items()}
    await verbs.describe(session, ticket, given, agent=agent, now=now)
    return json_response(await queries.shown(session, number))


@router.get("/inquiry-kinds", response_model=KindsIO)
async def list_inquiry_kinds(session: Reading, agent: Reader) -> Response:
    """What inquiries are about, in the desk's own words."""
    return json_response(await queries.kinds_setup(session))


@router.put("/inquiry-kinds", response_model=KindsIO)
async def set_inquiry_kinds(session: Writing, agent: SetupWriter, now: Now, asked: KindsIO) -> Response:
    given = [each.model_dump() for each in asked.items]
    await verbs.set_kinds(session, given, ask=asked.ask, by=agent.id, now=now)
    return json_response(await queries.kinds_setup(session))
