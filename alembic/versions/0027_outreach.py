"""outreach: letters of the success team, their copies, templates, and consent

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
WENT = sa.text("sent_at IS NOT NULL")
PURPOSE = "purpose IN ('service','promotion')"


def fk(table: str, column: str, to: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=gone)


def upgrade() -> None:
    op.add_column("success_setup", sa.Column("sender", JSON, nullable=False, server_default="{}"))
    letters()
    copies()
    consent()


def letters() -> None:
    op.create_table(
        "outreach_template",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT(length=120), nullable=False),
        sa.Column("purpose", TEXT(length=10), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("archived_at", TIME, nullable=True),
        sa.CheckConstraint(PURPOSE, name=op.f("ck_outreach_template_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_template")),
    )
    op.create_table(
        "outreach",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", TEXT(length=80), nullable=False),
        sa.Column("name", TEXT(length=120), nullable=False),
        sa.Column("purpose", TEXT(length=10), nullable=False),
        sa.Column("channel", TEXT(length=16), nullable=False),
        sa.Column("inbox_id", BIG, nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("step_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(PURPOSE, name=op.f("ck_outreach_purpose")),
        fk("outreach", "inbox_id", "inbox", "RESTRICT"),
        fk("outreach", "by_id", "agent", "SET NULL"),
        fk("outreach", "step_id", "playbook_step", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach")),
        sa.UniqueConstraint("key", name=op.f("uq_outreach_key")),
    )


def copies() -> None:
    op.create_table(
        "outreach_copy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("outreach_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("refused", TEXT(length=16), nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answer_id", BIG, nullable=True),
        sa.Column("stopped_at", TIME, nullable=True),
        fk("outreach_copy", "outreach_id", "outreach", "CASCADE"),
        fk("outreach_copy", "person_id", "person", "RESTRICT"),
        fk("outreach_copy", "account_id", "account", "CASCADE"),
        fk("outreach_copy", "ticket_id", "ticket", "SET NULL"),
        fk("outreach_copy", "message_id", "message", "SET NULL"),
        fk("outreach_copy", "answer_id", "ticket", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_copy")),
        sa.UniqueConstraint("outreach_id", "person_id", name=op.f("uq_outreach_copy_outreach_id_person_id")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_outreach_copy_ticket_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outreach_copy_message_id")),
    )
    op.create_index("ix_outreach_copy_person_id", "outreach_copy", ["person_id"])
    op.create_index("ix_outreach_copy_account", "outreach_copy", ["account_id", "id"])
    op.create_index("ix_outreach_copy_sent", "outreach_copy", ["sent_at"], sqlite_where=WENT, postgresql_where=WENT)


def consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("channel", TEXT(length=8), nullable=False),
        sa.Column("says", TEXT(length=8), nullable=False),
        sa.Column("source", TEXT(length=12), nullable=False),
        sa.Column("words", TEXT(length=2000), nullable=False),
        sa.Column("address", TEXT(length=60), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("copy_id", BIG, nullable=True),
        sa.CheckConstraint("channel IN ('email','line','any')", name=op.f("ck_consent_channel")),
        sa.CheckConstraint("says IN ('yes','no','never','contact')", name=op.f("ck_consent_says")),
        fk("consent", "person_id", "person", "CASCADE"),
        fk("consent", "by_id", "agent", "SET NULL"),
        fk("consent", "copy_id", "outreach_copy", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_person", "consent", ["person_id", "id"])


def downgrade() -> None:
    for table in ("consent", "outreach_copy", "outreach", "outreach_template"):
        op.drop_table(table)
    op.drop_column("success_setup", "sender")
