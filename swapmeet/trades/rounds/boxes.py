"""Which box stands where, and who is asked to come when. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

BOXES_A_SHELF = 10


def shelf_of(box: int) -> str:
    """Where box 1, 2, … stands: A1 to A10, B1, …, Z10, AA1, …"""
    shelf, place = divmod(box - 1, BOXES_A_SHELF)
    letters = ""
    shelf += 1
    while shelf:
        shelf, rest = divmod(shelf - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{place + 1}"


def plan_slots(
    sizes: Mapping[int, int], order: Sequence[int], *, start: datetime, minutes: int, people: int
) -> dict[int, datetime]:
    """When each member is asked to come: the fullest boxes first, since they need the most room; ties by `order`."""
    places = {member_id: place for place, member_id in enumerate(order)}
    ranked = sorted(sizes, key=lambda member_id: (-sizes[member_id], places[member_id]))
    return {member_id: start + timedelta(minutes=minutes * (turn // people)) for turn, member_id in enumerate(ranked)}
