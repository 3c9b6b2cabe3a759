"""Requests to the API by the hour, filled from the sums by the minute"""

import sqlalchemy as sa
from alembic import op

revision = "r0018"
down_revision = "r0017"
branch_labels = None
depends_on = None

COUNTS = (
    "requests",
    "refused",
    "failed",
    "duration_us",
    "le_5",
    "le_10",
    "le_20",
    "le_30",
    "le_50",
    "le_80",
    "le_120",
    "le_200",
    "le_300",
    "le_500",
    "le_800",
    "le_1200",
    "le_2000",
    "le_3000",
    "le_5000",
    "le_10000",
    "le_20000",
    "le_50000",
    "le_100000",
    "le_600000",
    "above",
)


def upgrade() -> None:
    op.create_table(
        "api_request_hours",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("hour", "endpoint", "method", name=op.f("pk_api_request_hours")),
    )
    sums = ", ".join(f"SUM({name})" for name in COUNTS)
    op.execute(
        f"INSERT INTO api_request_hours (hour, endpoint, method, {', '.join(COUNTS)}) "
        f"SELECT minute / 60, endpoint, method, {sums} FROM api_request_sums "
        "WHERE minute > 0 GROUP BY minute / 60, endpoint, method"
    )


def downgrade() -> None:
    op.drop_table("api_request_hours")
