"""``python -m cli data export``: a data set as one file."""

from __future__ import annotations

from pathlib import Path

import click

from cli_context import command_line, person
from diagnostics.errors import DiagnosticsError
from diagnostics.exporters.registry import FORMATS
from diagnostics.progress import Progress, Report
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.export_service import ExportService


@click.command("export")
@click.argument("dataset", metavar="DATASET")
@click.option(
    "--format",
    "format_name",
    type=click.Choice([one.name for one in FORMATS]),
    help="[default: by the ending of the file, else hdf5]",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write.",
)
@click.option("--version", type=click.IntRange(1), help="[default: the newest]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--as", "user", metavar="USER", help="Who exports. [default: first admin]")
def export(
    dataset: str,
    format_name: str | None,
    output: Path,
    version: int | None,
    force: bool,
    user: str | None,
) -> None:
    """Write a version of DATASET (its name or number) to a file.

    HDF5 and Parquet are one file, MATLAB and CSV a zip archive. The file can be imported again.
    """
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already. Give --force to replace it.")
    if not output.absolute().parent.is_dir():
        raise click.UsageError(f"There is no folder {output.parent}.")
    with command_line(), acting_as(person(user)):
        dataset_id = find_dataset(dataset)
        chosen = format_name or _by_ending(output)
        try:
            ExportService.write_file(dataset_id, output, version, chosen, progress())
        except (DiagnosticsError, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{output}: {output.stat().st_size:,} bytes, {chosen}")


def find_dataset(dataset: str) -> int:
    """By its name, which counts more, or by its number."""
    for archived in (False, True):
        for found in DatasetService.list_datasets(search_query=dataset, archived=archived):
            if found["name"] == dataset:
                return found["id"]
    if dataset.isdecimal() and DatasetService.get_dataset_details(int(dataset)) is not None:
        return int(dataset)
    raise click.UsageError(
        f"There is no data set “{dataset}”. “python -m cli data list” shows all."
    )


def _by_ending(output: Path) -> str:
    """HDF5 and Parquet; a zip archive could hold either of two formats."""
    if output.suffix == ".zip":
        raise click.UsageError("A zip archive is --format mat or --format csv; say which.")
    for one in FORMATS:
        if one.suffix == output.suffix:
            return one.name
    return "hdf5"


def progress() -> Report:
    """Tells each tenth once."""
    told = 0

    def tell(progress: Progress) -> None:
        nonlocal told
        tenths = int(10 * progress.fraction)
        if tenths > told:
            told = tenths
            click.echo(f"{10 * tenths:3} %  {progress.message}", err=True)

    return tell
