"""The parts of a show file that events uses: the show itself with its policies (step 10), halls and sale periods (step 20)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventKind, Hall, Policy, PolicyKind, SalePeriod
from swapmeet.events.showfile import WEEKDAYS, clock, feet_to_mm, is_number, is_text, is_whole, row_name
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.time import from_local, zone
from swapmeet.web.filters import clock_time, weekday

SHOW_KEYS = frozenset(
    "id name kind theme currency timezone locale place country summary about first_day_weekday days day_names venue policies "
    "vendor_policy registration attendance based_on edge_cases".split()
)
HALL_KEYS = frozenset({"venue", "flea_market"})

# Used in part, so all of it is kept with the show; nothing of the file is lost.
PARTLY_USED = (
    "venue",
    "policies",
    "vendor_policy",
    "registration",
    "attendance",
    "day_names",
    "flea_market",
    "table_types",
)

MAX_SPAN_DAYS = 60
MAX_FT = 2000
SIDES = ("N", "E", "S", "W")


def check_show_keys(show: Mapping[str, Any], report: ImportReport) -> None:
    """The show itself: name, kind, zone, currency, locale, days, policies."""
    say = report.problems.append
    if not is_text(show["name"]):
        say(("name", "The name must have 1 to 200 characters."))
    if show["kind"] not in {kind.value for kind in EventKind}:
        kinds = ", ".join(kind.value for kind in EventKind)
        say(("kind", f"The kind {show['kind'][:40]!r} is not known. Known are: {kinds}."))
    _check_world(show, report)
    _check_days(show, report)
    for path, rows in (
        ("policies.attendee_refund", show["policies"]["attendee_refund"]),
        ("vendor_policy.cancel", (show.get("vendor_policy") or {}).get("cancel") or []),
    ):
        for number, step in enumerate(rows):
            _check_step(step, row_name(path, number, step), report)
    minutes = (show.get("registration") or {}).get("cart_hold_minutes")
    if minutes is not None and not is_whole(minutes, 1, 120):
        say(("registration.cart_hold_minutes", "A cart can be held from 1 to 120 minutes."))
    report.counts["days"] = len(show["days"])


def check_halls(show: Mapping[str, Any], report: ImportReport) -> None:
    """Rooms with their measures and doors, and the periods of a flea market."""
    halls = show["venue"]["halls"]
    if not halls:
        report.problems.append(("venue.halls", "The venue needs at least one room."))
    seen: set[str] = set()
    for number, hall in enumerate(halls):
        where = row_name("venue.halls", number, hall)
        _check_code(hall["code"], seen, where, report)
        if not is_text(hall["name"]):
            report.problems.append((where, "A room needs a name of at most 200 characters."))
        for key in ("width_ft", "depth_ft"):
            if not is_number(hall[key], 1, MAX_FT):
                report.problems.append((f"{where}.{key}", f"A room is from 1 to {MAX_FT} feet wide and deep."))
        if hall.get("max_people") is not None and not is_whole(hall["max_people"], 1, 1_000_000):
            report.problems.append((f"{where}.max_people", "A room holds at least one person."))
        for index, door in enumerate(hall.get("doors") or []):
            _check_door(door, hall, f"{where}.doors[{index}]", report)
    report.counts["halls"] = len(halls)
    periods = (show.get("flea_market") or {}).get("sessions") or []
    codes: set[str] = {"whole"}
    for number, period in enumerate(periods):
        where = row_name("flea_market.sessions", number, period)
        _check_code(period["code"], codes, where, report)
        if period["day"] not in show["days"]:
            report.problems.append((where, f"Day {period['day']} is not one of the show's days."))
        if period["end"] <= period["start"]:
            report.problems.append((where, "It must end after it starts, on the same day."))
    report.counts["sale periods"] = 1 + len(periods)


def apply_policies(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Version 1 of the refund policies and the house rules, where the show has none yet."""
    known = set(db_session.scalars(select(Policy.kind).where(Policy.event_id == event.id)))
    cancel = (show.get("vendor_policy") or {}).get("cancel") or []
    wanted = {
        PolicyKind.ATTENDEE_REFUND: (refund_steps(show["policies"]["attendee_refund"]), ""),
        PolicyKind.VENDOR_REFUND: (refund_steps(cancel), ""),
        PolicyKind.TERMS: ([], house_rules(show["policies"])),
    }
    for kind, (steps, text) in wanted.items():
        if kind not in known and (kind is not PolicyKind.TERMS or text):
            db_session.add(Policy(event_id=event.id, kind=kind, number=1, steps=steps, text=text, created_at=now))
    db_session.flush()


