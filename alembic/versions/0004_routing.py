"""routing

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
OPEN = sa.text("state = 'open'")
QUEUED = sa.text("status = 'open' AND assignee_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "routing_setup",
        sa.Column("id", BIG, nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.Column("rest_after_s", sa.Integer(), nullable=False),
        sa.Column("wrap_up_s", sa.Integer(), nullable=False),
        sa.Column("away_after_s", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_routing_setup_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_setup")),
    )
    op.create_table(
        "skill",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT(length=60), nullable=False),
        sa.Column("kind", TEXT(length=10), nullable=False),
        sa.Column("code", TEXT(length=8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('skill', 'language')", name=op.f("ck_skill_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("name", name=op.f("uq_skill_name")),
    )
    op.create_table(
        "agent_skill",
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("skill_id", BIG, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_agent_skill_level")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_agent_skill_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_agent_skill_skill_id_skill"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", "skill_id", name=op.f("pk_agent_skill")),
    )
    op.create_index(op.f("ix_agent_skill_skill_id"), "agent_skill", ["skill_id"], unique=False)
    op.create_table(
        "presence_span",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("state", TEXT(length=16), nullable=False),
        sa.Column("channels_off", JSON, nullable=False),
        sa.Column("reason", TEXT(length=20), nullable=False),
        sa.Column("by_agent_id", BIG, nullable=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_presence_span_order")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_presence_span_agent_id_agent"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_agent_id"], ["agent.id"], name=op.f("fk_presence_span_by_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_span")),
    )
    op.create_index("ix_presence_span_agent", "presence_span", ["agent_id", "began_at"], unique=False)
    op.create_index(
        "uq_presence_span_present",
        "presence_span",
        ["agent_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "team_routing",
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("mode", TEXT(length=8), nullable=False),
        sa.Column("strategy", TEXT(length=16), nullable=False),
        sa.Column("offer_timeout_s", sa.Integer(), nullable=False),
        sa.Column("return_after_s", sa.Integer(), nullable=True),
        sa.Column("sticky_s", sa.Integer(), nullable=False),
        sa.Column("calendar_id", BIG, nullable=True),
        sa.Column("overflow", JSON, nullable=False),
        sa.CheckConstraint("mode IN ('off', 'push', 'offer', 'pull')", name=op.f("ck_team_routing_mode")),
        sa.CheckConstraint(
            "strategy IN ('longest_idle', 'least_occupied', 'round_robin', 'skill_level')",
            name=op.f("ck_team_routing_strategy"),
        ),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name=op.f("fk_team_routing_calendar_id_calendar")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_routing_team_id_team"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_team_routing")),
    )
    op.create_table(
        "requirement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("skill_id", BIG, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("inbox_id", BIG, nullable=True),
        sa.Column("tag_id", BIG, nullable=True),
        sa.CheckConstraint(
            "CASE WHEN team_id IS NULL THEN 0 ELSE 1 END + CASE WHEN inbox_id IS NULL THEN 0 ELSE 1 END + CASE WHEN tag_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_requirement_one"),
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_requirement_level")),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_requirement_inbox_id_inbox"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_requirement_skill_id_skill"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_requirement_tag_id_tag"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_requirement_team_id_team"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
    )
    op.create_index(op.f("ix_requirement_skill_id"), "requirement", ["skill_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("outcome", TEXT(length=12), nullable=False),
        sa.Column("why", TEXT(length=24), nullable=False),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_decision_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_decision_team_id_team"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_decision_ticket_id_ticket"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_ticket", "decision", ["ticket_id", "id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("state", TEXT(length=10), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("offered_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')", name=op.f("ck_offer_state")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_offer_agent_id_agent"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_offer_ticket_id_ticket"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index("ix_offer_expires", "offer", ["expires_at"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f("ix_offer_ticket_id"), "offer", ["ticket_id"], unique=False)
    op.create_index("uq_offer_open", "offer", ["ticket_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "queued",
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("widened", sa.Boolean(), nullable=False),
        sa.Column("overflow_at", TIME, nullable=True),
        sa.Column("returns_at", TIME, nullable=True),
        sa.Column("given_at", TIME, nullable=True),
        sa.Column("waiting_key", TEXT(length=200), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_queued_team_id_team"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_queued_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_queued")),
    )
    op.create_index(
        "ix_queued_overflow",
        "queued",
        ["overflow_at"],
        unique=False,
        sqlite_where=sa.text("overflow_at IS NOT NULL"),
        postgresql_where=sa.text("overflow_at IS NOT NULL"),
    )
    op.create_index(
        "ix_queued_returns",
        "queued",
        ["returns_at"],
        unique=False,
        sqlite_where=sa.text("returns_at IS NOT NULL"),
        postgresql_where=sa.text("returns_at IS NOT NULL"),
    )
    op.add_column("agent", sa.Column("presence_at", TIME, nullable=True))
    op.add_column("agent", sa.Column("presence_reason", TEXT(length=20), nullable=False, server_default=""))
    op.add_column("agent", sa.Column("presence_before", TEXT(length=16), nullable=False, server_default=""))
    op.add_column("agent", sa.Column("presence_until", TIME, nullable=True))
    op.add_column("agent", sa.Column("channels_off", JSON, nullable=False, server_default="[]"))
    op.add_column("agent", sa.Column("capacity", sa.Integer(), nullable=False, server_default="100"))
    op.add_column("agent", sa.Column("live_at", TIME, nullable=True))
    op.add_column("agent", sa.Column("given_at", TIME, nullable=True))
    op.create_index(
        "ix_ticket_queued",
        "ticket",
        ["team_id", "due_at", "id"],
        unique=False,
        sqlite_where=QUEUED,
        postgresql_where=QUEUED,
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_queued", table_name="ticket", sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.drop_column("agent", "given_at")
    op.drop_column("agent", "live_at")
    op.drop_column("agent", "capacity")
    op.drop_column("agent", "channels_off")
    op.drop_column("agent", "presence_until")
    op.drop_column("agent", "presence_before")
    op.drop_column("agent", "presence_reason")
    op.drop_column("agent", "presence_at")
    op.drop_index(
        "ix_queued_returns",
        table_name="queued",
        sqlite_where=sa.text("returns_at IS NOT NULL"),
        postgresql_where=sa.text("returns_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_queued_overflow",
        table_name="queued",
        sqlite_where=sa.text("overflow_at IS NOT NULL"),
        postgresql_where=sa.text("overflow_at IS NOT NULL"),
    )
    op.drop_table("queued")
    op.drop_index("uq_offer_open", table_name="offer", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index(op.f("ix_offer_ticket_id"), table_name="offer")
    op.drop_index("ix_offer_expires", table_name="offer", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_table("offer")
    op.drop_index("ix_decision_ticket", table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_requirement_skill_id"), table_name="requirement")
    op.drop_table("requirement")
    op.drop_table("team_routing")
    op.drop_index(
        "uq_presence_span_present",
        table_name="presence_span",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_presence_span_agent", table_name="presence_span")
    op.drop_table("presence_span")
    op.drop_index(op.f("ix_agent_skill_skill_id"), table_name="agent_skill")
    op.drop_table("agent_skill")
    op.drop_table("skill")
    op.drop_table("routing_setup")
