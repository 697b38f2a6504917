"""crowds_and_calls: overflow by the queue's size, and questions about telephone calls

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ABOUT = "(resolution_id IS NULL) <> (call_id IS NULL)"


def upgrade() -> None:
    op.add_column("team_routing", sa.Column("crowd_over", sa.Integer(), nullable=True))
    team = sa.ForeignKey("team.id", name=op.f("fk_team_routing_crowd_team_id_team"))
    op.add_column("team_routing", sa.Column("crowd_team_id", BIG, team, nullable=True), inline_references=True)
    # Nothing refers to a survey: SQLite may copy the table.
    with op.batch_alter_table("survey") as batch:
        batch.alter_column("resolution_id", existing_type=BIG, nullable=True)
        batch.add_column(sa.Column("call_id", BIG, nullable=True))
        batch.create_foreign_key(op.f("fk_survey_call_id_call"), "call", ["call_id"], ["id"], ondelete="RESTRICT")
        batch.create_unique_constraint(op.f("uq_survey_call_id"), ["call_id"])
        batch.create_check_constraint(op.f("ck_survey_about"), ABOUT)


def downgrade() -> None:
    op.execute("DELETE FROM survey WHERE resolution_id IS NULL")
    with op.batch_alter_table("survey") as batch:
        batch.drop_constraint(op.f("ck_survey_about"), type_="check")
        batch.drop_constraint(op.f("uq_survey_call_id"), type_="unique")
        batch.drop_constraint(op.f("fk_survey_call_id_call"), type_="foreignkey")
        batch.drop_column("call_id")
        batch.alter_column("resolution_id", existing_type=BIG, nullable=False)
    op.drop_column("team_routing", "crowd_team_id")
    op.drop_column("team_routing", "crowd_over")
