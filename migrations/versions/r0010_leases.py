"""Leases, and what accounts need for mail"""

import sqlalchemy as sa
from alembic import op

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.add_column("users", sa.Column("email", sa.String(), nullable=True))
    op.add_column(
        "users", sa.Column("time_zone", sa.String(), server_default="UTC", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("users", "time_zone")
    op.drop_column("users", "email")
    op.drop_table("leases")
