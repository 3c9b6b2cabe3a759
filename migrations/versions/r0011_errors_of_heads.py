"""Epochs keep the errors of what is estimated beside the class"""

import sqlalchemy as sa
from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "experiment_epochs", sa.Column("head_errors", sa.JSON(none_as_null=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("experiment_epochs", "head_errors")
