"""health

Revision ID: 0020
Revises: 0019
"""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()


def measure(code: str, weight: float, worst: float, best: float, fresh_days: float = 90) -> dict[str, object]:
    return {"code": code, "weight": weight, "worst": worst, "best": best, "fresh_days": fresh_days, "missing": "drop"}


COLOURS = {"blue_from": 75, "yellow_from": 50, "hysteresis": 3, "dwell_hours": 24}
HARD = [
    {"code": "unpaid", "over": 30, "most": "red"},
    {"code": "urgent", "over": 3, "most": "red"},
    {"code": "champion_gone", "over": 0, "most": "yellow"},
    {"code": "no_use", "over": 60, "most": "red"},
]
STEADY = {
    **COLOURS,
    "hard": HARD,
    "measures": [
        measure("usage.depth", 12, 0, 3),
        measure("usage.breadth", 8, 0.1, 0.7),
        measure("usage.trend", 16, 0.3, 1.0),
        measure("usage.recent", 10, 45, 5, 120),
        measure("support.open", 8, 6, 0),
        measure("support.reopened", 3, 0.5, 0),
        measure("support.csat", 6, 1.5, 4.5),
        measure("support.load", 3, 4, 1.5),
        measure("relation.contact", 6, 120, 21, 120),
        measure("relation.sponsor", 6, 90, 14, 120),
        measure("relation.quiet", 4, 45, 7, 120),
        measure("commercial.renewal", 4, 0, 60),
        measure("commercial.payment", 5, 30, 0),
        measure("pulse", 9, 1, 5),
    ],
}
BEGINNING = {
    **COLOURS,
    "hard": [each for each in HARD if each["code"] != "no_use"],
    "measures": [
        measure("adoption.started", 25, 30, 5),
        measure("adoption.users", 15, 0, 3),
        measure("usage.recent", 15, 30, 3),
        measure("usage.depth", 15, 0, 3),
        measure("support.open", 8, 6, 0),
        measure("support.csat", 4, 1.5, 4.5),
        measure("relation.contact", 8, 45, 7),
        measure("pulse", 10, 1, 5),
    ],
}


