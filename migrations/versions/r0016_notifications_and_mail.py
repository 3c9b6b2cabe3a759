"""By which channels people are told of what, mail that waits, and digests"""

import sqlalchemy as sa
from alembic import op

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_preferences()
    _add_digests()
    _add_mails()
    op.add_column("notices", sa.Column("event_id", sa.Integer(), nullable=True))
    op.add_column(
        "notices", sa.Column("in_app", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "notices", sa.Column("toast", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("notices", sa.Column("toasted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_notices_event_id_user_id", "notices", ["event_id", "user_id"], unique=True)
    # What happened before there was anybody to tell is not told now.
    op.execute("UPDATE events SET routed_at = created_at WHERE routed_at IS NULL")


def downgrade() -> None:
    op.drop_index("ix_notices_event_id_user_id", "notices")
    for column in ("toasted_at", "toast", "in_app", "event_id"):
        op.drop_column("notices", column)
    for table in (
        *("mail_attempts", "mails", "digest_entries", "digests", "notification_preferences"),
    ):
        op.drop_table(table)


def _add_preferences() -> None:
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("toast", sa.Boolean(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(40), nullable=False),
        sa.Column("webhooks", sa.Boolean(), nullable=False),
        _user("notification_preferences"),
        sa.PrimaryKeyConstraint("user_id", "event_type", name=op.f("pk_notification_preferences")),
    )


def _add_digests() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("local_date", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _user("digests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint(
            "user_id", "period", "local_date", name=op.f("uq_digests_user_id_period_local_date")
        ),
    )
    op.create_index(op.f("ix_digests_created_at"), "digests", ["created_at"])
    op.create_table(
        "digest_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        _user("digest_entries"),
        _digest("digest_entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_entries")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_digest_entries_event_id_user_id")),
    )
    op.create_index(
        "ix_digest_entries_digest_id_user_id", "digest_entries", ["digest_id", "user_id"]
    )


def _add_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("type", "to_email", "subject", "text_body", "html_body")
        ),
        sa.Column("unsubscribe_url", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        _user("mails"),
        _digest("mails"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_mails_event_id_user_id")),
        sa.UniqueConstraint("digest_id", name=op.f("uq_mails_digest_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mails_message_id")),
    )
    op.create_index(op.f("ix_mails_user_id"), "mails", ["user_id"])
    op.create_index(op.f("ix_mails_created_at"), "mails", ["created_at"])
    op.create_index("ix_mails_status_next_attempt_at", "mails", ["status", "next_attempt_at"])
    op.create_table(
        "mail_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["mails.id"],
            name=op.f("fk_mail_attempts_mail_id_mails"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attempts")),
    )
    op.create_index(op.f("ix_mail_attempts_mail_id"), "mail_attempts", ["mail_id"])


def _user(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id_users")
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, ondelete="CASCADE")


def _digest(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_digest_id_digests")
    return sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=name, ondelete="CASCADE")
