"""What served models said of whole data sets"""

import sqlalchemy as sa
from alembic import op

revision = "r0081"
down_revision = "r0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "served_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("class_names", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["model_variants.id"],
            name=op.f("fk_served_batches_variant_id_model_variants"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_served_batches_version_id_dataset_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["jobs.id"],
            name=op.f("fk_served_batches_job_id_jobs"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_served_batches_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_served_batches")),
    )
    for column in ("model_name", "variant_id", "version_id", "job_id", "owner_id"):
        op.create_index(op.f(f"ix_served_batches_{column}"), "served_batches", [column])
    op.create_table(
        "served_batch_rows",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("predicted", sa.String(), nullable=True),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("shares", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.Column("estimates", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["served_batches.id"],
            name=op.f("fk_served_batch_rows_batch_id_served_batches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_served_batch_rows_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "recording_id", name=op.f("pk_served_batch_rows")),
    )
    op.create_index(
        op.f("ix_served_batch_rows_recording_id"), "served_batch_rows", ["recording_id"]
    )
    op.create_index(
        op.f("ix_served_batch_rows_batch_id_predicted"),
        "served_batch_rows",
        ["batch_id", "predicted"],
    )


def downgrade() -> None:
    op.drop_table("served_batch_rows")
    op.drop_table("served_batches")
