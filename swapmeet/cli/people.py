"""`swapmeet create-admin`: the first person of an installation, or one more right for somebody who is there already."""

import sys
from dataclasses import dataclass

import click

from swapmeet.accounts.library import clean_address
from swapmeet.accounts.passwords import LENGTH_ALONE, find_fault
from swapmeet.accounts.queries import find_person_by_email
from swapmeet.accounts.services import people
from swapmeet.cli.context import command_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor


@dataclass(frozen=True)
class _Made:
    """What came of it, for the sentences at the end."""

    is_new: bool
    was_admin: bool
    has_new_password: bool


@click.command()
@click.argument("email")
@click.option("--name", default="", help="The name of a new person.")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input instead of asking for one.")
@click.option("--no-password", is_flag=True, help="A new person gets none and sets one by mail.")
@click.option(
    "--reset-password", is_flag=True, help="Also a person who is here already gets a new password and is signed out."
)
def create_admin(email: str, name: str, password_stdin: bool, no_password: bool, reset_password: bool) -> None:
    """Make the person with this address site admin, and the person if there is none. A known person keeps the password."""
    if no_password and reset_password:
        _stop("--no-password and --reset-password contradict each other. Leave one out.")
    try:
        address = clean_address(email)
    except ValueError as error:
        _stop(str(error))
    with command_app():
        is_known = find_person_by_email(db.session(), address) is not None
        end_reading()
        is_asked = not no_password and (reset_password or not is_known)
        password = _password(password_stdin, known=(name, address)) if is_asked else None
        made = _make(address, name or address.partition("@")[0], password, may_reset=reset_password)
    _tell(address, made, is_unused=password_stdin and not made.has_new_password)


def _stop(words: str) -> None:
    click.echo(words, err=True)
    sys.exit(2)


def _password(from_stdin: bool, *, known: tuple[str, str]) -> str:
    """A good password, or exit status 2 with what is wrong with it. Never printed, never in the arguments."""
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
    else:
        typed = click.prompt(f"Password ({LENGTH_ALONE} characters or more)", hide_input=True, confirmation_prompt=True)
    fault = find_fault(typed, known=known, least=LENGTH_ALONE)
    if fault is not None:
        _stop(fault)
    return str(typed)


def _make(address: str, name: str, password: str | None, *, may_reset: bool) -> _Made:
    now, by = utcnow(), Actor.command("create-admin")
    with transaction() as db_session:
        person = find_person_by_email(db_session, address)
        is_new = person is None
        person = person or people.create_person(db_session, name=name, email=address, now=now)
        was_admin = person.is_site_admin
        if password is not None and is_new:
            people.set_password(db_session, person=person, password=password, now=now)
        elif password is not None and may_reset:
            people.reset_password(db_session, person=person, password=password, by=by, now=now)
        people.make_site_admin(db_session, person=person, by=by, now=now)
    return _Made(is_new, was_admin, password is not None and (is_new or may_reset))


def _tell(address: str, made: _Made, *, is_unused: bool) -> None:
    """What happened, and above all what happened to the password."""
    if made.is_new:
        click.echo(f"{address} is site admin now (a new account).")
        if not made.has_new_password:
            click.echo("To sign in, set a password by mail: “Forgot your password?” on the sign-in page.")
        return
    click.echo(f"{address} was site admin already." if made.was_admin else f"{address} is site admin now.")
    if made.has_new_password:
        click.echo("The password is the new one. Whoever was signed in with the old one is signed out.")
        return
    click.echo("The account was there before and keeps its password.")
    if is_unused:
        click.echo("The password on standard input was not used; add --reset-password to set it.")
