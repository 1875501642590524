"""Every from × to × hand: what the study's table allows happens once and is in the log, everything else is refused in words."""

from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover
from tests.vendor_tables.applying import Applying

# Written by hand from the table of the design, not from the code: from > to: who.
TABLE = """
draft > submitted: vendor
draft > waitlisted: vendor
draft > withdrawn: vendor
submitted > in_review: staff
submitted > changes_requested: staff
submitted > offered: staff
submitted > withdrawn: vendor
in_review > changes_requested: staff
in_review > offered: staff
in_review > waitlisted: staff
in_review > declined: staff
in_review > withdrawn: vendor
changes_requested > submitted: vendor job
changes_requested > withdrawn: vendor
waitlisted > offered: staff job
waitlisted > declined: staff job
waitlisted > withdrawn: vendor
offered > confirmed: staff payment
offered > lapsed: job
offered > withdrawn: vendor
confirmed > canceled: vendor staff
confirmed > checked_in: staff
confirmed > no_show: staff job
checked_in > confirmed: staff
checked_in > departed: staff
declined > submitted: staff
lapsed > submitted: staff
lapsed > waitlisted: vendor
withdrawn > submitted: staff
withdrawn > waitlisted: vendor
canceled > submitted: staff
"""


def allowed() -> set[tuple[str, str, str]]:
    found = set()
    for line in TABLE.strip().splitlines():
        origin, rest = line.split(" > ")
        target, hands = rest.split(": ")
        found |= {(origin, target, hand) for hand in hands.split()}
    return found


@pytest.mark.parametrize("origin", list(ApplicationState))
def test_only_the_steps_of_the_table_happen_and_each_is_written_down(applying: Applying, origin: Any) -> None:
    application_id = applying.write(is_sent=origin is not ApplicationState.DRAFT)
    if origin is not ApplicationState.DRAFT:
        applying.bring(application_id, origin)
    done = set()
    for target in ApplicationState:
        for mover in Mover:
            before, after = _try(application_id, target, mover)
            if after == before + 1:
                done.add((origin.value, target.value, mover.value))
            else:
                assert after == before, "a refused step leaves nothing"
    assert done == {each for each in allowed() if each[0] == origin.value}


class Undo(Exception):
    pass


def _try(application_id: int, target: ApplicationState, mover: Mover) -> tuple[int, int]:
    """Entries in the log before and after one step, which is undone again."""
    counts: list[int] = []
    refusals: list[str] = []
    entries = select(func.count()).where(AuditEntry.verb == "application.moved")
    try:
        with transaction() as db_session:
            counts.append(db_session.scalar(entries) or 0)
            row = db_session.get_one(Application, application_id)
            row.submitted_at = row.submitted_at or utcnow()
            expires = utcnow() if target is ApplicationState.OFFERED else None
            try:
                move(
                    db_session,
                    application=row,
                    target=target,
                    mover=mover,
                    by=Actor.command("test"),
                    now=utcnow(),
                    expires_at=expires,
                )
                assert row.state is target
            except DomainError as error:
                refusals.append(error.code)
            counts.append(db_session.scalar(entries) or 0)
            raise Undo
    except Undo:
        db.session.rollback()
    assert set(refusals) <= {"illegal_transition", "not_your_move"}
    return counts[0], counts[1]


def test_a_step_writes_who_when_from_to_and_why(applying: Applying, world: Any) -> None:
    application_id = applying.write()
    applying.manage(f"/{application_id}/steps", {"target": "declined", "seen": 1, "reason": "too many lamps"})
    steps = db.session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "application.moved").order_by(AuditEntry.id)
    ).all()
    assert [(each.origin, each.target, each.reason) for each in steps] == [
        ("draft", "submitted", ""),
        ("submitted", "in_review", ""),
        ("in_review", "declined", "too many lamps"),
    ]
    assert [each.actor_person_id for each in steps] == [world.ids["vic"], world.ids["olga"], world.ids["olga"]]
