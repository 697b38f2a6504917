"""ledger: a clock's beginning and its terms stand in its ledger; rules are rehearsed before they are switched on; what
fails alone is set aside for a while

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    op.add_column("clock_entry", sa.Column("priority", TEXT(length=8), nullable=False, server_default=""))
    calendar = sa.ForeignKey("calendar.id", name=op.f("fk_clock_entry_calendar_id_calendar"))
    op.add_column("clock_entry", sa.Column("calendar_id", BIG, calendar, nullable=True), inline_references=True)
    op.add_column("clock_entry", sa.Column("calendar_version", sa.Integer(), nullable=True))
    op.add_column("clock_entry", sa.Column("since", TIME, nullable=True))
    op.add_column("clock_entry", sa.Column("was", JSON, nullable=False, server_default="{}"))
    # The first terms of older clocks are not known any more: their beginning is written down as such.
    op.execute(
        "INSERT INTO clock_entry (clock_id, at, kind, reason, percent, since,"
        " target_s, priority, policy_id, policy_version, calendar_id, calendar_version)"
        " SELECT id, started_at, 'started', 'before_ledger', 0, started_at,"
        " target_s, priority, policy_id, policy_version, calendar_id, calendar_version FROM clock"
    )
    op.create_table(
        "rehearsal",
        sa.Column("digest", TEXT(length=64), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_rehearsal_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rehearsal")),
    )
    op.create_table(
        "stumble",
        sa.Column("kind", TEXT(length=16), nullable=False),
        sa.Column("row_id", BIG, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", TEXT(length=200), nullable=False),
        sa.Column("failed_at", TIME, nullable=False),
        sa.Column("retry_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "row_id", name=op.f("pk_stumble")),
    )


def downgrade() -> None:
    op.drop_table("stumble")
    op.drop_table("rehearsal")
    op.execute("DELETE FROM clock_entry WHERE kind IN ('started', 'terms', 'voided')")
    for name in ("was", "since", "calendar_version", "calendar_id", "priority"):
        op.drop_column("clock_entry", name)
