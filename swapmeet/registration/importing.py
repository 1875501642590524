"""Reads the ticket types of a show file, and copies them to a clone."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.services.cloning import shifted
from swapmeet.events.showfile import clock, is_text, is_whole, row_name
from swapmeet.events.showmeals import MEAL, check_meals, meals_as_tickets
from swapmeet.infra.audit import record
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.money import MAX_MINOR
from swapmeet.kernel.time import end_of_day, from_local
from swapmeet.orders.models import Quota
from swapmeet.orders.services.quotas import create_quota
from swapmeet.registration.bundles import MOST_PEOPLE, Wanted, save_parts
from swapmeet.registration.models import BundlePart, PriceTier, TicketAge, TicketRule, TicketType
from swapmeet.registration.queries import list_ticket_types
from swapmeet.registration.variants import MOST_VARIANTS, VariantValues, save_variants, variants_of

KEYS = frozenset({"ticket_types", "registration", "meals"})
BY = Actor.job("import")
DEFAULT_LIMIT = 10
NOT_IN_A_BUNDLE = ("variants", "is_open_price")
DOOR = "door"
ONE_DAY = re.compile(r"\bone[- ]day\b", re.IGNORECASE)
NOT_AN_ADMISSION = frozenset({"parking", MEAL})


def check(show: Mapping[str, Any], report: ImportReport) -> None:
    """Every problem of `ticket_types` and of the window of `registration`, by row."""
    window = show.get("registration") or {}
    for key, low, high in (
        ("opens_days_before", 0, 1000),
        ("per_order_max", 1, 1000),
        ("name_change_until_days_before", 0, 1000),
    ):
        if window.get(key) is not None and not is_whole(window[key], low, high):
            report.problems.append((f"registration.{key}", f"Write a whole number from {low} to {high:,}."))
    _check_opening(window, report)
    method = window.get("method")
    if isinstance(method, str) and "draw" in method:
        report.kept.append(
            ("registration.method", "The draw is kept, not used yet: tickets go first come, first served.")
        )
    seen: set[str] = set()
    names: set[str] = set()
    rows = show.get("ticket_types") or []
    for number, row in enumerate(rows):
        _check_row(show, row, row_name("ticket_types", number, row), seen, names, report)
        report.problems += [
            (row_name("ticket_types", number, row), sentence) for sentence in _faults_of_parts(row, rows)
        ]
    report.counts["ticket types"] = len(rows)
    check_meals(show, report)


def _check_opening(window: Mapping[str, Any], report: ImportReport) -> None:
    for number, step in enumerate(window.get("steps") or []):
        if not isinstance(step, Mapping) or clock(step.get("time")) is None:
            report.problems.append((f"registration.steps[{number}]", "A step needs a time such as 19:00."))


def _check_row(
    show: Mapping[str, Any],
    row: Mapping[str, Any],
    where: str,
    seen: set[str],
    names: set[str],
    report: ImportReport,
) -> None:
    say = report.problems.append
    if not is_text(row["code"], 40):
        say((where, "A ticket needs a code of at most 40 characters."))
    elif row["code"].strip() in seen:
        say((where, f"The code {row['code']} is used twice."))
    seen.add(str(row["code"]).strip())
    if not is_text(row["name"], 120):
        say((where, "A ticket needs a name of at most 120 characters."))
    elif row["name"].strip().casefold() in names:
        say((where, f"Two tickets are called {row['name'].strip()!r}."))
    names.add(row["name"].strip().casefold())
    if not is_whole(row["price"], 0, MAX_MINOR):
        say((where, "The price must be a whole number of minor units, 0 or more."))
    for key, low, high in (("capacity", 0, 1_000_000), ("min_age", 0, 120), ("sale_ends_days_before", 0, 1000)):
        if row.get(key) is not None and not is_whole(row[key], low, high):
            say((f"{where}.{key}", f"Write a whole number from {low} to {high:,}."))
    opens, ends = (show.get("registration") or {}).get("opens_days_before"), row.get("sale_ends_days_before")
    if is_whole(opens, 0, 1000) and is_whole(ends, 0, 1000) and (ends or 0) > (opens or 0):
        say((f"{where}.sale_ends_days_before", f"The sale begins only {opens} days before the show."))
    for day in row.get("valid_days") or []:
        if day not in show["days"]:
            say((f"{where}.valid_days", f"Day {day} is not one of the show's days."))
    _check_rule(row, where, report)
    if row.get("entry_from") is not None and clock(row["entry_from"]) is None:
        say((f"{where}.entry_from", "Write a time such as 09:30."))
    _check_tiers(row, where, report)
    _check_variants(row, where, report)


def _check_rule(row: Mapping[str, Any], where: str, report: ImportReport) -> None:
    for key, low, high in (("most_each", 1, 100), ("least_each", 0, 100), ("per_person_max", 1, 1000)):
        if row.get(key) is not None and not is_whole(row[key], low, high):
            report.problems.append((f"{where}.{key}", f"Write a whole number from {low} to {high:,}."))
    if row.get("requires") == row["code"]:
        report.problems.append((f"{where}.requires", "A ticket cannot need itself."))
    least, most = row.get("least_each"), row.get("most_each")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        report.problems.append((f"{where}.most_each", "That is fewer than least_each."))
    if row.get("is_open_price") not in (None, True, False):
        report.problems.append((f"{where}.is_open_price", "Write true or false."))


def _check_variants(row: Mapping[str, Any], where: str, report: ImportReport) -> None:
    """Choices: a name each, no name twice, optional price and capacity."""
    names: set[str] = set()
    if not isinstance(row.get("variants") or [], list):
        report.problems.append((f"{where}.variants", "Write a list of choices."))
        return
    for number, each in enumerate(row.get("variants") or []):
        place = f"{where}.variants[{number}]"
        if not isinstance(each, Mapping) or not is_text(each.get("name"), 60):
            report.problems.append((place, "A choice needs a name of at most 60 characters."))
            continue
        if each["name"].strip().casefold() in names:
            report.problems.append((place, f"{each['name'].strip()!r} is there twice."))
        names.add(each["name"].strip().casefold())
        for key, high in (("price", MAX_MINOR), ("capacity", 1_000_000)):
            if each.get(key) is not None and not is_whole(each[key], 0, high):
                report.problems.append((f"{place}.{key}", f"Write a whole number from 0 to {high:,}."))
    if len(row.get("variants") or []) > MOST_VARIANTS:
        report.problems.append((f"{where}.variants", f"At most {MOST_VARIANTS} choices."))
    if row.get("variants") and row.get("is_open_price"):
        report.problems.append((f"{where}.variants", "The buyer chooses the amount, so there are no choices."))


def _faults_of_parts(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A bundle holds tickets of the file that are sold as they are, 20 at most, and is sold as it is itself."""
    parts = row.get("parts") or []
    if not parts:
        return []
    plain = [each["code"] for each in rows if not any(each.get(key) for key in (*NOT_IN_A_BUNDLE, "parts"))]
    found = []
    if any(row.get(key) for key in (*NOT_IN_A_BUNDLE, "shares_cap_with")):
        found.append("parts: a bundle has no choices, no open price and no shared limit of its own.")
    if not all(isinstance(each, Mapping) and is_whole(each.get("quantity"), 1, MOST_PEOPLE) for each in parts):
        found.append(f"parts: rows of ticket (a code) and quantity (1 to {MOST_PEOPLE}).")
        return found
    named = [each.get("ticket") for each in parts]
    if any(each not in plain for each in named) or len({str(each) for each in named}) < len(named):
        found.append(
            "parts: each is another ticket of the file, once, that has no choices, no open price and no parts."
        )
    if sum(each["quantity"] for each in parts) > MOST_PEOPLE:
        found.append(f"parts: {MOST_PEOPLE} in all at most.")
    return found


