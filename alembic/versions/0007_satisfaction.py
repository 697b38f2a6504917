"""satisfaction

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
KEYS = (
    ("resolution_id", "resolution", "RESTRICT"),
    ("ticket_id", "ticket", "RESTRICT"),
    ("person_id", "person", "RESTRICT"),
    ("thread_id", "thread", "SET NULL"),
    ("message_id", "message", "SET NULL"),
    ("agent_id", "agent", "SET NULL"),
)


def upgrade() -> None:
    op.add_column("inbox", sa.Column("surveyed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "survey_setup",
        sa.Column("id", BIG, nullable=False),
        sa.Column("delay_s", sa.Integer(), nullable=False),
        sa.Column("name", TEXT(length=80), nullable=False),
        sa.Column("reached_at", TIME, nullable=True),
        sa.Column("reached_id", BIG, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_survey_setup_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_setup")),
    )
    op.execute("INSERT INTO survey_setup (id, delay_s, name, reached_id) VALUES (1, 600, '', 0)")
    op.create_table(
        "survey",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resolution_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("channel", TEXT(length=16), nullable=False),
        sa.Column("inbox_id", BIG, nullable=True),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("language", TEXT(length=8), nullable=False),
        sa.Column("state", TEXT(length=10), nullable=False),
        sa.Column("why", TEXT(length=20), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reason", TEXT(length=20), nullable=False),
        sa.Column("comment", TEXT(length=1000), nullable=False),
        sa.CheckConstraint("state IN ('asked','answered','skipped')", name=op.f("ck_survey_state")),
        sa.CheckConstraint("score IS NULL OR (score >= 1 AND score <= 5)", name=op.f("ck_survey_score")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_survey_{column}_{table}"), ondelete=gone)
            for column, table, gone in KEYS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("resolution_id", name=op.f("uq_survey_resolution_id")),
    )
    op.create_index("ix_survey_asked", "survey", ["asked_at", "id"])
    op.create_index("ix_survey_person", "survey", ["person_id", "asked_at"])
    op.create_index(op.f("ix_survey_ticket_id"), "survey", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("survey")
    op.drop_table("survey_setup")
    op.drop_column("inbox", "surveyed")
