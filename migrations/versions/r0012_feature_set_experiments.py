"""Which feature set an experiment learned from"""

import sqlalchemy as sa
from alembic import op

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiment_feature_sets",
        sa.Column("experiment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feature_set_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("features", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("unknown", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("selection", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("artefact_key", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name=op.f("fk_experiment_feature_sets_experiment_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["feature_set_id"],
            ["feature_sets.id"],
            name=op.f("fk_experiment_feature_sets_feature_set_id_feature_sets"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_experiment_feature_sets")),
    )
    for name in ("feature_set_id", "name", "artefact_key", "content_hash"):
        op.create_index(
            op.f(f"ix_experiment_feature_sets_{name}"), "experiment_feature_sets", [name]
        )


def downgrade() -> None:
    op.drop_table("experiment_feature_sets")
