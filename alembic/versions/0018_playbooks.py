"""playbooks

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()
RUNNING = sa.text("state = 'running'")
OPEN = sa.text("state = 'open'")
CAUSED = sa.text("cause <> 'hand'")
DECIDED = sa.text("outcome <> ''")


def fk(table: str, column: str, to: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=gone)


def upgrade() -> None:
    op.add_column("contract", sa.Column("auto_renews", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contract", sa.Column("notice_days", sa.Integer(), nullable=True))
    op.add_column("contract", sa.Column("term_months", sa.Integer(), nullable=False, server_default="12"))
    playbooks()
    renewals()


def playbooks() -> None:
    op.create_table(
        "playbook",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT(length=200), nullable=False),
        sa.Column("kind", TEXT(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("archived_at", TIME, nullable=True),
        sa.CheckConstraint(
            "kind IN ('risk','onboarding','renewal','expansion','lifecycle','advocacy')", name=op.f("ck_playbook_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook")),
    )
    op.create_table(
        "playbook_version",
        sa.Column("playbook_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", JSON, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        fk("playbook_version", "playbook_id", "playbook", "CASCADE"),
        fk("playbook_version", "by_id", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("playbook_id", "version", name=op.f("pk_playbook_version")),
    )
    op.create_table(
        "playbook_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("playbook_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("kind", TEXT(length=12), nullable=False),
        sa.Column("state", TEXT(length=8), nullable=False),
        sa.Column("cause", TEXT(length=8), nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("cause_on", sa.Date(), nullable=False),
        sa.Column("started_by", BIG, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("wait_until", TIME, nullable=True),
        sa.Column("wake_at", TIME, nullable=False),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("reason", TEXT(length=400), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("state IN ('running','done','exited','canceled')", name=op.f("ck_playbook_run_state")),
        sa.CheckConstraint("cause IN ('hand','renewal','start','alert')", name=op.f("ck_playbook_run_cause")),
        fk("playbook_run", "playbook_id", "playbook", "RESTRICT"),
        fk("playbook_run", "account_id", "account", "CASCADE"),
        fk("playbook_run", "started_by", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_run")),
    )
    active, caused = ["account_id", "kind"], ["playbook_id", "account_id", "cause", "cause_id", "cause_on"]
    for name, columns, where, unique in (
        ("uq_playbook_run_active", active, RUNNING, True),
        ("uq_playbook_run_cause", caused, CAUSED, True),
        ("ix_playbook_run_wake", ["wake_at"], RUNNING, False),
    ):
        op.create_index(name, "playbook_run", columns, unique=unique, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_playbook_run_account", "playbook_run", ["account_id", "id"])
    op.create_table(
        "playbook_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("key", TEXT(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT(length=10), nullable=False),
        sa.Column("mark", TEXT(length=10), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("state", TEXT(length=8), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", BIG, nullable=True),
        sa.Column("note", TEXT(length=2000), nullable=False),
        sa.CheckConstraint("state IN ('open','done','skipped','dropped')", name=op.f("ck_playbook_step_state")),
        fk("playbook_step", "run_id", "playbook_run", "CASCADE"),
        fk("playbook_step", "owner_id", "agent", "SET NULL"),
        fk("playbook_step", "ended_by", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_step")),
        sa.UniqueConstraint("run_id", "key", name=op.f("uq_playbook_step_run_id_key")),
    )
    columns = ["owner_id", "due_at"]
    op.create_index("ix_playbook_step_open", "playbook_step", columns, sqlite_where=OPEN, postgresql_where=OPEN)


def renewals() -> None:
    op.create_table(
        "renewal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("currency", TEXT(length=3), nullable=False),
        sa.Column("category", TEXT(length=8), nullable=False),
        sa.Column("note", TEXT(), nullable=False),
        sa.Column("outcome", TEXT(length=8), nullable=False),
        sa.Column("renewed_amount", BIG, nullable=False),
        sa.Column("reason", TEXT(length=400), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("category IN ('','commit','likely','at_risk','lost')", name=op.f("ck_renewal_category")),
        sa.CheckConstraint("outcome IN ('','renewed','lost')", name=op.f("ck_renewal_outcome")),
        sa.CheckConstraint("renewed_amount >= 0", name=op.f("ck_renewal_renewed_amount")),
        fk("renewal", "account_id", "account", "CASCADE"),
        fk("renewal", "contract_id", "contract", "CASCADE"),
        fk("renewal", "decided_by", "agent", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("contract_id", "due_on", name=op.f("uq_renewal_contract_id_due_on")),
    )
    op.create_index(op.f("ix_renewal_account_id"), "renewal", ["account_id"])
    op.create_index("ix_renewal_due", "renewal", ["due_on"], sqlite_where=DECIDED, postgresql_where=DECIDED)
    op.create_table(
        "contract_value",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("value", BIG, nullable=False),
        fk("contract_value", "contract_id", "contract", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_value")),
        sa.UniqueConstraint("contract_id", "from_on", name=op.f("uq_contract_value_contract_id_from_on")),
    )
    op.execute(
        "INSERT INTO contract_value (contract_id, from_on, value)"
        " SELECT id, COALESCE(starts_on, CAST('2000-01-01' AS DATE)), value FROM contract"
        if op.get_bind().dialect.name == "postgresql"
        else "INSERT INTO contract_value (contract_id, from_on, value)"
        " SELECT id, COALESCE(starts_on, '2000-01-01'), value FROM contract"
    )


def downgrade() -> None:
    for table in ("contract_value", "renewal", "playbook_step", "playbook_run", "playbook_version", "playbook"):
        op.drop_table(table)
    for column in ("term_months", "notice_days", "auto_renews"):
        op.drop_column("contract", column)
