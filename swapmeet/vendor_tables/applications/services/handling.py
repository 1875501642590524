"""What the show's team does with applications: look, ask for changes, put on the list, decline, open again; and the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.vendor_tables.applications import fees, queries
from swapmeet.vendor_tables.applications.errors import CategoryInUse
from swapmeet.vendor_tables.applications.models import Application, VendorCategory, VendorSelling, VendorStanding
from swapmeet.vendor_tables.applications.services.moving import lock_seen, move
from swapmeet.vendor_tables.applications.states import OVER, ApplicationState, Mover


@dataclass(frozen=True)
class Word:
    """What goes with a step of the team: why (the log), what the vendor reads, and whether a mail goes out."""

    reason: str = ""
    message: str = ""
    is_told: bool = False


def take_step(
    db_session: Session,
    *,
    application: Application,
    target: ApplicationState,
    seen: int | None,
    word: Word,
    by: Actor,
    now: datetime,
    editable_until: datetime | None = None,
) -> None:
    """One step that needs nothing but a word. To decide on one that nobody has opened, it is opened first.

    Raises MovedOn, IllegalTransition, NotYourMove, Invalid (a deadline that is over).
    """
    lock_seen(db_session, application, seen)
    if editable_until is not None and editable_until <= now:
        raise Invalid("That time is over. Write a later one, or leave it empty.", field="editable_until")
    if target is ApplicationState.IN_REVIEW:
        fees.check_paid(db_session, application)
    needs_review = target in (ApplicationState.WAITLISTED, ApplicationState.DECLINED)
    if needs_review and application.state is ApplicationState.SUBMITTED:
        open_review(db_session, application=application, by=by, now=now)
    move(
        db_session,
        application=application,
        target=target,
        mover=Mover.STAFF,
        by=by,
        now=now,
        reason=word.reason,
        message=word.message,
        is_told=word.is_told and application.state not in OVER,
    )
    if target is ApplicationState.CHANGES_REQUESTED:
        application.editable_until = editable_until
        db_session.flush()


def open_review(db_session: Session, *, application: Application, by: Actor, now: datetime) -> None:
    """Somebody reads it; the vendor goes on seeing "received"."""
    move(db_session, application=application, target=ApplicationState.IN_REVIEW, mover=Mover.STAFF, by=by, now=now)


def save_selling(
    db_session: Session, *, event: Event, values: Mapping[str, Any], by: Actor, now: datetime
) -> VendorSelling:
    """How the show gives out its tables, and until when applications come in."""
    row = queries.find_selling(db_session, event_id=event.id)
    if row is None:
        row = VendorSelling(event_id=event.id)
        db_session.add(row)
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    db_session.flush()
    changed = sorted(name for name, value in values.items() if before[name] != value)
    if changed:
        event.version += 1
        record(
            db_session, now=now, by=by, verb="selling.changed", subject=event, event_id=event.id, fields=changed,
            target=row.mode.value,
        )  # fmt: skip
    return row


def save_category(
    db_session: Session,
    *,
    event: Event,
    category_id: int | None,
    name: str,
    most_tables: int | None,
    by: Actor,
    now: datetime,
) -> VendorCategory:
    """A new kind of wares, or another name and quota for one. Raises NoSuchCategory, Invalid (the name is taken)."""
    known = queries.list_categories(db_session, event_id=event.id)
    if any(each.name.casefold() == name.casefold() and each.id != category_id for each in known):
        raise Invalid(f"There is “{name}” already.", field="name")
    if category_id is None:
        row = VendorCategory(event_id=event.id, name=name, position=len(known))
        db_session.add(row)
    else:
        row = queries.get_category(db_session, event_id=event.id, category_id=category_id)
    row.name, row.most_tables = name, most_tables
    record(db_session, now=now, by=by, verb="vendor_category.saved", subject=row, reason=name)
    return row


def remove_category(db_session: Session, *, category: VendorCategory, by: Actor, now: datetime) -> None:
    """Raises CategoryInUse while an application names it."""
    used = db_session.scalar(select(func.count()).where(Application.category_id == category.id))
    if used:
        raise CategoryInUse(f"“{category.name}” is named by {used} applications; it has to stay.")
    record(db_session, now=now, by=by, verb="vendor_category.removed", subject=category, reason=category.name)
    db_session.delete(category)


def save_standing(
    db_session: Session, *, application: Application, points: int, is_member: bool, by: Actor, now: datetime
) -> None:
    """What the club knows of this vendor, for all its shows."""
    key = (application.event.organizer_id, application.vendor_id)
    row = db_session.get(VendorStanding, key)
    if row is None:
        row = VendorStanding(organizer_id=key[0], vendor_id=key[1])
        db_session.add(row)
    before = row.points
    row.points, row.is_member = points, is_member
    record(
        db_session, now=now, by=by, verb="vendor.standing_changed", subject=application, origin=str(before or 0),
        target=str(points), is_member=is_member,
    )  # fmt: skip


def waive_fee(db_session: Session, *, application: Application, by: Actor, now: datetime) -> None:
    """This vendor pays no application fee. What was paid stays paid, what was only ordered is called off."""
    lock_seen(db_session, application, None)
    application.is_fee_waived = True
    record(db_session, now=now, by=by, verb="application.fee_waived", subject=application)
    fees.look_after(db_session, application, now=now)


def save_note(db_session: Session, *, application: Application, text: str, by: Actor, now: datetime) -> None:
    """The team's own note; the vendor never sees it."""
    application.staff_note = text
    record(db_session, now=now, by=by, verb="application.note_saved", subject=application)
