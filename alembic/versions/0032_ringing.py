"""ringing: waiting calls are offered like tickets, and agents have working hours of their own

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
OPEN = sa.text("state = 'open'")
OPEN_TICKET_OFFER = sa.text("state = 'open' AND call_id IS NULL")
RINGING = sa.text("state = 'open' AND call_id IS NOT NULL")


def upgrade() -> None:
    calendar = sa.ForeignKey("calendar.id", name=op.f("fk_agent_calendar_id_calendar"))
    op.add_column("agent", sa.Column("calendar_id", BIG, calendar, nullable=True), inline_references=True)
    call = sa.ForeignKey("call.id", name=op.f("fk_offer_call_id_call"))
    op.add_column("offer", sa.Column("call_id", BIG, call, nullable=True), inline_references=True)
    op.drop_index("uq_offer_open", "offer")
    op.create_index(
        "uq_offer_open", "offer", ["ticket_id"], unique=True, sqlite_where=OPEN_TICKET_OFFER,
        postgresql_where=OPEN_TICKET_OFFER,
    )  # fmt: skip
    op.create_index(
        "uq_offer_ringing",
        "offer",
        ["call_id", "agent_id"],
        unique=True,
        sqlite_where=RINGING,
        postgresql_where=RINGING,
    )
    op.create_table(
        "call_wait",
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("entered_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("widened", sa.Boolean(), nullable=False),
        sa.Column("waiting_key", TEXT(length=200), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_wait_call_id_call"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["entered_id"], ["team.id"], name=op.f("fk_call_wait_entered_id_team"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_call_wait_team_id_team"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_wait")),
    )


def downgrade() -> None:
    op.drop_table("call_wait")
    op.execute("DELETE FROM offer WHERE call_id IS NOT NULL")
    op.drop_index("uq_offer_ringing", "offer")
    op.drop_index("uq_offer_open", "offer")
    op.create_index("uq_offer_open", "offer", ["ticket_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_column("offer", "call_id")
    op.drop_column("agent", "calendar_id")
