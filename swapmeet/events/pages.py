"""What the public pages say about a show: its state and days in words, its policies as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from swapmeet.events.models import Event, EventState, Policy, PolicyKind
from swapmeet.events.refund_words import refund_sentences
from swapmeet.kernel.time import to_local
from swapmeet.web.filters import day, money, plural


@dataclass(frozen=True, slots=True)
class ShowState:
    """How a show stands today: a kind of state chip and its words. `is_over` from the day after the last one."""

    kind: str
    words: str
    is_over: bool


COMING = "Coming up"


def state_of(state: EventState, *, first_day: date, last_day: date, today: date) -> ShowState:
    """The chip of a show on a day of its own zone."""
    if state is EventState.CANCELED:
        return ShowState("bad", "Canceled", today > last_day)
    if state is EventState.FINISHED or today > last_day:
        return ShowState("taken", "Over", True)
    if state is EventState.DRAFT:
        return ShowState("held", "Draft", False)
    if today >= first_day:
        return ShowState("ok", "On now", False)
    return ShowState("ok", COMING, False)


def state_of_event(event: Event, now: datetime) -> ShowState:
    return state_of(
        event.state, first_day=event.first_day, last_day=event.last_day, today=today_at(now, event.time_zone)
    )


def today_at(now: datetime, zone_name: str) -> date:
    """The date on the show's own calendar."""
    return to_local(now, zone_name).date()


def time_to_go(event: Event, now: datetime) -> str:
    """ "174 days to go", "Starts tomorrow", "On now", "Ended 3 days ago"."""
    today = today_at(now, event.time_zone)
    left = (event.first_day - today).days
    if left > 1:
        return plural(left, "day to go", "days to go")
    if left == 1:
        return "Starts tomorrow"
    since = (today - event.last_day).days
    return f"Ended {plural(since, 'day', 'days')} ago" if since > 0 else "On now"


@dataclass(frozen=True, slots=True)
class PolicyWords:
    """One policy on the page: a heading, its sentences, and a free text."""

    title: str
    sentences: list[str]
    text: str


POLICY_TITLES = {
    PolicyKind.ATTENDEE_REFUND: "If you cannot come",
    PolicyKind.VENDOR_REFUND: "If you give your table back",
    PolicyKind.TERMS: "House rules",
}


def policy_words(event: Event, policies: Mapping[PolicyKind, Policy]) -> list[PolicyWords]:
    """The policies in force, tickets first."""
    return [words_of_policy(event, policies[kind]) for kind in PolicyKind if kind in policies]


def words_of_policy(event: Event, policy: Policy) -> PolicyWords:
    """A policy with its days computed from the show's first day."""
    sentences = [] if policy.kind is PolicyKind.TERMS else sentences_of(event, policy.steps)
    return PolicyWords(POLICY_TITLES[policy.kind], sentences, policy.text)


def sentences_of(event: Event, steps: list[Any]) -> list[str]:
    """Refund steps in the show's own days and money."""
    return refund_sentences(
        steps,
        first_day=event.first_day,
        say_day=partial(day, locale=event.locale),
        say_money=partial(money, currency=event.currency, locale=event.locale),
    )
