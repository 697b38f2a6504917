"""attainment: whose a promise was when it was decided; what calls and resolutions are counted by stands in their rows

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MET, BREACHED = sa.text("met_at IS NOT NULL AND breached_at IS NULL"), sa.text("breached_at IS NOT NULL")

# Who had a ticket when its promise was decided nobody wrote down: the present team and agent stand for them.
DECIDED = """
INSERT INTO attainment (clock_id, ticket_id, metric, decided_at, kept, channel, inbox_id, team_id, agent_id)
SELECT c.id, c.ticket_id, c.metric, COALESCE(c.breached_at, c.met_at), c.breached_at IS NULL, t.channel, t.inbox_id,
  t.team_id, t.assignee_id
FROM clock AS c JOIN ticket AS t ON t.id = c.ticket_id WHERE c.breached_at IS NOT NULL OR c.met_at IS NOT NULL
"""
REPEATED = """
UPDATE call SET repeated = true WHERE id IN (
  SELECT e.id FROM (
    SELECT c.id, c.started_at, LAG(c.started_at) OVER (PARTITION BY q.person_id ORDER BY c.started_at, c.id) AS earlier
    FROM call AS c JOIN ticket AS q ON q.id = c.ticket_id WHERE c.direction = 'in'
  ) AS e WHERE e.earlier IS NOT NULL AND {since} <= 1800
)
"""
WRAPPED = """
UPDATE call SET wrap_s = COALESCE((
  SELECT {spent} FROM presence_span AS p WHERE p.agent_id = call.agent_id AND p.state = 'wrap_up'
  AND p.began_at >= {just_before} AND p.began_at < {soon_after} AND p.ended_at IS NOT NULL
  ORDER BY p.began_at LIMIT 1
), 0)
WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL AND EXISTS (
  SELECT 1 FROM presence_span AS x WHERE x.agent_id = call.agent_id AND x.began_at <= call.ended_at
)
"""
FOLLOWED = """
UPDATE resolution SET followed = true WHERE id IN (
  SELECT r.id FROM resolution AS r JOIN ticket AS t ON t.id = r.ticket_id
  JOIN ticket AS n ON n.person_id = t.person_id AND n.id > t.id
  WHERE n.origin = 'inbound' AND n.created_at > r.resolved_at AND {since} <= 604800
)
"""


def upgrade() -> None:
    op.add_column("call", sa.Column("repeated", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("call", sa.Column("wrap_s", sa.Integer(), nullable=True))
    op.add_column("resolution", sa.Column("followed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "attainment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("metric", sa.String(20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("inbox_id", BIG, nullable=False),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["clock.id"], name=op.f("fk_attainment_clock_id_clock"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_attainment_ticket_id_ticket"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attainment")),
    )
    _fill(sqlite=op.get_bind().dialect.name == "sqlite")
    op.create_index(op.f("ix_attainment_clock_id"), "attainment", ["clock_id"])
    op.create_index("ix_attainment_decided", "attainment", ["metric", "decided_at", "id", "kept"])
    op.drop_index("ix_clock_met", "clock", sqlite_where=MET, postgresql_where=MET)
    op.drop_index("ix_clock_breached", "clock", sqlite_where=BREACHED, postgresql_where=BREACHED)


def _fill(*, sqlite: bool) -> None:
    def secs(begin: str, end: str) -> str:
        if sqlite:
            return f"CAST(ROUND((julianday({end}) - julianday({begin})) * 86400) AS INTEGER)"
        return f"CAST(ROUND(date_part('epoch', {end} - {begin})) AS INTEGER)"

    def plus(at: str, seconds: int) -> str:
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {at}, '{seconds:+d} seconds')"
        return f"({at} + INTERVAL '{seconds} seconds')"

    op.execute(DECIDED)
    op.execute(REPEATED.format(since=secs("e.earlier", "e.started_at")))
    just_before, soon_after = plus("call.ended_at", -2), plus("call.ended_at", 10)
    spent = secs("p.began_at", "p.ended_at")
    op.execute(WRAPPED.format(spent=spent, just_before=just_before, soon_after=soon_after))
    op.execute(FOLLOWED.format(since=secs("r.resolved_at", "n.created_at")))


def downgrade() -> None:
    for name, column, which in (("met", "met_at", MET), ("breached", "breached_at", BREACHED)):
        columns = ["metric", column, "ticket_id", *(["breached_at"] if name == "met" else [])]
        op.create_index(f"ix_clock_{name}", "clock", columns, sqlite_where=which, postgresql_where=which)
    op.drop_table("attainment")
    op.drop_column("resolution", "followed")
    op.drop_column("call", "wrap_s")
    op.drop_column("call", "repeated")
