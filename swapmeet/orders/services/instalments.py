"""Paying in parts, where a show offers it and the buyer asks for it: what is due later, setting it up, files and clones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.showfile import is_whole
from swapmeet.infra.audit import record
from swapmeet.infra.registry import ImportReport
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import end_of_day
from swapmeet.orders import dues
from swapmeet.orders.due_models import InstalmentDate, InstalmentPlan
from swapmeet.orders.errors import SharesWrong
from swapmeet.orders.models import OrderLine

KEYS = frozenset({"registration"})
MOST_DATES = 5
WHOLE = 100


@dataclass(frozen=True)
class Share:
    """A later share: percent of the price, and its last day."""

    percent: int
    due_on: date


def find_plan(db_session: Session, *, event_id: int) -> InstalmentPlan | None:
    return db_session.get(InstalmentPlan, event_id)


def due_later(db_session: Session, *, event: Event, lines: Sequence[OrderLine]) -> list[dues.Part]:
    """The later parts of these lines, where the show offers to pay in parts."""
    total = sum(line.total_minor for line in lines)
    plan = find_plan(db_session, event_id=event.id) if total else None
    if plan is None:
        return []
    sums = dues.share_out(total, [each.percent for each in plan.dates])
    return [
        dues.Part("Part", amount, end_of_day(each.due_on, event.time_zone) - timedelta(minutes=1), plan.lapses)
        for each, amount in zip(plan.dates, sums, strict=True)
    ]


def save_plan(
    db_session: Session, *, event: Event, shares: Sequence[Share], lapses: bool, by: Actor, now: datetime
) -> None:
    """Offer these later shares, or none at all. Placed orders keep the dates they were placed with.

    Raises SharesWrong when nothing is left for the first part, a day comes twice, or there are too many.
    """
    _check(shares)
    lock(db_session, event)
    plan = find_plan(db_session, event_id=event.id)
    if plan is not None:
        db_session.delete(plan)
        db_session.flush()
    if shares:
        dates = [InstalmentDate(percent=each.percent, due_on=each.due_on) for each in shares]
        db_session.add(InstalmentPlan(event_id=event.id, lapses=lapses, dates=dates))
    record(
        db_session,
        now=now,
        by=by,
        verb="instalments.saved",
        subject=event,
        event_id=event.id,
        shares=[f"{each.percent} percent by {each.due_on.isoformat()}" for each in shares],
        lapses=lapses,
    )
    db_session.flush()


def _check(shares: Sequence[Share]) -> None:
    if len(shares) > MOST_DATES:
        raise SharesWrong(f"At most {MOST_DATES} later dates.")
    if sum(each.percent for each in shares) >= WHOLE:
        raise SharesWrong("The later parts make up the whole price. Leave something to be paid with the order.")
    if len({each.due_on for each in shares}) < len(shares):
        raise SharesWrong("Two parts are due on the same day. Give each its own day.")


def check_file(show: Mapping[str, Any], report: ImportReport) -> None:
    """`registration.pay_in_parts` of a show file: rows of `percent` and `due_days_before`."""
    window = show.get("registration") or {}
    rows = window.get("pay_in_parts")
    if window.get("late_instalment_lapses") not in (None, True, False):
        report.problems.append(("registration.late_instalment_lapses", "Write true or false."))
    if rows is None:
        if is_whole(window.get("instalments"), 2, 100):
            words = "The number is kept, not used: name shares and days as pay_in_parts, or on the page of the tickets."
            report.kept.append(("registration.instalments", words))
        return
    if not isinstance(rows, list):
        report.problems.append(("registration.pay_in_parts", "Write a list of later parts."))
        return
    found: list[Share] = []
    for number, row in enumerate(rows):
        where = f"registration.pay_in_parts[{number}]"
        if not isinstance(row, Mapping) or not is_whole(row.get("percent"), 1, 99):
            report.problems.append((where, "percent must be a whole number from 1 to 99."))
        elif not is_whole(row.get("due_days_before"), 0, 1000):
            report.problems.append((where, "due_days_before must be a whole number from 0 to 1,000."))
        else:
            found.append(Share(row["percent"], date.min + timedelta(days=row["due_days_before"])))
    try:
        _check(found)
    except SharesWrong as error:
        report.problems.append(("registration.pay_in_parts", error.message))


def apply_file(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """The plan of the file, unless the show has one."""
    window = show.get("registration") or {}
    rows = window.get("pay_in_parts") or []
    if rows and find_plan(db_session, event_id=event.id) is None:
        shares = [Share(row["percent"], event.first_day - timedelta(days=row["due_days_before"])) for row in rows]
        lapses = bool(window.get("late_instalment_lapses"))
        save_plan(db_session, event=event, shares=shares, lapses=lapses, by=Actor.job("import"), now=now)


def copy_plan(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The clone offers the same shares, their days moved with the show."""
    plan = find_plan(db_session, event_id=source.id)
    if plan is not None:
        shares = [Share(each.percent, each.due_on + timedelta(days=shift_days)) for each in plan.dates]
        save_plan(db_session, event=target, shares=shares, lapses=plan.lapses, by=Actor.job("clone"), now=now)