def _check_tiers(row: Mapping[str, Any], where: str, report: ImportReport) -> None:
    earlier: int | None = None
    for number, step in enumerate(row.get("price_tiers") or []):
        place = f"{where}.price_tiers[{number}]"
        if not is_whole(step["price"], 0, MAX_MINOR):
            report.problems.append((place, "The price must be a whole number of minor units, 0 or more."))
        if not is_whole(step["until_days_before"], 0, 1000):
            report.problems.append((place, "until_days_before must be a whole number from 0 to 1,000."))
        elif earlier is not None and step["until_days_before"] >= earlier:
            report.problems.append((place, "Each step must end after the one before it."))
        earlier = step["until_days_before"] if isinstance(step["until_days_before"], int) else earlier


def apply(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Ticket types that are not there yet, by code, with their quotas and price steps; meals that are bought are among them."""
    known = set(db_session.scalars(select(TicketType.code).where(TicketType.event_id == event.id)))
    listed = [*(show.get("ticket_types") or []), *meals_as_tickets(show)]
    rows = [row for row in listed if row["code"].strip() not in known]
    window = show.get("registration") or {}
    pools = _pools(db_session, event, rows, show, now)
    names = {row["code"]: row["name"].strip() for row in show.get("ticket_types") or []}
    made = dict(db_session.execute(select(TicketType.code, TicketType.id).where(TicketType.event_id == event.id)).all())
    for position, row in enumerate(rows, len(known)):
        quota = _quota(db_session, event, row["name"].strip(), row.get("capacity"), now)
        kind = _ticket_type(event, row, window, names, quota_id=quota.id, position=position, now=now)
        kind.shared_quota_id = pools.get(row.get("shares_cap_with") or "")
        db_session.add(kind)
        db_session.flush()
        db_session.add_all(_tiers(event, kind, row))
        made[kind.code] = kind.id
        record(
            db_session,
            now=now,
            by=BY,
            verb="ticket_type.added",
            subject=kind,
            price_minor=kind.price_minor,
            capacity=quota.capacity,
        )
    db_session.add_all(rule for row in rows if (rule := _rule(event, row, made)) is not None)
    db_session.flush()
    for row in rows:
        if row.get("variants"):
            kind = db_session.get_one(TicketType, made[row["code"].strip()])
            wanted = [
                VariantValues(each["name"].strip(), each.get("price"), each.get("capacity")) for each in row["variants"]
            ]
            save_variants(db_session, event=event, kind=kind, wanted=wanted, by=BY, now=now)
    for row in rows:
        if row.get("parts"):
            kind = db_session.get_one(TicketType, made[row["code"].strip()])
            inside = [Wanted(made[each["ticket"].strip()], each["quantity"]) for each in row["parts"]]
            save_parts(db_session, event=event, kind=kind, wanted=inside, by=BY, now=now)


def _rule(event: Event, row: Mapping[str, Any], made: Mapping[str, int]) -> TicketRule | None:
    """A ticket that needs another one of the show is sold with that one only."""
    parent_id = made.get(str(row.get("requires") or ""))
    values = {
        "only_with_id": parent_id,
        "most_each": row.get("most_each") if parent_id is not None else None,
        "least_each": (row.get("least_each") or 0) if parent_id is not None else 0,
        "per_person_limit": row.get("per_person_max"),
        "is_open_price": bool(row.get("is_open_price")),
    }
    if not any(values.values()):
        return None
    return TicketRule(ticket_type_id=made[row["code"].strip()], event_id=event.id, **values)


def _ticket_type(
    event: Event,
    row: Mapping[str, Any],
    window: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    quota_id: int,
    position: int,
    now: datetime,
) -> TicketType:
    tiers = row.get("price_tiers") or []
    days = [event.first_day + timedelta(days=day) for day in sorted(set(row.get("valid_days") or []))]
    return TicketType(
        event_id=event.id,
        code=row["code"].strip(),
        name=row["name"].strip(),
        description=_description(row),
        requirement=_requirement(row, names),
        price_minor=tiers[-1]["price"] if tiers else row["price"],
        valid_days=[day.isoformat() for day in days],
        days_allowed=1 if len(days) > 1 and ONE_DAY.search(row["name"]) else None,
        entry_from=row.get("entry_from"),
        min_age=row.get("min_age") or None,
        per_order_limit=window.get("per_order_max") or DEFAULT_LIMIT,
        sale_starts_at=_opens_at(event, window),
        sale_ends_at=_ends_at(event, row),
        names_until_on=_names_until(event, window),
        quota_id=quota_id,
        position=position,
        is_door_only=row.get("sold") == DOOR,
        is_admission=row.get("kind_of") not in NOT_AN_ADMISSION,
        created_at=now,
    )


def _description(row: Mapping[str, Any]) -> str:
    """What the ticket includes, or its note, as one line."""
    includes = [str(item) for item in row.get("includes") or []]
    if includes:
        words = ", ".join(includes)
        return (words[:1].upper() + words[1:])[:300]
    return str(row.get("note") or "")[:300]


def _requirement(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What else a buyer needs, in the words of the file. Another ticket of the show is a rule instead (`_rule`)."""
    needs = row.get("requires")
    if not isinstance(needs, str) or not needs.strip():
        return ""
    return "" if needs in names else f"Needs: {needs.strip()}"[:200]


def _opens_at(event: Event, window: Mapping[str, Any]) -> datetime | None:
    days = window.get("opens_days_before")
    if days is None:
        return None
    steps = window.get("steps") or []
    at = clock(steps[0].get("time")) if steps else None
    return from_local(event.first_day - timedelta(days=days), at or time(0), event.time_zone)


def _ends_at(event: Event, row: Mapping[str, Any]) -> datetime | None:
    days = row.get("sale_ends_days_before")
    return end_of_day(event.first_day - timedelta(days=days), event.time_zone) if days is not None else None


def _names_until(event: Event, window: Mapping[str, Any]) -> date | None:
    days = window.get("name_change_until_days_before")
    return event.first_day - timedelta(days=days) if days else None


def _tiers(event: Event, kind: TicketType, row: Mapping[str, Any]) -> list[PriceTier]:
    """All steps but the last, which is the type's own price from then on."""
    return [
        PriceTier(
            event_id=event.id,
            ticket_type_id=kind.id,
            position=position,
            price_minor=step["price"],
            until_on=event.first_day - timedelta(days=step["until_days_before"]),
        )
        for position, step in enumerate((row.get("price_tiers") or [])[:-1])
    ]


def _pools(
    db_session: Session, event: Event, rows: list[Mapping[str, Any]], show: Mapping[str, Any], now: datetime
) -> dict[str, int]:
    """The shared limits of these rows by name: one quota each, of the show's cap or of the largest share."""
    pools: dict[str, int] = {}
    for name in sorted({row["shares_cap_with"] for row in rows if is_text(row.get("shares_cap_with"), 100)}):
        shares = [row.get("capacity") for row in rows if row.get("shares_cap_with") == name]
        cap = (show.get("attendance") or {}).get("registrant_cap")
        known = [share for share in shares if share is not None]
        capacity = cap if is_whole(cap, 0, 1_000_000) else max(known, default=None)
        pools[name] = _quota(db_session, event, f"{name[:1].upper()}{name[1:]} places", capacity, now).id
    return pools


def _quota(db_session: Session, event: Event, name: str, capacity: int | None, now: datetime) -> Quota:
    return create_quota(db_session, event=event, name=name, capacity=capacity, by=BY, now=now)


def copy(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The clone's ticket types: the same, all days moved, nothing sold. Archived types stay behind."""
    pools: dict[int, int] = {}
    made: dict[int, int] = {}
    kinds = list_ticket_types(db_session, event_id=source.id)
    for old in kinds:
        if old.shared_quota is not None and old.shared_quota.id not in pools:
            shared = old.shared_quota
            pools[shared.id] = _quota(db_session, target, shared.name, shared.capacity, now).id
        quota = _quota(db_session, target, old.name, old.quota.capacity, now)
        kind = _copied(old, source, target, shift_days, now)
        kind.quota_id = quota.id
        kind.shared_quota_id = pools.get(old.shared_quota_id) if old.shared_quota_id is not None else None
        db_session.add(kind)
        db_session.flush()
        made[old.id] = kind.id
        for tier in old.tiers:
            db_session.add(_copied_tier(db_session, tier, kind, target, shift_days, now))
        record(
            db_session,
            now=now,
            by=Actor.job("clone"),
            verb="ticket_type.added",
            subject=kind,
            price_minor=kind.price_minor,
            capacity=quota.capacity,
        )
    db_session.add_all(
        TicketAge(
            ticket_type_id=made[old.id],
            event_id=target.id,
            max_age=old.age.max_age,
            guardian_below=old.age.guardian_below,
        )
        for old in kinds
        if old.age is not None
    )
    db_session.add_all(_copied_rule(old.rule, target, made) for old in kinds if old.rule is not None)
    db_session.flush()
    parts = select(BundlePart).where(BundlePart.bundle_id.in_(made), BundlePart.part_id.in_(made))
    db_session.add_all(
        BundlePart(
            bundle_id=made[old_part.bundle_id],
            part_id=made[old_part.part_id],
            event_id=target.id,
            position=old_part.position,
            quantity=old_part.quantity,
        )
        for old_part in db_session.scalars(parts).all()
    )
    db_session.flush()
    for type_id, variants in variants_of(db_session, event_id=source.id, type_ids=made).items():
        wanted = [VariantValues(each.name, each.price_minor, each.quota.capacity) for each in variants]
        kind = db_session.get_one(TicketType, made[type_id])
        save_variants(db_session, event=target, kind=kind, wanted=wanted, by=Actor.job("clone"), now=now)


def _copied_rule(old: TicketRule, target: Event, made: Mapping[int, int]) -> TicketRule:
    """The same rule among the clone's types. The membership list is made anew each year."""
    same = ("least_each", "most_each", "per_person_limit", "is_open_price", "member_price_minor")
    values = {name: getattr(old, name) for name in same}
    parent = made.get(old.only_with_id) if old.only_with_id is not None else None
    return TicketRule(ticket_type_id=made[old.ticket_type_id], event_id=target.id, only_with_id=parent, **values)


SAME = (
    "code name description requirement price_minor days_allowed entry_from min_age per_order_limit position is_hidden "
    "is_door_only is_admission refund_policy"
).split()


def _copied(old: TicketType, source: Event, target: Event, shift_days: int, now: datetime) -> TicketType:
    days = timedelta(days=shift_days)
    return TicketType(
        event_id=target.id,
        valid_days=[(day + days).isoformat() for day in old.days],
        sale_starts_at=shifted(old.sale_starts_at, shift_days, source.time_zone),
        sale_ends_at=shifted(old.sale_ends_at, shift_days, source.time_zone),
        names_until_on=old.names_until_on + days if old.names_until_on else None,
        created_at=now,
        **{name: getattr(old, name) for name in SAME},
    )


def _copied_tier(
    db_session: Session, tier: PriceTier, kind: TicketType, target: Event, shift_days: int, now: datetime
) -> PriceTier:
    quota = _quota(db_session, target, tier.quota.name, tier.quota.capacity, now) if tier.quota is not None else None
    return PriceTier(
        event_id=target.id,
        ticket_type_id=kind.id,
        position=tier.position,
        price_minor=tier.price_minor,
        until_on=tier.until_on + timedelta(days=shift_days) if tier.until_on else None,
        until_at=shifted(tier.until_at, shift_days, target.time_zone),
        quota_id=quota.id if quota else None,
    )


def publish_problems(db_session: Session, event: Event) -> list[str]:
    """A show is published with something to buy, or with a free ticket that says entry is free."""
    types = select(TicketType.id).where(
        TicketType.event_id == event.id, TicketType.archived_at.is_(None), TicketType.is_hidden.is_(False)
    )
    if db_session.scalar(types.limit(1)) is None:
        return ["Add at least one ticket, under Tickets. Where entry is free, add one with the price 0."]
    return []
