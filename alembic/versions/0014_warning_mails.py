"""warning mails

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sqlmodel.sql.sqltypes.UTCDateTime()
UNJUDGED = sa.text("mail_at IS NOT NULL")


def upgrade() -> None:
    mode = sqlmodel.sql.sqltypes.AutoString(length=10)
    op.add_column("agent", sa.Column("warn_mail", mode, nullable=False, server_default="away"))
    op.add_column("agent", sa.Column("warned_at", TIME, nullable=True))
    op.add_column("notification", sa.Column("mail_at", TIME, nullable=True))
    op.create_index(
        "ix_notification_mail", "notification", ["mail_at"], sqlite_where=UNJUDGED, postgresql_where=UNJUDGED
    )


def downgrade() -> None:
    op.drop_index("ix_notification_mail", table_name="notification")
    op.drop_column("notification", "mail_at")
    op.drop_column("agent", "warned_at")
    op.drop_column("agent", "warn_mail")
