"""Which keys a show file must have, and of which type their values are. Told by row, before anything else."""

from collections.abc import Mapping
from typing import Any

from swapmeet.events.showfile import MAX_ROWS, clock, row_name
from swapmeet.infra.registry import ImportReport

# A type is a word for people and the Python types that pass; "?" at the end of a key means it may be missing or null.
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "whole number": (int,),
    "number": (int, float),
    "yes or no": (bool,),
    "list": (list,),
    "object": (dict,),
    "time such as 09:30": (str,),
}
Shape = dict[str, str]

SHOW: Shape = {
    "id": "text",
    "name": "text",
    "kind": "text",
    "theme?": "text",
    "currency": "text",
    "timezone": "text",
    "locale?": "text",
    "place?": "text",
    "country?": "text",
    "summary?": "text",
    "about?": "text",
    "first_day_weekday?": "text",
    "days": "list",
    "day_names?": "object",
    "venue": "object",
    "table_types?": "list",
    "table_rows?": "list",
    "vendor_policy?": "object",
    "registration?": "object",
    "ticket_types?": "list",
    "meals?": "list",
    "sessions?": "list",
    "schedule_blocks?": "list",
    "trade?": "object",
    "policies": "object",
    "flea_market?": "object",
    "attendance?": "object",
}
VENUE: Shape = {
    "name": "text",
    "halls": "list",
    "step_free?": "yes or no",
    "step_free_note?": "text",
    "parking_spaces?": "whole number",
    "scooters_hired?": "whole number",
    "loading_docks?": "whole number",
}
POLICIES: Shape = {"attendee_refund": "list"}
VENDOR_POLICY: Shape = {"cancel?": "list"}
REGISTRATION: Shape = {
    "opens_days_before?": "whole number",
    "per_order_max?": "whole number",
    "cart_hold_minutes?": "whole number",
}
FLEA_MARKET: Shape = {"sessions": "list"}
TRADE: Shape = {"enabled?": "yes or no", "listings_close?": "object", "desk?": "object"}

HALL: Shape = {
    "code": "text",
    "name": "text",
    "width_ft": "number",
    "depth_ft": "number",
    "max_people?": "whole number",
    "doors?": "list",
}
DOOR: Shape = {"side": "text", "x_ft": "number", "width_ft": "number", "kind?": "text"}
REFUND_STEP: Shape = {
    "until_days_before": "whole number",
    "refund_pct": "whole number",
    "admin_fee?": "whole number",
    "only_if?": "text",
}
TABLE_TYPE: Shape = {
    "code": "text",
    "name": "text",
    "length_ft": "number",
    "depth_in": "number",
    "price": "whole number",
    "quantity": "whole number",
    "chairs?": "whole number",
    "badges?": "whole number",
    "per_session?": "yes or no",
    "price_list?": "list",
    "further_tables?": "list",
    "members?": "object",
    "extras?": "list",
}
TABLE_ROW: Shape = {
    "row": "text",
    "hall": "text",
    "table_type": "text",
    "count": "whole number",
    "x_ft": "number",
    "y_ft": "number",
    "runs": "text",
    "facing?": "text",
    "first_number?": "whole number",
}
TICKET_TYPE: Shape = {
    "code": "text",
    "name": "text",
    "price": "whole number",
    "capacity?": "whole number",
    "valid_days?": "list",
    "entry_from?": "time such as 09:30",
    "price_tiers?": "list",
    "variants?": "list",
    "parts?": "list",
    "min_age?": "whole number",
    "most_each?": "whole number",
    "least_each?": "whole number",
    "per_person_max?": "whole number",
    "is_open_price?": "yes or no",
}
MEAL: Shape = {
    "code": "text",
    "name": "text",
    "price?": "whole number",
    "day?": "whole number",
    "start?": "time such as 09:30",
    "choices?": "list",
    "included_in?": "list",
    "parties?": "yes or no",
    "final_count_days_before?": "whole number",
}
PRICE_TIER: Shape = {"until_days_before": "whole number", "price": "whole number"}
SESSION: Shape = {
    "code": "text",
    "title": "text",
    "kind": "text",
    "day": "whole number",
    "start": "time such as 09:30",
    "end": "time such as 09:30",
    "room?": "text",
    "capacity?": "whole number",
    "fee?": "whole number",
    "kit_fee?": "whole number",
}
BLOCK: Shape = {
    "day": "whole number",
    "start": "time such as 09:30",
    "end": "time such as 09:30",
    "title": "text",
    "room?": "text",
}
FLEA_SESSION: Shape = {
    "code": "text",
    "day": "whole number",
    "start": "time such as 09:30",
    "end": "time such as 09:30",
}

