"""`swapmeet doctor`: runs every invariant as a query that must find nothing."""

import sys
from collections.abc import Iterator
from datetime import datetime

import click
from sqlalchemy.orm import Session

from swapmeet.cli.context import command_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import DoctorQuery, registry
from swapmeet.infra.uow import end_reading

INVARIANTS: dict[int, str] = {
    1: "No quota is oversold",
    2: "One holder per place, badge number and seat",
    3: "A confirmed order is never lost",
    4: "The books balance",
    5: "Refunds never exceed what was captured",
    6: "Voucher uses stay within their limit",
    7: "A hold ends at its time",
    8: "One mail per committed fact",
    9: "A badge enters a gate once",
    10: "A trade settles whole",
    11: "Open offers never exceed free places",
    12: "No row points across events",
    13: "Receipt numbers have no gap and no repeat",
    14: "Every change of money, role, capacity or place has an audit entry",
    15: "Files in the store equal rows",
    16: "Documents print every name",
}


def examine(
    db_session: Session, queries: list[DoctorQuery], *, now: datetime
) -> Iterator[tuple[DoctorQuery, list[str]]]:
    """Each query with the violations it found, in order of the invariants. Each sees the database as it is by then."""
    for query in queries:
        end_reading()
        yield query, query.find(db_session, now)


@click.command()
@click.option("--quiet", is_flag=True, help="Only what is broken.")
def doctor(quiet: bool) -> None:
    """Check everything that must always be true. Exit status 1 when something is broken."""
    broken = 0
    with command_app():
        queries = registry().doctor
        for number in sorted(set(INVARIANTS) - {query.invariant for query in queries}):
            click.echo(f"{number:2} NOT CHECKED {INVARIANTS[number]}")
            broken += 1
        for query, found in examine(db.session(), queries, now=utcnow()):
            broken += len(found)
            if found or not quiet:
                click.echo(
                    f"{query.invariant:2} {'BROKEN' if found else 'ok':6} {INVARIANTS[query.invariant]}: {query.name}"
                )
            for sentence in found:
                click.echo(f"          {sentence}")
    click.echo(f"{broken} broken" if broken else "All invariants hold.")
    sys.exit(1 if broken else 0)
