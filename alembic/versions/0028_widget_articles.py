"""widget_articles

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
TABLE = "article_visit"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("inbox_id", BIG, nullable=False),
        sa.Column("visitor", TEXT(length=500), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("article_id", BIG, nullable=True),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("solved_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_article_visit_inbox_id_inbox"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_visit_article_id_article"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_visit")),
        sa.UniqueConstraint("inbox_id", "visitor", "day", name=op.f("uq_article_visit_inbox_id_visitor_day")),
    )
    op.create_index("ix_article_visit_opened_at", TABLE, ["opened_at", "id"])


def downgrade() -> None:
    op.drop_table(TABLE)
