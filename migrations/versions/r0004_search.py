"""Tags, saved searches, notes, and the rows that searches of experiments read"""

import math
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

WORDS = ("name_words", "tag_words", "data_words", "note_words")
ORDERS = ("created_at", "sort_name", "classifier", "sort_data", "owner_name", "status")
AT_ONCE = 500
TITLES = {
    "cnn1d": "1-D CNN",
    "resnet18": "ResNet-18 (1-D)",
    "random_forest": "Random forest",
}
EXPERIMENTS = """
SELECT e.id, e.name, e.owner_id, e.version_id, e.job_id, e.classifier, e.config, e.summary,
       e.best_epoch, e.parameter_count, e.wall_time_s, e.archived_at, e.created_at,
       d.name AS dataset, v.number AS version, u.name AS owner_name, j.status
FROM experiments e JOIN dataset_versions v ON v.id = e.version_id
JOIN datasets d ON d.id = v.dataset_id JOIN users u ON u.id = e.owner_id
LEFT JOIN jobs j ON j.id = e.job_id WHERE e.id > :after ORDER BY e.id LIMIT :count
"""


def upgrade() -> None:
    op.add_column("experiments", sa.Column("notes", sa.String(), server_default="", nullable=False))
    _make_tags()
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("usage_count", sa.Integer(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_searches_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_searches_owner_id_name")),
    )
    entries, texts, values = _make_entries(), _make_texts(), _make_values()
    _keep_full_text()
    _follow_jobs()
    _fill(entries, texts, values)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER experiment_entries_status")
        op.execute("DROP TABLE experiment_words")
    else:
        op.execute("DROP FUNCTION experiment_entries_status() CASCADE")
    for table in (
        *("experiment_values", "experiment_texts", "experiment_entries"),
        *("saved_searches", "experiment_tags", "tags"),
    ):
        op.drop_table(table)
    op.drop_column("experiments", "notes")


def _make_tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("color", sa.String(), nullable=False),
        sa.Column("usage_count", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_tags_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("slug", name=op.f("uq_tags_slug")),
    )
    op.create_index("ix_tags_usage_count_name", "tags", ["usage_count", "name"])
    op.create_index(op.f("ix_tags_owner_id"), "tags", ["owner_id"])
    op.create_table(
        "experiment_tags",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to_experiment("experiment_tags"),
        sa.ForeignKeyConstraint(
            ["tag_id"],
            ["tags.id"],
            name=op.f("fk_experiment_tags_tag_id_tags"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["users.id"], name=op.f("fk_experiment_tags_added_by_users")
        ),
        sa.PrimaryKeyConstraint("experiment_id", "tag_id", name=op.f("pk_experiment_tags")),
    )
    op.create_index(
        "ix_experiment_tags_tag_id_experiment_id", "experiment_tags", ["tag_id", "experiment_id"]
    )
    op.create_index(op.f("ix_experiment_tags_added_by"), "experiment_tags", ["added_by"])


def _belongs_to_experiment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["experiment_id"],
        ["experiments.id"],
        name=op.f(f"fk_{table}_experiment_id_experiments"),
        ondelete="CASCADE",
    )


def _make_entries() -> sa.Table:
    table = op.create_table(
        "experiment_entries",
        sa.Column("experiment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("classifier", sa.String(), nullable=False),
        sa.Column("sort_name", sa.String(), nullable=False),
        sa.Column("sort_data", sa.String(), nullable=False),
        _belongs_to_experiment("experiment_entries"),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_experiment_entries")),
    )
    for column in ORDERS:
        name = f"ix_experiment_entries_archived_{column}"
        op.create_index(name, "experiment_entries", ["archived", column])
    op.create_index(op.f("ix_experiment_entries_job_id"), "experiment_entries", ["job_id"])
    return table


def _make_texts() -> sa.Table:
    return op.create_table(
        "experiment_texts",
        sa.Column("experiment_id", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in WORDS),
        _belongs_to_experiment("experiment_texts"),
        sa.PrimaryKeyConstraint("experiment_id", name=op.f("pk_experiment_texts")),
    )


def _make_values() -> sa.Table:
    table = op.create_table(
        "experiment_values",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        _belongs_to_experiment("experiment_values"),
        sa.PrimaryKeyConstraint("experiment_id", "name", name=op.f("pk_experiment_values")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_experiment_values_name_number_experiment_id",
        "experiment_values",
        ["name", "number", "experiment_id"],
    )
    there = sa.text("text IS NOT NULL")
    op.create_index(
        "ix_experiment_values_name_text_experiment_id",
        "experiment_values",
        ["name", "text", "experiment_id"],
        sqlite_where=there,
        postgresql_where=there,
    )
    return table


def _keep_full_text() -> None:
    if op.get_bind().dialect.name != "sqlite":
        document = " || ".join(
            f"setweight(to_tsvector('simple', {name}), '{letter}')"
            for name, letter in zip(WORDS, "ABCD", strict=True)
        )
        op.execute(
            "ALTER TABLE experiment_texts ADD COLUMN document tsvector "
            f"GENERATED ALWAYS AS ({document}) STORED"
        )
        op.execute(
            "CREATE INDEX ix_experiment_texts_document ON experiment_texts USING gin (document)"
        )
        return
    names = ", ".join(WORDS)
    new, old = (", ".join(f"{row}.{name}" for name in WORDS) for row in ("new", "old"))
    forget = (
        f"INSERT INTO experiment_words (experiment_words, rowid, {names}) "
        f"VALUES ('delete', old.experiment_id, {old})"
    )
    learn = f"INSERT INTO experiment_words (rowid, {names}) VALUES (new.experiment_id, {new})"
    on, end = "ON experiment_texts BEGIN", "; END"
    for statement in (
        f"CREATE VIRTUAL TABLE experiment_words USING fts5({names}, content='experiment_texts', "
        "content_rowid='experiment_id', tokenize='ascii', prefix='2 3')",
        f"CREATE TRIGGER experiment_words_insert AFTER INSERT {on} {learn}{end}",
        f"CREATE TRIGGER experiment_words_delete AFTER DELETE {on} {forget}{end}",
        f"CREATE TRIGGER experiment_words_update AFTER UPDATE OF {names} {on} "
        f"{forget}; {learn}{end}",
    ):
        op.get_bind().exec_driver_sql(statement)


def _follow_jobs() -> None:
    set_status = "UPDATE experiment_entries SET status = new.status WHERE job_id = new.id;"
    trigger = "CREATE TRIGGER experiment_entries_status AFTER UPDATE OF status ON jobs"
    if op.get_bind().dialect.name == "sqlite":
        op.get_bind().exec_driver_sql(f"{trigger} BEGIN {set_status} END")
        return
    op.execute(
        "CREATE FUNCTION experiment_entries_status() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{set_status} RETURN NULL; END $$"
    )
    op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION experiment_entries_status()")


def _fill(entries: sa.Table, texts: sa.Table, values: sa.Table) -> None:
    """The rows of the experiments that there are, a part of them at a time in memory."""
    wanted = sa.text(EXPERIMENTS).columns(
        config=sa.JSON, summary=sa.JSON, created_at=sa.DateTime(timezone=True)
    )
    after = 0
    while rows := op.get_bind().execute(wanted, {"after": after, "count": AT_ONCE}).all():
        after = rows[-1].id
        op.get_bind().execute(sa.insert(entries), [_entry(row) for row in rows])
        op.get_bind().execute(sa.insert(texts), [_text(row) for row in rows])
        found = [
            {"experiment_id": row.id, "name": name.lower(), "number": number, "text": text}
            for row in rows
            for name, (number, text) in _values(row).items()
        ]
        if found:
            op.get_bind().execute(sa.insert(values), found)


def _entry(row: sa.Row) -> dict:
    return {
        "experiment_id": row.id,
        "archived": row.archived_at is not None,
        "created_at": row.created_at,
        "owner_id": row.owner_id,
        "owner_name": row.owner_name,
        "version_id": row.version_id,
        "job_id": row.job_id,
        "status": row.status,
        "classifier": row.classifier,
        "sort_name": row.name.lower(),
        "sort_data": f"{row.dataset.lower()} {row.version:08d}",
    }


def _text(row: sa.Row) -> dict:
    title = TITLES.get(row.classifier, row.classifier)
    return {
        "experiment_id": row.id,
        "name_words": _words(row.name),
        "tag_words": "",
        "data_words": _words(f"{row.classifier} {title} {row.dataset}"),
        "note_words": "",
    }


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = (sign for sign in folded if not unicodedata.combining(sign))
    parted = "".join(sign if sign.isalnum() else " " for sign in letters).split()
    return " ".join("".join(map(_plain, word))[:200] for word in parted)


def _plain(letter: str) -> str:
    if letter.isascii():
        return "qq" if letter == "q" else letter
    return f"q{ord(letter):06x}"


def _values(row: sa.Row) -> dict[str, tuple]:
    given = {}
    for name, value in row.config.items():
        if isinstance(value, dict):
            for inner, part in value.items():
                own = name == "parameters" and inner not in row.config
                given[inner if own else f"{name}.{inner}"] = part
        else:
            given[name] = value
    summary = row.summary or {}
    for level, prefix in (("recordings", ""), ("windows", "window_")):
        scores = summary.get(level)
        for name, score in (scores if isinstance(scores, dict) else {}).items():
            given[f"{prefix}{name}"] = score.get("value") if isinstance(score, dict) else score
    counted = summary.get("n")
    for name, number in (counted if isinstance(counted, dict) else {}).items():
        given[f"test_{name}"] = number
    for name in ("best_epoch", "parameter_count", "wall_time_s"):
        given[name] = getattr(row, name)
    return {name: value for name, raw in given.items() if (value := _value(raw)) is not None}


def _value(raw: object) -> tuple | None:
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, bool):
        return None, "yes" if raw else "no"
    if isinstance(raw, int | float):
        return (float(raw), None) if math.isfinite(raw) else None
    if isinstance(raw, list):
        raw = ", ".join(f"{part}" for part in raw if isinstance(part, str | int | float))
    return (None, raw[:200]) if isinstance(raw, str) and raw else None
