"""Reads the cart form that every feature's pages post: `ticket-7=2`, `table-12=3` (a sale period), `seat-5=1`.

`ticket-7-12=2` is a choice (12) of the ticket 7.

`amount-7=12.50` is a ticket whose price the buyer chooses; `member` the membership number all tickets are bought with.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import CartEmpty
from swapmeet.orders.sellables import AMOUNT, MEMBER, VARIANT, Wish

FIELD = re.compile(r"(ticket|table|seat|extra|amount)-([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,4}", re.ASCII)
ROW_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
MOST_FIELDS = 200


def read_wishes(pairs: Iterable[tuple[str, str]]) -> list[Wish]:
    """Wishes in the order of the form; fields left empty or at 0 are no wish. Unknown names are other fields of the page.

    Raises Invalid for a quantity that is no whole number from 0 to 9999, CartEmpty when nothing is wished.
    """
    sent = list(pairs)
    wishes = [wish for wish in (_read(name, value.strip()) for name, value in sent) if wish is not None]
    if not wishes:
        raise CartEmpty("Nothing was chosen. Go back, choose what you would like, then continue.")
    if len(wishes) > MOST_FIELDS:
        raise Invalid(f"At most {MOST_FIELDS} things at once.", field="quantity")
    member = next((value.strip()[:60] for name, value in sent if name == MEMBER), "")
    return [_as_member(wish, member) for wish in wishes] if member else wishes


def _as_member(wish: Wish, number: str) -> Wish:
    return replace(wish, choice={**wish.choice, MEMBER: number}) if wish.kind == "ticket" else wish


def _read(name: str, value: str) -> Wish | None:
    found = FIELD.fullmatch(name)
    if found is None or value == "" or (found[3] and found[1] != "ticket"):
        return None
    kind, product_id = found[1], int(found[2])
    if kind == "table":
        if not ROW_ID.fullmatch(value):
            raise Invalid("That is no time a table is sold for. Choose the table again.", field=name)
        return Wish(kind, product_id, 1, {"sale_period_id": int(value)})
    if kind == "amount":
        return Wish("ticket", product_id, 1, {AMOUNT: value[:30]}) if value.strip("0.,") else None
    quantity = read_quantity(value, field=name)
    choice = {VARIANT: int(found[3])} if found[3] else {}
    return Wish(kind, product_id, quantity, choice) if quantity else None


def read_quantity(text: str, *, field: str) -> int:
    """How many, as typed. Raises Invalid for anything but a whole number from 0 to 9999."""
    if not WHOLE.fullmatch(text):
        raise Invalid("Write how many as a whole number from 0 to 9999.", field=field)
    return int(text)
