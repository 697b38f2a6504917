"""evidence: what a customer takes back while a report of harassment stands

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("harassment", sa.Column("evidence", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("harassment", "evidence")
