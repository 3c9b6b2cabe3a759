"""The whole trial: plan from a seed, run it under accidents, look what became of everything."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from models import DatasetVersion, Job, JobStatus
from services.errors import Conflict
from services.experiment_service import ExperimentService
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.feature_set_service import FeatureSetService
from services.job_service import ENDED, JobService
from services.prediction_service import PredictionService
from services.runtime import unit_of_work
from services.synthesis_service import SynthesisService
from tests import factories
from tests.crash import works
from tests.crash.accidents import Accidents
from tests.crash.audit import audit
from tests.crash.site import Site, running
from tests.crash.works import Work
from tests.factories import SMALL_TRAINING

SEEDS = 3
# Two exports of one version in one format do not run at the same time.
VERSIONS = 8
FORMATS = ("hdf5", "mat", "csv", "parquet")
ANALYSES = (("projection", "pca"), ("correlation", "pearson"), ("importance", "mutual_info"))
EPOCHS = 10
AT_ONCE = 24
LOOK_EVERY_S = 0.3
LOST = "The worker was lost"
# Of a hundred pieces of work.
SHARES: dict[str, int] = {
    "import": 22,
    "export": 16,
    "synthesis": 12,
    "upload": 3,
    "training": 14,
    "cancelled training": 3,
    "prediction": 12,
    "refused prediction": 4,
    "features": 6,
    "analysis": 4,
    "cleaning": 4,
}


@dataclass
class Trial:
    """What happened. ``faults`` is empty when all is as it should be."""

    jobs: int
    seed: int
    seconds: float = 0.0
    asked: dict[str, int] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)
    spared: list[str] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)
    begun_again: int = 0
    tried_again_by_a_person: int = 0
    requests_sent_again: int = 0
    faults: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class _Calm:
    """What is known before the accidents begin."""

    version_id: int
    configs: list[dict]
    outcomes: list[dict]
    experiment_id: int
    answers: dict[int, dict]
    # Data sets with their version that are exported.
    versions: list[tuple[int, int]]
    syntheses: list[tuple[dict, dict[str, str]]]
    # The hash of the features of each of these data sets.
    features: list[tuple[int, str]]
    feature_set_id: int
    analyses: dict[tuple[str, str], dict]


def attempt(folder: Path, jobs: int, seed: int, every_s: float, patience_s: float) -> Trial:
    """Ask a fresh site for so many jobs while an accident happens every few seconds.

    How long all of it takes is the machine's affair. It is a fault when no job ends for
    ``patience_s``.
    """
    trial, begun = Trial(jobs, seed), time.monotonic()
    with running(folder) as site:
        calm = _calm(site)
        asked = list(_plan(jobs, seed, calm))
        trial.asked = dict(Counter(work.kind for work in asked))
        with Accidents(site.up, seed, every_s) as accidents:
            ended = _run(site, asked, trial, patience_s)
        trial.kills = dict(accidents.counted)
        trial.spared = accidents.spared()
        trial.requests_sent_again = site.browser.sent_again
        trial.faults += list(_faults(ended))
        _count(trial)
        code = site.up.stop()
        if code != 0:
            trial.faults.append(f"the site stopped with code {code}")
        trial.faults += audit(folder)
    trial.seconds = time.monotonic() - begun
    return trial


def _calm(site: Site) -> _Calm:
    """What comes of everything when it meets no accident, to compare with."""
    with unit_of_work() as session:
        versions = [factories.trainable_version(session) for _ in range(VERSIONS)]
        exported = [(one.dataset_id, one.id) for one in versions]
    version_id = exported[0][1]
    small = {"width": 8, "blocks": 2, "kernel": 32}
    base = {**SMALL_TRAINING, "epochs": EPOCHS, "parameters": small}
    configs = [{**base, "seed": seed} for seed in range(SEEDS)]
    made = [
        ExperimentService.create_experiment(f"calm {number}", version_id, config)
        for number, config in enumerate(configs)
    ]
    syntheses = [_synthesis(site, seed) for seed in range(SEEDS)]
    for one in made:
        site.result(one["job"]["id"])
    trained = made[0]["id"]
    recordings = [int(key) for key in made[0]["split"]["sides"]]
    sets = [_features(site, dataset_id) for dataset_id, _ in exported]
    jobs = {one: PredictionService.request_prediction(trained, one) for one in recordings}
    return _Calm(
        version_id,
        configs,
        [works.outcome_of(one["id"]) for one in made],
        trained,
        {recording: site.result(job) for recording, job in jobs.items()},
        exported,
        syntheses,
        [(dataset_id, digest) for dataset_id, digest, _ in sets],
        sets[0][2],
        {asked: _analysis(site, sets[0][2], asked) for asked in ANALYSES},
    )


def _synthesis(site: Site, seed: int) -> tuple[dict, dict[str, str]]:
    """A config, and what it gives on a calm day."""
    classes = {"healthy": 2, "imbalance": 2, "cavitation": 2}
    config = {"classes": classes, "bearings": 2, "duration_s": 0.5, "seed": seed}
    done = site.result(SynthesisService.request_dataset(f"calm {seed}", config))
    with unit_of_work(writing=False) as session:
        version_id = session.scalars(
            select(DatasetVersion.id).where(DatasetVersion.dataset_id == done["dataset_id"])
        ).one()
    return config, works.hashes_of(version_id)


def _features(site: Site, dataset_id: int) -> tuple[int, str, int]:
    """The data set, the hash of its features, and their set."""
    done = site.result(FeatureService.submit_extraction(dataset_id, "calm", works.DOMAINS))
    made = FeatureSetService.get_feature_set(done["feature_set_id"])
    return dataset_id, made["content_hash"], made["id"]


def _analysis(site: Site, feature_set_id: int, asked: tuple[str, str]) -> dict:
    site.result(FeatureAnalysisService.request_analysis(feature_set_id, *asked))
    return FeatureAnalysisService.find_analysis(feature_set_id, *asked)["result"]


def _plan(jobs: int, seed: int, calm: _Calm) -> Iterator[Work]:
    """So much of each kind as its share says, and at least one, in an order from the seed."""
    rng = np.random.default_rng(seed)
    wanted = [kind for kind, share in SHARES.items() for _ in range(max(1, share * jobs // 100))]
    wanted += ["import"] * (jobs - len(wanted))
    for number, kind in enumerate(rng.permutation(wanted[:jobs])):
        yield _work(str(kind), number, rng, calm)


def _work(kind: str, number: int, rng: np.random.Generator, calm: _Calm) -> Work:
    def imported() -> Work:
        sizes = rng.integers(2_000, 6_000, size=int(rng.integers(1, 6)))
        files = {
            f"{number}_{one}.csv": rng.normal(size=size).astype(np.float32)
            for one, size in enumerate(sizes)
        }
        return works.Import(number, files)

    def exported() -> Work:
        which = calm.versions[number % VERSIONS]
        return works.Export(number, *which, FORMATS[int(rng.integers(len(FORMATS)))])

    def trained() -> Work:
        which = int(rng.integers(SEEDS))
        return works.Training(number, calm.version_id, calm.configs[which], calm.outcomes[which])

    def analysed() -> Work:
        asked = ANALYSES[number % len(ANALYSES)]
        return works.Analysis(number, calm.feature_set_id, asked, calm.analyses[asked])

    def predicted() -> Work:
        recording = int(rng.choice(list(calm.answers)))
        return works.Prediction(number, calm.experiment_id, recording, calm.answers[recording])

    endless = {**calm.configs[0], "epochs": 1_000}
    makers: dict[str, Callable[[], Work]] = {
        "import": imported,
        "export": exported,
        "synthesis": lambda: works.Generated(number, *calm.syntheses[int(rng.integers(SEEDS))]),
        "upload": lambda: works.Upload(number, rng.bytes(100_000)),
        "training": trained,
        "cancelled training": lambda: works.Cancelled(number, calm.version_id, endless),
        "prediction": predicted,
        "refused prediction": lambda: works.Refused(number),
        "features": lambda: works.Features(number, *calm.features[number % VERSIONS]),
        "analysis": analysed,
        "cleaning": lambda: works.Cleaning(number),
    }
    return makers[kind]()


def _run(site: Site, asked: Sequence[Work], trial: Trial, patience_s: float) -> list[Work]:
    """Ask for one after the other, a few at a time, until all have ended; those that did."""
    ahead, open_works, ended_at = list(asked), [], time.monotonic()
    while ahead or open_works:
        if time.monotonic() - ended_at > patience_s:
            trial.faults += [
                f"no job has ended for {patience_s:g} s, {len(ahead)} were not asked for",
                *(_description(work) for work in open_works),
            ]
            break
        while ahead and len(open_works) < AT_ONCE:
            work = ahead.pop(0)
            try:
                work.begin(site)
                open_works.append(work)
            except Conflict:  # the same runs already: ask again when others were asked for
                ahead.insert(min(len(ahead), AT_ONCE), work)
                break
        left = [work for work in open_works if not _has_ended(work, trial)]
        if len(left) < len(open_works):
            open_works, ended_at = left, time.monotonic()
        time.sleep(LOOK_EVERY_S)
    left_over = {work.number for work in (*ahead, *open_works)}
    return [work for work in asked if work.number not in left_over]


def _description(work: Work) -> str:
    job = {} if work.job_id is None else JobService.get_job(work.job_id)
    told = [f"{name} {job.get(name)}" for name in ("status", "attempt", "stage", "message")]
    return f"{work.kind} {work.number} (job {work.job_id}) has not ended: {', '.join(told)}"


def _has_ended(work: Work, trial: Trial) -> bool:
    if work.job_id is None:
        return True
    job = JobService.get_job(work.job_id)
    if job["status"] is JobStatus.FAILED and LOST in (job["error"] or ""):
        # Bad luck three times; a person sees it and tries again.
        trial.tried_again_by_a_person += 1
        JobService.retry(work.job_id)
        return False
    work.follow(job)
    return job["status"] in ENDED


def _faults(ended: Sequence[Work]) -> Iterator[str]:
    for work in ended:
        job = None if work.job_id is None else JobService.get_job(work.job_id)
        for fault in work.faults(job):
            yield f"{work.kind} {work.number} (job {work.job_id}) {fault}"


def _count(trial: Trial) -> None:
    by_status = select(Job.status, func.count()).group_by(Job.status)
    again = select(func.sum(Job.attempt - 1)).where(Job.attempt > 1)
    with unit_of_work(writing=False) as session:
        trial.ended = {row[0].value: row[1] for row in session.execute(by_status)}
        trial.begun_again = session.scalar(again) or 0
