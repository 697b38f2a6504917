"""knowledge

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sqlmodel.sql.sqltypes.AutoString
TIME = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    op.create_table(
        "article_category",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name_ja", TEXT(length=80), nullable=False),
        sa.Column("name_en", TEXT(length=80), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_category")),
    )
    op.create_table(
        "article",
        sa.Column("id", BIG, nullable=False),
        sa.Column("locale", TEXT(length=5), nullable=False),
        sa.Column("state", TEXT(length=16), nullable=False),
        sa.Column("audience", TEXT(length=10), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("review_at", TIME, nullable=True),
        sa.Column("validated_at", TIME, nullable=True),
        sa.Column("validated_by", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("audience IN ('internal','customer','public')", name=op.f("ck_article_audience")),
        sa.CheckConstraint("state IN ('wip','not_validated','validated','archived')", name=op.f("ck_article_state")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["agent.id"], name=op.f("fk_article_created_by_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["agent.id"], name=op.f("fk_article_owner_id_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_article_ticket_id_ticket"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["validated_by"], ["agent.id"], name=op.f("fk_article_validated_by_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    op.create_index(op.f("ix_article_ticket_id"), "article", ["ticket_id"])
    op.create_index("ix_article_updated", "article", ["updated_at", "id"])
    op.create_table(
        "article_filing",
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("category_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_filing_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["article_category.id"],
            name=op.f("fk_article_filing_category_id_article_category"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "category_id", name=op.f("pk_article_filing")),
    )
    op.create_index(op.f("ix_article_filing_category_id"), "article_filing", ["category_id"])
    op.create_table(
        "article_slug",
        sa.Column("locale", TEXT(length=5), nullable=False),
        sa.Column("slug", TEXT(length=120), nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_slug_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("locale", "slug", name=op.f("pk_article_slug")),
    )
    op.create_index(op.f("ix_article_slug_article_id"), "article_slug", ["article_id"])
    op.create_table(
        "article_text",
        sa.Column("id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("locale", TEXT(length=5), nullable=False),
        sa.Column("slug", TEXT(length=120), nullable=False),
        sa.Column("title", TEXT(length=200), nullable=False),
        sa.Column("issue", TEXT(), nullable=False),
        sa.Column("environment", TEXT(), nullable=False),
        sa.Column("cause", TEXT(), nullable=False),
        sa.Column("resolution", TEXT(), nullable=False),
        sa.Column("keywords", TEXT(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("live_version", sa.Integer(), nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("publish_at", TIME, nullable=True),
        sa.Column("unpublish_at", TIME, nullable=True),
        sa.Column("updated_by", BIG, nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_text_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["agent.id"], name=op.f("fk_article_text_updated_by_agent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_text")),
        sa.UniqueConstraint("article_id", "locale", name=op.f("uq_article_text_article_id_locale")),
        sa.UniqueConstraint("locale", "slug", name=op.f("uq_article_text_locale_slug")),
    )
    op.create_index(op.f("ix_article_text_publish_at"), "article_text", ["publish_at"])
    op.create_index(op.f("ix_article_text_unpublish_at"), "article_text", ["unpublish_at"])
    op.create_table(
        "article_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("text_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", TEXT(length=200), nullable=False),
        sa.Column("issue", TEXT(), nullable=False),
        sa.Column("environment", TEXT(), nullable=False),
        sa.Column("cause", TEXT(), nullable=False),
        sa.Column("resolution", TEXT(), nullable=False),
        sa.Column("keywords", TEXT(length=400), nullable=False),
        sa.Column("note", TEXT(length=200), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_article_version_agent_id_agent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["text_id"], ["article_text.id"], name=op.f("fk_article_version_text_id_article_text"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
        sa.UniqueConstraint("text_id", "number", name=op.f("uq_article_version_text_id_number")),
    )


def downgrade() -> None:
    op.drop_table("article_version")
    op.drop_table("article_text")
    op.drop_table("article_slug")
    op.drop_table("article_filing")
    op.drop_table("article")
    op.drop_table("article_category")