def upgrade() -> None:
    op.create_table(
        "health_setup",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alerts", JSON, nullable=False),
        sa.Column("rhythms", JSON, nullable=False),
        sa.Column("awake_from", sa.Integer(), nullable=False),
        sa.Column("awake_to", sa.Integer(), nullable=False),
        sa.Column("zone", TEXT(length=60), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_health_setup_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_setup")),
    )
    op.create_table(
        "health_formula",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tier", TEXT(length=16), nullable=False),
        sa.Column("stage", TEXT(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", JSON, nullable=False),
        sa.Column("note", TEXT(length=400), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("activated_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_health_formula_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_formula")),
        sa.UniqueConstraint("tier", "stage", "version", name=op.f("uq_health_formula_tier_stage_version")),
    )
    op.create_index(
        "uq_health_formula_active",
        "health_formula",
        ["tier", "stage"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )

    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("rule", TEXT(length=24), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("state", TEXT(length=8), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("shown_at", TIME, nullable=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("gone_at", TIME, nullable=True),
        sa.Column("snoozed_until", TIME, nullable=True),
        sa.Column("snooze_reason", TEXT(length=400), nullable=False),
        sa.Column("outcome", TEXT(length=12), nullable=False),
        sa.Column("note", TEXT(length=1000), nullable=False),
        sa.Column("closed_by", BIG, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint("outcome IN ('','saved','lost','false_alarm','eased')", name=op.f("ck_alert_outcome")),
        sa.CheckConstraint("state IN ('open','snoozed','held','closed')", name=op.f("ck_alert_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_alert_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["agent.id"], name=op.f("fk_alert_closed_by_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_alert_owner_id_agent"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_owner_id"), "alert", ["owner_id"], unique=False)
    op.create_index("ix_alert_rule", "alert", ["rule", "found_at"], unique=False)
    op.create_index("ix_alert_state", "alert", ["state", "due_at", "id"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["account_id", "rule"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'snoozed', 'held')"),
        postgresql_where=sa.text("state IN ('open', 'snoozed', 'held')"),
    )

    op.create_table(
        "health",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("colour", TEXT(length=8), nullable=False),
        sa.Column("scored", TEXT(length=8), nullable=False),
        sa.Column("since", TIME, nullable=True),
        sa.Column("shown_since", TIME, nullable=True),
        sa.Column("trend", sa.Float(), nullable=True),
        sa.Column("trend_long", sa.Float(), nullable=True),
        sa.Column("present", sa.Float(), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("hard", JSON, nullable=False),
        sa.Column("weeks", JSON, nullable=False),
        sa.Column("formula_id", BIG, nullable=True),
        sa.Column("computed_at", TIME, nullable=True),
        sa.Column("noted_at", TIME, nullable=True),
        sa.Column("noted", sa.Integer(), nullable=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("stamp", BIG, nullable=False),
        sa.CheckConstraint("colour IN ('blue','yellow','red','grey')", name=op.f("ck_health_colour")),
        sa.CheckConstraint("score IS NULL OR (score >= 0 AND score <= 100)", name=op.f("ck_health_score")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_health_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["formula_id"], ["health_formula.id"], name=op.f("fk_health_formula_id_health_formula"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_health")),
    )
    op.create_index("ix_health_colour", "health", ["colour", "score", "account_id"], unique=False)
    op.create_index("ix_health_due", "health", ["due_at"], unique=False)

    op.create_table(
        "health_override",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("colour", TEXT(length=8), nullable=False),
        sa.Column("reason", TEXT(length=1000), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("colour IN ('blue','yellow','red')", name=op.f("ck_health_override_colour")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_health_override_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_health_override_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_override")),
    )
    op.create_index(
        "uq_health_override_standing",
        "health_override",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "health_past",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("colour", TEXT(length=8), nullable=False),
        sa.Column("present", sa.Float(), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("hard", JSON, nullable=False),
        sa.Column("formula_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_health_past_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["formula_id"],
            ["health_formula.id"],
            name=op.f("fk_health_past_formula_id_health_formula"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_past")),
    )
    op.create_index("ix_health_past_account", "health_past", ["account_id", "at"], unique=False)

    op.create_table(
        "health_pulse",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("note", TEXT(length=1000), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.CheckConstraint("value >= 1 AND value <= 5", name=op.f("ck_health_pulse_value")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_health_pulse_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_health_pulse_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_pulse")),
    )
    op.create_index("ix_health_pulse_account", "health_pulse", ["account_id", "at"], unique=False)

    op.create_table(
        "rhythm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("item", TEXT(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("every_days", sa.Float(), nullable=False),
        sa.Column("spread_days", sa.Float(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("expected_at", TIME, nullable=False),
        sa.Column("overdue_at", TIME, nullable=False),
        sa.Column("state", TEXT(length=8), nullable=False),
        sa.Column("why", TEXT(length=16), nullable=False),
        sa.Column("looked_at", TIME, nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("settled_by", BIG, nullable=True),
        sa.Column("settled", TEXT(length=12), nullable=False),
        sa.CheckConstraint("state IN ('kept','hint','overdue','quiet')", name=op.f("ck_rhythm_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_rhythm_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["agent.id"], name=op.f("fk_rhythm_settled_by_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rhythm")),
        sa.UniqueConstraint("account_id", "item", name=op.f("uq_rhythm_account_id_item")),
    )
    op.create_index("ix_rhythm_state", "rhythm", ["state", "expected_at"], unique=False)

    op.create_table(
        "waking",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("zone", TEXT(length=60), nullable=False),
        sa.Column("awake_from", sa.Integer(), nullable=False),
        sa.Column("awake_to", sa.Integer(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (account_id IS NULL)", name=op.f("ck_waking_one")),
        sa.CheckConstraint(
            "awake_from >= 0 AND awake_from < awake_to AND awake_to <= awake_from + 1440", name=op.f("ck_waking_hours")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_waking_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_waking_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waking")),
        sa.UniqueConstraint("account_id", name=op.f("uq_waking_account_id")),
        sa.UniqueConstraint("person_id", name=op.f("uq_waking_person_id")),
    )
    setup = sa.table(
        "health_setup",
        sa.column("id", BIG),
        sa.column("alerts", JSON),
        sa.column("rhythms", JSON),
        sa.column("awake_from", sa.Integer),
        sa.column("awake_to", sa.Integer),
        sa.column("zone", TEXT),
    )
    op.bulk_insert(
        setup, [{"id": 1, "alerts": {}, "rhythms": {}, "awake_from": 480, "awake_to": 1260, "zone": "Asia/Tokyo"}]
    )
    formula = sa.table(
        "health_formula",
        sa.column("tier", TEXT),
        sa.column("stage", TEXT),
        sa.column("version", sa.Integer),
        sa.column("spec", JSON),
        sa.column("note", TEXT),
        sa.column("active", sa.Boolean),
        sa.column("created_at", TIME),
        sa.column("activated_at", TIME),
    )
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    told = {"version": 1, "note": "", "active": True, "created_at": begun, "activated_at": begun, "tier": ""}
    op.bulk_insert(formula, [{**told, "stage": "", "spec": STEADY}, {**told, "stage": "onboarding", "spec": BEGINNING}])


def downgrade() -> None:
    for name in (
        "waking",
        "rhythm",
        "alert",
        "health_override",
        "health_pulse",
        "health_past",
        "health",
        "health_formula",
        "health_setup",
    ):
        op.drop_table(name)
