"""API keys, and what is asked of the API"""

import sqlalchemy as sa
from alembic import op

revision = "r0017"
down_revision = "r0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_request_sums",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("duration_us", sa.BigInteger(), nullable=False),
        sa.Column("le_5", sa.BigInteger(), nullable=False),
        sa.Column("le_10", sa.BigInteger(), nullable=False),
        sa.Column("le_20", sa.BigInteger(), nullable=False),
        sa.Column("le_30", sa.BigInteger(), nullable=False),
        sa.Column("le_50", sa.BigInteger(), nullable=False),
        sa.Column("le_80", sa.BigInteger(), nullable=False),
        sa.Column("le_120", sa.BigInteger(), nullable=False),
        sa.Column("le_200", sa.BigInteger(), nullable=False),
        sa.Column("le_300", sa.BigInteger(), nullable=False),
        sa.Column("le_500", sa.BigInteger(), nullable=False),
        sa.Column("le_800", sa.BigInteger(), nullable=False),
        sa.Column("le_1200", sa.BigInteger(), nullable=False),
        sa.Column("le_2000", sa.BigInteger(), nullable=False),
        sa.Column("le_3000", sa.BigInteger(), nullable=False),
        sa.Column("le_5000", sa.BigInteger(), nullable=False),
        sa.Column("le_10000", sa.BigInteger(), nullable=False),
        sa.Column("le_20000", sa.BigInteger(), nullable=False),
        sa.Column("le_50000", sa.BigInteger(), nullable=False),
        sa.Column("le_100000", sa.BigInteger(), nullable=False),
        sa.Column("le_600000", sa.BigInteger(), nullable=False),
        sa.Column("above", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "endpoint", "method", name=op.f("pk_api_request_sums")),
    )
    op.create_table(
        "kept_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answers")),
        sa.UniqueConstraint("sender", "key", name=op.f("uq_kept_answers_sender_key")),
    )
    op.create_index(op.f("ix_kept_answers_begun_at"), "kept_answers", ["begun_at"], unique=False)

    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("rate_limit", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["api_keys.id"], name=op.f("fk_api_keys_replaced_by_id_api_keys")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"], unique=False)

    op.create_table(
        "api_key_sums",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("duration_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_api_key_sums_api_key_id_api_keys")
        ),
        sa.PrimaryKeyConstraint("hour", "api_key_id", name=op.f("pk_api_key_sums")),
    )
    op.create_table(
        "api_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=False),
        sa.Column("duration_us", sa.Integer(), nullable=False),
        sa.Column("ip_address", sa.String(), nullable=True),
        sa.Column("user_agent", sa.String(), nullable=True),
        sa.Column("api_key_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("request_size", sa.Integer(), nullable=False),
        sa.Column("response_size", sa.Integer(), nullable=False),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("request_sample", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("response_sample", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_api_requests_api_key_id_api_keys")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_requests_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_requests")),
    )
    op.create_index(
        "ix_api_requests_api_key_id_at", "api_requests", ["api_key_id", "at"], unique=False
    )
    op.create_index(op.f("ix_api_requests_at"), "api_requests", ["at"], unique=False)
    op.create_index(
        "ix_api_requests_errors",
        "api_requests",
        ["at"],
        unique=False,
        sqlite_where=sa.text("status_code >= 400"),
        postgresql_where=sa.text("status_code >= 400"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_api_requests_errors",
        table_name="api_requests",
        sqlite_where=sa.text("status_code >= 400"),
        postgresql_where=sa.text("status_code >= 400"),
    )
    op.drop_index(op.f("ix_api_requests_at"), table_name="api_requests")
    op.drop_index("ix_api_requests_api_key_id_at", table_name="api_requests")

    op.drop_table("api_requests")
    op.drop_table("api_key_sums")
    op.drop_index(op.f("ix_api_keys_user_id"), table_name="api_keys")

    op.drop_table("api_keys")
    op.drop_index(op.f("ix_kept_answers_begun_at"), table_name="kept_answers")

    op.drop_table("kept_answers")
    op.drop_table("api_request_sums")
