"""Streams: sessions, checkpoints, shards, alerts"""

import sqlalchemy as sa
from alembic import op

revision = "r0030"
down_revision = "r0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stream_shards",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_stream_shards")),
    )
    op.create_table(
        "stream_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("window_size", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("total_points", sa.BigInteger(), nullable=False),
        sa.Column("total_alerts", sa.BigInteger(), nullable=False),
        sa.Column("statistics", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("untold_alerts", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("has_alarm", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_stream_sessions_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_sessions")),
    )
    for column in ("owner_id", "source_id", "status", "created_at"):
        op.create_index(
            op.f(f"ix_stream_sessions_{column}"), "stream_sessions", [column], unique=False
        )
    op.create_table(
        "stream_checkpoints",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["stream_sessions.id"],
            name=op.f("fk_stream_checkpoints_session_id_stream_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_stream_checkpoints")),
    )
    op.create_table(
        "stream_alerts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data_point", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("anomaly_score", sa.Double(), nullable=False),
        sa.Column("severity", sa.String(40), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["users.id"], name=op.f("fk_stream_alerts_acknowledged_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["stream_sessions.id"],
            name=op.f("fk_stream_alerts_session_id_stream_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_alerts")),
    )
    op.create_index(
        "uq_stream_alerts_session_id_sequence",
        "stream_alerts",
        ["session_id", "sequence"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_stream_alerts_session_id_sequence", table_name="stream_alerts")
    op.drop_table("stream_alerts")
    op.drop_table("stream_checkpoints")
    for column in ("created_at", "status", "source_id", "owner_id"):
        op.drop_index(op.f(f"ix_stream_sessions_{column}"), table_name="stream_sessions")
    op.drop_table("stream_sessions")
    op.drop_table("stream_shards")
