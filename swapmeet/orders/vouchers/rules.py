"""What a code does to a price, and whether it may be used. Pure."""

from datetime import datetime


def reduction(effect: str, value: int, base_minor: int) -> int:
    """How much less a piece costs, in minor units: never more than it costs. A percentage is rounded to the nearest, half up."""
    if effect == "percent":
        return (base_minor * value + 50) // 100
    if effect == "amount":
        return min(value, base_minor)
    if effect == "price":
        return max(0, base_minor - value)
    return 0


def is_good(now: datetime, *, valid_until: datetime | None, off_at: datetime | None) -> bool:
    """Not taken back, and its time is not over."""
    return off_at is None and (valid_until is None or now < valid_until)


def fits(scope_kind: str, scope_id: int | None, *, kind: str, group_id: int) -> bool:
    """Is the code for this product? `group_id` is the product, or its type where products are single places."""
    return scope_kind in ("", kind) and scope_id in (None, group_id)


def tidy(text: str) -> str:
    """A code as typed: upper case, without spaces. "" for what no code can be."""
    found = "".join(text.split()).upper()
    return found if found and len(found) <= 40 and found.isascii() and found.replace("-", "").isalnum() else ""
