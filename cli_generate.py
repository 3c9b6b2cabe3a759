"""``python -m cli data generate``: generate a data set from a configuration in a file."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import click

from cli_context import command_line, person, read_json
from diagnostics.progress import Progress
from diagnostics.synthesis.shortcuts import SHORTCUTS
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.synthesis_service import SynthesisService
from tasks.synthesis import generate_dataset

TELL_EVERY = 50


@click.command("generate")
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Name of the data set. [default: that of the file]")
@click.option("--estimate", is_flag=True, help="Say what it would take, and generate nothing.")
@click.option(
    "--plant",
    type=click.Choice(SHORTCUTS),
    default=None,
    help="Plant a shortcut, to see whether an explanation reveals it.",
)
@click.option("--as", "user", metavar="USER", help="Whose data set it is. [default: first admin]")
def generate(
    config: Path, name: str | None, estimate: bool, plant: str | None, user: str | None
) -> None:
    """Generate what CONFIG says, a JSON file as the page saves it.

    The work is done here and needs no worker.
    """
    with command_line(), acting_as(person(user)):
        document = SynthesisService.complete_config(read_json(config))
        size = SynthesisService.estimate(document)
        told = f"{size['recordings']} recordings, about {size['bytes'] / 1e6:,.0f} MB"
        if estimate:
            click.echo(f"{told}, {size['seconds']:,.0f} s.")
            return
        called = name or config.stem
        made = generate_dataset(_show_progress, called, document, uuid4().hex, plant or "")
        details = DatasetService.get_dataset_details(made["dataset_id"])
    given = details["provenance"] if details else None
    checks = (given or {}).get("self_test", [])
    passed = sum(check["passed"] for check in checks)
    click.echo(f"Data set {made['dataset_id']}: {made['recordings']} recordings.")
    click.echo(f"Signatures: {passed} of {len(checks)} numbers as the formulas say.")


def _show_progress(progress: Progress) -> None:
    if progress.done % TELL_EVERY == 0 and progress.message:
        click.echo(f"{progress.fraction:4.0%}  {progress.message}", err=True)
