"""Where samplers remember: a database of their own beside the application's.

Optuna names its table of versions like others do, so on PostgreSQL it has a schema of its own,
and on SQLite a file of its own. Loaded in workers only.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import inspect, select
from sqlalchemy.exc import DisconnectionError

from models import Campaign
from services import locks, runtime
from services.runtime import unit_of_work

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from sqlalchemy import Engine
    from sqlalchemy.pool import ConnectionPoolEntry

    from diagnostics.search.space import Space
    from diagnostics.search.study import Method, SearchStudy

FILE = "studies.db"
SCHEMA = "studies"
WAIT_S = 30
# A connection that was not used for so long is tried before it is.
RESTED_S = 5.0

_storages: dict[str, BaseStorage] = {}
_engines: list[Engine] = []
_making = threading.Lock()


def open_study(
    campaign: Campaign, space: Space | None = None, method: Method | None = None
) -> SearchStudy:
    """What a campaign remembers of its trials.

    ``space`` and ``method`` are given where they are not those of the campaign's row.
    """
    from diagnostics.search.space import Space as Read
    from diagnostics.search.study import Method as Known
    from diagnostics.search.study import Pruner, Rules, SearchStudy

    rules = Rules(
        space or Read.from_dict(campaign.space),
        method or Known(campaign.method),
        Pruner(campaign.pruner),
        tuple(one == "maximize" for one in campaign.directions),
        campaign.seed,
        int(campaign.config["epochs"]),
    )
    return SearchStudy(storage(), study_name(campaign), rules)


def study_name(campaign: Campaign) -> str:
    """With its time: after a restore, another campaign may have the same number."""
    return f"campaign-{campaign.id}-{campaign.created_at:%Y%m%d%H%M%S%f}"


def storage() -> BaseStorage:
    """The storage of this installation, opened once in a process."""
    address = _address()
    with _making:
        if address not in _storages:
            # One process makes the tables; the others wait for it here.
            with unit_of_work() as session:
                locks.alone(session, "make the tables of studies")
                _storages[address] = _opened(address)
        return _storages[address]


def close() -> None:
    """Let go of all storages: for tests, which have many installations in one process."""
    with _making:
        for one in _storages.values():
            one.remove_session()
        for engine in _engines:
            engine.dispose()
        _storages.clear()
        _engines.clear()


def delete_forgotten() -> int:
    """Delete what is remembered of campaigns that are gone; how many."""
    if not _is_made():
        return 0
    with unit_of_work(writing=False) as session:
        known = {study_name(row) for row in session.scalars(select(Campaign))}
    kept = storage()
    gone = [study for study in kept.get_all_studies() if study.study_name not in known]
    for study in gone:
        kept.delete_study(study._study_id)
    return len(gone)


def _is_made() -> bool:
    """Whether there is anything to look into: most installations never search."""
    address = _address()
    if address.startswith("sqlite:///"):
        return Path(address.removeprefix("sqlite:///")).exists()
    schemas: list[str] = inspect(runtime.engine()).get_schema_names()
    return SCHEMA in schemas


def _address() -> str:
    if runtime.engine().dialect.name == "sqlite":
        return f"sqlite:///{Path(current_app.config['DATA_FOLDER']) / FILE}"
    return runtime.engine().url.render_as_string(hide_password=False)


def _opened(address: str) -> BaseStorage:
    from optuna.storages import RDBStorage, get_storage
    from sqlalchemy import create_engine, event, text

    if address.startswith("sqlite"):
        opened = RDBStorage(address, engine_kwargs={"connect_args": {"timeout": WAIT_S}})
        event.listen(opened.engine, "connect", _prepare)
        opened.engine.dispose()
        _engines.append(opened.engine)
        return get_storage(opened)
    maker = create_engine(address)
    with maker.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    maker.dispose()
    options = {"connect_args": {"options": f"-csearch_path={SCHEMA}"}}
    opened = RDBStorage(address, engine_kwargs=options)
    event.listen(opened.engine, "checkout", _try_rested)
    event.listen(opened.engine, "checkin", _note_rest)
    _engines.append(opened.engine)
    return get_storage(opened)


def _note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _try_rested(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """See whether a connection that has rested for long is still one: a training lasts.

    To ask before each of the dozens of uses that choosing a trial makes would double them.
    """
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:  # whatever the driver calls it; another connection is made
        raise DisconnectionError from error


def _prepare(connection: object, _record: object) -> None:
    """Readers and writers beside each other, and one write to disk less for each change.

    A power cut may take the last changes with it; the rows of the trials are the truth, and a
    study that lags behind them only knows less.
    """
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]
