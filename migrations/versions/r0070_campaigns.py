"""Campaigns: searches with many trials"""

import sqlalchemy as sa
from alembic import op

revision = "r0070"
down_revision = "r0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("pruner", sa.String(), nullable=False),
        sa.Column("classifier", sa.String(), nullable=False),
        sa.Column("space", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("folds", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("metrics", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("directions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("parallel", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("patience", sa.Integer(), nullable=True),
        sa.Column("aim", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
        sa.Column("worked_s", sa.Double(), nullable=False, server_default="0"),
        sa.Column("working_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final_job_id", sa.Integer(), nullable=True),
        sa.Column("final", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("importance", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("artefact_key", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_campaigns_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dataset_versions.id"],
            name=op.f("fk_campaigns_version_id_dataset_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint(
            "owner_id", "kind", "name", name=op.f("uq_campaigns_owner_id_kind_name")
        ),
    )
    for name in ("kind", "owner_id", "version_id", "aim"):
        op.create_index(op.f(f"ix_campaigns_{name}"), "campaigns", [name])

    op.create_table(
        "campaign_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("study_number", sa.Integer(), nullable=True),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("measured", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("epochs", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_trials_campaign_id_campaigns"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["jobs.id"],
            name=op.f("fk_campaign_trials_job_id_jobs"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_trials")),
        sa.UniqueConstraint(
            "campaign_id", "number", name=op.f("uq_campaign_trials_campaign_id_number")
        ),
    )
    for name in ("campaign_id", "state", "job_id", "fingerprint"):
        op.create_index(op.f(f"ix_campaign_trials_{name}"), "campaign_trials", [name])

    op.create_table(
        "campaign_runs",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name=op.f("fk_campaign_runs_experiment_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["campaign_trials.id"],
            name=op.f("fk_campaign_runs_trial_id_campaign_trials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_campaign_runs")),
    )
    op.create_index(op.f("ix_campaign_runs_trial_id"), "campaign_runs", ["trial_id"])


def downgrade() -> None:
    for table in ("campaign_runs", "campaign_trials", "campaigns"):
        op.drop_table(table)
