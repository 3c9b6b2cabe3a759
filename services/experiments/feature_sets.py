"""Feature sets that experiments learn from: named by their content, kept when they are deleted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from diagnostics.classical.column_leakage import Selected, check_selection
from diagnostics.classical.columns import Recipe, StoredColumns
from diagnostics.features.config import read_config
from diagnostics.features.table_file import open_table
from diagnostics.training.config import Normalisation, TrainingConfig
from diagnostics.training.leakage import Check, Finding
from diagnostics.training.split import Candidate
from models import AnalysisKind, Experiment, ExperimentFeatureSet, FeatureAnalysis, FeatureSet
from services.errors import Invalid, NotFound
from services.experiments.data import Member
from services.features.views import known_feature
from services.runtime import artefacts, unit_of_work

HASH = re.compile(r"[0-9a-f]{64}")
WITH_NUMBER = re.compile(r"(?P<name>.+)@(?P<number>\d{1,9})", re.DOTALL)
USUAL_CLASSIFIER = "random_forest"
LONGEST_NUMBER = 16


@dataclass(frozen=True)
class SetSource:
    """A set, or what an experiment keeps of one that was deleted: then its id is None."""

    feature_set_id: int | None
    name: str
    number: int
    version_id: int
    config: dict[str, Any]
    features: tuple[str, ...]
    unknown: dict[str, Any]
    selection: dict[str, Any] | None
    artefact_key: str
    content_hash: str

    @property
    def title(self) -> str:
        return f"“{self.name}”, version {self.number}"

    @property
    def recipe(self) -> Recipe:
        band = self.config.get("band_hz")
        return Recipe(self.features, None if band is None else (float(band[0]), float(band[1])))


@dataclass(frozen=True)
class ColumnsSource:
    """The table of a set on this machine, for a worker."""

    path: Path
    recipe: Recipe

    @contextmanager
    def opened(self) -> Iterator[StoredColumns]:
        with open_table(self.path) as table:
            yield StoredColumns(table, self.recipe)


class FeatureSetUsed(TypedDict):
    """``feature_set_id`` is None once the set is deleted; ``features`` are columns, in order."""

    feature_set_id: int | None
    name: str
    number: int
    features: list[str]
    config: dict[str, Any]
    content_hash: str


def completed(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """A config with what follows from the feature set that it names, if it names one.

    It may be named by its number, its name, its name with a version (``pumps@2``), or by its
    content, which stays when all else changes.

    Raises
    ------
    NotFound
        If there is no such set.
    Invalid
        If its columns cannot be computed of a new recording, or the config contradicts it.
    """
    named = config.get("feature_set") if isinstance(config, Mapping) else None
    if named is None or named == "":
        return config
    with unit_of_work(writing=False) as session:
        source = find_source(session, named)
    if hindrance := _hindrance(source):
        raise Invalid(hindrance)
    asked = read_config({"window": source.config["window"], "overlap": source.config["overlap"]})
    follows = {
        "window": asked.window,
        "hop": asked.hop,
        "channels": [source.config["channel"]],
        "sample_rate_hz": None,
        "normalisation": Normalisation.TRAINING.value,
    }
    for name, value in follows.items():
        given = config.get(name, value)
        if (list(given) if isinstance(given, tuple) else given) != value:
            raise Invalid(
                f"“{name}” follows from the feature set {source.title}: leave it out, or write"
                f" {json.dumps(value)}; got {given!r}."
            )
    group_by = {"group_by": source.config["group_by"]} if source.config.get("group_by") else {}
    usual = {"classifier": USUAL_CLASSIFIER, **group_by}
    return {**usual, **config, **follows, "feature_set": source.content_hash}


def find_source(session: Session, named: object) -> SetSource:
    """A set by number, name or content; by content also one that only experiments keep.

    Raises
    ------
    NotFound
        If there is none.
    """
    if isinstance(named, bool) or not isinstance(named, int | str):
        raise Invalid(f"“feature_set” must be the number or name of a set, got {named!r}.")
    text = str(named)
    if HASH.fullmatch(text):
        found = _newest(session, FeatureSet.content_hash == text)
        return found or _kept(session, text)
    by_number = _newest(session, FeatureSet.id == int(text)) if _is_number(text) else None
    found = by_number or _newest(session, FeatureSet.name == text)
    match = WITH_NUMBER.fullmatch(text)
    if found is None and match is not None:
        number = FeatureSet.number == int(match["number"])
        found = _newest(session, FeatureSet.name == match["name"], number)
    if found is None:
        raise NotFound(f"There is no feature set “{text:.140}”.")
    return found


def with_features(
    session: Session, version_id: int, config: TrainingConfig, members: Sequence[Member]
) -> tuple[list[Member], list[str]]:
    """The members that have windows in the feature set, and a sentence about the others.

    Raises
    ------
    Invalid
        If the set is of another version of a data set.
    """
    if not config.feature_set:
        return list(members), []
    source = find_source(session, config.feature_set)
    if source.version_id != version_id:
        raise Invalid(
            f"The feature set {source.title} was extracted from another data set or version."
            " Choose that one, or extract features of this version."
        )
    there = groups_in(source.artefact_key)
    kept = [one for one in members if one.recording_id in there]
    if not kept:
        raise Invalid(f"The feature set {source.title} says of no window which recording it is of.")
    missing = len(members) - len(kept)
    what = "recording has" if missing == 1 else "recordings have"
    told = [f"{missing} {what} no window in the feature set: left out."] if missing else []
    return kept, told


def selection_check(session: Session, config: TrainingConfig, test: Sequence[Candidate]) -> Check:
    """Whether the columns of the set were chosen with a look at the test part."""
    source = find_source(session, config.feature_set)
    return check_selection(_selected(source), test)


def warnings_of(check: Check | None) -> list[str]:
    """What has to be said before a training begins."""
    if check is None or check.finding not in (Finding.LEAK, Finding.SUSPECT):
        return []
    return [check.sentence]


def keep_source(session: Session, experiment_id: int, config: TrainingConfig) -> None:
    """Keep with an experiment what it needs of its feature set."""
    if not config.feature_set:
        return
    source = find_source(session, config.feature_set)
    session.add(
        ExperimentFeatureSet(
            experiment_id=experiment_id,
            feature_set_id=source.feature_set_id,
            name=source.name,
            number=source.number,
            config=source.config,
            features=list(source.features),
            unknown=source.unknown,
            selection=source.selection,
            artefact_key=source.artefact_key,
            content_hash=source.content_hash,
        )
    )


def columns_of(session: Session, experiment_id: int) -> ColumnsSource | None:
    """The table that an experiment learned from; None for one on other features."""
    kept = session.get(ExperimentFeatureSet, experiment_id)
    if kept is None:
        return None
    version_id = session.get_one(Experiment, experiment_id).version_id
    source = _of_kept(kept, version_id)
    return ColumnsSource(artefacts().local_path(source.artefact_key), source.recipe)


def used_view(session: Session, experiment_id: int) -> FeatureSetUsed | None:
    kept = session.get(ExperimentFeatureSet, experiment_id)
    return None if kept is None else _view(_of_kept(kept, 0))


def _view(source: SetSource) -> FeatureSetUsed:
    return {
        "feature_set_id": source.feature_set_id,
        "name": source.name,
        "number": source.number,
        "features": list(source.features),
        "config": source.config,
        "content_hash": source.content_hash,
    }


def trainable_views(
    session: Session, version_id: int, content_hash: str, most: int
) -> list[FeatureSetUsed]:
    """The newest sets of a version that can be learned from, and one that experiments keep."""
    wanted = (
        select(FeatureSet)
        .where(FeatureSet.dataset_version_id == version_id)
        .order_by(FeatureSet.id.desc())
        .limit(most)
    )
    found = [_of_set(session, made) for made in session.scalars(wanted)]
    if content_hash and content_hash not in {one.content_hash for one in found}:
        kept = find_source(session, content_hash)
        found += [kept] if kept.version_id == version_id else []
    return [_view(one) for one in found if not _hindrance(one)]


def content_view(session: Session, content_hash: str) -> FeatureSetUsed:
    """What a config names by its content."""
    return _view(find_source(session, content_hash))


@lru_cache(maxsize=8)
def groups_in(artefact_key: str) -> Mapping[int, str]:
    """The group of each recording of a table, which never changes: its key is its content."""
    with open_table(artefacts().local_path(artefact_key)) as table:
        ids, groups = table.of_windows("recording_id"), table.of_windows("group")
        each, first = np.unique(ids, return_index=True)
        named = zip(each.tolist(), groups[first].tolist(), strict=True)
        return {number: table.groups[place] for number, place in named if number}


def selection_of(session: Session, made: FeatureSet) -> dict[str, Any] | None:
    """How the columns of a set were chosen, and which groups had a say; None for all columns.

    Sets that were selected before this was kept with them are looked up where they were chosen.
    """
    kept = made.summary.get("selection")
    if kept is not None or "selection" not in made.config:
        return kept if isinstance(kept, dict) else None
    return {"methods": [made.config["selection"]], "groups": _learned_groups(session, made)}


def _learned_groups(session: Session, made: FeatureSet) -> list[str] | None:
    """From the analysis of the parent; None where another one took its place."""
    if made.parent_id is None:
        return None
    parent = session.get_one(FeatureSet, made.parent_id)
    if "selection" in parent.config:
        return None  # nobody kept who had a say in both
    keys = select(FeatureAnalysis.artefact_key).where(
        FeatureAnalysis.feature_set_id == made.parent_id,
        FeatureAnalysis.kind == AnalysisKind.SELECTION,
    )
    for key in session.scalars(keys):
        found = json.loads(artefacts().read(key)) if artefacts().exists(key) else {}
        if found.get("feature_set_id") == made.id:
            return list(found["training_groups"])
    return None


def _selected(source: SetSource) -> Selected | None:
    if source.selection is None:
        return None
    groups = source.selection["groups"]
    looked_at = None
    if groups is not None:
        of = groups_in(source.artefact_key)
        looked_at = frozenset(number for number, group in of.items() if group in set(groups))
    return Selected(tuple(source.selection["methods"]), looked_at)


def _hindrance(source: SetSource) -> str:
    """Why nobody could ask a classifier on the set about a new recording; empty for nothing."""
    unknown = [key for key in source.features if known_feature(key) is None or "@" not in key]
    if unknown:
        return (
            f"“{unknown[0]:.80}” in the feature set {source.title} is not computed here, or in"
            " another version: nobody could ask the classifier about a new recording. Extract the"
            " features again."
        )
    if not {"window", "overlap", "channel"} <= set(source.config):
        return (
            f"The feature set {source.title} does not say how its windows were cut: nobody could"
            " ask the classifier about a new recording. Extract the features from the data set."
        )
    return ""


def _newest(session: Session, *conditions: ColumnElement[bool]) -> SetSource | None:
    made = session.scalars(
        select(FeatureSet).where(*conditions).order_by(FeatureSet.id.desc()).limit(1)
    ).one_or_none()
    return None if made is None else _of_set(session, made)


def _of_set(session: Session, made: FeatureSet) -> SetSource:
    return SetSource(
        made.id,
        made.name,
        made.number,
        made.dataset_version_id,
        made.config,
        tuple(made.features),
        dict(made.summary.get("unknown", {})),
        selection_of(session, made),
        made.artefact_key,
        made.content_hash,
    )


def _kept(session: Session, content_hash: str) -> SetSource:
    row = session.execute(
        select(ExperimentFeatureSet, Experiment.version_id)
        .join(Experiment, Experiment.id == ExperimentFeatureSet.experiment_id)
        .where(ExperimentFeatureSet.content_hash == content_hash)
        .order_by(ExperimentFeatureSet.experiment_id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound(
            "The feature set of this configuration is not here: it was deleted, and no experiment"
            " keeps it. Extract its features again and choose the new set."
        )
    return _of_kept(row[0], row[1])


def _of_kept(kept: ExperimentFeatureSet, version_id: int) -> SetSource:
    return SetSource(
        kept.feature_set_id,
        kept.name,
        kept.number,
        version_id,
        kept.config,
        tuple(kept.features),
        kept.unknown,
        kept.selection,
        kept.artefact_key,
        kept.content_hash,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER
