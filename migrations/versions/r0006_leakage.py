"""What the leakage guard found, and experiments that differ in their split only"""

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

LINK = "fk_experiments_counterpart_id_experiments"


def upgrade() -> None:
    with op.batch_alter_table("experiments") as table:
        table.add_column(sa.Column("leak", sa.String(), nullable=True))
        table.add_column(sa.Column("leakage", sa.JSON(none_as_null=True), nullable=True))
        table.add_column(sa.Column("counterpart_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f(LINK), "experiments", ["counterpart_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(op.f("ix_experiments_counterpart_id"), "experiments", ["counterpart_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_experiments_counterpart_id"), "experiments")
    with op.batch_alter_table("experiments") as table:
        table.drop_constraint(op.f(LINK), type_="foreignkey")
        for column in ("counterpart_id", "leakage", "leak"):
            table.drop_column(column)
