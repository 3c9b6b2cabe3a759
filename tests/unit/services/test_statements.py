"""A list asks the database as often for many rows as for few: pages ask with each pulse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models import (
    Campaign,
    Detection,
    DetectionBatch,
    DetectionBatchItem,
    Experiment,
    ModelVariant,
    SavedSearch,
    ServedAlias,
    ServedModel,
    ServedVersion,
    Source,
    SourceKind,
    SourceVersion,
    Tag,
)
from services.actor import Actor
from services.anomalies.batches import AnomalyBatchService
from services.campaigns.campaign_service import CampaignService
from services.deployment.serving_service import ModelServingService
from services.machine_service import MachineService
from services.runtime import engine, unit_of_work
from services.search_service import SearchService
from services.tag_service import TagService
from tests import factories

NUMBERS = count(1)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database within."""
    sent: list[str] = []

    def note(*sending: Any) -> None:
        sent.append(sending[2])

    event.listen(engine(), "before_cursor_execute", note)
    yield sent
    event.remove(engine(), "before_cursor_execute", note)


def a_machine(session: Session, owner_id: int) -> None:
    machine = factories.machine(session, owner_id=owner_id, name=f"m{next(NUMBERS)}")
    factories.bearing(session, machine_id=machine.id, name="b")


def a_tag(session: Session, owner_id: int) -> None:
    name = f"t{next(NUMBERS)}"
    session.add(Tag(name=name, slug=name, color="#336699", owner_id=owner_id))


def a_search(session: Session, owner_id: int) -> None:
    session.add(SavedSearch(owner_id=owner_id, name=f"s{next(NUMBERS)}", query="a"))


def a_campaign(session: Session, owner_id: int) -> None:
    of = session.scalars(select(Campaign.version_id)).first()
    given = {} if of is None else {"version_id": of}
    campaign = factories.campaign(session, owner_id=owner_id, **given)
    factories.trial(session, campaign, value=0.5)


def a_model(session: Session, owner_id: int) -> None:
    experiment = session.scalars(select(Experiment)).first()
    experiment = experiment or factories.experiment(session, owner_id=owner_id)
    made: dict[str, Any] = {"owner_id": owner_id, "experiment_id": experiment.id}
    about: dict[str, Any] = {"manifest": {}, "agreement": {}, "measured": {}, "size_bytes": 1}
    names = {"artefact_key": "a", "sha256": "b", "checkpoint_hash": "c", "kind": "fp32"}
    variant = ModelVariant(**made, **about, **names)
    model = ServedModel(name=f"m{next(NUMBERS)}", owner_id=factories.user(session).id)
    session.add_all([variant, model])
    session.flush()
    session.add(
        ServedVersion(model_id=model.id, number=1, variant_id=variant.id, created_by=owner_id)
    )
    session.add(ServedAlias(model_id=model.id, alias="staging", number=1, changed_by=owner_id))


def a_batch(session: Session, owner_id: int) -> None:
    """Of three sources, each asked by a job."""
    batch = DetectionBatch(name="b", algorithm="lof", config={}, owner_id=owner_id)
    session.add(batch)
    session.flush()
    for position in range(3):
        about = {"config": {}, "missing_codes": []}
        source = Source(name="s", kind=SourceKind.TABLE, owner_id=owner_id, **about)
        session.add(source)
        session.flush()
        of = {"number": 1, "row_count": 1, "columns": [], "notes": [], "missing_codes": []}
        keys = {"parquet_key": "p", "profile_key": "p", "content_hash": "h"}
        version = SourceVersion(source_id=source.id, **of, **keys)
        session.add(version)
        session.flush()
        detection = Detection(
            source_id=source.id,
            source_version_id=version.id,
            owner_id=owner_id,
            algorithm="lof",
            config={},
            asked={},
            job_id=factories.job(session, owner_id=owner_id).id,
        )
        session.add(detection)
        session.flush()
        session.add(
            DetectionBatchItem(
                batch_id=batch.id,
                position=position,
                source_id=source.id,
                source_name="s",
                detection_id=detection.id,
            )
        )


def searches_of(actor: Actor) -> list[Any]:
    with unit_of_work(writing=False) as session:
        return list(SearchService.get_saved_searches(session, actor.user_id or 0))


def tags_of(_actor: Actor) -> list[Any]:
    with unit_of_work(writing=False) as session:
        return list(TagService.list_tags(session))


@pytest.mark.parametrize(
    ("add", "listed"),
    [
        (a_machine, lambda _: MachineService.list_machines()),
        (a_tag, tags_of),
        (a_search, searches_of),
        (a_campaign, lambda _: CampaignService.list_campaigns()),
        (a_model, lambda _: ModelServingService.list_models()),
        (a_batch, lambda _: AnomalyBatchService.list_batches()),
    ],
)
def test_more_rows_are_no_more_statements(
    analyst: Actor,
    add: Callable[[Session, int], None],
    listed: Callable[[Actor], list[Any]],
) -> None:
    asked: list[int] = []
    for rows in (1, 4):
        with unit_of_work() as session:
            for _ in range(rows - len(asked)):
                add(session, analyst.user_id or 0)
        with statements() as sent:
            assert len(listed(analyst)) == rows
        asked.append(len(sent))
    assert asked[0] == asked[1] > 0
