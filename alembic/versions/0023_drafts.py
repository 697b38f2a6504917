"""drafts: what agents have begun to write

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "kept_draft",
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("text", TEXT(), nullable=False),
        sa.Column("note", TEXT(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], ondelete="CASCADE", name=op.f("fk_kept_draft_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], ondelete="CASCADE", name=op.f("fk_kept_draft_agent_id_agent")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "agent_id", name=op.f("pk_kept_draft")),
    )
    op.create_index("ix_kept_draft_agent", "kept_draft", ["agent_id"])


def downgrade() -> None:
    op.drop_table("kept_draft")
