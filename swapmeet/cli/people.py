"""`swapmeet create-admin`: the first person of an installation."""

import sys

import click

from swapmeet.accounts.library import clean_address
from swapmeet.accounts.passwords import LENGTH_ALONE, find_fault
from swapmeet.accounts.queries import find_person_by_email
from swapmeet.accounts.services import people
from swapmeet.cli.context import command_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor


@click.command()
@click.argument("email")
@click.option("--name", default="", help="The name of a new person.")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input instead of asking for one.")
@click.option("--no-password", is_flag=True, help="Set none: the person sets one by mail.")
def create_admin(email: str, name: str, password_stdin: bool, no_password: bool) -> None:
    """Make the person with this address site admin, and the person if there is none."""
    try:
        address = clean_address(email)
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    with command_app():
        password = None if no_password else _password(password_stdin, known=(name, address))
        made = _make(address, name or address.partition("@")[0], password)
    click.echo(f"{address} is site admin now{' (a new account)' if made else ''}.")
    if password is None and made:
        click.echo("To sign in, set a password by mail: “Forgot your password?” on the sign-in page.")


def _password(from_stdin: bool, *, known: tuple[str, str]) -> str:
    """A good password, or exit status 2 with what is wrong with it. Never printed, never in the arguments."""
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    else:
        typed = click.prompt(f"Password ({LENGTH_ALONE} characters or more)", hide_input=True, confirmation_prompt=True)
    fault = find_fault(typed, known=known, least=LENGTH_ALONE)
    if fault is not None:
        click.echo(fault, err=True)
        sys.exit(2)
    return str(typed)


def _make(address: str, name: str, password: str | None) -> bool:
    """True when a person was made."""
    now, by = utcnow(), Actor.command("create-admin")
    with transaction() as db_session:
        person = find_person_by_email(db_session, address)
        made = person is None
        person = person or people.create_person(db_session, name=name, email=address, now=now)
        if password is not None:
            people.set_password(db_session, person=person, password=password, now=now)
        people.make_site_admin(db_session, person=person, by=by, now=now)
    return made
