"""automation: rules, macros, webhooks

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
WORDS = sqlmodel.sql.sqltypes.AutoString
AT = sqlmodel.sql.sqltypes.UTCDateTime
WAITING = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.create_table(
        "log_reader",
        sa.Column("name", WORDS(length=40), nullable=False),
        sa.Column("cursor", WORDS(length=60), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_log_reader")),
    )
    _rules()
    op.create_table(
        "macro",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", WORDS(length=80), nullable=False),
        sa.Column("text", WORDS(), nullable=False),
        sa.Column("actions", JSON, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", AT(), nullable=True),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("archived_at", AT(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_macro_agent_id_agent"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_macro")),
    )
    _webhooks()


def _rules() -> None:
    op.create_table(
        "automation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", WORDS(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("trigger", JSON, nullable=False),
        sa.Column("conditions", JSON, nullable=False),
        sa.Column("actions", JSON, nullable=False),
        sa.Column("since", AT(), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("ran_at", AT(), nullable=True),
        sa.Column("walked", BIG, nullable=True),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("archived_at", AT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation")),
    )
    op.create_table(
        "automation_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("automation_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("match_key", WORDS(length=160), nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("event_id", BIG, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("outcome", WORDS(length=12), nullable=False),
        sa.Column("did", JSON, nullable=False),
        sa.Column("at", AT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"],
            ["automation.id"],
            name=op.f("fk_automation_run_automation_id_automation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_automation_run_ticket_id_ticket"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_run")),
        sa.UniqueConstraint(
            "automation_id", "version", "match_key", name=op.f("uq_automation_run_automation_id_version_match_key")
        ),
    )
    op.create_index("ix_automation_run_log", "automation_run", ["automation_id", "id"])
    op.create_index(op.f("ix_automation_run_ticket_id"), "automation_run", ["ticket_id"])
    op.create_table(
        "automation_wake",
        sa.Column("automation_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("at", AT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"],
            ["automation.id"],
            name=op.f("fk_automation_wake_automation_id_automation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_automation_wake_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("automation_id", "ticket_id", name=op.f("pk_automation_wake")),
    )
    op.create_index("ix_automation_wake_at", "automation_wake", ["at"])
    op.create_index(op.f("ix_automation_wake_ticket_id"), "automation_wake", ["ticket_id"])


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", WORDS(length=80), nullable=False),
        sa.Column("url", WORDS(length=2000), nullable=False),
        sa.Column("secrets", WORDS(), nullable=False),
        sa.Column("renewed_at", AT(), nullable=True),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("cursor", WORDS(length=60), nullable=False),
        sa.Column("alarm", WORDS(length=60), nullable=False),
        sa.Column("alarm_at", AT(), nullable=True),
        sa.Column("created_at", AT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("webhook_id", BIG, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("state", WORDS(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", AT(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("failure", WORDS(length=60), nullable=False),
        sa.Column("tries", JSON, nullable=False),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("done_at", AT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_webhook_delivery_event_id_event"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id_webhook"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook_id", "event_id", name=op.f("uq_webhook_delivery_webhook_id_event_id")),
    )
    op.create_index("ix_webhook_delivery_log", "webhook_delivery", ["webhook_id", "id"])
    op.create_index(
        "ix_webhook_delivery_due", "webhook_delivery", ["next_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_index(op.f("ix_webhook_delivery_event_id"), "webhook_delivery", ["event_id"])


def downgrade() -> None:
    for table in (
        "webhook_delivery", "webhook", "macro", "automation_wake", "automation_run", "automation", "log_reader",
    ):  # fmt: skip
        op.drop_table(table)
