"""Experiments that are trained several times, with other folds and seeds"""

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repeated_experiments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("classifier", sa.String(), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("folds", sa.Integer(), nullable=False),
        sa.Column("seeds", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_repeated_experiments_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_repeated_experiments_version_id_dataset_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeated_experiments")),
    )
    for column in ("owner_id", "version_id"):
        op.create_index(op.f(f"ix_repeated_experiments_{column}"), "repeated_experiments", [column])
    op.create_table(
        "repeated_runs",
        sa.Column("experiment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("repeated_id", sa.Integer(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name=op.f("fk_repeated_runs_experiment_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["repeated_id"],
            ["repeated_experiments.id"],
            name=op.f("fk_repeated_runs_repeated_id_repeated_experiments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_repeated_runs")),
    )
    op.create_index(op.f("ix_repeated_runs_repeated_id"), "repeated_runs", ["repeated_id"])
    op.add_column("experiment_entries", sa.Column("repeated_id", sa.Integer(), nullable=True))
    op.create_index(
        op.f("ix_experiment_entries_repeated_id"), "experiment_entries", ["repeated_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_experiment_entries_repeated_id"), "experiment_entries")
    op.drop_column("experiment_entries", "repeated_id")
    op.drop_table("repeated_runs")
    op.drop_table("repeated_experiments")
