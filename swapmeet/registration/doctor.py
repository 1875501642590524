"""Invariants of registration, as queries that must find nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from swapmeet.badges.models import ISSUED, Attendee, Badge
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState, Quota
from swapmeet.registration.models import BundlePart, TicketRule, TicketType, TicketVariant

SHOWN = 20
SAID = ("ticket_type.added", "ticket_type.edited")


def attendees_differ_from_tickets(db_session: Session, now: datetime) -> list[str]:
    """Each live line of a confirmed order has as many attendees with a badge as admissions were sold, any other line none."""
    last = func.max(Attendee.seat).label("last")
    people = (
        select(Attendee.line_id, func.count().label("people"), last)
        .join(Badge, and_(Badge.attendee_id == Attendee.id, Badge.state == ISSUED))
        .where(Attendee.canceled_at.is_(None), Attendee.line_id.is_not(None))
        .group_by(Attendee.line_id)
        .subquery()
    )
    is_owed = and_(Order.state == OrderState.CONFIRMED, OrderLine.released_at.is_(None))
    rows = db_session.execute(
        select(OrderLine.id, OrderLine.quantity, func.coalesce(people.c.people, 0), is_owed.label("is_owed"))
        .join(Order, Order.id == OrderLine.order_id)
        .join(TicketType, and_(TicketType.id == OrderLine.product_id, TicketType.is_admission.is_(True)))
        .outerjoin(people, people.c.line_id == OrderLine.id)
        .where(
            OrderLine.kind == "ticket",
            (is_owed & (func.coalesce(people.c.people, 0) != OrderLine.quantity))
            | (is_owed & (people.c.last != OrderLine.quantity))
            | (~is_owed & (func.coalesce(people.c.people, 0) > 0)),
        )
        .limit(SHOWN)
    )
    return [
        f"line {line_id} has {count} attendees and should have {quantity if owed else 0}"
        for line_id, quantity, count, owed in rows
    ]


def bundles_without_their_people(db_session: Session, now: datetime) -> list[str]:
    """Each live line of a bundle in a confirmed order has an attendee for each admission in it, any other line none."""
    part = aliased(TicketType)
    each = (
        select(BundlePart.bundle_id, func.sum(case((part.is_admission, BundlePart.quantity), else_=0)).label("people"))
        .join(part, part.id == BundlePart.part_id)
        .group_by(BundlePart.bundle_id)
        .subquery()
    )
    people = (
        select(func.count())
        .where(Attendee.line_id == OrderLine.id, Attendee.canceled_at.is_(None))
        .correlate(OrderLine)
        .scalar_subquery()
    )
    is_owed = and_(Order.state == OrderState.CONFIRMED, OrderLine.released_at.is_(None))
    wanted = case((is_owed, OrderLine.quantity * each.c.people), else_=0)
    rows = db_session.execute(
        select(OrderLine.id, people, wanted)
        .join(Order, Order.id == OrderLine.order_id)
        .join(each, each.c.bundle_id == OrderLine.product_id)
        .where(OrderLine.kind == "ticket", people != wanted)
        .limit(SHOWN)
    )
    return [f"line {line_id} of a bundle has {count} attendees and should have {owed}" for line_id, count, owed in rows]


def types_changed_without_audit(db_session: Session, now: datetime) -> list[str]:
    """Price and capacity of each ticket type are those that the audit log last wrote down."""
    newest = (
        select(AuditEntry.subject_id, func.max(AuditEntry.id).label("entry_id"))
        .where(AuditEntry.subject == "TicketType", AuditEntry.verb.in_(SAID))
        .group_by(AuditEntry.subject_id)
        .subquery()
    )
    rows = db_session.execute(
        select(TicketType.id, TicketType.price_minor, Quota.capacity, AuditEntry.facts)
        .join(Quota, Quota.id == TicketType.quota_id)
        .outerjoin(newest, newest.c.subject_id == TicketType.id)
        .outerjoin(AuditEntry, AuditEntry.id == newest.c.entry_id)
        .order_by(TicketType.id)
    )
    return [
        f"ticket type {kind_id} was changed and nobody wrote it down"
        for kind_id, price, capacity, facts in rows
        if _differs(facts, price, capacity)
    ][:SHOWN]


def extras_that_nobody_can_buy(db_session: Session, now: datetime) -> list[str]:
    """An extra on sale belongs to a ticket that is on sale and stands alone."""
    parent, chain = aliased(TicketType), aliased(TicketRule)
    rows = db_session.execute(
        select(TicketType.id, parent.id)
        .join(TicketRule, TicketRule.ticket_type_id == TicketType.id)
        .join(parent, parent.id == TicketRule.only_with_id)
        .outerjoin(chain, chain.ticket_type_id == parent.id)
        .where(
            TicketType.archived_at.is_(None),
            or_(parent.archived_at.is_not(None), chain.only_with_id.is_not(None)),
        )
        .order_by(TicketType.id)
        .limit(SHOWN)
    )
    return [
        f"ticket type {extra} is sold with {parent_id} only, which is not sold by itself" for extra, parent_id in rows
    ]


def _differs(facts: dict[str, Any] | None, price: int, capacity: int | None) -> bool:
    return facts is None or facts.get("price_minor") != price or facts.get("capacity") != capacity


def archived_without_audit(db_session: Session, now: datetime) -> list[str]:
    """Who took a type off sale is written down."""
    silent = select(TicketType.id).where(
        TicketType.archived_at.is_not(None),
        ~exists().where(
            and_(
                AuditEntry.subject == "TicketType",
                AuditEntry.subject_id == TicketType.id,
                AuditEntry.verb == "ticket_type.archived",
            )
        ),
    )
    return [f"ticket type {kind_id} was archived by nobody" for kind_id in db_session.scalars(silent.limit(SHOWN))]


def choices_mixed_up(db_session: Session, now: datetime) -> list[str]:
    """The quota of a choice is held by lines of its own ticket type only."""
    rows = db_session.execute(
        select(OrderLine.id, TicketVariant.id)
        .join(LineQuota, LineQuota.line_id == OrderLine.id)
        .join(TicketVariant, TicketVariant.quota_id == LineQuota.quota_id)
        .where(or_(OrderLine.kind != "ticket", OrderLine.product_id != TicketVariant.ticket_type_id))
        .limit(SHOWN)
    )
    return [f"line {line_id} holds choice {variant_id} of another ticket" for line_id, variant_id in rows]


QUERIES = (
    DoctorQuery(3, "attendees equal the tickets of confirmed orders", attendees_differ_from_tickets),
    DoctorQuery(1, "choices count their own tickets", choices_mixed_up),
    DoctorQuery(2, "bundles let in who they hold", bundles_without_their_people),
    DoctorQuery(12, "extras belong to tickets on sale", extras_that_nobody_can_buy),
    DoctorQuery(14, "prices and capacities of tickets", types_changed_without_audit),
    DoctorQuery(14, "archived tickets", archived_without_audit),
)
