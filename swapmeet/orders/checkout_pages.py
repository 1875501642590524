"""What the checkout page shows: fields of the lines, ways to pay, what happens next, refund terms in words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Policy, PolicyKind
from swapmeet.events.refund_words import last_day_of, refund_sentences
from swapmeet.infra.codes import digest
from swapmeet.infra.registry import registry
from swapmeet.kernel.time import to_local
from swapmeet.orders.cart_pages import hold_of
from swapmeet.orders.dues import Part
from swapmeet.orders.forms import ALL_NOW, BY_POST, fields_of_line
from swapmeet.orders.models import Order, OrderLine, PayMethod
from swapmeet.orders.order_view import holds_only_fees
from swapmeet.orders.queries import newest_policies
from swapmeet.orders.sellables import Buyer, CheckoutField
from swapmeet.orders.services.carts import by_kind, faults_of, sellable_of
from swapmeet.orders.services.checkout import due_date
from swapmeet.orders.services.due_dates import plan_parts
from swapmeet.orders.services.instalments import find_plan
from swapmeet.web.filters import day, local_day, money


def checkout_fields(
    db_session: Session, lines: Sequence[OrderLine], buyer: Buyer
) -> dict[int, Sequence[CheckoutField]]:
    """What each line asks, by line id."""
    found: dict[int, Sequence[CheckoutField]] = {}
    for kind, group in by_kind(lines):
        found |= sellable_of(kind).fields(db_session, lines=group, buyer=buyer)
    return found


def pay_methods(
    db_session: Session, event: Event, person_id: int | None, kinds: Collection[str] = ()
) -> list[PayMethod]:
    """The ways the show takes money of this buyer, those of features first; a check where it has forgotten to say.

    `kinds` of the lines: what is waited for before the show is not paid at its door or on invoice.
    """
    more = [method for ask in registry().pay_methods for method in ask(db_session, event, person_id)]
    offered = [
        (event.pay_by_check, PayMethod.CHECK),
        (event.pay_by_transfer, PayMethod.TRANSFER),
        (event.pay_at_door, PayMethod.CASH),
    ]
    by_hand = [method for is_offered, method in offered if is_offered]
    last = [method for method in more if method is PayMethod.INVOICE]
    found = [*(method for method in more if method not in last), *by_hand, *last]
    if registry().paid_ahead.intersection(kinds):
        found = [method for method in found if method not in (PayMethod.CASH, PayMethod.INVOICE)]
    return found or [PayMethod.CHECK]


def invoice_words(event: Event, now: datetime) -> str:
    """The choice of an invoice, with its last day."""
    return f"Invoice, pay by {local_day(due_date(event, PayMethod.INVOICE, now), event.time_zone, event.locale)}"


def checkout_page(
    db_session: Session,
    event: Event,
    cart: Order,
    lines: Sequence[OrderLine],
    fields: Mapping[int, Sequence[CheckoutField]],
    form: Any,
    now: datetime,
) -> dict[str, Any]:
    total = sum(line.total_minor for line in lines)
    is_fee = holds_only_fees(lines)
    return {
        "event": event,
        "cart": cart,
        "lines": lines,
        "line_fields": {line.id: fields_of_line(form, line, fields) for line in lines},
        "form": form,
        "faults": faults_of(db_session, event=event, order=cart, lines=lines),
        "total": total,
        "hold": hold_of(event, cart, now),
        "next_steps": [
            *next_steps(event, total, now, is_fee=is_fee),
            *part_words(db_session, event, lines, total, now),
            *([ON_INVOICE] if "invoice_address" in form else []),
        ],
        "late_words": late_words(db_session, event) if "pay_in_parts" in form else "",
        "terms": refund_words(db_session, event, lines, now) if total and not is_fee else [],
    }


def next_steps(event: Event, total_minor: int, now: datetime, *, is_fee: bool = False) -> list[str]:
    """What happens after the button, in sentences. `is_fee`: neither a place nor a ticket is ordered."""
    if total_minor == 0:
        return ["There is nothing to pay. Your order is confirmed at once and the tickets come by e-mail."]
    due = local_day(due_date(event, PayMethod.CHECK, now), event.time_zone, event.locale)
    if is_fee:
        return [f"How to pay comes by e-mail and stands on the order page. The money has to arrive by {due}."]
    by_post = event.pay_by_check or event.pay_by_transfer or not event.pay_at_door
    return [
        "Your places are kept for you as soon as the order is placed. How to pay comes by e-mail and stands on the order page.",
        *(
            [f"A check or transfer has to arrive by {due}; after that the places are given to others."]
            if by_post
            else []
        ),
        "As soon as the money is recorded, your order is confirmed and the tickets come by e-mail.",
    ]


def part_choices(
    db_session: Session, event: Event, lines: Sequence[OrderLine], methods: Sequence[PayMethod], now: datetime
) -> list[tuple[str, str]]:
    """(value, words) of paying all at once or in parts, with each sum and date; empty where there is nothing to choose.

    The value of the parts names their sums and dates, so nobody agrees to others than those they were shown.
    """
    total = sum(line.total_minor for line in lines)
    if not total or not BY_POST.intersection(methods):
        return []
    first = due_date(event, PayMethod.CHECK, now)
    given: Any = {"event": event, "lines": lines, "total_minor": total, "due_at": first, "now": now}
    parts = plan_parts(db_session, in_parts=True, **given)
    if not parts or parts == plan_parts(db_session, **given):
        return []
    sums = " ".join(f"{each.amount_minor}/{each.due_at.isoformat()}/{each.lapses}" for each in parts)
    return [
        (ALL_NOW, f"All of it: {money(total, event.currency, event.locale)}"),
        (f"parts-{digest(sums)[:16]}", f"In {len(parts)} parts: {_sums_and_days(event, parts)}"),
    ]


ON_INVOICE = "With an invoice, it comes by e-mail at once; pay it by its day, all in one sum and any way you like."
LATE = "If a later part does not come by its date, your places go to others and what you paid is kept."


def late_words(db_session: Session, event: Event) -> str:
    """What happens to those who pay the first parts only, where the show's plan says so."""
    plan = find_plan(db_session, event_id=event.id)
    return LATE if plan is not None and plan.lapses else ""


