"""Outreach: what is written to the people of accounts, what became of it, and what they say of being written to."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.actions.success import consent as consents
from app.actions.success import outreach as verbs
from app.api.door import Here, Now, Page, Reading, Writing, json_response
from app.api.success.accounts import SetupWriter, SuccessReader, SuccessWriter
from app.api.success.shapes import Stage, Tier
from app.errors import Missing
from app.models import Account, Consent, Person
from app.queries.success import outreach as queries
from app.queries.success import playbooks
from app.queries.success.letters import Draft, Letter, Wanted

router = APIRouter(prefix="/api/v1/success", tags=["success"])
Purpose = Literal["service", "promotion"]
LetterChannel = Literal["email", "line"]
Number = Annotated[int, Field(ge=1, lt=2**63)]


class LetterWords(BaseModel):
    subject: str = Field(default="", max_length=300)
    text: str = Field(default="", max_length=5000, description="{{person.name|お客様}} and such are filled in")


Texts = dict[Literal["ja", "en"], LetterWords]


class AudienceIn(BaseModel):
    """Accounts by number or by what holds for them (all that is named has to). Of each the contact, unless `everyone`."""

    account_ids: list[Number] = Field(default=[], max_length=1000)
    person_ids: list[Number] = Field(default=[], max_length=500, description="Only these of them")
    tier: Tier | None = None
    stage: Stage | None = None
    colour: Literal["blue", "yellow", "red", "grey"] | None = None
    owner_id: Number | None = None
    renews_within: int | None = Field(default=None, ge=0, le=1000, description="Days")
    everyone: bool = False
    roles: list[Literal["champion", "sponsor", "admin", "user"]] = []

    def wanted(self, today: date) -> Wanted:
        by = None if self.renews_within is None else today + timedelta(days=self.renews_within)
        return Wanted(
            accounts=tuple(self.account_ids), people=tuple(self.person_ids), tier=self.tier, stage=self.stage,
            colour=self.colour, owner=self.owner_id, renews_by=by, everyone=self.everyone, roles=tuple(self.roles),
        )  # fmt: skip


class LetterIn(BaseModel):
    purpose: Purpose
    channel: LetterChannel
    inbox_id: Number
    texts: Texts
    to: AudienceIn

    def draft(self, today: date) -> Draft:
        texts: dict[str, dict[str, str]] = {tongue: said.model_dump() for tongue, said in self.texts.items()}
        return Draft(self.purpose, self.channel, texts, self.to.wanted(today))


class LetterSend(LetterIn):
    name: str = Field(min_length=1, max_length=120, description="What the team calls it")
    client_id: str = Field(min_length=8, max_length=60, description="Yours: the same again is the same letter")
    step_id: Number | None = Field(default=None, description="A playbook's step: it is done by this")


class LetterWho(BaseModel):
    id: int
    name: str


class LetterCopyPreview(BaseModel):
    """`refused`: why it does not go to them. `goes_at`: they are asleep, it waits until then."""

    person: LetterWho
    account: LetterWho
    address: str
    language: str
    subject: str
    text: str
    refused: str
    goes_at: datetime | None


class LetterPreview(BaseModel):
    goes: int
    copies: list[LetterCopyPreview]


class OutreachRow(BaseModel):
    id: int
    name: str
    purpose: Purpose
    channel: LetterChannel
    inbox_id: int
    texts: Texts
    by_id: int | None
    step_id: int | None
    created_at: datetime
    people: int
    refused: int
    sent: int
    answered: int
    stopped: int


class OutreachCopyOut(BaseModel):
    """`state`: the message's. `answer_id`: the number of the case that the answer opened."""

    id: int
    refused: str
    ticket_id: int | None
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    answer_id: int | None
    stopped_at: datetime | None
    person: LetterWho
    account: LetterWho
    state: str
    failure: str
    goes_at: datetime | None


class OutreachOut(OutreachRow):
    copies: list[OutreachCopyOut]


