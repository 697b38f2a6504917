"""help_centre

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    op.create_table(
        "missed_search",
        sa.Column("id", BIG, nullable=False),
        sa.Column("locale", TEXT(length=5), nullable=False),
        sa.Column("words", TEXT(length=100), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_search")),
    )
    op.create_index("ix_missed_search_at", "missed_search", ["at"])
    op.create_table(
        "article_feedback",
        sa.Column("id", BIG, nullable=False),
        sa.Column("text_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", TEXT(length=20), nullable=False),
        sa.Column("comment", TEXT(length=1000), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["article_text.id"], name=op.f("fk_article_feedback_text_id_article_text"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feedback")),
    )
    op.create_index("ix_article_feedback_text", "article_feedback", ["text_id", "at"])


def downgrade() -> None:
    op.drop_table("missed_search")
    op.drop_table("article_feedback")
