"""``python -m cli train``: train a classifier from a configuration in a file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import cli_repeated
from cli_context import command_line, person, read_json
from models import JobStatus
from services.actor import acting_as
from services.experiment_service import Document, ExperimentService
from services.experiments.views import ExperimentState, ExperimentView
from services.feature_set_service import FeatureSetService
from services.job_service import JobService

LOOK_EVERY_S = 1.0
AT_REST = (ExperimentState.FINISHED, ExperimentState.FAILED, ExperimentState.CANCELLED)


@click.command("train")
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dataset", help="Name or number of the data set, instead of that in the file.")
@click.option("--version", type=int, help="Number of its version; the newest by default.")
@click.option("--features", help="Number or name of a feature set to learn from.")
@click.option("--name", help="Name of the experiment.")
@click.option("--as", "user", metavar="USER", help="Whose experiment it is. [default: first admin]")
@click.option("--seeds", help="Such as 0,1,2: one training for each, as a repeated experiment.")
@click.option("--wait", is_flag=True, help="Show the progress and end with the result.")
def train(
    config: Path,
    dataset: str | None,
    version: int | None,
    features: str | None,
    name: str | None,
    user: str | None,
    seeds: str | None,
    wait: bool,
) -> None:
    """Train what CONFIG says, a JSON file as the wizard shows it.

    With --features a classifier on features learns from a stored feature set, and its data set
    need not be named.

    With several seeds, or a split into folds, all its trainings are one repeated experiment.

    The work is done by a running worker; exit code 1 with --wait when it does not finish.
    """
    with command_line():
        with acting_as(person(user)):
            document = ExperimentService.read_document(read_json(config))
            if features is not None:
                document["config"]["feature_set"] = features
            version_id = _version(document, dataset, version)
            called = name or document["name"] or config.stem
            several = _seeds(seeds) if seeds else document["seeds"]
            if several or _has_folds(document["config"]):
                follow = cli_repeated.start(called, version_id, document["config"], several)
            else:
                follow = _start(called, version_id, document["config"])
        if wait:
            follow()


def _version(document: Document, dataset: str | None, version: int | None) -> int:
    """Of the data set that is named, else that of the feature set."""
    chosen = dataset or document["dataset"]
    if chosen is not None:
        number = version if version is not None else document["version"]
        return ExperimentService.find_version(chosen, number)
    if named := document["config"].get("feature_set"):
        return FeatureSetService.find_version(named)
    raise click.UsageError(
        "Say which data set: --dataset, or “dataset” in the file; or a feature set: --features."
    )


def _start(name: str, version_id: int, config: dict[str, Any]) -> Callable[[], None]:
    made = ExperimentService.create_experiment(name, version_id, config)
    for warning in made["split"]["warnings"]:
        click.echo(f"Note: {warning}", err=True)
    click.echo(f"Experiment {made['id']} “{made['name']}” waits for a worker.")
    return lambda: _follow(made["id"])


def _has_folds(config: dict[str, Any]) -> bool:
    split = config.get("split")
    return isinstance(split, dict) and split.get("by") == "folds" and not split.get("fold")


def _seeds(text: str) -> list[int]:
    words = text.replace(",", " ").split()
    if not words or not all(word.isdecimal() for word in words):
        raise click.BadParameter("write whole numbers such as 0,1,2.", param_hint="--seeds")
    return [int(word) for word in words]


def _follow(experiment_id: int) -> None:
    seen = 0
    while True:
        experiment = ExperimentService.get_experiment(experiment_id)
        log = JobService.list_log(experiment["job"]["id"], limit=10_000)
        for line in log[seen:]:
            click.echo(line["message"])
        seen = len(log)
        if experiment["state"] in AT_REST:
            break
        if experiment["job"]["status"] is JobStatus.PAUSED:
            raise click.ClickException("The training rests. Resume it on its page.")
        time.sleep(LOOK_EVERY_S)
    _tell_end(experiment)


def _tell_end(experiment: ExperimentView) -> None:
    if experiment["state"] is not ExperimentState.FINISHED or experiment["summary"] is None:
        raise click.ClickException(experiment["job"]["error"] or "The training was cancelled.")
    summary = experiment["summary"]
    counts = summary["n"]
    click.echo(
        f"Test: {counts['recordings']} recordings, {counts['windows']} windows,"
        f" groups ({experiment['group_by']}): {counts['groups']}."
    )
    for level in ("recordings", "windows"):
        scores = (f"{_title(name)} {_score(score)}" for name, score in summary[level].items())
        click.echo(f"By {level}: {', '.join(scores)}.")
    if summary["no_interval"]:
        click.echo(summary["no_interval"])
    if experiment["leakage"]:
        click.echo(f"Leaks: {experiment['leakage']['sentence']}")


def _title(name: str) -> str:
    return name.replace("_", " ")


def _score(score: dict[str, float | None]) -> str:
    if score["low"] is None:
        return f"{score['value']:.3f}"
    return f"{score['value']:.3f} ({score['low']:.3f} to {score['high']:.3f})"
