"""Priorities of jobs, trainings that go on, and what was expected of them"""

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

ORDERS = ("created_at", "sort_name", "classifier", "sort_data", "owner_name", "status")
ENTRIES = "experiment_entries"
ADDED = {
    "estimate": sa.JSON(none_as_null=True),
    "peak_bytes": sa.BigInteger(),
    "continued_from": sa.Integer(),
}


def upgrade() -> None:
    op.add_column("jobs", sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    for name, kind in ADDED.items():
        op.add_column("experiments", sa.Column(name, kind, nullable=True))
    is_run = sa.Column("is_run", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column(ENTRIES, is_run)
    op.execute(f"UPDATE {ENTRIES} SET is_run = true WHERE repeated_id IS NOT NULL")
    for name in ORDERS:
        op.drop_index(f"ix_{ENTRIES}_archived_{name}", ENTRIES)
        op.create_index(f"ix_{ENTRIES}_shown_{name}", ENTRIES, ["archived", "is_run", name])


def downgrade() -> None:
    for name in ORDERS:
        op.drop_index(f"ix_{ENTRIES}_shown_{name}", ENTRIES)
        op.create_index(f"ix_{ENTRIES}_archived_{name}", ENTRIES, ["archived", name])
    op.drop_column(ENTRIES, "is_run")
    for name in ADDED:
        op.drop_column("experiments", name)
    op.drop_column("jobs", "priority")
