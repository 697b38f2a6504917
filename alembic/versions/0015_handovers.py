"""handovers

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
OPEN = sa.text("state IN ('offered', 'accepted')")
TRANSFER = sa.text("state IN ('offered', 'accepted') AND form = 'transfer'")
OFFERED = sa.text("state = 'offered'")
KEYS = (
    ("account_id", "account", "SET NULL"),
    ("ticket_id", "ticket", "RESTRICT"),
    ("offered_by", "agent", "SET NULL"),
    ("to_id", "agent", "SET NULL"),
    ("taken_by", "agent", "SET NULL"),
)


def upgrade() -> None:
    op.add_column("success_setup", sa.Column("accept_s", sa.Integer(), nullable=False, server_default="14400"))
    op.add_column("success_setup", sa.Column("triggers", JSON, nullable=False, server_default="{}"))
    op.create_table(
        "background",
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("bottleneck", TEXT(length=8), nullable=False),
        sa.Column("stage", TEXT(length=12), nullable=False),
        sa.Column("cause", TEXT(length=80), nullable=False),
        sa.Column("outcome", TEXT(length=400), nullable=False),
        sa.Column("harassment", sa.Boolean(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("bottleneck IN ('','shown','hidden')", name=op.f("ck_background_bottleneck")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_background_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_background")),
    )
    op.create_index("ix_background_cause", "background", ["cause"])
    op.create_table(
        "handover",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("cause", TEXT(length=24), nullable=False),
        sa.Column("form", TEXT(length=8), nullable=False),
        sa.Column("state", TEXT(length=8), nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("package", JSON, nullable=False),
        sa.Column("offered_by", BIG, nullable=True),
        sa.Column("to_id", BIG, nullable=True),
        sa.Column("taken_by", BIG, nullable=True),
        *(sa.Column(name, TIME, nullable=False) for name in ("offered_at", "due_at")),
        *(sa.Column(name, TIME, nullable=True) for name in ("overdue_at", "accepted_at", "ended_at")),
        sa.Column("outcome", TEXT(length=12), nullable=False),
        sa.Column("answer", TEXT(), nullable=False),
        sa.CheckConstraint(
            "state IN ('offered','accepted','declined','returned','closed')", name=op.f("ck_handover_state")
        ),
        sa.CheckConstraint("form IN ('inform','consult','transfer')", name=op.f("ck_handover_form")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_handover_{column}_{table}"), ondelete=gone
            )
            for column, table, gone in KEYS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    for name, columns, where in (
        ("uq_handover_cause", ["ticket_id", "cause"], OPEN),
        ("uq_handover_transfer", ["ticket_id"], TRANSFER),
    ):
        op.create_index(name, "handover", columns, unique=True, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_handover_state", "handover", ["state", "id"])
    op.create_index("ix_handover_due", "handover", ["due_at"], sqlite_where=OFFERED, postgresql_where=OFFERED)
    op.create_index(op.f("ix_handover_ticket_id"), "handover", ["ticket_id"])
    op.create_index(op.f("ix_handover_account_id"), "handover", ["account_id"])


def downgrade() -> None:
    op.drop_table("handover")
    op.drop_table("background")
    op.drop_column("success_setup", "triggers")
    op.drop_column("success_setup", "accept_s")
