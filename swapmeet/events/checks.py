"""What events itself asks of a show before it is published."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, PolicyKind, SalePeriod
from swapmeet.events.queries import list_policies_in_force


def publish_problems(db_session: Session, event: Event) -> list[str]:
    """One sentence for each thing that is missing, with where to put it right."""
    missing = []
    if not (event.venue_name or event.place):
        missing.append("Say where it is: the venue or the town, under Show details.")
    if not (event.summary or event.about):
        missing.append("Write a sentence or two about the show, under Show details.")
    periods = db_session.scalar(select(func.count()).select_from(SalePeriod).where(SalePeriod.event_id == event.id))
    if not periods:
        missing.append("Add a sale period: what a table is sold for.")
    policies = list_policies_in_force(db_session, event_id=event.id)
    if PolicyKind.ATTENDEE_REFUND not in policies:
        missing.append("Settle what visitors get back when they cancel, under Policies.")
    if PolicyKind.VENDOR_REFUND not in policies:
        missing.append("Settle what vendors get back when they cancel, under Policies.")
    if (event.pay_by_check or event.pay_by_transfer) and not event.payment_instructions and not event.contact_email:
        missing.append("Say where checks and transfers go (payment instructions), or give a contact address.")
    return missing
