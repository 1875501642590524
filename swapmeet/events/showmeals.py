"""PURE. The meals of a show file. One with a price of its own is a ticket, each dish a choice; one that comes with a ticket asks its
holders which dish they want. Features read them as rows of their own lists.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from swapmeet.events.showfile import clock, is_text, is_whole, row_name
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.money import MAX_MINOR

MEAL = "meal"
MOST_DISHES = 20


def check_meals(show: Mapping[str, Any], report: ImportReport) -> None:
    """Every problem by row; what passes may be read by the functions below."""
    rows = show.get("meals") or []
    tickets = [row.get("code") for row in show.get("ticket_types") or []]
    names = {str(row.get("name")).strip().casefold() for row in show.get("ticket_types") or []}
    codes = {str(code).strip().removeprefix(f"{MEAL}-") for code in tickets if str(code).startswith(f"{MEAL}-")}
    for number, row in enumerate(rows):
        where = row_name("meals", number, row)
        report.problems += [(where, sentence) for sentence in _faults(show, row, tickets)]
        code = row["code"].strip()
        if code in codes:
            report.problems.append((where, f"The code {code[:40]} is used twice."))
        codes.add(code)
        if row.get("price") is not None and row["name"].strip().casefold() in names:
            report.problems.append((where, f"There is a ticket called {row['name'].strip()[:120]!r} already."))
        names.add(row["name"].strip().casefold())
    if rows:
        report.counts["meals"] = len(rows)


def _faults(show: Mapping[str, Any], row: Mapping[str, Any], tickets: Sequence[Any]) -> list[str]:
    found = []
    if not is_text(row["code"], 34):
        found.append("code: at most 34 characters.")
    if not is_text(row["name"], 120):
        found.append("name: at most 120 characters.")
    if row.get("price") is not None and not is_whole(row["price"], 0, MAX_MINOR):
        found.append("price: a whole number of minor units, 0 or more.")
    if row.get("day") is not None and row["day"] not in show["days"]:
        found.append(f"day: {row['day']} is not one of the show's days.")
    if row.get("start") is not None and clock(row["start"]) is None:
        found.append("start: a time such as 18:30.")
    final, opens = row.get("final_count_days_before") or 0, (show.get("registration") or {}).get("opens_days_before")
    if not is_whole(final, 0, 1000):
        found.append("final_count_days_before: a whole number from 0 to 1,000.")
    elif row.get("price") is not None and is_whole(opens, 0, 1000) and final > (opens or 0):
        found.append(f"final_count_days_before: tickets are on sale only from {opens} days before the show.")
    dishes = row.get("choices") or []
    if len(dishes) > MOST_DISHES or not all(is_text(each, 60) for each in dishes) or _same(dishes):
        found.append(f"choices: at most {MOST_DISHES} different dishes, each of at most 60 characters.")
    if any(not isinstance(each, str) or each not in tickets for each in row.get("included_in") or []):
        found.append("included_in: a list of codes of ticket_types.")
    return found


def meals_as_tickets(show: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows such as ticket_types has, of the meals that are bought for themselves."""
    return [
        {
            "code": f"{MEAL}-{row['code'].strip()}",
            "name": row["name"].strip(),
            "price": row["price"],
            "valid_days": [row["day"]] if row.get("day") is not None else [],
            "entry_from": row.get("start"),
            "sale_ends_days_before": row.get("final_count_days_before"),
            "variants": [{"name": dish.strip()} for dish in row.get("choices") or []] if _can_choose(row) else [],
            "kind_of": MEAL,
        }
        for row in show.get("meals") or []
        if row.get("price") is not None
    ]


def meals_as_questions(show: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows such as questions has, of the meals that come with a ticket: the dish where there is a choice, then the party."""
    dishes, parties = _asks_for_dishes(show), _asks_for_parties(show)
    return [*dishes, *parties]


def _asks_for_parties(show: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{row['name'].strip()}: with whom do you sit?",
            "kind": "text",
            "help": "Agree on a word for your party, and let each of you write the same one.",
            "needed_by_days_before": None,
            "tickets": list(row["included_in"]),
        }
        for row in show.get("meals") or []
        if row.get("included_in") and row.get("parties")
    ]


def _asks_for_dishes(show: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{row['name'].strip()}: which dish?",
            "kind": "one_of",
            "options": [dish.strip() for dish in row["choices"]],
            "required": True,
            "needed_by_days_before": row.get("final_count_days_before"),
            "tickets": list(row["included_in"]),
        }
        for row in show.get("meals") or []
        if row.get("included_in") and _can_choose(row)
    ]


def count_questions(show: Mapping[str, Any]) -> int:
    """How many questions the meals of a file become."""
    included = [row for row in show.get("meals") or [] if row.get("included_in")]
    return sum(_can_choose(row) for row in included) + sum(bool(row.get("parties")) for row in included)


def _same(dishes: Sequence[str]) -> bool:
    """Whether two dishes differ in spaces or capitals only."""
    return len({each.strip().casefold() for each in dishes}) < len(dishes)


def _can_choose(row: Mapping[str, Any]) -> bool:
    return len(row.get("choices") or []) > 1
