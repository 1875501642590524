"""`swapmeet demo`: three sample shows as they look three weeks before the day."""

import random
import sys
from datetime import date, datetime, timedelta

import click
from flask_security import hash_password
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Organizer, Person, TeamMember
from swapmeet.cli.context import command_app
from swapmeet.events.models import Event, EventState
from swapmeet.infra import documents
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import badge_code
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.outbox import FILES_MAIL_JOB, MAIL_JOB, MailState, OutboxMessage
from swapmeet.infra.registry import registry
from swapmeet.infra.stage import Stage
from swapmeet.infra.uow import transaction

PASSWORD = "paint a tiny blue door"
SHOWS = ("quill-river-train-show", "thimble-creek-houseparty", "harbour-muster-open-day")
PEOPLE = 320
SEED = 20_27

# key -> (name, address, roles at the demo organizer)
ACCOUNTS: dict[str, tuple[str, str, list[str]]] = {
    "organizer": ("Olga Owens", "olga@example.org", ["owner"]),
    "treasurer": ("Trudy Tell", "trudy@example.org", ["treasurer"]),
    "door": ("Dora Doyle", "dora@example.org", ["door"]),
    "vendor": ("Vic Vance", "vic@example.org", []),
    "attendee": ("Ann Archer", "ann@example.org", []),
    "trader": ("Tess Tolbert", "tess@example.org", []),
    "other_trader": ("Tom Tran", "tom@example.org", []),
}

FIRST = (
    "Ada Alma Anita Arthur Beatrix Bernard Carol Cecil Clara Clive Cora Dennis Doris Edith Edna Ellis Elsie Ernest Ethel Evelyn "
    "Flora Frances Fred George Gladys Grace Harold Hazel Helen Henry Ida Irene Iris Ivy Jack Jean Joan June Keith Leonard "
    "Lillian Lois Mabel Margaret Marion Maurice Maxine Mildred Myrtle Nancy Nora Norma Olive Opal Oscar Pauline Pearl Percy "
    "Phyllis Ralph Rita Roland Rosa Roy Ruby Ruth Stanley Stella Sylvia Thelma Theo Vera Victor Viola Walter Winifred"
).split()
LAST = (
    "Abbott Ashby Barlow Beech Bishop Blackwood Bramley Brook Carver Chandler Clay Cooper Cotter Cross Dale Draper Ellery "
    "Fairley Farrow Fletcher Forrester Garland Glover Gray Hale Harper Hatch Hayward Holt Hooper Jarvis Kemp Kettle Lark "
    "Lorimer Marlow Mason Mercer Miller Nash Oakley Painter Parrish Pell Potter Quill Reeve Rowan Sadler Sawyer Shore Skinner "
    "Slater Sparrow Tanner Thatcher Tinker Turner Tyler Underhill Vale Wainwright Walker Weaver Webb Wheeler Wright Yates"
).split()


@click.command()
@click.option("--accounts", is_flag=True, help="Print the fixed sign-ins.")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are people already.")
def demo(accounts: bool, if_empty: bool) -> None:
    """Fill an empty database with sample shows, people, orders, tables and trades."""
    with command_app() as app:
        if app.extensions["swapmeet_settings"].is_production:
            click.echo("The demo has known passwords; it is refused in production.", err=True)
            sys.exit(2)
        taken = db.session.scalar(select(func.count()).select_from(Person)) or 0
        if taken and not if_empty:
            click.echo("There are people here already. The demo wants an empty database.", err=True)
            sys.exit(2)
        if not taken:
            fill(now=utcnow(), say=click.echo)
        has_demo = db.session.scalar(select(Person.id).where(Person.email == ACCOUNTS["organizer"][1])) is not None
    if accounts and has_demo:
        _print_accounts()


def fill(*, now: datetime, say: object = None, names: tuple[str, ...] = SHOWS) -> Stage:
    """Everything for the named sample shows, one transaction a step. Deterministic but for secrets and the date."""
    stage = Stage(now=now, random=random.Random(SEED))
    with transaction() as db_session:
        organizer = _people(db_session, stage)
        _shows(db_session, stage, organizer, names)
    for step in registry().demo:
        with transaction() as db_session:
            _refresh(db_session, stage)
            step.fill(db_session, stage)
        if callable(say):
            say(f"demo: {step.name}")
    with transaction() as db_session:
        _mark_mail_sent(db_session)
    return stage


