"""What the organizer sees about ticket sales: the list of types, the number of people registered, registrations a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event
from swapmeet.kernel.time import from_local, to_local
from swapmeet.orders.models import Quota
from swapmeet.orders.scarcity import free_units
from swapmeet.registration import wording
from swapmeet.registration.models import TicketType
from swapmeet.registration.pricing import SaleState, next_price, price_at, sale_state, sale_window
from swapmeet.registration.queries import bundles_of, list_shared_quotas, list_ticket_types, tiers_of, types_by_id
from swapmeet.web.filters import from_moment, short_day

CHART_DAYS = 14

STATE_WORDS: dict[SaleState, tuple[str, str]] = {
    SaleState.ON_SALE: ("ok", "On sale"),
    SaleState.NOT_YET: ("info", "Not yet"),
    SaleState.SOLD_OUT: ("taken", "Sold out"),
    SaleState.OVER: ("taken", "Ended"),
}


@dataclass(frozen=True)
class TypeRow:
    """One ticket type on the organizer's list."""

    id: int
    name: str
    text: str
    price: str
    next_words: str
    taken: int
    capacity: int | None
    state: tuple[str, str]
    is_archived: bool


def list_rows(db_session: Session, event: Event, *, now: datetime) -> list[TypeRow]:
    """All types, archived ones too, in the order buyers see them. Queries do not grow with the types."""
    kinds = list_ticket_types(db_session, event_id=event.id, with_archived=True)
    quota_ids = {each for kind in kinds for each in (kind.quota_id, kind.shared_quota_id) if each is not None}
    quota_ids |= {tier.quota_id for kind in kinds for tier in kind.tiers if tier.quota_id is not None}
    free = free_units(db_session, quota_ids, now=now)
    names = {kind.id: kind.name for kind in kinds}
    in_bundles = bundles_of(db_session, event_id=event.id)
    bundles = types_by_id(db_session, event_id=event.id, ids=in_bundles) if in_bundles else {}
    names |= {-kind.id: kind.parts_words for kind in bundles.values()}
    return [_row(event, kind, free, now, names) for kind in kinds]


def _text(event: Event, kind: TicketType, names: Mapping[int, str]) -> str:
    """The days it is good for, and its rules."""
    days = wording.validity(kind.days, kind.entry_from, kind.days_allowed, locale=event.locale)
    parts = [days] if kind.is_admission else [names[-kind.id]] if -kind.id in names else []
    if (rule := kind.rule) is not None:
        parts += ["The buyer chooses the amount"] if rule.is_open_price else []
        parts += wording.rule_words(rule, event, names.get(rule.only_with_id or 0, ""))
    return ". ".join(parts)


def _row(
    event: Event, kind: TicketType, free: Mapping[int, int | None], now: datetime, names: Mapping[int, str]
) -> TypeRow:
    tiers = tiers_of(kind, free, event.time_zone)
    following = next_price(kind.price_minor, tiers, now)
    next_words = ""
    price = wording.money(price_at(kind.price_minor, tiers, now).minor, event)
    if kind.rule is not None and kind.rule.is_open_price:
        price = f"from {price}" if kind.price_minor else "As they like"
    if following is not None:
        when = f" from {from_moment(following.at, event.time_zone, event.locale)}" if following.at else " after that"
        next_words = f"{wording.money(following.minor, event)}{when}"
    return TypeRow(
        id=kind.id,
        name=kind.name,
        text=_text(event, kind, names),
        price=price,
        next_words=next_words,
        taken=kind.quota.taken,
        capacity=kind.quota.capacity,
        state=_state(event, kind, free, now),
        is_archived=kind.archived_at is not None,
    )


def _state(event: Event, kind: TicketType, free: Mapping[int, int | None], now: datetime) -> tuple[str, str]:
    if kind.archived_at is not None:
        return "taken", "Archived"
    if kind.is_hidden:
        return "info", "Hidden"
    if kind.is_door_only:
        return "info", "At the door"
    window = sale_window(
        starts_at=kind.sale_starts_at,
        ends_at=kind.sale_ends_at,
        valid_days=kind.days,
        last_day=event.last_day,
        zone_name=event.time_zone,
    )
    bounds = [free.get(each) for each in (kind.quota_id, kind.shared_quota_id) if each is not None]
    limited = [bound for bound in bounds if bound is not None]
    return STATE_WORDS[sale_state(window, now, left=min(limited) if limited else None)]


def list_shared_rows(db_session: Session, event: Event) -> list[Quota]:
    """The shared limits with what is taken of them."""
    return list_shared_quotas(db_session, event_id=event.id)


def load_numbers(db_session: Session, event: Event, now: datetime) -> Mapping[str, Any]:
    """Panel manage.numbers: people registered, of how many where every ticket has a limit. One query."""
    rows = db_session.execute(
        select(TicketType.quota_id, Quota.capacity, Quota.taken, TicketType.shared_quota_id)
        .join(Quota, Quota.id == TicketType.quota_id)
        .where(TicketType.event_id == event.id, TicketType.archived_at.is_(None), TicketType.is_admission.is_(True))
    ).all()
    pools = {row.shared_quota_id for row in rows if row.shared_quota_id is not None}
    shared = (
        dict(db_session.execute(select(Quota.id, Quota.capacity).where(Quota.id.in_(pools))).all()) if pools else {}
    )
    free_standing = [row.capacity for row in rows if row.shared_quota_id is None]
    limits = [*free_standing, *shared.values()]
    has_limit = bool(limits) and all(limit is not None for limit in limits)
    return {
        "registered": sum(row.taken for row in rows),
        "capacity": sum(limit for limit in limits if limit is not None) if has_limit else None,
    }


def load_chart(db_session: Session, event: Event, now: datetime) -> Mapping[str, Any]:
    """Panel manage.charts: people registered on each of the last fourteen days of the show's clock. One query."""
    today = to_local(now, event.time_zone).date()
    first = today - timedelta(days=CHART_DAYS - 1)
    since = from_local(first, datetime.min.time(), event.time_zone)
    counts: dict[date, int] = {first + timedelta(days=offset): 0 for offset in range(CHART_DAYS)}
    rows = db_session.execute(
        select(Attendee.created_at, func.count())
        .where(Attendee.event_id == event.id, Attendee.created_at >= since)
        .group_by(Attendee.created_at)
    )
    for moment, people in rows:
        day = to_local(moment, event.time_zone).date()
        if day in counts:
            counts[day] += people
    return {"points": [(short_day(day, event.locale).partition(", ")[2], people) for day, people in counts.items()]}
