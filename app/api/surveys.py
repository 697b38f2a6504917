"""Settings of the question how satisfied customers are."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import survey
from app.api.door import Admin, Now, Reading, Writing, json_response
from app.models import Inbox
from app.queries import survey as queries

router = APIRouter(prefix="/api/v1/surveys", tags=["surveys"])
Number = Annotated[int, Field(ge=1, lt=2**63)]


class SurveySetupIn(BaseModel):
    delay_s: int = Field(ge=60, le=7 * 86400, description="Between the resolution and the question")
    name: str = Field(default="", max_length=80, description="Who asks, as customers know the desk")
    inbox_ids: list[Number] = Field(default_factory=list, max_length=1000, description="Whose customers are asked")


class SurveySetupOut(BaseModel):
    delay_s: int
    name: str
    inbox_ids: list[int]


async def _shown(session: AsyncSession) -> dict[str, Any]:
    setup = await queries.setup(session)
    asking = select(col(Inbox.id)).where(col(Inbox.surveyed).is_(True)).order_by(col(Inbox.id))
    return {"delay_s": setup.delay_s, "name": setup.name, "inbox_ids": list((await session.scalars(asking)).all())}


@router.get("/setup", response_model=SurveySetupOut)
async def get_survey_setup(session: Reading, agent: Admin) -> Response:
    return json_response(await _shown(session))


@router.put("/setup", response_model=SurveySetupOut)
async def set_survey_setup(session: Writing, agent: Admin, now: Now, asked: SurveySetupIn) -> Response:
    given = {"delay_s": asked.delay_s, "name": asked.name}
    await survey.change_setup(session, given, set(asked.inbox_ids), by=agent, now=now)
    return json_response(await _shown(session))
