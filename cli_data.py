"""``python -m cli data``: import recordings from files, and list data sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli_context import command_line, person
from cli_export import export
from cli_generate import generate
from diagnostics.importers.archives import SUFFIX, is_archive
from diagnostics.importers.registry import PROFILES, SUFFIXES
from diagnostics.progress import Progress
from diagnostics.signals.signal import Unit
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.import_profile_service import ImportProfileService
from services.import_service import ImportService
from services.importing.results import ImportResult
from services.importing.sources import SourceFile, is_read
from services.importing.views import FilePreviewView

ENDINGS = (*SUFFIXES, SUFFIX)


@click.group()
def data() -> None:
    """Data sets and their recordings."""


data.add_command(export)
data.add_command(generate)


@data.command("list")
@click.option("--archived", is_flag=True, help="Those that were archived.")
def list_datasets(archived: bool) -> None:
    """List the data sets."""
    with command_line():
        datasets = DatasetService.list_datasets(archived=archived)
        total = DatasetService.count_datasets(archived=archived)
    for dataset in datasets:
        version = f"version {dataset['version']}" if dataset["version"] else "empty"
        click.echo(
            f"{dataset['id']}\t{dataset['name']}\t{version}\t"
            f"{_recordings(dataset['recording_count'])}\t{dataset['class_count']} classes\t"
            f"{dataset['duration_s'] / 3600:.2f} h"
        )
    if not datasets:
        click.echo("There is no data set. “python -m cli data import --help” says how to make one.")
    elif total > len(datasets):
        click.echo(f"{total - len(datasets)} more are on the page.", err=True)


@data.command("import")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=True, path_type=Path)
)
@click.option("--dataset", required=True, metavar="NAME", help="Data set; made if there is none.")
@click.option(
    "--profile",
    metavar="NAME",
    help=f"Built in ({', '.join(profile.name for profile in PROFILES)}) or saved by somebody: how "
    "the files are named and laid out. [default: the first that fits]",
)
@click.option(
    "--rate", "sample_rate_hz", type=float, help="Sampling rate in Hz of undeclared ones."
)
@click.option(
    "--unit", type=click.Choice([unit.value for unit in Unit]), help="Unit of undeclared channels."
)
@click.option("--speed", "speed_rpm", type=float, help="Speed in rpm where the file has none.")
@click.option("--label", help="Label where the file has none.")
@click.option("--load", help="Load where the file has none.")
@click.option("--machine", help="Machine where the file names none.")
@click.option("--bearing", help="Bearing where the file names none.")
@click.option("--pattern", help="Such as “{label}/{load}_*.mat”: takes values out of file names.")
@click.option(
    "--pattern-on",
    type=click.Choice(["file", "recording"]),
    help="Match the pattern with the file name or with the name of the array in the file.",
)
@click.option("--channel", "channels", multiple=True, help="Variables or columns to take, not all.")
@click.option(
    "--skip-elsewhere", is_flag=True, help="Leave out recordings that another data set has."
)
@click.option("--preview", is_flag=True, help="Show what would be imported, and store nothing.")
@click.option("--as", "user", metavar="USER", help="Whose data set it is. [default: first admin]")
def import_data(
    paths: tuple[Path, ...],
    dataset: str,
    profile: str | None,
    skip_elsewhere: bool,
    preview: bool,
    user: str | None,
    **typed: Any,
) -> None:
    """Import files, and folders of files, into a data set.

    A file that cannot be read is named and does not stop the others. Exit code 1 when a file
    was refused, or when nothing was there to import.
    """
    files = list(_sources(paths))
    if not files:
        raise click.UsageError(f"No file ends in {', '.join(ENDINGS)}.")
    shared = {key: value for key, value in typed.items() if value}
    with command_line(), acting_as(person(user)):
        if preview:
            previews = ImportService.preview_files(files, profile or "", shared=shared)
            refused = sum(_show_preview(view) for view in previews)
        else:
            ImportProfileService.resolve(profile or "")  # before a data set is made
            result = ImportService.import_files(
                files,
                _dataset(dataset),
                profile or "",
                shared,
                report=_show_progress,
                skip_elsewhere=skip_elsewhere,
            )
            refused = _show_result(result, dataset)
    if refused:
        raise click.exceptions.Exit(1)


def _sources(paths: tuple[Path, ...]) -> Iterator[SourceFile]:
    """The files of the paths; those of a folder under names that begin with the folder's."""
    for path in paths:
        if path.is_file():
            yield SourceFile(str(path), path.name, path, size=path.stat().st_size)
            continue
        for file in sorted(path.rglob("*")):
            if file.is_file() and (is_read(file.name) or is_archive(file.name)):
                name = Path(path.resolve().name) / file.relative_to(path)
                size = file.stat().st_size
                yield SourceFile(str(file), name.as_posix(), file, size=size, found=True)


def _dataset(name: str) -> int:
    for dataset in DatasetService.list_datasets(search_query=name):
        if dataset["name"] == name:
            return dataset["id"]
    return DatasetService.create(name)


def _show_progress(progress: Progress) -> None:
    if progress.message:
        click.echo(f"{progress.fraction:4.0%}  {progress.message}", err=True)


def _show_preview(view: FilePreviewView) -> bool:
    """Whether the file cannot be read."""
    if view["error"]:
        click.echo(f"{view['file_name']}: {view['error']}")
        return True
    if view["describes"]:
        click.echo(f"{view['file_name']}: describes {view['describes']}")
        return False
    click.echo(f"{view['file_name']}: {view['importer']}, profile {view['profile']}")
    for recording in view["recordings"]:
        rate = recording["sample_rate_hz"]
        said = f"{rate['value']:g} Hz ({rate['source']})" if rate else "rate not declared"
        channels = ", ".join(
            f"{channel['name']} [{channel['unit']['value'] if channel['unit'] else '?'}]"
            for channel in recording["channels"]
        )
        facts = ", ".join(f"{name} {fact['value']}" for name, fact in recording["facts"].items())
        click.echo(f"  {recording['title']}: {channels}; {said}; {facts or 'nothing else known'}")
        for warning in recording["warnings"]:
            click.echo(f"    warning: {warning['message']}")
        for missing in recording["missing"]:
            option = {"sample_rate_hz": "--rate", "unit": "--unit"}[missing]
            click.echo(f"    not declared, give {option}")
    return False


def _show_result(result: ImportResult, dataset: str) -> bool:
    """Whether a file was refused, or there was none."""
    for file in result["files"]:
        click.echo(f"{file['file_name']}: {file['sentence']}")
        for warning in file["warnings"]:
            click.echo(f"  warning: {warning}")
    for other in result["elsewhere"]:
        click.echo(f"“{other['name']}” has {_recordings(other['count'])} of them, too.")
    if result["left_out"]:
        click.echo(f"{result['left_out']} files of other kinds were left out.")
    made = f"version {result['version']}" if result["version"] else "no new version"
    click.echo(f"“{dataset}”: {_recordings(result['imported'])} imported, {made}.")
    return result["refused_files"] > 0 or not result["file_count"]


def _recordings(number: int) -> str:
    return "1 recording" if number == 1 else f"{number} recordings"
