"""What the desk learns from its cases: why one has no article, what readers and agents found wrong, what should be written."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, goes_with, json_list, key, opt, pk

TO_DO = text("done_at IS NULL")


class TeamCapture(SQLModel, table=True):
    """What a team does about knowledge when it resolves a case (K3). A team without a row is not asked."""

    __tablename__ = "team_capture"
    __table_args__ = (CheckConstraint("mode IN ('off','ask','required')", name="mode"),)

    team_id: int = key("team.id")
    mode: str = Field(default="off", max_length=10)


class ArticleWaiver(SQLModel, table=True):
    """Somebody said that a case has nothing to do with articles, and why."""

    __tablename__ = "article_waiver"

    ticket_id: int = key("ticket.id")
    reason: str = Field(max_length=20)
    comment: str = Field(default="", max_length=400)
    agent_id: int | None = opt("agent.id")
    at: datetime


class ArticleTask(SQLModel, table=True):
    """Something to look at in an article (K5): a reader was not helped, or an agent says that it is wrong."""

    __tablename__ = "article_task"
    __table_args__ = (
        Index("ix_article_task_open", "at", "id", sqlite_where=TO_DO, postgresql_where=TO_DO),
        CheckConstraint("kind IN ('feedback','flag')", name="kind"),
        CheckConstraint("outcome IN ('','fixed','kept')", name="outcome"),
    )

    id: int = pk()
    article_id: int = fk("article.id", index=True, cascade=True)
    locale: str = Field(max_length=5)
    kind: str = Field(max_length=10)
    reason: str = Field(default="", max_length=20)
    comment: str = Field(default="", max_length=1000)
    feedback_id: int | None = goes_with("article_feedback.id")
    agent_id: int | None = opt("agent.id")  # who flagged it
    at: datetime
    done_at: datetime | None = None
    done_by: int | None = opt("agent.id")
    outcome: str = Field(default="", max_length=10)  # "fixed": the article was changed; "kept": it is right as it is


class GapAnswer(SQLModel, table=True):
    """What was decided about something that no article answers (K8): left aside with a reason, or being written."""

    __tablename__ = "gap_answer"

    kind: str = Field(primary_key=True, max_length=12)  # cluster, search, reopened, unhelpful
    subject: str = Field(primary_key=True, max_length=120)  # what it is known by: see rules/knowledge/gaps.py
    reason: str = Field(default="", max_length=20)
    comment: str = Field(default="", max_length=400)
    article_id: int | None = opt("article.id")  # the draft that was begun
    agent_id: int | None = opt("agent.id")
    at: datetime


class ArticleViews(SQLModel, table=True):
    """How often a published text was read on a day (UTC)."""

    __tablename__ = "article_views"

    text_id: int = key("article_text.id")
    day: date = Field(primary_key=True)
    views: int = 0


class ArticleOffer(SQLModel, table=True):
    """Articles that a customer was shown unasked (K9), and what came of it (K4)."""

    __tablename__ = "article_offer"
    __table_args__ = (Index("ix_article_offer_at", "at", "id"), UniqueConstraint("question_id"))

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True, cascade=True)
    question_id: int | None = opt("message.id")  # what the customer wrote
    message_id: int | None = opt("message.id")  # what we showed
    thread_id: int | None = opt("thread.id")
    identity_id: int | None = opt("identity.id", index=True)
    channel: str = Field(max_length=16)
    language: str = Field(default="ja", max_length=5)
    article_ids: list[int] = json_list()
    at: datetime
    opened_at: datetime | None = None  # when they first read one, by the link that they were sent
    solved_at: datetime | None = None  # they said that it helped
    person_at: datetime | None = None  # they asked for a person


class ArticleVisit(SQLModel, table=True):
    """Somebody at a chat widget read articles before asking (K9), and what came of it (K4): one row a visitor and day (UTC)."""

    __tablename__ = "article_visit"
    __table_args__ = (
        UniqueConstraint("inbox_id", "visitor", "day"),
        Index("ix_article_visit_opened_at", "opened_at", "id"),
    )

    id: int = pk()
    inbox_id: int = fk("inbox.id", cascade=True)
    visitor: str = Field(max_length=500)  # the key of their identity, which there is once they have written
    day: date
    article_id: int | None = opt("article.id")  # what they read last, or said that it helped
    opened_at: datetime  # the first of the day
    solved_at: datetime | None = None  # they said that it helped
