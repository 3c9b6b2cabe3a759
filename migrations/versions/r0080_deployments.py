"""Exported networks, and the names under which they answer"""

import sqlalchemy as sa
from alembic import op

revision = "r0080"
down_revision = "r0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_variants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=True),
        sa.Column("artefact_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_hash", sa.String(), nullable=False),
        sa.Column("manifest", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("agreement", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("measured", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name=op.f("fk_model_variants_experiment_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_model_variants_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_variants")),
    )
    for column in ("experiment_id", "owner_id"):
        op.create_index(op.f(f"ix_model_variants_{column}"), "model_variants", [column])
    op.create_table(
        "served_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_served_models_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_served_models")),
        sa.UniqueConstraint("name", name=op.f("uq_served_models_name")),
    )
    op.create_index(op.f("ix_served_models_owner_id"), "served_models", ["owner_id"])
    op.create_table(
        "served_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["served_models.id"],
            name=op.f("fk_served_versions_model_id_served_models"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["model_variants.id"],
            name=op.f("fk_served_versions_variant_id_model_variants"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_served_versions_created_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_served_versions")),
        sa.UniqueConstraint("model_id", "number", name=op.f("uq_served_versions_model_id_number")),
    )
    for column in ("variant_id", "created_by"):
        op.create_index(op.f(f"ix_served_versions_{column}"), "served_versions", [column])
    op.create_table(
        "served_aliases",
        sa.Column("model_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["served_models.id"],
            name=op.f("fk_served_aliases_model_id_served_models"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_served_aliases_changed_by_users")
        ),
        sa.PrimaryKeyConstraint("model_id", "alias", name=op.f("pk_served_aliases")),
    )
    op.create_index(op.f("ix_served_aliases_changed_by"), "served_aliases", ["changed_by"])


def downgrade() -> None:
    op.drop_table("served_aliases")
    op.drop_table("served_versions")
    op.drop_table("served_models")
    op.drop_table("model_variants")
