"""Sources and detections"""

import sqlalchemy as sa
from alembic import op

revision = "r0020"
down_revision = "r0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "detection_batches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_detection_batches_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection_batches")),
    )
    op.create_index(op.f("ix_detection_batches_owner_id"), "detection_batches", ["owner_id"])

    op.create_table(
        "sources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("missing_codes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("time_column", sa.String(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_sources_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_sources_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_job_id"), "sources", ["job_id"])
    op.create_index(op.f("ix_sources_owner_id"), "sources", ["owner_id"])

    op.create_table(
        "source_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("parquet_key", sa.String(), nullable=False),
        sa.Column("profile_key", sa.String(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("missing_codes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("time_column", sa.String(), nullable=True),
        sa.Column("notes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name=op.f("fk_source_versions_source_id_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_versions")),
        sa.UniqueConstraint(
            "source_id", "number", name=op.f("uq_source_versions_source_id_number")
        ),
    )
    op.create_index(op.f("ix_source_versions_content_hash"), "source_versions", ["content_hash"])
    op.create_index(op.f("ix_source_versions_parquet_key"), "source_versions", ["parquet_key"])
    op.create_index(op.f("ix_source_versions_profile_key"), "source_versions", ["profile_key"])

    op.create_table(
        "detection_comparisons",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("source_version_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("records_key", sa.String(), nullable=True),
        sa.Column("duration_ms", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["jobs.id"],
            name=op.f("fk_detection_comparisons_job_id_jobs"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_detection_comparisons_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name=op.f("fk_detection_comparisons_source_id_sources"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_version_id"],
            ["source_versions.id"],
            name=op.f("fk_detection_comparisons_source_version_id_source_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection_comparisons")),
    )
    op.create_index(op.f("ix_detection_comparisons_job_id"), "detection_comparisons", ["job_id"])
    op.create_index(
        op.f("ix_detection_comparisons_owner_id"), "detection_comparisons", ["owner_id"]
    )
    op.create_index(
        op.f("ix_detection_comparisons_records_key"), "detection_comparisons", ["records_key"]
    )
    op.create_index(
        op.f("ix_detection_comparisons_source_id_created_at"),
        "detection_comparisons",
        ["source_id", "created_at"],
    )
    op.create_index(
        op.f("ix_detection_comparisons_source_version_id"),
        "detection_comparisons",
        ["source_version_id"],
    )

    op.create_table(
        "detections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("source_version_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("asked", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=True),
        sa.Column("anomaly_count", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("scores_key", sa.String(), nullable=True),
        sa.Column("detector_key", sa.String(), nullable=True),
        sa.Column("duration_ms", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_detections_job_id_jobs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_detections_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name=op.f("fk_detections_source_id_sources"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_version_id"],
            ["source_versions.id"],
            name=op.f("fk_detections_source_version_id_source_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detections")),
    )
    op.create_index(op.f("ix_detections_detector_key"), "detections", ["detector_key"])
    op.create_index(op.f("ix_detections_job_id"), "detections", ["job_id"])
    op.create_index(op.f("ix_detections_owner_id"), "detections", ["owner_id"])
    op.create_index(op.f("ix_detections_scores_key"), "detections", ["scores_key"])
    op.create_index(
        op.f("ix_detections_source_id_created_at"), "detections", ["source_id", "created_at"]
    )
    op.create_index(op.f("ix_detections_source_version_id"), "detections", ["source_version_id"])

    op.create_table(
        "row_labels",
        sa.Column("source_version_id", sa.Integer(), nullable=False),
        sa.Column("row_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_anomaly", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_row_labels_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["source_version_id"],
            ["source_versions.id"],
            name=op.f("fk_row_labels_source_version_id_source_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_version_id", "row_index", name=op.f("pk_row_labels")),
    )
    op.create_index(op.f("ix_row_labels_owner_id"), "row_labels", ["owner_id"])

    op.create_table(
        "detection_batch_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("source_name", sa.String(), nullable=False),
        sa.Column("detection_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["detection_batches.id"],
            name=op.f("fk_detection_batch_items_batch_id_detection_batches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["detection_id"],
            ["detections.id"],
            name=op.f("fk_detection_batch_items_detection_id_detections"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection_batch_items")),
        sa.UniqueConstraint(
            "batch_id", "position", name=op.f("uq_detection_batch_items_batch_id_position")
        ),
    )
    op.create_index(
        op.f("ix_detection_batch_items_detection_id"), "detection_batch_items", ["detection_id"]
    )

    op.create_table(
        "detection_explanations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("detection_id", sa.String(), nullable=False),
        sa.Column("row_index", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("max_features", sa.Integer(), nullable=False),
        sa.Column("background", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["detection_id"],
            ["detections.id"],
            name=op.f("fk_detection_explanations_detection_id_detections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection_explanations")),
        sa.UniqueConstraint(
            "detection_id",
            "row_index",
            "method",
            "max_features",
            "background",
            name="uq_detection_explanations_question",
        ),
    )


def downgrade() -> None:
    op.drop_table("detection_explanations")
    op.drop_table("detection_batch_items")
    op.drop_table("row_labels")
    op.drop_table("detections")
    op.drop_table("detection_comparisons")
    op.drop_table("source_versions")
    op.drop_table("sources")
    op.drop_table("detection_batches")
