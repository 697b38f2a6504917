"""accounts

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
CODED, UNJOINED = sa.text("code <> ''"), sa.text("account_id IS NULL")


def upgrade() -> None:
    for name, kind in (("code", 80), ("tier_by", 8), ("stage", 12), ("goals", None)):
        op.add_column("account", sa.Column(name, TEXT(length=kind), nullable=False, server_default=""))
    op.add_column("account", sa.Column("tier_until", TIME, nullable=True))
    op.create_index("uq_account_code", "account", ["code"], unique=True, sqlite_where=CODED, postgresql_where=CODED)
    op.create_table(
        "success_setup",
        sa.Column("id", BIG, nullable=False),
        sa.Column("high_from", BIG, nullable=True),
        sa.Column("low_from", BIG, nullable=True),
        sa.Column("currency", TEXT(length=3), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=True),
        sa.Column("reached", BIG, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_success_setup_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_success_setup")),
    )
    op.execute("INSERT INTO success_setup (id, currency) VALUES (1, 'JPY')")
    op.create_table(
        "contract",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("code", TEXT(length=80), nullable=False),
        sa.Column("product", TEXT(length=200), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("value", BIG, nullable=False),
        sa.Column("currency", TEXT(length=3), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("seats IS NULL OR seats >= 0", name=op.f("ck_contract_seats")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_contract_value")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_contract_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_contract_account_id_code")),
    )
    op.create_index("ix_contract_renewal", "contract", ["renews_on"])
    op.create_table(
        "usage_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", TEXT(length=120), nullable=False),
        sa.Column("kind", TEXT(length=10), nullable=False),
        sa.Column("name", TEXT(length=120), nullable=False),
        sa.Column("account_code", TEXT(length=80), nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("member", TEXT(length=320), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("properties", JSON, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('identify','track')", name=op.f("ck_usage_event_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_usage_event_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_usage_event_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_event")),
        sa.UniqueConstraint("key", name=op.f("uq_usage_event_key")),
    )
    op.create_index("ix_usage_event_account", "usage_event", ["account_id", "at"])
    op.create_index(
        "ix_usage_event_unjoined", "usage_event", ["account_code"], sqlite_where=UNJOINED, postgresql_where=UNJOINED
    )


def downgrade() -> None:
    op.drop_table("usage_event")
    op.drop_table("contract")
    op.drop_table("success_setup")
    op.drop_index("uq_account_code", "account")
    for name in ("tier_until", "goals", "stage", "tier_by", "code"):
        op.drop_column("account", name)
