"""article_offers

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
TABLE = "article_offer"
OPTIONAL = (("question_id", "message"), ("message_id", "message"), ("thread_id", "thread"), ("identity_id", "identity"))


def upgrade() -> None:
    op.add_column("inbox", sa.Column("offers_articles", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name, _ in OPTIONAL),
        sa.Column("channel", TEXT(length=16), nullable=False),
        sa.Column("language", TEXT(length=5), nullable=False),
        sa.Column("article_ids", JSON, nullable=False),
        sa.Column("at", TIME, nullable=False),
        *(sa.Column(name, TIME, nullable=True) for name in ("opened_at", "solved_at", "person_at")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_article_offer_ticket_id_ticket"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{target}.id"], name=op.f(f"fk_article_offer_{name}_{target}"), ondelete="SET NULL"
            )
            for name, target in OPTIONAL
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_offer")),
        sa.UniqueConstraint("question_id", name=op.f("uq_article_offer_question_id")),
    )
    op.create_index("ix_article_offer_at", TABLE, ["at", "id"])
    op.create_index(op.f("ix_article_offer_ticket_id"), TABLE, ["ticket_id"])
    op.create_index(op.f("ix_article_offer_identity_id"), TABLE, ["identity_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("inbox", "offers_articles")
