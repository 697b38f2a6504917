"""touch: the touch-point matrix, kinds of inquiry, reports of harassment

Revision ID: 0022
Revises: 0021
"""

import json
from typing import Any

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
HELD = sa.text("held_until IS NOT NULL")
STANDS = sa.text("lifted_at IS NULL")
SETUP = sa.table("success_setup", sa.column("id", BIG), sa.column("triggers", JSON))
SWITCHES = ("csat", "breach", "harassment")  # what was on or off by name is a rule of its own cause now


def _key(table: str, column: str, to: str, gone: str) -> Any:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=gone)


def upgrade() -> None:
    op.create_table(
        "touch_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("note", TEXT(length=400), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("made_by", BIG, nullable=True),
        _key("touch_version", "made_by", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touch_version")),
    )
    op.create_table(
        "touch_decision",
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("cell", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("policy_id", BIG, nullable=True),
        sa.Column("held_until", TIME, nullable=True),
        sa.Column("at", TIME, nullable=False),
        _key("touch_decision", "ticket_id", "ticket", "CASCADE"),
        _key("touch_decision", "version_id", "touch_version", "RESTRICT"),
        _key("touch_decision", "policy_id", "policy", "SET NULL"),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_touch_decision")),
    )
    op.create_index(op.f("ix_touch_decision_version_id"), "touch_decision", ["version_id"])
    op.create_index(
        "ix_touch_decision_held", "touch_decision", ["held_until"], sqlite_where=HELD, postgresql_where=HELD
    )
    _harassment()
    op.add_column("background", sa.Column("kind", TEXT(length=24), nullable=False, server_default=""))
    op.create_index("ix_background_kind", "background", ["kind"])
    op.drop_column("background", "harassment")
    op.add_column("success_setup", sa.Column("kinds", JSON, nullable=False, server_default="[]"))
    op.add_column("success_setup", sa.Column("ask_kind", sa.Boolean(), nullable=False, server_default=sa.false()))
    touch = sa.ForeignKey("touch_version.id", name=op.f("fk_success_setup_touch_id_touch_version"))
    op.add_column("success_setup", sa.Column("touch_id", BIG, touch, nullable=True), inline_references=True)
    _triggers(_rules)


def _harassment() -> None:
    op.create_table(
        "harassment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("category", TEXT(length=12), nullable=False),
        *(sa.Column(name, TEXT(), nullable=False) for name in ("reason", "care")),
        sa.Column("at", TIME, nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name in ("by_id", "taken_by")),
        sa.Column("taken_at", TIME, nullable=True),
        sa.Column("arranged", TEXT(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("arranged_by", BIG, nullable=True),
        sa.Column("lifted_at", TIME, nullable=True),
        sa.Column("lifted_by", BIG, nullable=True),
        sa.Column("lifted_why", TEXT(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_harassment_reason")),
        _key("harassment", "ticket_id", "ticket", "RESTRICT"),
        _key("harassment", "person_id", "person", "RESTRICT"),
        *(_key("harassment", name, "agent", "SET NULL") for name in ("by_id", "taken_by", "arranged_by", "lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harassment")),
    )
    for name in ("ticket_id", "person_id"):
        op.create_index(op.f(f"ix_harassment_{name}"), "harassment", [name])
    op.create_index("ix_harassment_at", "harassment", ["at", "id"])
    op.create_index("ix_harassment_review", "harassment", ["review_on"])
    op.create_index(
        "uq_harassment_stands", "harassment", ["ticket_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    op.execute(
        "INSERT INTO harassment (ticket_id, person_id, category, reason, care, at, arranged, lifted_why)"
        " SELECT b.ticket_id, t.person_id, 'other', '–', '', b.changed_at, '', ''"
        " FROM background b JOIN ticket t ON t.id = b.ticket_id WHERE b.harassment"
    )


def downgrade() -> None:
    _triggers(_switches)
    op.drop_column("success_setup", "touch_id")
    op.drop_column("success_setup", "ask_kind")
    op.drop_column("success_setup", "kinds")
    op.add_column("background", sa.Column("harassment", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE background SET harassment = true"
        " WHERE ticket_id IN (SELECT ticket_id FROM harassment WHERE lifted_at IS NULL)"
    )
    op.drop_index("ix_background_kind", "background")
    op.drop_column("background", "kind")
    op.drop_table("harassment")
    op.drop_table("touch_decision")
    op.drop_table("touch_version")


def _triggers(turn: Any) -> None:
    connection = op.get_bind()
    for number, given in connection.execute(sa.select(SETUP.c.id, SETUP.c.triggers)).all():
        old = json.loads(given) if isinstance(given, str) else given
        connection.execute(SETUP.update().where(SETUP.c.id == number).values(triggers=turn(old)))


def _rules(old: dict[str, Any]) -> dict[str, Any]:
    off = {name: {"on": False} for name in SWITCHES if old.get(name) is False}
    return {name: value for name, value in old.items() if name not in SWITCHES} | ({"rules": off} if off else {})


def _switches(new: dict[str, Any]) -> dict[str, Any]:
    rules = new.get("rules", {})
    off = {name: False for name in SWITCHES if rules.get(name, {}).get("on") is False}
    return {name: value for name, value in new.items() if name != "rules"} | off
