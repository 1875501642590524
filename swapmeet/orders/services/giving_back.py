"""The buyer gives back a part of an order by the terms of the day, and whoever buys hears what became of a part."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Refused
from swapmeet.orders.errors import PriceChanged
from swapmeet.orders.models import Order
from swapmeet.orders.pieces import PART_MAIL, Some
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.checkout import hold_mail
from swapmeet.orders.services.divisions import list_pieces, sort_out
from swapmeet.orders.services.parts import PartPreview, give_up_lines, preview_part

PASSED_ON = "A ticket that was passed on belongs to somebody else by now, so only the organizer can cancel it."
CAME_IN = "Somebody has come in with this ticket already, so only the organizer can cancel it."


def veto_of(db_session: Session, order: Order) -> str:
    """Why this buyer may give back nothing of the order by themselves, in sentences; often nothing."""
    return " ".join(filter(None, (veto(db_session, order) for veto in registry().part_vetoes)))


def preview_giving_back(
    db_session: Session, *, event: Event, order: Order, line_ids: Collection[int], some: Sequence[Some], now: datetime
) -> PartPreview:
    """What comes back for these lines and pieces today. Raises Refused for what is not the buyer's to give back, and
    what `preview_part` raises. Everything comes back where the show is canceled."""
    _check_is_theirs(db_session, order, line_ids, some)
    return preview_part(
        db_session, event=event, order=order, line_ids=line_ids, some=some, now=now, is_full=_gives_all(event)
    )


def give_back_part(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    line_ids: Collection[int],
    some: Sequence[Some],
    seen_back_minor: int,
    reason: str,
    is_mailed: bool,
    by: Actor,
    now: datetime,
) -> PartPreview:
    """Give it up, by the terms of today. Raises PriceChanged when another sum comes back than was shown, Refused, and
    what `give_up_lines` raises."""
    lock(db_session, order)
    _check_is_theirs(db_session, order, line_ids, some)
    done = give_up_lines(
        db_session,
        event=event,
        order=order,
        line_ids=line_ids,
        some=some,
        is_full=_gives_all(event),
        reason=reason,
        by=by,
        now=now,
    )
    if done.back_minor != seen_back_minor:
        raise PriceChanged("The refund has changed since you looked. Look at the new sum and confirm again.")
    if is_mailed:
        mail_part(db_session, order=order, done=done, now=now)
    else:
        hold_mail(db_session, order, now=now)
    return done


def mail_part(db_session: Session, *, order: Order, done: PartPreview, now: datetime) -> None:
    """Tell the buyer what was canceled of the order and what comes back."""
    if order.buyer_email:
        queue_mail(
            db_session,
            kind=PART_MAIL,
            to=order.buyer_email,
            payload={
                "order_id": order.id,
                "line_ids": [line.id for line in done.lines],
                "back_minor": done.back_minor,
                "kept_minor": done.kept_minor,
            },
            fact_key=f"order:{order.id}:part:{max(line.id for line in done.lines)}",
            now=now,
            event_id=order.event_id,
            person_id=order.person_id,
        )


def _check_is_theirs(db_session: Session, order: Order, line_ids: Collection[int], some: Sequence[Some]) -> None:
    if reason := veto_of(db_session, order):
        raise Refused(reason)
    by_id = {line.id: line for line in list_live_lines(db_session, order)}
    whole, parted = sort_out(by_id, line_ids, some)
    pieces = list_pieces(db_session, order, [by_id[line_id] for line_id in sorted(whole | parted.keys())])
    chosen = [
        each
        for line_id, group in pieces.items()
        for each in group
        if line_id in whole or each.number in parted[line_id]
    ]
    if any(each.is_passed_on for each in chosen):
        raise Refused(PASSED_ON, field="lines")
    if any(each.has_come_in for each in chosen):
        raise Refused(CAME_IN, field="lines")


def _gives_all(event: Event) -> bool:
    return event.state is EventState.CANCELED
