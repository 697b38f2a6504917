"""The knowledge base: articles, their texts in each language with all versions, and where they are filed (K1, K2, K6)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, kept, key, opt, pk


class Confidence(StrEnum):
    """How far an article can be trusted (K2)."""

    WIP = "wip"  # 作成中: no resolution is known yet
    NOT_VALIDATED = "not_validated"  # 未検証
    VALIDATED = "validated"  # 検証済み
    ARCHIVED = "archived"  # 保管


class ArticleAudience(StrEnum):
    """For whom it is written."""

    INTERNAL = "internal"
    CUSTOMER = "customer"  # whoever gets its link from an agent
    PUBLIC = "public"


class Article(SQLModel, table=True):
    """One piece of knowledge. Its id, which people say to each other (KB-12), never changes; its words are its texts."""

    __table_args__ = (
        Index("ix_article_updated", "updated_at", "id"),
        CheckConstraint("state IN ('wip','not_validated','validated','archived')", name="state"),
        CheckConstraint("audience IN ('internal','customer','public')", name="audience"),
    )

    id: int = pk()
    locale: str = Field(default="ja", max_length=5)  # in which it was written first: the others are translations
    state: str = Field(default=Confidence.WIP, max_length=16)
    audience: str = Field(default=ArticleAudience.INTERNAL, max_length=10)
    owner_id: int | None = opt("agent.id")
    ticket_id: int | None = opt("ticket.id", index=True)  # the case in which it was found out
    review_at: datetime | None = None  # when somebody has to look whether it is still true
    validated_at: datetime | None = None
    validated_by: int | None = opt("agent.id")
    version: int = 1  # rises with each change of what stands here: two editors notice each other
    created_by: int | None = opt("agent.id")
    created_at: datetime
    updated_at: datetime  # of anything in it


class ArticleText(SQLModel, table=True):
    """An article in one language, as agents see it. Customers see the version that was published."""

    __tablename__ = "article_text"
    __table_args__ = (UniqueConstraint("article_id", "locale"), UniqueConstraint("locale", "slug"))

    id: int = pk()
    article_id: int = fk("article.id", cascade=True)
    locale: str = Field(max_length=5)
    slug: str = Field(max_length=120)
    title: str = Field(max_length=200)
    issue: str = ""  # 事象, in the customer's words; Markdown, as all four are
    environment: str = ""  # 環境
    cause: str = ""  # 原因
    resolution: str = ""  # 解決
    keywords: str = Field(default="", max_length=400)  # what customers say that the article does not
    version: int = 1
    based_on: int | None = None  # the version of the first text that it translates; empty: it is the first text
    live_version: int | None = None  # what customers see; empty: nothing
    first_published_at: datetime | None = None
    published_at: datetime | None = None  # of the live version
    publish_at: datetime | None = Field(default=None, index=True)  # planned
    unpublish_at: datetime | None = Field(default=None, index=True)
    updated_by: int | None = opt("agent.id")
    updated_at: datetime


class ArticleVersion(SQLModel, table=True):
    """One text as it was. Never changed."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("text_id", "number"),)

    id: int = pk()
    text_id: int = fk("article_text.id", cascade=True)
    number: int
    title: str = Field(max_length=200)
    issue: str = ""
    environment: str = ""
    cause: str = ""
    resolution: str = ""
    keywords: str = Field(default="", max_length=400)
    note: str = Field(default="", max_length=200)  # what was changed, and why
    agent_id: int | None = opt("agent.id")
    at: datetime


class ArticleSlug(SQLModel, table=True):
    """An address that an article had before it was renamed: it still leads there."""

    __tablename__ = "article_slug"

    locale: str = Field(primary_key=True, max_length=5)
    slug: str = Field(primary_key=True, max_length=120)
    article_id: int = fk("article.id", index=True, cascade=True)


class ArticleCategory(SQLModel, table=True):
    """Where articles are filed, in the order in which the help centre shows them."""

    __tablename__ = "article_category"

    id: int = pk()
    name_ja: str = Field(max_length=80)
    name_en: str = Field(default="", max_length=80)
    position: int = Field(default=0, sa_type=BigInt)


class ArticleFiling(SQLModel, table=True):
    __tablename__ = "article_filing"

    article_id: int = key("article.id")
    category_id: int = key("article_category.id", index=True)


class ArticleFeedback(SQLModel, table=True):
    """What a reader said of a published text (K5)."""

    __tablename__ = "article_feedback"
    __table_args__ = (Index("ix_article_feedback_text", "text_id", "at"),)

    id: int = pk()
    text_id: int = fk("article_text.id", cascade=True)
    version: int  # which they had read
    helpful: bool
    reason: str = Field(default="", max_length=20)
    comment: str = Field(default="", max_length=1000)
    at: datetime


class MissedSearch(SQLModel, table=True):
    """What a reader of the help centre looked for in vain (K8)."""

    __tablename__ = "missed_search"
    __table_args__ = (Index("ix_missed_search_at", "at"),)

    id: int = pk()
    locale: str = Field(max_length=5)
    words: str = Field(max_length=100)  # folded
    at: datetime


class ArticleLink(SQLModel, table=True):
    """An article that served a case (K3): reused, or written from it."""

    __tablename__ = "article_link"

    article_id: int = key("article.id")
    ticket_id: int = key("ticket.id", index=True)
    how: str = Field(default="linked", max_length=10)  # linked, sent (as a link or as text), written
    agent_id: int | None = opt("agent.id")
    at: datetime
    accurate: bool | None = None  # whether it was the right one, by somebody who looked at it later; empty: nobody did
    judged_by: int | None = kept("agent.id")
    judged_at: datetime | None = None
