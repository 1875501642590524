"""Vendor profiles: who sells, and what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.search import fold
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.models import Vendor


def save_profile(
    db_session: Session,
    *,
    person_id: int,
    name: str,
    sells: str,
    scales: Sequence[str],
    about: str,
    website: str,
    email: str,
    is_listed: bool,
    by: Actor,
    now: datetime,
) -> Vendor:
    """Write a person's own profile; there is one for all shows."""
    vendor = queries.find_vendor_of(db_session, person_id=person_id)
    if vendor is None:
        vendor = Vendor(person_id=person_id, name=name, created_at=now)
        db_session.add(vendor)
    else:
        lock(db_session, vendor)
    vendor.name, vendor.sells, vendor.scales = name, sells, list(scales)
    vendor.about, vendor.website, vendor.email, vendor.is_listed = about, website, email, is_listed
    index(vendor)
    record(db_session, now=now, by=by, verb="vendor.saved", subject=vendor)
    return vendor


def vendor_for(
    db_session: Session, *, person_id: int | None, name: str, sells: str, email: str, now: datetime
) -> Vendor:
    """The profile behind a sale: the signed-in person's own, brought up to what was typed, or a new one for a guest."""
    vendor = queries.find_vendor_of(db_session, person_id=person_id) if person_id is not None else None
    if vendor is None:
        vendor = Vendor(person_id=person_id, name=name, email=email, created_at=now)
        db_session.add(vendor)
    vendor.name = name or vendor.name
    vendor.sells = sells or vendor.sells
    index(vendor)
    db_session.flush()
    return vendor


def index(vendor: Vendor) -> None:
    """What the public list is searched by."""
    scales = " ".join(str(scale) for scale in vendor.scales or [])
    vendor.search_text = fold(f"{vendor.name} {vendor.sells} {scales}")[:800]