def _people(db_session: Session, stage: Stage) -> Organizer:
    created = stage.now - timedelta(days=300)
    secret = hash_password(PASSWORD)
    organizer = Organizer(
        slug="miniature-guild",
        name="The Miniature Guild",
        email="hello@example.org",
        about="A club of makers and collectors that runs three shows a year.",
        country="US",
        created_at=created,
    )
    db_session.add(organizer)
    for key, (name, address, _) in ACCOUNTS.items():
        stage.accounts[key] = _person(name, address, created, secret)
    pairs = stage.random.sample([(first, last) for first in FIRST for last in LAST], PEOPLE)
    stage.people = [_person(f"{a} {b}", f"{a}.{b}@example.net".lower(), created, None) for a, b in pairs]
    db_session.add_all([*stage.accounts.values(), *stage.people])
    db_session.flush()
    for key, (_, _, roles) in ACCOUNTS.items():
        if roles:
            member = TeamMember(
                organizer_id=organizer.id, person_id=stage.accounts[key].id, roles=roles, created_at=created
            )
            db_session.add(member)
    return organizer


def _person(name: str, address: str, created: datetime, password: str | None) -> Person:
    return Person(
        name=name,
        email=address,
        password=password,
        active=True,
        fs_uniquifier=badge_code(),
        confirmed_at=created.replace(tzinfo=None),
        created_at=created,
    )


def _shows(db_session: Session, stage: Stage, organizer: Organizer, names: tuple[str, ...]) -> None:
    """The three shows, imported and published by the same services that an organizer's pages call."""
    from swapmeet.events.services import import_show, publish_event
    from swapmeet.events.showfile import sample_shows
    from swapmeet.kernel.actor import Actor

    by = Actor.command("demo")
    long_ago = stage.now - timedelta(days=200)
    shows = {show["id"]: show for show in sample_shows()["shows"]}
    for name in names:
        show = shows[name]
        event = import_show(
            db_session,
            organizer=organizer,
            show=show,
            first_day=_first_day(stage.now, show["first_day_weekday"]),
            by=by,
            now=long_ago,
        )
        if event.state is EventState.DRAFT:
            publish_event(db_session, event=event, by=by, now=long_ago + timedelta(days=1))
        stage.events.append(event)


def _first_day(now: datetime, weekday: str) -> date:
    """The first such weekday at least three weeks ahead."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    start = now.date() + timedelta(days=21)
    return start + timedelta(days=(names.index(weekday) - start.weekday()) % 7)


def _refresh(db_session: Session, stage: Stage) -> None:
    """A new transaction lets go of all rows: fetch those of the stage anew."""
    stage.events = [db_session.get_one(Event, event.id) for event in stage.events]
    stage.people = list(
        db_session.scalars(select(Person).where(Person.id.in_([p.id for p in stage.people])).order_by(Person.id))
    )
    stage.accounts = {key: db_session.get_one(Person, person.id) for key, person in stage.accounts.items()}


def _mark_mail_sent(db_session: Session) -> None:
    """The demo's people have no mailboxes: what would have been sent counts as sent, papers for it included."""
    waiting = select(OutboxMessage.id).where(OutboxMessage.state == MailState.QUEUED)
    db_session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(waiting))
        .values(state=MailState.SENT, sent_at=OutboxMessage.created_at, subject="About your order")
        .execution_options(synchronize_session=False)
    )
    db_session.execute(
        update(Job)
        .where(Job.kind.in_((MAIL_JOB, FILES_MAIL_JOB, documents.JOB)))
        .values(state=JobState.DONE)
        .execution_options(synchronize_session=False)
    )
    unmade = delete(documents.Document).where(documents.Document.state == documents.DocumentState.WAITING)
    db_session.execute(unmade.execution_options(synchronize_session=False))


def _print_accounts() -> None:
    click.echo("\nSign-ins of the demo (all with the same password):")
    for key, (name, address, roles) in ACCOUNTS.items():
        role = ", ".join(roles) or key.replace("_", " ")
        click.echo(f"  {address:20} {name:14} {role}")
    click.echo(f"  password: {PASSWORD}\n")
