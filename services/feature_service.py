"""Features of windows: extracted, rated, chosen, and kept as tables."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy.orm import Session

from diagnostics.errors import FeatureError, SignalError
from diagnostics.features.catalogue import TableFeature, features_of
from diagnostics.features.config import ExtractionConfig, read_config
from diagnostics.features.correlation import feature_correlation
from diagnostics.features.importance import feature_importance
from diagnostics.features.selection import hold_out_groups
from diagnostics.features.selection import select_features as choose
from diagnostics.progress import Report, silent
from models import Dataset, DatasetVersion, JobKind
from services import actor
from services.datasets.versions import find_dataset, version_id_of
from services.errors import Invalid, TooLarge
from services.features.given import (
    column_key,
    folder_of,
    groups_of,
    parts_of,
    table_of,
)
from services.features.making import (
    FeatureSetMade,
    clean_name,
    extracted,
    keep_made,
    keep_set,
    summary_of,
    texts,
)
from services.features.results import (
    CorrelationFound,
    ExtractedFeatures,
    ImportanceFound,
    SelectionFound,
)
from services.features.sources import Sources, sources_of
from services.features.tables import FOLDER, store_table
from services.features.views import known_feature, unit_of
from services.files.room import check_room
from services.job_service import JobService
from services.jobs.job_runs import kept_result
from services.runtime import unit_of_work

# Numbers of a table that may be kept in memory; a job writes larger ones.
MOST_NUMBERS = 50_000_000


class FeatureService:
    """Extract features from data sets, rate and select them, and keep them."""

    @staticmethod
    def extract_features(
        dataset_id: int, domain: str, config: Mapping[str, Any] | None = None
    ) -> ExtractedFeatures:
        """Features of all windows of the newest version, here and now and in memory.

        ``domain`` is ``all`` or one of the catalogue's; ``config`` has the names of
        :class:`diagnostics.features.config.ExtractionConfig`.

        Raises
        ------
        NotFound
            If there is no such data set.
        Invalid
            If the domain or the configuration cannot be used, or nothing fits it.
        TooLarge
            If the table would not fit into memory; a job writes it piece by piece.
        """
        actor.reader()
        began = time.monotonic()
        with _refused():
            features, asked = features_of(domain), read_config(config)
            with unit_of_work(writing=False) as session:
                sources = _sources(session, dataset_id, None, features, asked)
            if sources.window_count * len(features) > MOST_NUMBERS:
                raise TooLarge(
                    f"{sources.window_count:,} windows with {len(features)} features do not fit "
                    "into memory. Extract them by a job, or take longer windows or fewer domains."
                )
            parts = list(extracted(sources, features, asked, silent))
        return {
            "features": np.concatenate([part.values for part in parts]),
            "feature_names": [one.name for one in features],
            "extraction_time": time.monotonic() - began,
            "labels": [part.origin.label for part in parts for _ in part.values],
            "groups": [part.origin.group for part in parts for _ in part.values],
            "recording_ids": [part.origin.recording_id for part in parts for _ in part.values],
            "first_samples": [int(one) for part in parts for one in part.first_samples],
        }

    @staticmethod
    def compute_feature_importance(
        features: ArrayLike,
        labels: Sequence[Any],
        feature_names: Sequence[str],
        method: str = "mutual_info",
        *,
        groups: Sequence[str] | None = None,
        report: Report = silent,
    ) -> ImportanceFound:
        """How much each feature says about the class; see
        :func:`diagnostics.features.importance.feature_importance`.

        ``groups`` says for each row what may not lie on two sides, such as its bearing. Without
        it nothing is held out, and ``permutation`` cannot be had: rows of one recording are
        too much alike to be held apart one by one.

        Raises
        ------
        Invalid
            If the method does not exist or cannot take the table.
        """
        actor.reader()
        values = table_of(features)
        classes = texts(labels, len(values), "label")
        with _refused():
            found = feature_importance(
                values,
                classes,
                feature_names,
                method,
                groups=groups_of(groups, len(values)),
                report=report,
            )
        return {
            "method": found.method.value,
            "importance": found.scores,
            "ranking": list(found.scores),
            "spread": found.spread,
            "folds": found.folds,
            "held_out_recall": found.held_out_recall,
            "left_out": found.left_out,
            "notes": list(found.notes),
        }

    @staticmethod
    def select_features(
        features: ArrayLike,
        labels: Sequence[Any],
        feature_names: Sequence[str],
        method: str,
        num_features: int = 15,
        threshold: float = 0.01,
        *,
        groups: Sequence[str] | None = None,
        report: Report = silent,
    ) -> SelectionFound:
        """Which features to keep, learned on some groups and tried on the others; see
        :func:`diagnostics.features.selection.select_features`.

        Raises
        ------
        Invalid
            If the method does not exist or cannot take the table, or nothing is worth keeping.
        """
        actor.reader()
        values = table_of(features)
        classes, by_row = texts(labels, len(values), "label"), groups_of(groups, len(values))
        names = list(feature_names)
        with _refused():
            training, _ = hold_out_groups(classes, by_row)
            found = choose(
                values,
                classes,
                names,
                method,
                groups=by_row,
                training_groups=training,
                num_features=num_features,
                threshold=threshold,
                report=report,
            )
        return {
            "method": found.method.value,
            "selected_features": list(found.names),
            "scores": found.scores,
            "features": values[:, [names.index(name) for name in found.names]],
            "held_out_groups": list(found.held_out_groups),
            "recall_chosen": found.recall_chosen,
            "recall_all": found.recall_all,
            "left_out": found.left_out,
            "notes": list(found.notes),
        }

    @staticmethod
    def compute_feature_correlation(
        features: ArrayLike, feature_names: Sequence[str], *, method: str = "pearson"
    ) -> CorrelationFound:
        """Which features say the same; ``pearson`` or ``spearman``.

        Raises
        ------
        Invalid
            If the names do not fit or no feature differs.
        """
        actor.reader()
        with _refused():
            found = feature_correlation(table_of(features), feature_names, method)
        return {
            "correlation_matrix": found.matrix,
            "feature_names": list(found.names),
            "alike": list(found.alike),
            "left_out": found.left_out,
        }

    @staticmethod
    def save_feature_set(
        dataset_id: int,
        features: ArrayLike,
        labels: Sequence[Any],
        feature_names: Sequence[str],
        domain: str,
        metadata: Mapping[str, Any] | None = None,
        output_dir: str = FOLDER,
    ) -> str:
        """Keep a table as the next version of a set of the newest version of a data set.

        ``metadata`` may have ``name``, ``config``, ``unit``, and for each row ``groups``,
        ``recording_ids`` and ``first_samples``. The key of the HDF5 file inside the store.

        Raises
        ------
        NotFound
            If there is no such data set.
        Invalid
            If the parts do not fit each other, or the folder is not one of the store.
        """
        actor.user_id()
        folder, about = folder_of(output_dir), dict(metadata or {})
        values = table_of(features)
        with unit_of_work(writing=False) as session:
            dataset = find_dataset(session, dataset_id)
            version_id = _filled(session, dataset_id, None)
            name = clean_name(about.get("name") or f"{dataset.name}, {domain}")
        keys = [column_key(one) for one in feature_names]
        unit = str(about.get("unit", ""))
        units = [unit_of(one, unit) if (one := known_feature(key)) else "" for key in keys]
        parts = parts_of(values, labels, about)
        with _refused():
            table = store_table(keys, units, parts, {"domain": str(domain)}, folder)
        with unit_of_work() as session:
            keep_set(
                session,
                name,
                table,
                dataset_version_id=version_id,
                domains=[str(domain)],
                config=dict(about.get("config") or {}),
                features=keys,
                summary=summary_of(table, unit, (), {}),
            )
        return table.artefact_key

    @staticmethod
    def submit_extraction(
        dataset_id: int,
        name: str,
        domains: Sequence[str],
        config: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> int:
        """Submit the job that extracts features; without a number, of the newest version.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If domains or configuration cannot be used, or nothing fits them.
        Unavailable
            If there is no room for the table.
        """
        actor.writer()
        clean = clean_name(name)
        with _refused(), unit_of_work() as session:
            features, asked = features_of(list(domains)), read_config(config)
            sources = _sources(session, dataset_id, version, features, asked)
            version_id = _filled(session, dataset_id, version)
            # As HDF5 and as Parquet, each written beside the store and copied into it.
            needed = 4 * 8 * sources.window_count * (len(features) + 6)
            check_room(needed, f"“{clean}”")
            arguments = {
                "dataset_id": dataset_id,
                "name": clean,
                "domains": list(domains),
                "config": asked.as_dict(),
                "version": session.get_one(DatasetVersion, version_id).number,
            }
            title = f"Features “{clean}” of “{session.get_one(Dataset, dataset_id).name}”"
            subject = f"features:{dataset_id}"
            return JobService.submit_once(JobKind.EXTRACT_FEATURES, arguments, title, subject)

    @staticmethod
    def make_feature_set(
        dataset_id: int,
        name: str,
        domains: Sequence[str],
        config: Mapping[str, Any] | None = None,
        version: int | None = None,
        report: Report = silent,
    ) -> FeatureSetMade:
        """Extract features into a new version of a set, window by window; what a job does.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If domains or configuration cannot be used, or nothing fits them.
        """
        actor.user_id()
        done = kept_result()
        if done is not None:
            return cast("FeatureSetMade", done)
        clean = clean_name(name)
        with _refused():
            features, asked = features_of(list(domains)), read_config(config)
            with unit_of_work(writing=False) as session:
                version_id = _filled(session, dataset_id, version)
                sources = _sources(session, dataset_id, version, features, asked)
            keys = [one.key for one in features]
            units = [unit_of(one, sources.unit) for one in features]
            used = {**asked.as_dict(), "group_by": sources.group_by}
            about = {"version_id": version_id, "unit": sources.unit, "config": used}
            table = store_table(keys, units, extracted(sources, features, asked, report), about)
        with unit_of_work() as session:
            made = keep_set(
                session,
                clean,
                table,
                dataset_version_id=version_id,
                domains=list(domains),
                config=used,
                features=keys,
                summary=summary_of(table, sources.unit, sources.notes, sources.unknown),
            )
            return keep_made(session, made)


def _sources(
    session: Session,
    dataset_id: int,
    version: int | None,
    features: Sequence[TableFeature],
    config: ExtractionConfig,
) -> Sources:
    return sources_of(session, _filled(session, dataset_id, version), features, config)


def _filled(session: Session, dataset_id: int, version: int | None) -> int:
    version_id = version_id_of(session, dataset_id, version)
    if version_id is None or not session.get_one(DatasetVersion, version_id).recording_count:
        raise Invalid("There are no recordings to extract features from. Import some first.")
    return version_id


@contextmanager
def _refused() -> Iterator[None]:
    """What the domain refuses, as an error of the services."""
    try:
        yield
    except (FeatureError, SignalError) as error:
        raise Invalid(str(error)) from error
