"""What crosses the wire about articles."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Number = Annotated[int, Field(ge=1, lt=2**63)]
Locale = Literal["ja", "en"]
State = Literal["wip", "not_validated", "validated", "archived"]
For = Literal["internal", "customer", "public"]
Part = Annotated[str, Field(max_length=20_000)]


class ArticleParts(BaseModel):
    issue: Part = Field(default="", description="What happens, in the customer's words. Markdown")
    environment: Part = ""
    cause: Part = ""
    resolution: Part = ""


class ArticleFields(ArticleParts):
    title: str = Field(min_length=1, max_length=200)
    keywords: str = Field(default="", max_length=400, description="What customers say that the article does not")


class ArticleIn(ArticleFields):
    locale: Locale = "ja"
    audience: For = "internal"
    category_ids: list[Number] = Field(default_factory=list, max_length=20)
    ticket: Number | None = Field(default=None, description="The case in which it was found out")
    slug: str = Field(default="", max_length=80, description="Its address; empty: from the title")


class ArticleTextIn(ArticleFields):
    version: int = Field(ge=0, description="The version that was edited; 0 for a new translation")
    slug: str = Field(default="", max_length=80, description="Its address; empty: as it is, or from the title")
    note: str = Field(default="", max_length=200, description="What was changed")
    current: bool = Field(default=True, description="A translation: it says what the first text says now")
    minor: bool = Field(default=False, description="The first text: translations stay current")


class ArticleChange(BaseModel):
    version: int
    state: State | None = None
    audience: For | None = None
    owner_id: Number | None = None
    review_at: datetime | None = None
    category_ids: list[Number] | None = Field(default=None, max_length=20)


class PublishIn(BaseModel):
    """Empty: now, and for good."""

    begins: datetime | None = None
    ends: datetime | None = None


class ArticleLocale(BaseModel):
    locale: Locale
    title: str
    live: bool
    changed: bool = Field(description="There is a newer version than the one that customers see")
    planned: bool
    outdated: bool = Field(description="The text that it translates has moved on")


class ArticleTextOut(ArticleLocale, ArticleParts):
    keywords: str
    slug: str
    version: int
    based_on: int | None
    live_version: int | None
    published_at: datetime | None
    publish_at: datetime | None
    unpublish_at: datetime | None
    updated_by: int | None
    updated_at: datetime


class ArticleRow(BaseModel):
    id: int
    locale: Locale
    title: str
    state: State
    audience: For
    owner_id: int | None
    ticket: int | None
    review_at: datetime | None
    review_due: bool
    version: int
    updated_at: datetime
    category_ids: list[int]
    locales: list[ArticleLocale]


class ArticleOut(ArticleRow):
    created_by: int | None
    created_at: datetime
    validated_by: int | None
    validated_at: datetime | None
    texts: list[ArticleTextOut]


class ArticleVersionRow(BaseModel):
    number: int
    title: str
    note: str
    agent_id: int | None
    at: datetime


class ArticleVersionOut(ArticleFields):
    number: int


class DiffPiece(BaseModel):
    op: Literal["same", "removed", "added"]
    text: str


class DiffOut(BaseModel):
    before: int
    to: int
    fields: dict[str, list[DiffPiece]]


class PreviewOut(BaseModel):
    """Each part as HTML."""

    issue: str
    environment: str
    cause: str
    resolution: str


class CategoryIn(BaseModel):
    name_ja: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)


class CategoryOrder(BaseModel):
    ids: list[Number] = Field(max_length=200)


class CategoryChange(BaseModel):
    name_ja: str | None = Field(default=None, min_length=1, max_length=80)
    name_en: str | None = Field(default=None, max_length=80)
    position: int | None = Field(default=None, ge=0, le=10_000)


class CategoryOut(BaseModel):
    id: int
    name_ja: str
    name_en: str
    position: int