def apply_halls(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Rooms and sale periods that are not there yet, by code."""
    known = set(db_session.scalars(select(Hall.code).where(Hall.event_id == event.id)))
    for position, hall in enumerate(show["venue"]["halls"]):
        if hall["code"] not in known:
            db_session.add(_hall(event, hall, position))
    periods = set(db_session.scalars(select(SalePeriod.code).where(SalePeriod.event_id == event.id)))
    if "whole" not in periods:
        db_session.add(SalePeriod(event_id=event.id, code="whole", label="Whole show", position=0))
    for position, row in enumerate((show.get("flea_market") or {}).get("sessions") or [], 1):
        if row["code"] not in periods:
            db_session.add(_period(event, row, position))
    db_session.flush()


def refund_steps(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Steps as policies keep them, in the file's order."""
    steps = []
    for row in rows:
        step: dict[str, Any] = {
            "until_days_before": row["until_days_before"],
            "refund_percent": row["refund_pct"],
            "fee_minor": row.get("admin_fee") or 0,
        }
        steps.append({**step, "only_if": row["only_if"]} if row.get("only_if") else step)
    return steps


RULES = (("photo", "Photos"), ("minors", "Children"), ("food", "Food"), ("pets", "Animals"))


def house_rules(policies: Mapping[str, Any]) -> str:
    """Photos, children, food and animals as a list of lines."""
    lines = [f"- {title}: {str(policies[key]).strip()}" for key, title in RULES if is_text(policies.get(key), 500)]
    transfer = policies.get("transfer_until_days_before")
    if is_whole(transfer, 1, 400):
        lines.append(f"- Names on tickets can change until {transfer} days before the show")
    return "\n".join(lines)


def _check_world(show: Mapping[str, Any], report: ImportReport) -> None:
    say = report.problems.append
    try:
        zone(show["timezone"])
    except ValueError:
        say(("timezone", f"There is no time zone {show['timezone'][:60]!r}. Write one such as Europe/London."))
    if show["currency"] not in list_currencies():
        say(("currency", f"There is no currency {show['currency'][:20]!r}. Write a code of three letters such as USD."))
    if show.get("locale") is not None and not is_locale(show["locale"]):
        say(("locale", f"There is no locale {show['locale'][:20]!r}. Write one such as en-US."))
    for key, limit in (("theme", 200), ("place", 120), ("summary", 500)):
        if show.get(key) and not is_text(show[key], limit):
            say((key, f"At most {limit} characters."))
    if show.get("country") and (len(show["country"]) != 2 or not show["country"].isalpha()):
        say(("country", "Write a country code of two letters such as US."))
    if not is_text(show["venue"]["name"]):
        say(("venue.name", "The venue needs a name of at most 200 characters."))


def _check_days(show: Mapping[str, Any], report: ImportReport) -> None:
    say = report.problems.append
    days = show["days"]
    if 0 not in days:
        say(("days", "Day 0, the first official day, must be among the days."))
    if len(set(days)) != len(days):
        say(("days", "A day stands twice."))
    if days and (max(days) - min(days) >= MAX_SPAN_DAYS or max(map(abs, days)) >= MAX_SPAN_DAYS):
        say(("days", f"A show can last {MAX_SPAN_DAYS} days at most."))
    usual = show.get("first_day_weekday")
    if usual is not None and usual not in WEEKDAYS:
        say(("first_day_weekday", f"There is no weekday {usual[:20]!r}."))


def _check_step(step: Mapping[str, Any], where: str, report: ImportReport) -> None:
    if not is_whole(step["until_days_before"], -400, 2000):
        report.problems.append((f"{where}.until_days_before", "Days before the show, from -400 to 2,000."))
    if not is_whole(step["refund_pct"], 0, 100):
        report.problems.append((f"{where}.refund_pct", "A refund is from 0 to 100 percent."))
    if step.get("admin_fee") is not None and not is_whole(step["admin_fee"]):
        report.problems.append((f"{where}.admin_fee", "A fee is a whole number of minor units, 0 or more."))
    if step.get("only_if") and not is_text(step["only_if"], 300):
        report.problems.append((f"{where}.only_if", "At most 300 characters."))


def _check_code(code: str, seen: set[str], where: str, report: ImportReport) -> None:
    if not is_text(code, 40):
        report.problems.append((where, "A code has 1 to 40 characters."))
    elif code in seen:
        report.problems.append((where, f"The code {code} stands twice."))
    seen.add(code)


def _check_door(door: Mapping[str, Any], hall: Mapping[str, Any], where: str, report: ImportReport) -> None:
    if door["side"] not in SIDES:
        report.problems.append((f"{where}.side", "A door is on the side N, E, S or W."))
        return
    wall = hall["width_ft"] if door["side"] in "NS" else hall["depth_ft"]
    if not (is_number(door["x_ft"], 0, wall) and is_number(door["width_ft"], 0.5, wall - door["x_ft"])):
        report.problems.append((where, f"The door does not fit into its wall of {wall} ft."))


def is_locale(tag: str) -> bool:
    """Is this a BCP 47 tag that numbers and dates can be written in?"""
    try:
        Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return len(tag) <= 16


def _hall(event: Event, hall: Mapping[str, Any], position: int) -> Hall:
    doors = [
        {
            "side": door["side"],
            "at_mm": feet_to_mm(door["x_ft"]),
            "width_mm": feet_to_mm(door["width_ft"]),
            "kind": door.get("kind") or "public",
        }
        for door in hall.get("doors") or []
    ]
    return Hall(
        event_id=event.id,
        code=hall["code"],
        name=hall["name"].strip(),
        width_mm=feet_to_mm(hall["width_ft"]),
        depth_mm=feet_to_mm(hall["depth_ft"]),
        max_people=hall.get("max_people"),
        doors=doors,
        position=position,
    )


def _period(event: Event, row: Mapping[str, Any], position: int) -> SalePeriod:
    day: date = event.first_day + timedelta(days=row["day"])
    starts, ends = clock(row["start"]), clock(row["end"])
    assert starts is not None and ends is not None  # checked by shape
    starts_at, ends_at = from_local(day, starts, event.time_zone), from_local(day, ends, event.time_zone)
    hours = "–".join(clock_time(moment, event.time_zone, event.locale) for moment in (starts_at, ends_at))
    label = f"{weekday(day, event.locale)} {hours} ({row['code']})"
    return SalePeriod(
        event_id=event.id, code=row["code"], label=label[:120], starts_at=starts_at, ends_at=ends_at, position=position
    )
