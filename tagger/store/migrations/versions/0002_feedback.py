"""Users, annotated articles with their full-text index, and editors' decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tagger.store.tables import Moment

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _users()
    _articles()
    _decisions()
    _search()


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("key", name=op.f("uq_users_key")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_sessions")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id_users"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"])
    op.create_index(op.f("ix_user_sessions_expires_at"), "user_sessions", ["expires_at"])
    op.create_table(
        "failed_logins",
        sa.Column("subject_hash", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_failed_logins")),
    )
    op.create_index(op.f("ix_failed_logins_last_at"), "failed_logins", ["last_at"])


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("record_id", sa.Text),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("review", sa.String(10), nullable=False),
        sa.Column("priority", sa.Float, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("has_text", sa.Boolean, nullable=False),
        sa.Column("annotation", sa.JSON, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("annotated_at", Moment, nullable=False),
        sa.Column("reviewed_at", Moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_articles_content_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_articles_queue", "articles", ["review", "priority", "id"])
    for column in ("record_id", "year", "created_at", "reviewed_at"):
        op.create_index(op.f(f"ix_articles_{column}"), "articles", [column])
    op.create_table(
        "article_facets",
        sa.Column("article_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("value", sa.String(300), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "kind", "value", name=op.f("pk_article_facets")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_facets_article_id_articles"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_article_facets_kind_value", "article_facets", ["kind", "value"])


def _decisions() -> None:
    op.create_table(
        "edits",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("article_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("at", Moment, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.Column("model", sa.JSON, nullable=False),
        sa.Column("shown", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
        sa.UniqueConstraint("article_id", "revision", name=op.f("uq_edits_article_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_edits_article_id_articles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_edits_user_id_users"), ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_edits_user_id"), "edits", ["user_id"])
    op.create_index(op.f("ix_edits_at"), "edits", ["at"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("edit_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("keyword_id", sa.String(200)),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["edits.id"], name=op.f("fk_decisions_edit_id_edits"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_decisions_edit_id"), "decisions", ["edit_id"])
    op.create_index(op.f("ix_decisions_keyword_id"), "decisions", ["keyword_id"])


def _search() -> None:
    """Make the full-text index, which is no table of the ORM: each database has its own kind."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE article_search (article_id integer PRIMARY KEY REFERENCES articles ON DELETE CASCADE, "
            "document tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_article_search_document ON article_search USING gin (document)")
    else:
        op.execute("CREATE VIRTUAL TABLE article_search USING fts5(title, labels, text)")


def downgrade() -> None:
    """Take back."""
    for table in (
        "article_search",
        "decisions",
        "edits",
        "article_facets",
        "articles",
        "failed_logins",
        "user_sessions",
        "users",
    ):
        op.drop_table(table)
