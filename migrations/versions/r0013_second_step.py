"""A second step of signing in, names shown, and events that are searched"""

import sqlalchemy as sa
from alembic import op

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROLE = sa.String(40)


def upgrade() -> None:
    op.create_table(
        "two_factors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("backup_salt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_two_factors_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_two_factors")),
    )
    op.create_table(
        "backup_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_backup_codes_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_codes")),
    )
    op.create_index(op.f("ix_backup_codes_user_id"), "backup_codes", ["user_id"])
    op.create_table(
        "second_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_second_steps_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_steps")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_second_steps_token_hash")),
    )
    op.create_index(op.f("ix_second_steps_user_id"), "second_steps", ["user_id"])
    op.create_index(op.f("ix_second_steps_expires_at"), "second_steps", ["expires_at"])
    op.create_table(
        "two_factor_roles",
        sa.Column("role", ROLE, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_two_factor_roles")),
    )
    op.add_column("users", sa.Column("shown_name", sa.String(), nullable=True))
    op.create_index(op.f("ix_events_created_at"), "events", ["created_at"])
    op.create_index(op.f("ix_events_actor"), "events", ["actor"])


def downgrade() -> None:
    op.drop_index(op.f("ix_events_actor"), table_name="events")
    op.drop_index(op.f("ix_events_created_at"), table_name="events")
    op.drop_column("users", "shown_name")
    for table in ("two_factor_roles", "second_steps", "backup_codes", "two_factors"):
        op.drop_table(table)
