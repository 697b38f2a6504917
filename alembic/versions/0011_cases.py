"""cases: merged and linked tickets

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
STANDS, IS_CHILD = sa.text("undone_at IS NULL"), sa.text("kind = 'child'")


def upgrade() -> None:
    master = sa.ForeignKey("ticket.id", name=op.f("fk_ticket_merged_into_id_ticket"))
    op.add_column("ticket", sa.Column("merged_into_id", BIG, master, nullable=True), inline_references=True)
    op.create_table(
        "merge",
        sa.Column("id", BIG, nullable=False),
        *_between("merge", "into_id"),
        sa.Column("was", JSON, nullable=False),
        sa.Column("undone_at", TIME, nullable=True),
        sa.Column("undone_by", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["agent.id"], name=op.f("fk_merge_undone_by_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(
        "uq_merge_stands", "merge", ["ticket_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    op.create_table(
        "ticket_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", TEXT(length=8), nullable=False),
        *_between("ticket_link", "other_id"),
        sa.CheckConstraint("kind IN ('related', 'child')", name=op.f("ck_ticket_link_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_link")),
        sa.UniqueConstraint("kind", "ticket_id", "other_id", name=op.f("uq_ticket_link_kind_ticket_id_other_id")),
    )
    op.create_index(
        "uq_ticket_link_parent", "ticket_link", ["ticket_id"], unique=True, sqlite_where=IS_CHILD,
        postgresql_where=IS_CHILD,
    )  # fmt: skip
    for table, other in (("merge", "into_id"), ("ticket_link", "other_id")):
        op.create_index(op.f(f"ix_{table}_ticket_id"), table, ["ticket_id"])
        op.create_index(op.f(f"ix_{table}_{other}"), table, [other])


def _between(table: str, other: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns that both tables have: one ticket, the other one, when and who."""
    return (
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column(other, BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.CheckConstraint(f"ticket_id <> {other}", name=op.f(f"ck_{table}_other")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f(f"fk_{table}_ticket_id_ticket"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint([other], ["ticket.id"], name=op.f(f"fk_{table}_{other}_ticket"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f(f"fk_{table}_agent_id_agent"), ondelete="SET NULL"
        ),
    )


def downgrade() -> None:
    op.drop_table("ticket_link")
    op.drop_table("merge")
    op.drop_column("ticket", "merged_into_id")
