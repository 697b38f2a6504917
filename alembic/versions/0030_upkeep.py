"""upkeep: an inbox's rhythm and silence, and how far its month's allowance was warned of

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("news_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("inbox", sa.Column("quiet_s", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inbox", sa.Column("listened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("inbox", sa.Column("quota_told", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE inbox SET news_at = heard_at")  # an inbox that has fallen silent is to be noticed, too


def downgrade() -> None:
    for column in ("quota_told", "listened_at", "quiet_s", "news_at"):
        op.drop_column("inbox", column)
