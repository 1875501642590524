"""Does a whole order keep the rules of its tickets: extras beside what they belong to, and how many one person may have. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one ticket type, as plain values."""

    type_id: int
    name: str
    only_with_id: int | None = None
    least_each: int = 0
    most_each: int | None = None
    per_person_limit: int | None = None


def extras_at_fault(
    rules: Iterable[Rule], names: Mapping[int, str], own: Mapping[int, int], elsewhere: Mapping[int, int]
) -> list[str]:
    """Sentences about extras without what they belong to, too many or too few of them, in the order of the rules.

    `own` counts the tickets of this order by type, `elsewhere` those of the same buyer's other orders.
    """
    found = []
    for rule in rules:
        if rule.only_with_id is None:
            continue
        have = own.get(rule.type_id, 0) + elsewhere.get(rule.type_id, 0)
        beside = own.get(rule.only_with_id, 0) + elsewhere.get(rule.only_with_id, 0)
        with_name = names[rule.only_with_id]
        if own.get(rule.type_id, 0) and not beside:
            found.append(
                f"{rule.name} is sold together with {with_name} only. Add {with_name}, or take {rule.name} out."
            )
        elif own.get(rule.type_id, 0) and rule.most_each is not None and have > rule.most_each * beside:
            found.append(
                f"There can be {rule.most_each} of {rule.name} for each {with_name}: "
                f"{rule.most_each * beside} at most, and you have {have}."
            )
        elif own.get(rule.only_with_id, 0) and have < rule.least_each * beside:
            found.append(
                f"Each {with_name} needs {rule.least_each} of {rule.name}: {rule.least_each * beside} in all, and you have {have}."
            )
    return found


def too_many_for_one(rules: Iterable[Rule], own: Mapping[int, int], elsewhere: Mapping[int, int]) -> list[str]:
    """Sentences about types of which one person would have too many."""
    found = []
    for rule in rules:
        earlier = elsewhere.get(rule.type_id, 0)
        have = own.get(rule.type_id, 0) + earlier
        if rule.per_person_limit is not None and own.get(rule.type_id, 0) and have > rule.per_person_limit:
            before = f", {earlier} of them ordered earlier" if earlier else ""
            found.append(
                f"One person can have {rule.per_person_limit} of {rule.name} in all, and this would be {have}{before}."
            )
    return found


ADULT = 18
OLDEST = 120


def age_words(low: int | None, high: int | None) -> str:
    """For whom a ticket is, in words."""
    if low is not None and high is not None:
        return f"This ticket is for people from {low} to {high} years."
    if low is not None:
        return f"This ticket is for people from {low} years on."
    return f"This ticket is for people up to {high} years." if high is not None else ""


def age_fault(age: int | None, low: int | None, high: int | None) -> str:
    """Why this age does not fit, in a sentence; "" if it does. None: what was typed is no number."""
    if age is None or age > OLDEST:
        return "Write the age in years, such as 12."
    return age_words(low, high) if not (low or 0) <= age <= (OLDEST if high is None else high) else ""
