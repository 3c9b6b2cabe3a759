"""Experiments that are a vote of other ones"""

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ensembles",
        sa.Column("experiment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("voting", sa.String(), nullable=False),
        sa.Column("weighting", sa.String(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name=op.f("fk_ensembles_experiment_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_ensembles")),
    )
    op.create_table(
        "ensemble_members",
        sa.Column("experiment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["ensembles.experiment_id"],
            name=op.f("fk_ensemble_members_experiment_id_ensembles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["experiments.id"],
            name=op.f("fk_ensemble_members_member_id_experiments"),
        ),
        sa.PrimaryKeyConstraint("experiment_id", "member_id", name=op.f("pk_ensemble_members")),
    )
    op.create_index(op.f("ix_ensemble_members_member_id"), "ensemble_members", ["member_id"])


def downgrade() -> None:
    op.drop_table("ensemble_members")
    op.drop_table("ensembles")
