"""Generated and exported data sets, saved mappings, and totals that lists can show at once"""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

COUNT_WARNINGS = "UPDATE recordings SET warning_count = json_array_length(warnings)"
COUNT_MEMBERS = """
UPDATE dataset_versions SET
  duration_s = (SELECT COALESCE(SUM(r.sample_count / r.sample_rate_hz), 0)
                FROM dataset_members m JOIN recordings r ON r.id = m.recording_id
                WHERE m.version_id = dataset_versions.id),
  class_count = (SELECT COUNT(DISTINCT m.label) FROM dataset_members m
                 WHERE m.version_id = dataset_versions.id),
  warned_count = (SELECT COUNT(*) FROM dataset_members m
                  JOIN recordings r ON r.id = m.recording_id
                  WHERE m.version_id = dataset_versions.id AND r.warning_count > 0)
"""
# Against the version before: members that came, that went, and that show something else.
BEFORE = """
  SELECT 1 FROM dataset_members p JOIN dataset_versions v ON v.id = p.version_id
  WHERE v.dataset_id = dataset_versions.dataset_id AND v.number = dataset_versions.number - 1
    AND p.recording_id = m.recording_id
"""
COUNT_CHANGES = f"""
UPDATE dataset_versions SET
  added_count = (SELECT COUNT(*) FROM dataset_members m
                 WHERE m.version_id = dataset_versions.id AND NOT EXISTS ({BEFORE})),
  relabelled_count = (SELECT COUNT(*) FROM dataset_members m
                      WHERE m.version_id = dataset_versions.id AND EXISTS
                        ({BEFORE} AND COALESCE(p.label, '') <> COALESCE(m.label, ''))),
  removed_count = (SELECT COUNT(*) FROM dataset_members m
                   JOIN dataset_versions w ON w.id = m.version_id
                   WHERE w.dataset_id = dataset_versions.dataset_id
                     AND w.number = dataset_versions.number - 1
                     AND NOT EXISTS (SELECT 1 FROM dataset_members p
                                     WHERE p.version_id = dataset_versions.id
                                       AND p.recording_id = m.recording_id))
"""
WAVEFORM = ("minimum", "maximum", "mean", "rms", "skewness", "kurtosis")
CHANGES = ("added_count", "removed_count", "relabelled_count")
MEMBERS = "ix_dataset_members_version_id_recording_id_label"


def upgrade() -> None:
    op.create_table(
        "import_profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_import_profiles_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_profiles")),
        sa.UniqueConstraint("name", name=op.f("uq_import_profiles_name")),
    )
    op.create_index(op.f("ix_import_profiles_owner_id"), "import_profiles", ["owner_id"])
    op.create_table(
        "import_preview_files",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("recording_count", sa.Integer(), nullable=False),
        sa.Column("lacks_rate", sa.Boolean(), nullable=False),
        sa.Column("lacks_unit", sa.Boolean(), nullable=False),
        sa.Column("view", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["jobs.id"],
            name=op.f("fk_import_preview_files_job_id_jobs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_import_preview_files")),
    )
    op.add_column(
        "uploads", sa.Column("fingerprint", sa.String(), server_default="", nullable=False)
    )
    op.create_table(
        "dataset_exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("artefact_key", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_dataset_exports_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_dataset_exports_version_id_dataset_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_exports")),
    )
    for column in ("artefact_key", "owner_id", "version_id"):
        op.create_index(op.f(f"ix_dataset_exports_{column}"), "dataset_exports", [column])
    for column in ("class_count", "warned_count", *CHANGES):
        op.add_column(
            "dataset_versions", sa.Column(column, sa.Integer(), server_default="0", nullable=False)
        )
    op.add_column(
        "dataset_versions", sa.Column("duration_s", sa.Double(), server_default="0", nullable=False)
    )
    op.add_column("dataset_versions", sa.Column("tally", sa.JSON(none_as_null=True), nullable=True))
    op.create_index(MEMBERS, "dataset_members", ["version_id", "recording_id", "label"])
    op.create_index(op.f("ix_recordings_artefact_key"), "recordings", ["artefact_key"])
    for column in WAVEFORM:
        op.add_column("recording_channels", sa.Column(column, sa.Double(), nullable=True))
    op.add_column("datasets", sa.Column("provenance", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "recordings", sa.Column("warning_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.execute(COUNT_WARNINGS)
    op.execute(COUNT_MEMBERS)
    op.execute(COUNT_CHANGES)


def downgrade() -> None:
    # Without batches: on SQLite they drop and make a table anew, which takes along the rows
    # of other tables that point at it.
    op.drop_column("recordings", "warning_count")
    op.drop_column("datasets", "provenance")
    for column in WAVEFORM:
        op.drop_column("recording_channels", column)
    op.drop_index(op.f("ix_recordings_artefact_key"), "recordings")
    op.drop_index(MEMBERS, "dataset_members")
    for column in ("tally", *CHANGES, "duration_s", "warned_count", "class_count"):
        op.drop_column("dataset_versions", column)
    op.drop_table("dataset_exports")
    op.drop_column("uploads", "fingerprint")
    op.drop_table("import_preview_files")
    op.drop_table("import_profiles")
