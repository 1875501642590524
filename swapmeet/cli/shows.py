"""`swapmeet import-show`."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from swapmeet.accounts.models import Organizer
from swapmeet.accounts.queries import find_organizer
from swapmeet.cli.context import command_app
from swapmeet.events import services
from swapmeet.events.showfile import choose_show, read_file
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError


@click.command("import-show")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--show", "show_id", help="The id of the show, where the file has several.")
@click.option("--organizer", "organizer_slug", required=True, help="The address of the organizer it is for.")
@click.option("--first-day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The first official day.")
@click.option("--check", is_flag=True, help="Only say what is in the file and what is wrong; write nothing.")
def import_show(file: Path, show_id: str | None, organizer_slug: str, first_day: datetime, check: bool) -> None:
    """Import a show from FILE as a draft. A second import of the same file changes nothing."""
    with command_app():
        organizer = find_organizer(db.session(), organizer_slug)
        if organizer is None:
            _stop([f"There is no organizer {organizer_slug!r}."])
        try:
            show = choose_show(read_file(file.read_bytes()), show_id)
        except DomainError as error:
            _stop([error.message])
        report = services.check_show(show, first_day.date())
        for where, sentence in report.warnings:
            click.echo(f"warning: {where}: {sentence}", err=True)
        if report.problems:
            _stop([f"{where}: {sentence}" for where, sentence in report.problems])
        if check:
            click.echo(", ".join(f"{count} {what}" for what, count in report.counts.items()))
            return
        end_reading()
        _import(organizer, show, first_day.date())


def _import(organizer: Organizer, show: Any, first_day: date) -> None:
    try:
        with transaction() as db_session:
            event = services.import_show(
                db_session,
                organizer=organizer,
                show=show,
                first_day=first_day,
                by=Actor.command("import-show"),
                now=utcnow(),
            )
            slug, name = event.slug, event.name
    except DomainError as error:
        _stop([error.message])
    click.echo(f"{name}: /manage/shows/{slug}")


def _stop(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)
