"""approvals

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
TABLE = "approval"
OPTIONAL = (("thread_id", "thread"), ("decided_by", "agent"), ("message_id", "message"))
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    for table in ("agent", "team"):
        op.add_column(table, sa.Column("needs_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=True),
        sa.Column("text", TEXT(), nullable=False),
        sa.Column("html", TEXT(), nullable=False),
        sa.Column("attachments", JSON, nullable=False),
        sa.Column("then", TEXT(length=12), nullable=False),
        sa.Column("when", TEXT(length=8), nullable=False),
        sa.Column("override", sa.Boolean(), nullable=False),
        sa.Column("client_id", TEXT(length=64), nullable=False),
        sa.Column("state", TEXT(length=10), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("comment", TEXT(length=2000), nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.CheckConstraint("state IN ('waiting','returned','approved','withdrawn')", name=op.f("ck_approval_state")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_approval_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_approval_agent_id_agent"), ondelete="RESTRICT"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{target}.id"], name=op.f(f"fk_approval_{name}_{target}"), ondelete="SET NULL"
            )
            for name, target in OPTIONAL
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("ticket_id", "client_id", name=op.f("uq_approval_ticket_id_client_id")),
    )
    op.create_index("ix_approval_waiting", TABLE, ["ticket_id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_approval_ticket", TABLE, ["ticket_id", "id"])


def downgrade() -> None:
    op.drop_table(TABLE)
    for table in ("agent", "team"):
        op.drop_column(table, "needs_approval")
