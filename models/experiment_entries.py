"""What lists and searches read of experiments: narrow rows beside the wide ones.

An experiment holds the side of every recording; to sort a hundred thousand of them by name
would read all that. These rows follow from the experiments: see services/search/entries.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, event, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.jobs import JobStatus

# What the database keeps for full text, beside what the models describe.
FULL_TEXT = "experiment_words"
FULL_TEXT_COLUMN = "document"
FULL_TEXT_INDEX = "ix_experiment_texts_document"
# Columns with words, the most telling first, with their weights.
WORD_COLUMNS = ("name_words", "tag_words", "data_words", "note_words")
WEIGHTS = (8.0, 4.0, 2.0, 1.0)


class ExperimentEntry(Base):
    """What lists are filtered and put in order by; each order has an index."""

    __tablename__ = "experiment_entries"
    __table_args__ = tuple(
        Index(f"ix_experiment_entries_shown_{name}", "archived", "is_run", name)
        for name in (
            *("created_at", "sort_name", "classifier", "sort_data", "owner_name", "status"),
        )
    )

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    archived: Mapped[bool]
    created_at: Mapped[datetime]
    owner_id: Mapped[int]
    owner_name: Mapped[str]
    version_id: Mapped[int]
    job_id: Mapped[int | None] = mapped_column(index=True)
    # Of the job; a trigger follows it, since workers change jobs in many places.
    status: Mapped[JobStatus | None]
    classifier: Mapped[str]
    # Name of the experiment, name and version of its data, as they are put in order.
    sort_name: Mapped[str]
    sort_data: Mapped[str]
    # Whether it is a run of a repeated experiment, and of which.
    is_run: Mapped[bool] = mapped_column(default=False, server_default=false())
    repeated_id: Mapped[int | None] = mapped_column(index=True)


class ExperimentText(Base):
    """Words as searches compare them: see services/search/words.py."""

    __tablename__ = "experiment_texts"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name_words: Mapped[str]
    tag_words: Mapped[str]
    # Of the classifier and the data set.
    data_words: Mapped[str]
    note_words: Mapped[str]


class ExperimentValue(Base):
    """One metric or setting of an experiment, to be searched and sorted by: number or text."""

    __tablename__ = "experiment_values"
    __table_args__ = (
        # With the experiment: who it is, is told without a look at the table itself.
        Index("ix_experiment_values_name_number_experiment_id", "name", "number", "experiment_id"),
        Index(
            "ix_experiment_values_name_text_experiment_id",
            *("name", "text", "experiment_id"),
            sqlite_where=text("text IS NOT NULL"),
            postgresql_where=text("text IS NOT NULL"),
        ),
        # Rows lie in the order of the key.
        {"sqlite_with_rowid": False},
    )

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[float | None]
    text: Mapped[str | None]


def is_described(kind: str, name: str | None) -> bool:
    """Whether the models describe a table, column or index that a database has.

    Full text is kept by the databases themselves, each in its own way.
    """
    beyond = {
        "table": name is not None and name.startswith(FULL_TEXT),
        "column": name == FULL_TEXT_COLUMN,
        "index": name == FULL_TEXT_INDEX,
    }
    return not beyond.get(kind, False)


_NAMES = ", ".join(WORD_COLUMNS)
_NEW, _OLD = (", ".join(f"{row}.{name}" for name in WORD_COLUMNS) for row in ("new", "old"))
_FORGET = (
    f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}, rowid, {_NAMES}) "
    f"VALUES ('delete', old.experiment_id, {_OLD})"
)
_LEARN = f"INSERT INTO {FULL_TEXT} (rowid, {_NAMES}) VALUES (new.experiment_id, {_NEW})"
_ON = f"ON {ExperimentText.__tablename__} BEGIN"
# Triggers, so that rows that are copied or restored are found as well.
SQLITE_FULL_TEXT = (
    f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5({_NAMES}, "
    f"content='{ExperimentText.__tablename__}', content_rowid='experiment_id', "
    "tokenize='ascii', prefix='2 3')",
    f"CREATE TRIGGER {FULL_TEXT}_insert AFTER INSERT {_ON} {_LEARN}; END",
    f"CREATE TRIGGER {FULL_TEXT}_delete AFTER DELETE {_ON} {_FORGET}; END",
    f"CREATE TRIGGER {FULL_TEXT}_update AFTER UPDATE OF {_NAMES} {_ON} {_FORGET}; {_LEARN}; END",
)
_DOCUMENT = " || ".join(
    f"setweight(to_tsvector('simple', {name}), '{letter}')"
    for name, letter in zip(WORD_COLUMNS, "ABCD", strict=True)
)
POSTGRESQL_FULL_TEXT = (
    f"ALTER TABLE {ExperimentText.__tablename__} ADD COLUMN {FULL_TEXT_COLUMN} tsvector "
    f"GENERATED ALWAYS AS ({_DOCUMENT}) STORED",
    f"CREATE INDEX {FULL_TEXT_INDEX} ON {ExperimentText.__tablename__} "
    f"USING gin ({FULL_TEXT_COLUMN})",
)

SQLITE_STATUS = (
    "CREATE TRIGGER experiment_entries_status AFTER UPDATE OF status ON jobs BEGIN "
    "UPDATE experiment_entries SET status = new.status WHERE job_id = new.id; END",
)
POSTGRESQL_STATUS = (
    "CREATE FUNCTION experiment_entries_status() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "UPDATE experiment_entries SET status = NEW.status WHERE job_id = NEW.id; RETURN NULL; "
    "END $$",
    "CREATE TRIGGER experiment_entries_status AFTER UPDATE OF status ON jobs "
    "FOR EACH ROW EXECUTE FUNCTION experiment_entries_status()",
)
NO_STATUS = {
    "sqlite": ("DROP TRIGGER IF EXISTS experiment_entries_status",),
    "postgresql": ("DROP FUNCTION IF EXISTS experiment_entries_status() CASCADE",),
}


def _also(table: Any, moment: str, by_dialect: Mapping[str, tuple[str, ...]]) -> None:
    """Statements of each database for when a table is made or dropped."""

    def carry_out(_table: Any, connection: Connection, **_more: Any) -> None:
        for statement in by_dialect.get(connection.dialect.name, ()):
            connection.exec_driver_sql(statement)

    event.listen(table, moment, carry_out)


FULL_TEXT_OF = {"sqlite": SQLITE_FULL_TEXT, "postgresql": POSTGRESQL_FULL_TEXT}
_also(ExperimentText.__table__, "after_create", FULL_TEXT_OF)
_also(ExperimentText.__table__, "before_drop", {"sqlite": (f"DROP TABLE IF EXISTS {FULL_TEXT}",)})
STATUS_OF = {"sqlite": SQLITE_STATUS, "postgresql": POSTGRESQL_STATUS}
_also(ExperimentEntry.__table__, "after_create", STATUS_OF)
_also(ExperimentEntry.__table__, "before_drop", NO_STATUS)
