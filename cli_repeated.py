"""A repeated experiment on the command line: started, followed, told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import click

from services.repeated.views import RepeatedView
from services.repeated_service import RepeatedExperimentService

LOOK_EVERY_S = 2.0
GOES_ON = ("waiting", "training")


def start(
    name: str, version_id: int, config: dict[str, Any], seeds: Sequence[int]
) -> Callable[[], None]:
    """Start it; what is given back follows it to the end."""
    made = RepeatedExperimentService.create_repeated(name, version_id, config, seeds)
    for warning in made["warnings"]:
        click.echo(f"Note: {warning}", err=True)
    click.echo(
        f"Repeated experiment {made['id']} “{made['name']}”: {made['runs']} trainings wait for a"
        " worker."
    )
    return lambda: _follow(made["id"])


def _follow(repeated_id: int) -> None:
    told: set[int] = set()
    while True:
        repeated = RepeatedExperimentService.get_repeated(repeated_id)
        for run in repeated["members"]:
            if run["state"] not in GOES_ON and run["experiment_id"] not in told:
                told.add(run["experiment_id"])
                scores = run["scores"]
                accuracy = f", accuracy {scores['accuracy']:.3f}" if scores else ""
                click.echo(f"{run['name']}: {run['state']}{accuracy}")
        if repeated["state"] not in GOES_ON:
            break
        time.sleep(LOOK_EVERY_S)
    _tell_end(repeated)


def _tell_end(repeated: RepeatedView) -> None:
    pooled = repeated["pooled"]
    for spread in repeated["spreads"]:
        click.echo(
            f"{spread['name'].replace('_', ' ')} over {spread['runs']} runs: {spread['mean']:.3f}"
            f" ± {spread['deviation']:.3f} (of single runs, which are not independent)"
        )
    if pooled is not None:
        score = pooled["scores"]["accuracy"]
        interval = "" if score["low"] is None else f" ({score['low']:.3f} to {score['high']:.3f})"
        click.echo(
            f"Pooled: accuracy {score['value']:.3f}{interval} over {pooled['recordings']}"
            f" recordings of {pooled['group_count']} groups, seeds: {len(pooled['seeds'])}."
        )
        if pooled["no_interval"]:
            click.echo(pooled["no_interval"])
    if repeated["leak"] in ("known", "suspected"):
        click.echo(f"Leak: {repeated['leak']}. The runs say why.")
    if repeated["finished"] < repeated["runs"]:
        raise click.ClickException(
            f"{repeated['runs'] - repeated['finished']} of {repeated['runs']} runs did not finish."
        )
