"""Next year's show from this year's: everything that was set up, none of what was sold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from swapmeet.events.errors import SlugTaken
from swapmeet.events.models import Event, EventState, Hall, Policy, SalePeriod
from swapmeet.events.queries import is_slug_taken, list_halls, list_policies_in_force, list_sale_periods
from swapmeet.events.services.shows import free_slug
from swapmeet.events.slugs import propose_slug
from swapmeet.infra.audit import record
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.time import from_local, to_local

# What a new edition takes over as it is. Dates, state, source and windows are set anew.
COPIED = (
    "organizer_id series_id kind summary about theme doors_text venue_name venue_address place country access_text time_zone "
    "currency locale length_unit contact_email vendor_word hold_minutes hold_max_minutes payment_due_days per_order_limit "
    "pay_by_check pay_by_transfer pay_at_door payment_instructions taxes invoice_head trades_enabled "
    "invoice_days invoice_extra_days invoice_online"
).split()
WINDOWS = ("tables_open_at", "tables_close_at", "trades_open_at", "trades_close_at")


@dataclass(frozen=True)
class CloneWish:
    """What differs: the name, the first day, the address ("": one is proposed)."""

    name: str
    first_day: date
    slug: str = ""


def clone_event(db_session: Session, *, source: Event, wish: CloneWish, by: Actor, now: datetime) -> Event:
    """A draft with the source's halls, periods, policies and what the features copy, all days moved alike.

    Times of day stay, whatever the clocks do in between. Raises SlugTaken, Invalid for the same first day.
    """
    shift_days = (wish.first_day - source.first_day).days
    if shift_days == 0:
        raise Invalid("Choose another first day than that of this show.", field="first_day")
    if wish.slug and is_slug_taken(db_session, wish.slug):
        raise SlugTaken("Another show has this address. Choose another.", field="slug")
    target = _copy_event(db_session, source, wish, shift_days, now)
    _copy_setup(db_session, source, target, shift_days, now)
    record(
        db_session,
        now=now,
        by=by,
        verb="event.cloned",
        subject=target,
        event_id=target.id,
        organizer_id=target.organizer_id,
        target="draft",
        source=source.slug,
    )
    for step in registry().clone_steps:
        step.copy(db_session, source, target, shift_days, now)
    db_session.flush()
    return target


def shifted(moment: datetime | None, shift_days: int, zone_name: str) -> datetime | None:
    """The same time of day on the show's clock, some days later."""
    if moment is None:
        return None
    local = to_local(moment, zone_name)
    return from_local(local.date() + timedelta(days=shift_days), local.time(), zone_name)


def _copy_event(db_session: Session, source: Event, wish: CloneWish, shift_days: int, now: datetime) -> Event:
    days = timedelta(days=shift_days)
    target = Event(
        slug=wish.slug or free_slug(db_session, propose_slug(wish.name, wish.first_day.year)),
        name=wish.name,
        state=EventState.DRAFT,
        first_day=source.first_day + days,
        last_day=source.last_day + days,
        opens_from=source.opens_from + days,
        created_at=now,
        **{name: getattr(source, name) for name in COPIED},
        **{name: shifted(getattr(source, name), shift_days, source.time_zone) for name in WINDOWS},
    )
    db_session.add(target)
    db_session.flush()
    return target


def _copy_setup(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    for hall in list_halls(db_session, event_id=source.id):
        kept = ("code", "name", "width_mm", "depth_mm", "max_people", "is_shared", "doors", "notes", "position")
        db_session.add(Hall(event_id=target.id, **{name: getattr(hall, name) for name in kept}))
    for period in list_sale_periods(db_session, event_id=source.id):
        db_session.add(
            SalePeriod(
                event_id=target.id,
                code=period.code,
                label=period.label,
                position=period.position,
                starts_at=shifted(period.starts_at, shift_days, source.time_zone),
                ends_at=shifted(period.ends_at, shift_days, source.time_zone),
            )
        )
    for kind, policy in list_policies_in_force(db_session, event_id=source.id).items():
        db_session.add(
            Policy(event_id=target.id, kind=kind, number=1, text=policy.text, steps=policy.steps, created_at=now)
        )
    db_session.flush()
