"""``python -m cli user``: who may use this installation."""

from __future__ import annotations

import click

from cli_context import command_line
from models import Role
from services.two_factor_service import TwoFactorService
from services.user_service import UserService
from settings import Settings


@click.group()
def user() -> None:
    """Who may use this installation."""


@user.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ANALYST.value,
    show_default=True,
)
def add(name: str, role: str) -> None:
    """Add a user, and print a link by which the person chooses a password."""
    with command_line() as settings:
        _person, token = UserService.invite(name, Role(role))
    _print_link(settings, token)


@user.command("list")
def list_users() -> None:
    """List the users."""
    with command_line():
        people = UserService.list_users()
    for person in people:
        state = "disabled" if person["is_disabled"] else "active"
        if not person["has_password"] and not person["is_disabled"]:
            state = "invited"
        seen = person["last_sign_in_at"]
        when = f"{seen:%Y-%m-%d %H:%M} UTC" if seen else "never"
        click.echo(f"{person['name']}\t{person['role'].value}\t{state}\tlast sign-in: {when}")
    if not people:
        click.echo("There is no user yet. “python -m cli up” prints a link for the first admin.")


@user.command("reset-password")
@click.argument("name")
def reset_password(name: str) -> None:
    """End a user's sessions, and print a link by which the person chooses a new password."""
    with command_line() as settings:
        token = UserService.reset_password(UserService.find_user(name)["id"])
    _print_link(settings, token)


@user.command("reset-2fa")
@click.argument("name")
def reset_2fa(name: str) -> None:
    """Take away a user's authenticator and backup codes, when both are lost."""
    with command_line():
        had_one = TwoFactorService.reset_2fa(UserService.find_user(name)["id"])
    if had_one:
        click.echo(f"{name} signs in with the password alone now, and is signed out everywhere.")
    else:
        click.echo(f"{name} has no second step.")


@user.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Let a user in no more."""
    with command_line():
        person = UserService.disable(UserService.find_user(name)["id"])
    click.echo(f"{person['name']} is disabled, and signed out everywhere.")


def _print_link(settings: Settings, token: str) -> None:
    click.echo(f"{settings.public_url}/link/{token}")
    click.echo("The link works once; give it to nobody else.", err=True)
