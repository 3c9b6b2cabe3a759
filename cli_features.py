"""``python -m cli features``: extract features, list the sets, write one to a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from cli_context import command_line, person
from cli_export import find_dataset, progress
from diagnostics.errors import DiagnosticsError
from diagnostics.features.catalogue import ALL, Domain
from services.actor import acting_as
from services.errors import ServiceError
from services.feature_service import FeatureService
from services.feature_set_service import FORMATS, FeatureSetService

MOST = 10_000


@click.group()
def features() -> None:
    """Features of the windows of data sets."""


@features.command()
@click.argument("dataset", metavar="DATASET")
@click.option("--name", help="[default: the name of the data set]")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    type=click.Choice([ALL, *(one.value for one in Domain)]),
    default=(ALL,),
)
@click.option("--window", default=4096, show_default=True, help="Samples of a window.")
@click.option("--overlap", default=0.0, show_default=True, help="Part of a window, 0 to 0.95.")
@click.option("--channel", default=0, show_default=True, help="Counted from 0.")
@click.option("--group-by", default="", help="[default: bearing, else machine, else recording]")
@click.option("--version", type=click.IntRange(1), help="[default: the newest]")
@click.option("--as", "user", metavar="USER", help="Who extracts. [default: first admin]")
def extract(
    dataset: str,
    name: str | None,
    domains: tuple[str, ...],
    window: int,
    overlap: float,
    channel: int,
    group_by: str,
    version: int | None,
    user: str | None,
) -> None:
    """Extract features of a version of DATASET (its name or number), here and now."""
    config = {"window": window, "overlap": overlap, "channel": channel, "group_by": group_by}
    with command_line(), acting_as(person(user)):
        dataset_id = find_dataset(dataset)
        try:
            made = FeatureService.make_feature_set(
                dataset_id, name or dataset, list(domains), config, version, progress()
            )
        except (ServiceError, DiagnosticsError, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"Feature set {made['feature_set_id']}: “{made['name']}”, version {made['number']}, "
        f"{made['row_count']:,} windows"
    )


@features.command("list")
def list_sets() -> None:
    """List the feature sets, newest first."""
    with command_line(), acting_as(person(None)):
        for one in FeatureSetService.list_feature_sets(MOST):
            click.echo(
                f"{one['id']:5}  “{one['name']}”, version {one['number']}: "
                f"{one['row_count']:,} windows, {one['feature_count']} features of "
                f"“{one['dataset_name']}”, version {one['dataset_version']}"
            )


@features.command()
@click.argument("number", metavar="SET", type=int)
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="hdf5")
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write.",
)
def export(number: int, format_name: str, output: Path) -> None:
    """Write the table of SET (its number) to a file."""
    if output.exists():
        raise click.UsageError(f"{output} is there already.")
    with command_line(), acting_as(person(None)):
        try:
            found = FeatureSetService.open_feature_set(number, format_name)
            if found["path"] is not None:
                shutil.copyfile(found["path"], output)
            else:
                with output.open("w", encoding="utf-8") as file:
                    file.writelines(found["pieces"] or ())
        except (ServiceError, DiagnosticsError, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{output}: {output.stat().st_size:,} bytes, {format_name}")