def _sums_and_days(event: Event, parts: Sequence[Part]) -> str:
    return ", then ".join(
        f"{money(each.amount_minor, event.currency, event.locale)} by "
        f"{local_day(each.due_at, event.time_zone, event.locale)}"
        for each in parts
    )


def part_words(
    db_session: Session, event: Event, lines: Sequence[OrderLine], total_minor: int, now: datetime
) -> list[str]:
    """What is due when, where it is not one sum, and what happens to those who pay the first part only."""
    first = due_date(event, PayMethod.CHECK, now)
    parts = plan_parts(db_session, event=event, lines=lines, total_minor=total_minor, due_at=first, now=now)
    if not parts:
        return []
    found = [f"You can pay in parts: {_sums_and_days(event, parts)}."]
    if any(each.lapses for each in parts):
        found.append(LATE)
    return found


def refund_words(db_session: Session, event: Event, lines: Sequence[OrderLine], now: datetime) -> list[str]:
    """The refund terms in force for what is bought, one sentence a policy and step."""
    today = to_local(now, event.time_zone).date()
    wanted = {line.refund_policy for line in lines}
    ids = [
        policy_id for kind, policy_id in newest_policies(db_session, event_id=event.id).items() if kind.value in wanted
    ]
    policies = list(db_session.scalars(select(Policy).where(Policy.id.in_(ids)).order_by(Policy.id)))
    several = len(policies) > 1
    return [
        (f"{POLICY_LABEL[policy.kind]}: " if several else "") + sentence
        for policy in policies
        for sentence in policy_words(policy, event, today)
    ]


SHARES = {100: "you get everything back", 50: "you get half back"}
POLICY_LABEL = {PolicyKind.ATTENDEE_REFUND: "Tickets", PolicyKind.VENDOR_REFUND: "Tables", PolicyKind.TERMS: "Terms"}


def policy_words(policy: Policy, event: Event, today: date) -> list[str]:
    """The steps that are still ahead, earliest end first, then what holds after them."""
    ahead = [step for step in policy.steps if step.get("only_if") or last_day_of(step, event.first_day) >= today]
    return refund_sentences(
        ahead,
        first_day=event.first_day,
        say_day=lambda value: day(value, event.locale),
        say_money=lambda minor: money(minor, event.currency, event.locale),
    )