# (path to the object or list, the shape of it or of each of its rows)
OBJECTS: list[tuple[str, Shape]] = [
    ("venue", VENUE),
    ("policies", POLICIES),
    ("vendor_policy", VENDOR_POLICY),
    ("registration", REGISTRATION),
    ("flea_market", FLEA_MARKET),
    ("trade", TRADE),
]
ROWS: list[tuple[str, Shape]] = [
    ("venue.halls", HALL),
    ("policies.attendee_refund", REFUND_STEP),
    ("vendor_policy.cancel", REFUND_STEP),
    ("table_types", TABLE_TYPE),
    ("table_rows", TABLE_ROW),
    ("ticket_types", TICKET_TYPE),
    ("meals", MEAL),
    ("sessions", SESSION),
    ("schedule_blocks", BLOCK),
    ("flea_market.sessions", FLEA_SESSION),
]


def check_shape(show: Mapping[str, Any], report: ImportReport) -> None:
    """Report missing keys and values of the wrong type, by row. What passes may be read by key without care."""
    _check(show, SHOW, "", report)
    for path, shape in OBJECTS:
        found = _at(show, path)
        if isinstance(found, Mapping):
            _check(found, shape, path, report)
    for path, shape in ROWS:
        _check_rows(_at(show, path), shape, path, report)
    for number, day in enumerate(_list(show.get("days"))):
        if not _is_type(day, "whole number"):
            report.problems.append((f"days[{number}]", "This must be a whole number, 0 for the first day."))
    for number, hall in enumerate(_list(_at(show, "venue.halls"))):
        if isinstance(hall, Mapping):
            _check_rows(hall.get("doors"), DOOR, f"{row_name('venue.halls', number, hall)}.doors", report)
    for number, ticket in enumerate(_list(show.get("ticket_types"))):
        if isinstance(ticket, Mapping):
            where = row_name("ticket_types", number, ticket)
            _check_rows(ticket.get("price_tiers"), PRICE_TIER, f"{where}.price_tiers", report)


def _check_rows(rows: Any, shape: Shape, path: str, report: ImportReport) -> None:
    found = _list(rows)
    if len(found) > MAX_ROWS:
        report.problems.append((path, f"At most {MAX_ROWS:,} rows."))
        return
    for number, row in enumerate(found):
        where = row_name(path, number, row)
        if isinstance(row, Mapping):
            _check(row, shape, where, report)
        else:
            report.problems.append((where, "This must be an object."))


def _check(row: Mapping[str, Any], shape: Shape, where: str, report: ImportReport) -> None:
    for key, kind in shape.items():
        name = key.rstrip("?")
        value = row.get(name)
        place = f"{where}.{name}" if where else name
        if value is None:
            if not key.endswith("?"):
                report.problems.append((where or name, f"The key {name} is missing."))
        elif not _is_type(value, kind):
            report.problems.append(
                (place, f"This must be a {kind}." if kind != "object" else "This must be an object.")
            )


def _is_type(value: Any, kind: str) -> bool:
    if kind == "time such as 09:30":
        return clock(value) is not None
    if isinstance(value, bool):
        return kind == "yes or no"
    return isinstance(value, TYPES[kind])


def _at(show: Mapping[str, Any], path: str) -> Any:
    found: Any = show
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
