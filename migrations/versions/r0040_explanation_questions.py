"""What else was asked of an explanation than its method and class"""

import sqlalchemy as sa
from alembic import op

revision = "r0040"
down_revision = "r0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Earlier ones were all asked as their method is asked by default, which is written "".
    with op.batch_alter_table("explanations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("explanations", schema=None) as batch_op:
        batch_op.drop_column("question")
