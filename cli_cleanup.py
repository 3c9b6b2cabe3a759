"""``python -m cli cleanup``: take away what nobody needs any more, or say what that would be."""

from __future__ import annotations

import click

from cli_context import command_line
from services.housekeeping_service import HousekeepingService


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
def cleanup(dry_run: bool) -> None:
    """Delete what is older than RETENTION_DAYS says, and files that belong to nobody.

    The workers do it once a day by themselves. A dry run counts rows; files that belong to
    nobody are found while they are deleted.
    """
    with command_line():
        if dry_run:
            for kind in HousekeepingService.preview_cleaning():
                kept = f"older than {kind['days']} days" if kind["days"] else "kept for ever"
                click.echo(f"{kind['count']:>10}  {kind['name']}  ({kept})")
            return
        for name, count in HousekeepingService.clean_up().items():
            click.echo(f"{count:>10}  {name}")
