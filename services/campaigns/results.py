"""What came of a campaign, to be taken along: tables, documents, a script, an archive."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.spreadsheets import csv_lines, harmless
from diagnostics.training.config import TrainingConfig
from models import (
    Campaign,
    CampaignKind,
    CampaignRun,
    CampaignTrial,
    Experiment,
    Recording,
    TrialState,
)
from services.campaigns import rows, views
from services.campaigns.script import script_of
from services.errors import Conflict
from services.experiments.runs import environment

FORMATS = ("json", "yaml", "python", "csv")
# Scores that every finished trial has; what a kind measures beside them follows.
SCORES = ("val_accuracy", "val_loss", "parameters", "best_epoch")
MEASURED: dict[CampaignKind, tuple[str, ...]] = {
    CampaignKind.HPO: (),
    CampaignKind.NAS: ("flops", "size_bytes", "latency_ms"),
}
# What a trial is made of beside the settings of the space.
ALSO: dict[CampaignKind, tuple[str, ...]] = {
    CampaignKind.HPO: (),
    CampaignKind.NAS: ("architecture", "parent"),
}


def trials_table(session: Session, campaign_id: int) -> dict[str, list[Any]]:
    """Trials as columns of the same length; settings are named ``params.<name>``."""
    campaign = rows.find(session, campaign_id)
    wanted = (
        select(CampaignTrial)
        .where(CampaignTrial.campaign_id == campaign_id)
        .order_by(CampaignTrial.number)
    )
    trials = session.scalars(wanted).all()
    names = [*ALSO[campaign.kind], *campaign.space] or sorted(
        {name for t in trials for name in t.params or {}}
    )
    table: dict[str, list[Any]] = {
        "number": [trial.number for trial in trials],
        "state": [trial.state.value for trial in trials],
        "value": [trial.value for trial in trials],
        "epochs": [trial.epochs for trial in trials],
        "started_at": [trial.started_at.isoformat() for trial in trials],
        "seconds": [views.trial_view(trial, [])["seconds"] for trial in trials],
        "reason": [trial.reason for trial in trials],
    }
    for name in (*SCORES, *MEASURED[campaign.kind]):
        table[name] = [(trial.measured or {}).get(name) for trial in trials]
    for name in names:
        table[f"params.{name}"] = [(trial.params or {}).get(name) for trial in trials]
    return table


def document(session: Session, campaign_id: int) -> dict[str, Any]:
    """Everything that was asked and came out, as plain values."""
    shown = views.view(session, campaign_id)
    campaign = rows.find(session, campaign_id)
    wanted = (
        select(CampaignTrial)
        .where(CampaignTrial.campaign_id == campaign_id)
        .order_by(CampaignTrial.number)
    )
    trials = views.trial_views(session, session.scalars(wanted).all())
    asked = (
        *("kind", "name", "method", "pruner", "classifier", "seed", "budget", "parallel", "hours"),
        *("patience", "metrics", "directions", "space", "config", "folds"),
    )
    made = {
        "format": "rotorscope-campaign",
        "version": 1,
        "data": {
            "dataset": shown["dataset_name"],
            "version": shown["version_number"],
            "generated": shown["generated"],
        },
        "asked": {name: shown[name] for name in asked},  # type: ignore[literal-required]
        "state": shown["state"],
        "reason": shown["reason"],
        "best": shown["best"],
        "best_config": _best_config(session, campaign),
        "final": shown["final"],
        "importance": campaign.importance,
        "trials": trials,
        "environment": environment(),
    }
    plain: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return plain


def exported(session: Session, campaign_id: int, format: str) -> str:
    """As JSON, YAML, trials as CSV, or a script that trains the best trial again."""
    if format == "python":
        return python_script(session, campaign_id)
    if format == "csv":
        return as_csv(trials_table(session, campaign_id))
    found = document(session, campaign_id)
    if format == "json":
        return json.dumps(found, indent=2, ensure_ascii=False)
    import yaml

    text: str = yaml.safe_dump(found, sort_keys=False, allow_unicode=True)
    return text


def python_script(session: Session, campaign_id: int) -> str:
    """A script that trains the best trial again and says whether it comes to the same.

    Raises
    ------
    Conflict
        If no trial has come to its end.
    """
    campaign = rows.find(session, campaign_id)
    best = rows.find_best(session, campaign)
    if best is None or best.measured is None:
        raise Conflict("No trial has come to its end yet, so there is none to train again.")
    runs = (
        select(Experiment)
        .join(CampaignRun, CampaignRun.experiment_id == Experiment.id)
        .where(CampaignRun.trial_id == best.id)
        .order_by(CampaignRun.fold)
    )
    trainings = [_training(session, experiment) for experiment in session.scalars(runs)]
    return script_of(campaign.name, best.number, trainings, campaign.metrics[0], best.value)


def archive(session: Session, campaign_id: int) -> bytes:
    """All of it in one zip: documents, the table as CSV, the script where there is a best trial."""
    files = {
        "campaign.json": exported(session, campaign_id, "json"),
        "campaign.yaml": exported(session, campaign_id, "yaml"),
        "trials.csv": exported(session, campaign_id, "csv"),
    }
    if rows.find_best(session, rows.find(session, campaign_id)) is not None:
        files["best_trial.py"] = python_script(session, campaign_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as kept:
        for name, text in files.items():
            # Without the time: the same results are the same file, and are kept once.
            kept.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return packed.getvalue()


def as_csv(table: Mapping[str, list[Any]]) -> str:
    """A table of columns as text; what begins like a formula is quoted for spreadsheets."""
    rows = [tuple(table), *zip(*table.values(), strict=True)]
    return csv_lines([harmless(cell) for cell in row] for row in rows)


def _best_config(session: Session, campaign: Campaign) -> dict[str, Any] | None:
    best = rows.find_best(session, campaign)
    if best is None:
        return None
    first = (
        select(Experiment.config)
        .join(CampaignRun, CampaignRun.experiment_id == Experiment.id)
        .where(CampaignRun.trial_id == best.id)
        .order_by(CampaignRun.fold)
        .limit(1)
    )
    config = session.scalar(first)
    return None if config is None else TrainingConfig.from_dict(config).to_dict()


def _training(session: Session, experiment: Experiment) -> dict[str, Any]:
    """What a training needs, without a recording of its test part."""
    split = experiment.split
    learned = {key: side for key, side in split["sides"].items() if side in ("train", "validation")}
    wanted = select(Recording).where(Recording.id.in_([int(key) for key in learned]))
    return {
        "config": experiment.config,
        "class_names": experiment.class_names,
        "sample_rate_hz": split["sample_rate_hz"],
        "recordings": [
            {
                "id": one.id,
                "name": one.name,
                "file": one.artefact_key,
                "side": learned[str(one.id)],
                "target": split["targets"][str(one.id)],
                "group": split["groups"][str(one.id)],
                "samples": one.sample_count,
                "rate_hz": one.sample_rate_hz,
                "content_hash": one.content_hash,
            }
            for one in session.scalars(wanted.order_by(Recording.id))
        ],
    }


def finished_points(session: Session, campaign_id: int) -> tuple[list[dict[str, Any]], list[float]]:
    """Settings and scores of the trials that came to their end."""
    wanted = (
        select(CampaignTrial.params, CampaignTrial.value)
        .where(
            CampaignTrial.campaign_id == campaign_id,
            CampaignTrial.state == TrialState.COMPLETE,
            CampaignTrial.value.is_not(None),
            CampaignTrial.params.is_not(None),
        )
        .order_by(CampaignTrial.number)
    )
    found = session.execute(wanted).all()
    return [row[0] for row in found], [row[1] for row in found]
