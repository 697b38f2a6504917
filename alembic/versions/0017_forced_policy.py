"""forced_policy: what a rule, a macro or a lead chose for a ticket

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    forced = sa.ForeignKey("policy.id", name=op.f("fk_ticket_forced_policy_id_policy"))
    op.add_column("ticket", sa.Column("forced_policy_id", BIG, forced, nullable=True), inline_references=True)


def downgrade() -> None:
    op.drop_column("ticket", "forced_policy_id")
