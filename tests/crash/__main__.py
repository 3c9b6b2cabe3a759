"""``make crash-test``: many jobs under accidents; exit code 1 when anything is wrong."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import click

from tests.crash.trial import Trial, attempt


@click.command()
@click.option("--jobs", default=300, show_default=True, help="How many jobs are asked for.")
@click.option("--seed", default=1, show_default=True, help="Of the jobs and of the accidents.")
@click.option("--every", default=5.0, show_default=True, help="Seconds between accidents, mean.")
@click.option("--patience", default=300.0, show_default=True, help="Seconds without an end.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Write the figures here.")
def main(jobs: int, seed: int, every: float, patience: float, target: Path | None) -> None:
    """Run jobs on a site of its own while its processes are killed at random."""
    place = Path(tempfile.mkdtemp(prefix="crash-test-"))
    trial = attempt(place / "var", jobs, seed, every, patience)
    _tell(trial)
    if target is not None:
        target.write_text(json.dumps(trial.to_dict(), indent=2) + "\n")
    if trial.faults:
        raise SystemExit(f"See {place} for the folder of the site and its log.")
    shutil.rmtree(place)


def _tell(trial: Trial) -> None:
    click.echo(f"{sum(trial.asked.values())} jobs, seed {trial.seed}, {trial.seconds:.0f} s")
    for title, counted in (
        ("asked for", trial.asked),
        ("killed", trial.kills),
        ("ended", trial.ended),
    ):
        parts = ", ".join(f"{count} × {name}" for name, count in sorted(counted.items()))
        click.echo(f"{title:<10}  {parts or 'nothing'}")
    click.echo(
        f"jobs begun again {trial.begun_again}, tried again by a person "
        f"{trial.tried_again_by_a_person}, requests sent again {trial.requests_sent_again}"
    )
    if trial.spared:
        click.echo(f"never killed: {', '.join(trial.spared)}; more jobs make the trial longer")
    for fault in trial.faults:
        click.secho(f"FAULT  {fault}", fg="red")
    click.echo("All is as it should be." if not trial.faults else f"{len(trial.faults)} faults")


if __name__ == "__main__":
    main()
