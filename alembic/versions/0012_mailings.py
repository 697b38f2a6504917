"""mailings

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
WAITING = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.create_table(
        "report_mail",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT(length=80), nullable=False),
        sa.Column("language", TEXT(length=8), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("period", TEXT(length=16), nullable=False),
        sa.Column("filters", JSON, nullable=False),
        sa.Column("basis", TEXT(length=10), nullable=False),
        sa.Column("every", TEXT(length=10), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("skip_empty", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("agent_ids", JSON, nullable=False),
        sa.Column("outside", JSON, nullable=False),
        sa.Column("made_by", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", TEXT(length=300), nullable=False),
        sa.Column("skipped_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["agent.id"], name=op.f("fk_report_mail_made_by_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_mail")),
    )
    op.create_index("ix_report_mail_next", "report_mail", ["next_at"])
    op.create_table(
        "mailing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", TEXT(length=12), nullable=False),
        sa.Column("report_id", BIG, nullable=True),
        sa.Column("slot_at", TIME, nullable=True),
        sa.Column("subject", TEXT(length=200), nullable=False),
        sa.Column("text", TEXT(), nullable=False),
        sa.Column("html", TEXT(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("language", TEXT(length=8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report_mail.id"], name=op.f("fk_mailing_report_id_report_mail"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("report_id", "slot_at", name=op.f("uq_mailing_report_id_slot_at")),
    )
    op.create_index("ix_mailing_made", "mailing", ["created_at"])
    op.create_table(
        "mailing_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mailing_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("address", TEXT(length=320), nullable=False),
        sa.Column("send_key", TEXT(length=36), nullable=False),
        sa.Column("state", TEXT(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", TIME, nullable=True),
        sa.Column("failure", TEXT(length=60), nullable=False),
        sa.Column("detail", TEXT(length=300), nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_copy_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_mailing_copy_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_copy")),
    )
    op.create_index(op.f("ix_mailing_copy_mailing_id"), "mailing_copy", ["mailing_id"])
    op.create_index(
        "ix_mailing_copy_waiting", "mailing_copy", ["retry_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_table("mailing_copy")
    op.drop_table("mailing")
    op.drop_table("report_mail")
