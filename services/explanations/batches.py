"""Several recordings explained in one job, and what that said over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models import JobKind
from services import actor
from services.errors import Invalid
from services.experiments.classifier_sources import find_source
from services.explanation_cache import ExplanationCache
from services.explanations.asking import TITLES, Asked, asked, check_experiment, parameters_for
from services.explanations.estimates import ExplanationEstimate, estimate
from services.explanations.overview import Overview, overview
from services.explanations.predicted import predicted_classes
from services.files import room
from services.job_service import JobService, JobView

MOST_RECORDINGS = 200
ROOM_EACH = 8 << 20
Pair = tuple[int, Asked]


class ExplanationBatchService:
    """Explain several recordings of an experiment by one or more methods."""

    @staticmethod
    def request_batch(
        experiment_id: int,
        recording_ids: Sequence[int],
        methods: Sequence[str] = ("gradcam",),
        target_class: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> int | None:
        """The id of the job that explains what is missing; None when all is there already.

        Without a ``target_class`` each recording is explained for the class that the classifier
        names. Each method takes those of the ``parameters`` that it has.

        Raises
        ------
        NotFound
            If experiment or a recording do not exist.
        Invalid
            If there is no such class, method or parameter, they do not fit the classifier, or
            there are too many recordings.
        Unavailable
            If the disk has no room for what it writes.
        """
        actor.user_id()
        wanted = _wanted(recording_ids, methods, parameters)
        for one in wanted:
            check_experiment(experiment_id, target_class, one.method)
        for number in recording_ids:
            find_source(experiment_id, number)
        missing = _missing(experiment_id, recording_ids, wanted, target_class)
        if not missing:
            return None
        count = len(dict.fromkeys(number for number, _ in missing))
        names = ", ".join(TITLES[one.method] for one in wanted)
        title = f"{names} of {count:,} recordings"
        room.check_room(ROOM_EACH * len(missing), f"“{title}”")
        return JobService.submit_once(
            JobKind.EXPLAIN_RECORDINGS,
            {
                "experiment_id": experiment_id,
                "recording_ids": list(recording_ids),
                "methods": list(methods),
                "target_class": target_class,
                "parameters": dict(parameters or {}),
            },
            title=title,
            subject=_subject(experiment_id),
            of_anybody=True,
        )

    @staticmethod
    def find_job(experiment_id: int) -> JobView | None:
        """The newest job that explains several recordings of an experiment."""
        actor.reader()
        return JobService.find_latest(_subject(experiment_id), JobKind.EXPLAIN_RECORDINGS)

    @staticmethod
    def is_explained(
        experiment_id: int,
        recording_id: int,
        method: str,
        target_class: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether a recording was explained so already, for a class or the one it is named.

        Raises
        ------
        Invalid
            If there is no such method or parameter.
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        wanted = [asked(method, parameters)]
        return not _missing(experiment_id, [recording_id], wanted, target_class)

    @staticmethod
    def estimate_batch(
        experiment_id: int,
        recording_ids: Sequence[int],
        methods: Sequence[str] = ("gradcam",),
        target_class: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> list[ExplanationEstimate]:
        """Time and memory of each explanation that is missing.

        Raises
        ------
        NotFound
            If experiment or a recording do not exist.
        Invalid
            As :meth:`request_batch`.
        """
        actor.reader()
        wanted = _wanted(recording_ids, methods, parameters)
        missing = _missing(experiment_id, recording_ids, wanted, target_class)
        return [estimate(experiment_id, number, one) for number, one in missing]

    @staticmethod
    def get_overview(
        experiment_id: int,
        recording_ids: Sequence[int],
        method: str = "gradcam",
        target_class: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Overview:
        """What one method says of each recording, as far as it was explained.

        Without ``parameters`` by its newest explanation, whatever its parameters.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            As :meth:`request_batch`.
        """
        actor.reader()
        (wanted,) = _wanted(recording_ids, [method], parameters)
        question = None if parameters is None else wanted.question
        return overview(experiment_id, recording_ids, method, target_class, question)


def _wanted(
    recording_ids: Sequence[int], methods: Sequence[str], parameters: Mapping[str, Any] | None
) -> list[Asked]:
    if not 1 <= len(set(recording_ids)) == len(recording_ids) <= MOST_RECORDINGS:
        raise Invalid(
            f"Name 1 to {MOST_RECORDINGS} recordings, each once; got {len(recording_ids)}."
        )
    if not methods or len(set(methods)) != len(methods):
        raise Invalid("Name one or more methods, each once.")
    given = dict(parameters or {})
    found = [asked(name, parameters_for(name, given)) for name in methods if name in TITLES]
    if len(found) < len(methods):
        asked(next(name for name in methods if name not in TITLES))
    taken = {name for method in methods for name in parameters_for(method, given)}
    unknown = sorted(set(given) - taken)
    if unknown:
        raise Invalid(f"None of these methods has a parameter “{unknown[0]}”.")
    return found


def _missing(
    experiment_id: int,
    recording_ids: Sequence[int],
    wanted: Sequence[Asked],
    target_class: str | None,
) -> list[Pair]:
    """What is to be computed; a recording whose class nobody knows yet is."""
    names = predicted_classes(experiment_id, recording_ids)
    return [
        (number, one)
        for number in recording_ids
        for one in wanted
        if not _is_there(experiment_id, number, one, target_class or names[number])
    ]


def _is_there(experiment_id: int, recording_id: int, one: Asked, name: str | None) -> bool:
    key = (experiment_id, recording_id, one.method, name, one.question)
    return name is not None and ExplanationCache.explanation_exists(*key)


def _subject(experiment_id: int) -> str:
    return f"explanations:{experiment_id}"
