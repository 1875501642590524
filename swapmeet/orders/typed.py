"""What was typed at a checkout, kept when its cart runs out and brought to the lines that come in place of the old ones."""

import re
from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict

from swapmeet.orders.models import OrderLine
from swapmeet.orders.sellables import CheckoutField
from swapmeet.orders.services.renewal import new_line_ids

CONTACT = ("buyer_name", "buyer_email", "buyer_phone", "note", "method", "invoice_address", "pay_in_parts")
ASKED = re.compile(r"ask-[a-z0-9-]{1,60}", re.ASCII)  # of the order itself
LINE_FIELD = re.compile(r"line-([1-9][0-9]{0,17})-([a-z0-9-]{1,60})", re.ASCII)


def typed_fields(form: MultiDict[str, str]) -> dict[str, list[str]]:
    """Contact, way to pay and all answers, out of a posted checkout: to go along as hidden fields."""
    return {name: values for name, values in form.lists() if _is_typed(name)}


def _is_typed(name: str) -> bool:
    return name in CONTACT or bool(LINE_FIELD.fullmatch(name) or ASKED.fullmatch(name))


def is_for_other_lines(form: MultiDict[str, str], lines: Sequence[OrderLine]) -> bool:
    """The form comes from a page that showed lines which are not in the cart any more (a stale tab)."""
    ids = {str(line.id) for line in lines}
    return any(match[1] not in ids for match in map(LINE_FIELD.fullmatch, form) if match)


def filled_in(
    form: MultiDict[str, str], lines: Sequence[OrderLine], fields: Mapping[int, Sequence[CheckoutField]]
) -> MultiDict[str, str]:
    """The posted form as the lines of today ask it: answers for a line that ran out stand at the line that took its place.

    Of names for fewer pieces the first ones are kept. An answer shared by all lines of a kind is kept whichever line asks it.
    """
    asked = [each for group in fields.values() for each in group]
    if all(each.name in form for each in asked):
        return form
    found = [(match[1], match[2], values) for name, values in form.lists() if (match := LINE_FIELD.fullmatch(name))]
    now_in, filled = new_line_ids(lines), MultiDict(form)
    for line_id, name, values in found:
        if int(line_id) in now_in:
            filled.setlistdefault(f"line-{now_in[int(line_id)]}-{name}", values)
    for each in asked:
        shared = LINE_FIELD.fullmatch(each.name) if each.is_shared else None
        for _, name, values in found:
            if shared is not None and name == shared[2]:
                filled.setlistdefault(each.name, values)
    return filled
