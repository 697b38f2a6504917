"""reports and satisfaction

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
MET = sa.text("met_at IS NOT NULL AND breached_at IS NULL")
BREACHED = sa.text("breached_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", TIME, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "snapshot_part",
        sa.Column("id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("inbox_id", BIG, nullable=False),
        sa.Column("channel", TEXT(length=16), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("tier", TEXT(length=16), nullable=False),
        sa.Column("age", TEXT(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("tickets", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["day"], ["snapshot.day"], name=op.f("fk_snapshot_part_day_snapshot"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot_part")),
    )
    op.create_index(op.f("ix_snapshot_part_day"), "snapshot_part", ["day"])
    op.add_column("ticket", sa.Column("transfers", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_ticket_created", "ticket", ["created_at"])
    op.add_column("episode", sa.Column("inbox_id", BIG, nullable=True))
    op.add_column("episode", sa.Column("team_id", BIG, nullable=True))
    op.add_column("episode", sa.Column("initial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("episode", sa.Column("waited_s", sa.Integer(), nullable=True))
    op.add_column("episode", sa.Column("worked_s", sa.Integer(), nullable=True))
    op.create_index("ix_episode_opened", "episode", ["opened_at", "id"])
    op.add_column("resolution", sa.Column("channel", TEXT(length=16), nullable=False, server_default=""))
    op.add_column("resolution", sa.Column("inbox_id", BIG, nullable=True))
    op.add_column("resolution", sa.Column("team_id", BIG, nullable=True))
    op.add_column("resolution", sa.Column("initial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("resolution", sa.Column("turns", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("resolution", sa.Column("transfers", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("resolution", sa.Column("took_s", sa.Integer(), nullable=True))
    op.add_column("resolution", sa.Column("worked_s", sa.Integer(), nullable=True))
    op.create_index("ix_resolution_resolved", "resolution", ["resolved_at", "id"])
    op.create_index("ix_clock_met", "clock", ["met_at"], sqlite_where=MET, postgresql_where=MET)
    op.create_index("ix_clock_breached", "clock", ["breached_at"], sqlite_where=BREACHED, postgresql_where=BREACHED)
    op.add_column("call", sa.Column("team_id", BIG, nullable=True))
    op.create_index("ix_call_started", "call", ["started_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_call_started", "call")
    op.drop_column("call", "team_id")
    op.drop_index("ix_clock_breached", "clock", sqlite_where=BREACHED, postgresql_where=BREACHED)
    op.drop_index("ix_clock_met", "clock", sqlite_where=MET, postgresql_where=MET)
    op.drop_index("ix_resolution_resolved", "resolution")
    for column in ("worked_s", "took_s", "transfers", "turns", "initial", "team_id", "inbox_id", "channel"):
        op.drop_column("resolution", column)
    op.drop_index("ix_episode_opened", "episode")
    for column in ("worked_s", "waited_s", "initial", "team_id", "inbox_id"):
        op.drop_column("episode", column)
    op.drop_index("ix_ticket_created", "ticket")
    op.drop_column("ticket", "transfers")
    op.drop_table("snapshot_part")
    op.drop_table("snapshot")
