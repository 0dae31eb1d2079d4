"""`tagger users`: those who may log in to the editors' desk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from tagger.commands.common import clear_errors, say
from tagger.commands.display.access import show_users
from tagger.settings import load_settings

if TYPE_CHECKING:
    from tagger.feedback.users import Users

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")

NameArgument = Annotated[str, typer.Argument(help="The user's name.")]
RoleChoice = Literal["editor", "administrator"]
PasswordOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")
]


@app.callback()
def users() -> None:
    """See to those who may log in to the editors' desk.

    Example:
        tagger users create "Awa Ndiaye" --role administrator
    """


@app.command()
def create(
    name: NameArgument,
    role: Annotated[RoleChoice, typer.Option(help="An administrator may also see to users and models.")] = "editor",
    password_stdin: PasswordOption = False,
) -> None:
    """Make a user; the password is asked for twice.

    Examples:
        tagger users create "Awa Ndiaye"

        pass show tagger/awa | tagger users create "Awa Ndiaye" --role administrator --password-stdin
    """
    with _users() as accounts:
        user = accounts.create(name, _password(password_stdin), role)
    say(f"« {user.name} » may log in as {user.role}.")


@app.command("list")
def list_users() -> None:
    """List all users.

    Example:
        tagger users list
    """
    with _users() as accounts:
        found = accounts.list()
    show_users(Console(), found)


@app.command("set-password")
def set_password(name: NameArgument, password_stdin: PasswordOption = False) -> None:
    """Give a user a new password; whoever is logged in under the name is logged out.

    Example:
        tagger users set-password "Awa Ndiaye"
    """
    with _users() as accounts:
        accounts.set_password(name, _password(password_stdin))
    say(f"« {name} » has a new password.")


@app.command("set-role")
def set_role(name: NameArgument, role: Annotated[RoleChoice, typer.Argument(help="The new role.")]) -> None:
    """Give a user another role.

    Example:
        tagger users set-role "Awa Ndiaye" administrator
    """
    with _users() as accounts:
        accounts.set_role(name, role)
    say(f"« {name} » is now {role}.")


@app.command()
def disable(name: NameArgument) -> None:
    """Let a user no longer log in, and log the user out.

    Example:
        tagger users disable "Awa Ndiaye"
    """
    with _users() as accounts:
        accounts.disable(name)
    say(f"« {name} » can no longer log in. `tagger users enable` undoes it.")


@app.command()
def enable(name: NameArgument) -> None:
    """Let a disabled user log in again.

    Example:
        tagger users enable "Awa Ndiaye"
    """
    with _users() as accounts:
        accounts.enable(name)
    say(f"« {name} » may log in again.")


@app.command()
def erase(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Erase a user for good; the user's decisions stay, without a name.

    Example:
        tagger users erase "Awa Ndiaye" --yes
    """
    if not yes:
        typer.confirm(f"Erase « {name} » for good?", abort=True)
    with _users() as accounts:
        accounts.erase(name)
    say(f"« {name} » is erased.")


@contextmanager
def _users() -> Iterator[Users]:
    from tagger.feedback.users import Users
    from tagger.store.database import Database

    with clear_errors(), closing(Database.open(load_settings())) as database:
        yield Users(database)


def _password(from_stdin: bool) -> str:
    """Read a password: a line of standard input, or what is typed unseen, twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
