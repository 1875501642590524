"""More or fewer of one thing in a cart, under the same guard as the first claim."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import LineGone, OverLimit, SoldOut
from swapmeet.orders.models import LineQuota, Order, OrderLine
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.scarcity import move_counters
from swapmeet.orders.sellables import AMOUNT_MINOR, MEMBER, VARIANT, VOUCHER, Buyer, Wish
from swapmeet.orders.services.buying import buy
from swapmeet.orders.services.carts import check_cart_is_open, remove_line, sellable_of


def change_quantity(
    db_session: Session,
    *,
    event: Event,
    cart: Order,
    line_id: int,
    quantity: int,
    buyer: Buyer,
    by: Actor,
    now: datetime,
) -> OrderLine | None:
    """Let a line of the cart hold `quantity` pieces; 0 takes it out. Fewer are free at once, more are claimed like new ones.

    Returns the line of their own that the further pieces got, where their price is another one by now; else None. Raises
    CartExpired, LineGone, and for more pieces SoldOut (`left`: how many more there are) and what `buy` raises.
    """
    lock(db_session, cart)
    check_cart_is_open(cart, now)
    held = list_live_lines(db_session, cart)
    line = next((each for each in held if each.id == line_id), None)
    if quantity == 0:
        remove_line(db_session, cart=cart, line_id=line_id, by=by, now=now)
        return None
    if line is None:
        raise LineGone("That is not in your cart any more. You can add it again on the page of the show.")
    if quantity == line.quantity:
        return None
    if not sellable_of(line.kind).can_change_quantity:
        raise OverLimit("How many cannot be changed here. Take it out, or add another one.", field="quantity")
    if quantity > line.quantity:
        return _take_more(db_session, event, cart, line, quantity - line.quantity, buyer, by, now)
    _give_back(db_session, line, quantity, now)
    cart.total_minor = sum(each.total_minor for each in held)
    return None


def _take_more(
    db_session: Session, event: Event, cart: Order, line: OrderLine, more: int, buyer: Buyer, by: Actor, now: datetime
) -> OrderLine | None:
    choice = {
        key: line.facts[key] for key in (VOUCHER, AMOUNT_MINOR, MEMBER, VARIANT) if line.facts.get(key) is not None
    }
    wish = Wish(line.kind, line.product_id, more, choice)
    try:
        (added,) = buy(db_session, event=event, cart=cart, wishes=[wish], buyer=buyer, by=by, now=now)
    except SoldOut as error:
        raise _too_few(line, int(str(error.facts.get("left", 0)))) from error
    own, new = _units(db_session, line), _units(db_session, added)
    if not _is_alike(line, added, own, new):
        return added
    for quota_id, row in own.items():
        row.quantity += new[quota_id].quantity
    line.quantity += more
    db_session.execute(delete(LineQuota).where(LineQuota.line_id == added.id))
    db_session.delete(added)
    db_session.flush()
    cart.total_minor = sum(each.total_minor for each in list_live_lines(db_session, cart))  # one line is rounded once
    return None


def _is_alike(line: OrderLine, added: OrderLine, own: Mapping[int, LineQuota], new: Mapping[int, LineQuota]) -> bool:
    """One line can hold both: the same price from the same tier, the same terms, the same units a piece."""
    same_deal = _deal(line) == _deal(added)
    same_facts = all(line.facts.get(key) == value for key, value in added.facts.items())
    same_units = own.keys() == new.keys() and all(
        own[key].quantity * added.quantity == new[key].quantity * line.quantity for key in own
    )
    return same_deal and same_facts and same_units


def _deal(line: OrderLine) -> tuple[object, ...]:
    tax = (line.tax_name, line.tax_bp, line.tax_is_added)
    return (line.unit_minor, *tax, line.title, line.detail, line.refund_policy)


def _give_back(db_session: Session, line: OrderLine, quantity: int, now: datetime) -> None:
    given_back: dict[int, int] = {}
    for quota_id, row in _units(db_session, line).items():
        kept = row.quantity // line.quantity * quantity
        given_back[quota_id], row.quantity = row.quantity - kept, kept
    line.quantity = quantity
    db_session.flush()
    move_counters(db_session, wanted={}, given_back=given_back, now=now)


def _units(db_session: Session, line: OrderLine) -> dict[int, LineQuota]:
    """What the line holds of which quota, by quota id."""
    rows = db_session.scalars(select(LineQuota).where(LineQuota.line_id == line.id).order_by(LineQuota.quota_id))
    return {row.quota_id: row for row in rows}


def _too_few(line: OrderLine, left: int) -> SoldOut:
    kept = "You keep the one you have." if line.quantity == 1 else f"You keep the {line.quantity} you have."
    if left == 0:
        words = f"No more of {line.title} are free."
    else:
        verb = "is" if left == 1 else "are"
        words = f"Only {left} more of {line.title} {verb} free, so you can have {line.quantity + left} at most."
    return SoldOut(f"{words} {kept}", field="quantity", left=left)
