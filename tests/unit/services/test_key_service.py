from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import mapped_column

from models import Base, Event
from services import key_service
from services.errors import Forbidden, Unavailable
from services.key_service import KeyService
from services.runtime import engine, unit_of_work
from services.sealing import is_newest, seal, unseal
from services.sealing_columns import sealed_columns

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
pytestmark = pytest.mark.database


@pytest.fixture
def safe(server, monkeypatch):
    """A table as other parts make them, with a secret of each kind of key."""
    own = Table(
        "test_safe",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("secret", String, info={"sealed": True}),
        Column("plain", String),
    )
    own.create(engine())
    monkeypatch.setattr(key_service, "sealed_columns", lambda: [own.c.secret])
    monkeypatch.setattr(key_service, "BATCH", 2)
    yield own
    own.drop(engine())


def fill(server, table, key, *secrets):
    server.config["ENCRYPTION_KEYS"] = (key,)
    with unit_of_work() as session:
        for secret in secrets:
            sealed = None if secret is None else seal(secret)
            session.execute(insert(table).values(secret=sealed, plain="plain"))


def kept(table):
    with unit_of_work(writing=False) as session:
        return session.scalars(select(table.c.secret).order_by(table.c.id)).all()


def test_every_secret_is_sealed_with_the_newest_key_in_batches(server, admin, safe):
    fill(server, safe, OLD, "a", None, "b", "c", "d")
    fill(server, safe, NEW, "e")
    server.config["ENCRYPTION_KEYS"] = (NEW, OLD)
    before = kept(safe)
    assert KeyService.reseal_all() == [{"name": "test_safe.secret", "resealed": 4, "unread": 0}]
    after = kept(safe)
    assert after[-1] == before[-1]  # was sealed so already
    server.config["ENCRYPTION_KEYS"] = (NEW,)
    assert [one if one is None else unseal(one) for one in after] == ["a", None, *"bcde"]
    assert all(is_newest(one) for one in after if one)
    assert KeyService.reseal_all()[0]["resealed"] == 0
    with unit_of_work(writing=False) as session:
        types = session.scalars(select(Event.type).where(Event.type == "keys.rotated")).all()
    assert len(types) == 2


def test_what_cannot_be_read_stays_and_is_counted(server, admin, safe):
    fill(server, safe, LOST, "x")
    fill(server, safe, OLD, "a")
    before = kept(safe)
    server.config["ENCRYPTION_KEYS"] = (NEW, OLD)
    assert KeyService.reseal_all() == [{"name": "test_safe.secret", "resealed": 1, "unread": 1}]
    assert kept(safe)[0] == before[0]
    with pytest.raises(Unavailable, match="ENCRYPTION_KEYS"):
        unseal(before[0])


def test_columns_say_that_they_are_sealed():
    marked = [f"{c.table.name}.{c.name}" for c in sealed_columns()]
    named = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed") or column.name.startswith("sealed_")
    ]
    assert set(named) <= set(marked)
    assert "two_factors.secret" in marked
    assert mapped_column(String, info={"sealed": True}).column.info["sealed"]


def test_only_admins_change_keys(analyst):
    with pytest.raises(Forbidden):
        KeyService.reseal_all()
