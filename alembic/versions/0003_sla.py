"""promises and their clocks

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
AT = sqlmodel.sql.sqltypes.UTCDateTime
WORDS = sqlmodel.sql.sqltypes.AutoString
NEVER = "9999-12-31 00:00:00.000000"
ACTIVE, RUNNING = sa.text("state IN ('running', 'paused')"), sa.text("state = 'running'")
DUE, UNREAD = sa.text("state = 'running' AND breached_at IS NULL"), sa.text("read_at IS NULL")


def upgrade() -> None:
    _policies()
    _notifications()
    _clocks()


def _policies() -> None:
    op.create_table(
        "policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", WORDS(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("archived_at", AT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_policy_name")),
    )
    op.create_table(
        "policy_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("policy_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", JSON, nullable=False),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_policy_version_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policy.id"], name=op.f("fk_policy_version_policy_id_policy"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("policy_id", "version", name=op.f("uq_policy_version_policy_id_version")),
    )
    op.create_table(
        "recount",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("last_ticket", BIG, nullable=False),
        sa.Column("done_until", BIG, nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("done_at", AT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_recount_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recount")),
    )


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("kind", WORDS(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("params", JSON, nullable=False),
        sa.Column("created_at", AT(), nullable=False),
        sa.Column("read_at", AT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_notification_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_notification_ticket_id_ticket"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_agent", "notification", ["agent_id", "id"])
    op.create_index(
        "ix_notification_unread", "notification", ["agent_id", "id"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )
    op.create_index(op.f("ix_notification_ticket_id"), "notification", ["ticket_id"])


def _clocks() -> None:
    policy = sa.ForeignKey("policy.id", name=op.f("fk_ticket_policy_id_policy"))
    op.add_column("ticket", sa.Column("policy_id", BIG, policy, nullable=True), inline_references=True)
    op.drop_index("ix_clock_due", "clock", sqlite_where=DUE, postgresql_where=DUE)
    op.drop_index("uq_clock_running", "clock", sqlite_where=RUNNING, postgresql_where=RUNNING)
    op.drop_column("clock", "policy")
    policy = sa.ForeignKey("policy.id", name=op.f("fk_clock_policy_id_policy"))
    calendar = sa.ForeignKey("calendar.id", name=op.f("fk_clock_calendar_id_calendar"))
    for column in (
        sa.Column("counts_from", AT(), nullable=False, server_default="1970-01-01 00:00:00.000000"),
        sa.Column("left_s", sa.Float(), nullable=False, server_default="0"),
        sa.Column("wake_at", AT(), nullable=False, server_default=NEVER),
        sa.Column("step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("paused_at", AT(), nullable=True),
        sa.Column("by_change", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("priority", WORDS(length=8), nullable=False, server_default="normal"),
        sa.Column("policy_id", BIG, policy, nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("calendar_id", BIG, calendar, nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=True),
    ):
        op.add_column("clock", column, inline_references=bool(column.foreign_keys))
    op.execute("UPDATE clock SET counts_from = started_at, left_s = target_s")
    op.execute("UPDATE clock SET wake_at = due_at WHERE state = 'running' AND breached_at IS NULL")
    op.create_index(
        "uq_clock_active", "clock", ["ticket_id", "metric"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )
    op.create_index("ix_clock_wake", "clock", ["wake_at"], sqlite_where=RUNNING, postgresql_where=RUNNING)
    op.create_table(
        "clock_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("at", AT(), nullable=False),
        sa.Column("kind", WORDS(length=12), nullable=False),
        sa.Column("reason", WORDS(length=24), nullable=False),
        sa.Column("due_was", AT(), nullable=True),
        sa.Column("due_at", AT(), nullable=True),
        sa.Column("target_s", sa.Integer(), nullable=True),
        sa.Column("policy_id", BIG, nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["clock.id"], name=op.f("fk_clock_entry_clock_id_clock"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_clock_entry_policy_id_policy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_entry")),
    )
    op.create_index(op.f("ix_clock_entry_clock_id"), "clock_entry", ["clock_id"])


def downgrade() -> None:
    op.drop_table("clock_entry")
    op.drop_index("ix_clock_wake", "clock", sqlite_where=RUNNING, postgresql_where=RUNNING)
    op.drop_index("uq_clock_active", "clock", sqlite_where=ACTIVE, postgresql_where=ACTIVE)
    op.execute("UPDATE clock SET state = 'cancelled' WHERE state = 'paused'")
    for column in (
        "calendar_version", "calendar_id", "policy_version", "policy_id", "priority", "by_change", "paused_at", "step",
        "wake_at", "left_s", "counts_from",
    ):  # fmt: skip
        op.drop_column("clock", column)
    op.add_column("clock", sa.Column("policy", WORDS(length=40), nullable=False, server_default="inbox"))
    op.create_index(
        "uq_clock_running",
        "clock",
        ["ticket_id", "metric"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index("ix_clock_due", "clock", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.drop_column("ticket", "policy_id")
    for table in ("notification", "recount", "policy_version", "policy"):
        op.drop_table(table)