class LetterTemplateIn(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    purpose: Purpose
    texts: Texts


class LetterTemplateOut(LetterTemplateIn):
    id: int


class LetterSenderIo(BaseModel):
    """Who signs advertising: the law asks for all three."""

    name: str = Field(max_length=200)
    address: str = Field(max_length=300)
    contact: str = Field(max_length=300)


class StandingOut(BaseModel):
    """promotion: whether they agreed to advertising; empty: they have said nothing. never: they want to hear nothing."""

    promotion: Literal["yes", "no", ""]
    never: bool


class ConsentIn(BaseModel):
    """yes, no: to advertising on this channel; never: no word of ours at all; contact: we may write again."""

    channel: Literal["email", "line", "any"]
    says: Literal["yes", "no", "never", "contact"]
    source: Literal["form", "paper", "phone", "card", "trade", "reply", "other"]
    words: str = Field(default="", max_length=2000, description="Of the form, or what they said: the proof")
    at: AwareDatetime | None = Field(default=None, description="When they said it; now unless said otherwise")


class ConsentOut(BaseModel):
    id: int
    channel: Literal["email", "line", "any"]
    says: Literal["yes", "no", "never", "contact"]
    source: str
    words: str
    address: str
    at: datetime
    recorded_at: datetime
    by_id: int | None


class PersonConsents(BaseModel):
    standing: dict[str, StandingOut]
    said: list[ConsentOut]


class AccountStanding(BaseModel):
    person_id: int
    standing: dict[str, StandingOut]


@router.get("/outreach", response_model=Page[OutreachRow])
async def list_outreach(
    session: Reading,
    agent: SuccessReader,
    account: int | None = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Response:
    """The latest first."""
    items, more = await queries.listing(session, account=account, before=before, limit=limit)
    return json_response({"items": items, "next_cursor": str(items[-1]["id"]) if more else None})


@router.post("/outreach/preview", response_model=LetterPreview)
async def preview_outreach(session: Reading, agent: SuccessWriter, now: Now, asked: LetterIn) -> Response:
    """Each copy as it would go out, and to whom it does not go. Nothing is kept."""
    found = await verbs.preview_of(session, asked.draft(now.date()), asked.inbox_id, agent, now)
    return json_response({"goes": sum(not each.refused for each in found), "copies": [_copy(each) for each in found]})


def _copy(each: Letter) -> dict[str, Any]:
    address = each.identity.value if each.identity is not None and each.identity.kind == "email" else ""
    return {
        "person": {"id": each.person.id, "name": each.person.name or address},
        "account": {"id": each.account.id, "name": each.account.name}, "address": address, "language": each.language,
        "subject": each.subject, "text": each.text, "refused": each.refused, "goes_at": each.goes_at,
    }  # fmt: skip


@router.post("/outreach", status_code=201, response_model=OutreachOut)
async def send_outreach(session: Writing, agent: SuccessWriter, here: Here, now: Now, asked: LetterSend) -> Response:
    """It goes to everybody to whom it may, each copy by itself. The same `client_id` again is the same letter."""
    hours = await playbooks.desk_hours(session, here.settings.timezone)
    given = {name: getattr(asked, name) for name in ("name", "inbox_id", "client_id", "step_id")}
    made, _ = await verbs.send(session, asked.draft(now.date()), given, agent=agent, hours=hours, now=now)
    return json_response(await queries.page(session, made.id), 201)


@router.get("/outreach/{outreach_id}", response_model=OutreachOut)
async def get_outreach(session: Reading, agent: SuccessReader, outreach_id: int) -> Response:
    found = await queries.page(session, outreach_id)
    if found is None:
        raise Missing
    return json_response(found)


@router.get("/outreach-templates", response_model=list[LetterTemplateOut])
async def list_letter_templates(session: Reading, agent: SuccessReader) -> Response:
    return json_response(await queries.templates(session))


@router.post("/outreach-templates", status_code=201, response_model=LetterTemplateOut)
async def add_letter_template(session: Writing, agent: SuccessWriter, now: Now, asked: LetterTemplateIn) -> Response:
    return json_response(queries.template(await verbs.put_template(session, asked.model_dump(), now=now)), 201)


@router.put("/outreach-templates/{template_id}", response_model=LetterTemplateOut)
async def change_letter_template(
    session: Writing, agent: SuccessWriter, now: Now, template_id: int, asked: LetterTemplateIn
) -> Response:
    made = await verbs.put_template(session, asked.model_dump(), now=now, number=template_id)
    return json_response(queries.template(made))


@router.delete("/outreach-templates/{template_id}", status_code=204)
async def archive_letter_template(session: Writing, agent: SuccessWriter, now: Now, template_id: int) -> Response:
    """What was sent with it stays."""
    await verbs.archive_template(session, template_id, now)
    return Response(status_code=204)


@router.get("/setup/sender", response_model=LetterSenderIo)
async def get_letter_sender(session: Reading, agent: SuccessReader) -> Response:
    return json_response(await queries.sender(session))


@router.put("/setup/sender", response_model=LetterSenderIo)
async def set_letter_sender(session: Writing, agent: SetupWriter, now: Now, asked: LetterSenderIo) -> Response:
    await verbs.set_sender(session, asked.model_dump(), by=agent.id, now=now)
    return json_response(await queries.sender(session))


@router.get("/people/{person_id}/consents", response_model=PersonConsents)
async def list_consents(session: Reading, agent: SuccessReader, person_id: int) -> Response:
    if await session.get(Person, person_id) is None:
        raise consents.NoPerson
    return json_response(await queries.said(session, person_id))


@router.post("/people/{person_id}/consents", status_code=201, response_model=PersonConsents)
async def add_consent(session: Writing, agent: SuccessWriter, now: Now, person_id: int, asked: ConsentIn) -> Response:
    """What somebody said is added to what they said before: nothing is overwritten."""
    said = Consent(person_id=person_id, recorded_at=now, **asked.model_dump() | {"at": asked.at or now})
    await consents.record(session, said, by=agent.id, now=now)
    return json_response(await queries.said(session, person_id), 201)


@router.get("/accounts/{account_id}/standing", response_model=list[AccountStanding])
async def list_account_standing(session: Reading, agent: SuccessReader, account_id: int) -> Response:
    """Of each person of the account who has said something of being written to."""
    if await session.get(Account, account_id) is None:
        raise Missing
    return json_response(await queries.of_account(session, account_id))
