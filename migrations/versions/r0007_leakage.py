"""What the leakage guard found, and experiments that differ in their split only"""

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiments", sa.Column("leak", sa.String(), nullable=True))
    op.add_column("experiments", sa.Column("leakage", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "experiment_counterparts",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["experiments.id"],
                name=op.f(f"fk_experiment_counterparts_{column}_experiments"),
                ondelete="CASCADE",
            )
            for column in ("experiment_id", "other_id")
        ),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_experiment_counterparts")),
    )
    op.create_index(
        op.f("ix_experiment_counterparts_other_id"), "experiment_counterparts", ["other_id"]
    )


def downgrade() -> None:
    op.drop_table("experiment_counterparts")
    for column in ("leakage", "leak"):
        op.drop_column("experiments", column)
