"""indexes that hold what reports count

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MET, BREACHED = sa.text("met_at IS NOT NULL AND breached_at IS NULL"), sa.text("breached_at IS NOT NULL")


def upgrade() -> None:
    _again(
        met=["metric", "met_at", "ticket_id", "breached_at"],
        breached=["metric", "breached_at", "ticket_id"],
        present=["agent_id", "began_at", "state", "ended_at"],
    )
    op.create_index("ix_presence_span_began", "presence_span", ["began_at", "agent_id", "state", "ended_at"])


def downgrade() -> None:
    op.drop_index("ix_presence_span_began", "presence_span")
    _again(met=["met_at"], breached=["breached_at"], present=["agent_id", "began_at"])


def _again(*, met: list[str], breached: list[str], present: list[str]) -> None:
    op.drop_index("ix_clock_met", "clock", sqlite_where=MET, postgresql_where=MET)
    op.drop_index("ix_clock_breached", "clock", sqlite_where=BREACHED, postgresql_where=BREACHED)
    op.drop_index("ix_presence_span_agent", "presence_span")
    op.create_index("ix_clock_met", "clock", met, sqlite_where=MET, postgresql_where=MET)
    op.create_index("ix_clock_breached", "clock", breached, sqlite_where=BREACHED, postgresql_where=BREACHED)
    op.create_index("ix_presence_span_agent", "presence_span", present)
