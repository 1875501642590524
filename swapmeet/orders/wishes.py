"""Reads the cart form that every feature's pages post: `ticket-7=2`, `table-12=3` (a sale period), `seat-5=1`."""

import re
from collections.abc import Iterable

from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import CartEmpty
from swapmeet.orders.sellables import Wish

FIELD = re.compile(r"(ticket|table|seat|extra)-([1-9][0-9]{0,17})", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,4}", re.ASCII)
ROW_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
MOST_FIELDS = 200


def read_wishes(pairs: Iterable[tuple[str, str]]) -> list[Wish]:
    """Wishes in the order of the form; fields left empty or at 0 are no wish. Unknown names are other fields of the page.

    Raises Invalid for a quantity that is no whole number from 0 to 9999, CartEmpty when nothing is wished.
    """
    wishes = [wish for wish in (_read(name, value.strip()) for name, value in pairs) if wish is not None]
    if not wishes:
        raise CartEmpty("Nothing was chosen. Say how many you want, then continue.")
    if len(wishes) > MOST_FIELDS:
        raise Invalid(f"At most {MOST_FIELDS} things at once.", field="quantity")
    return wishes


def _read(name: str, value: str) -> Wish | None:
    found = FIELD.fullmatch(name)
    if found is None or value == "":
        return None
    kind, product_id = found[1], int(found[2])
    if kind == "table":
        if not ROW_ID.fullmatch(value):
            raise Invalid("That is no time a table is sold for. Choose the table again.", field=name)
        return Wish(kind, product_id, 1, {"sale_period_id": int(value)})
    quantity = read_quantity(value, field=name)
    return Wish(kind, product_id, quantity) if quantity else None


def read_quantity(text: str, *, field: str) -> int:
    """How many, as typed. Raises Invalid for anything but a whole number from 0 to 9999."""
    if not WHOLE.fullmatch(text):
        raise Invalid("Write how many as a whole number from 0 to 9999.", field=field)
    return int(text)
