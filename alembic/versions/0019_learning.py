"""learning

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
TO_DO = sa.text("done_at IS NULL")


def _to(table: str, column: str, target: str, rule: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=rule
    )


def upgrade() -> None:
    _columns()
    op.create_table(
        "team_capture",
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("mode", TEXT(length=10), nullable=False),
        sa.CheckConstraint("mode IN ('off','ask','required')", name=op.f("ck_team_capture_mode")),
        _to("team_capture", "team_id", "team", "CASCADE"),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_team_capture")),
    )
    op.create_table(
        "article_waiver",
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("reason", TEXT(length=20), nullable=False),
        sa.Column("comment", TEXT(length=400), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        _to("article_waiver", "ticket_id", "ticket", "CASCADE"),
        _to("article_waiver", "agent_id", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_article_waiver")),
    )
    _tasks()
    op.create_table(
        "gap_answer",
        sa.Column("kind", TEXT(length=12), nullable=False),
        sa.Column("subject", TEXT(length=120), nullable=False),
        sa.Column("reason", TEXT(length=20), nullable=False),
        sa.Column("comment", TEXT(length=400), nullable=False),
        sa.Column("article_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        _to("gap_answer", "article_id", "article", "SET NULL"),
        _to("gap_answer", "agent_id", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_gap_answer")),
    )
    op.create_table(
        "article_views",
        sa.Column("text_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        _to("article_views", "text_id", "article_text", "CASCADE"),
        sa.PrimaryKeyConstraint("text_id", "day", name=op.f("pk_article_views")),
    )


def _columns() -> None:
    op.add_column("article_text", sa.Column("first_published_at", TIME, nullable=True))
    op.execute("UPDATE article_text SET first_published_at = published_at")
    op.add_column("article_link", sa.Column("accurate", sa.Boolean(), nullable=True))
    judge = sa.ForeignKey("agent.id", name=op.f("fk_article_link_judged_by_agent"))
    op.add_column("article_link", sa.Column("judged_by", BIG, judge, nullable=True), inline_references=True)
    op.add_column("article_link", sa.Column("judged_at", TIME, nullable=True))


def _tasks() -> None:
    op.create_table(
        "article_task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("locale", TEXT(length=5), nullable=False),
        sa.Column("kind", TEXT(length=10), nullable=False),
        sa.Column("reason", TEXT(length=20), nullable=False),
        sa.Column("comment", TEXT(length=1000), nullable=False),
        sa.Column("feedback_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("done_by", BIG, nullable=True),
        sa.Column("outcome", TEXT(length=10), nullable=False),
        sa.CheckConstraint("kind IN ('feedback','flag')", name=op.f("ck_article_task_kind")),
        sa.CheckConstraint("outcome IN ('','fixed','kept')", name=op.f("ck_article_task_outcome")),
        _to("article_task", "article_id", "article", "CASCADE"),
        _to("article_task", "feedback_id", "article_feedback", "CASCADE"),
        _to("article_task", "agent_id", "agent", "SET NULL"),
        _to("article_task", "done_by", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_task")),
    )
    op.create_index(op.f("ix_article_task_article_id"), "article_task", ["article_id"])
    op.create_index("ix_article_task_open", "article_task", ["at", "id"], sqlite_where=TO_DO, postgresql_where=TO_DO)


def downgrade() -> None:
    for table in ("article_views", "gap_answer", "article_task", "article_waiver", "team_capture"):
        op.drop_table(table)
    for column in ("judged_at", "judged_by", "accurate"):
        op.drop_column("article_link", column)
    op.drop_column("article_text", "first_published_at")
