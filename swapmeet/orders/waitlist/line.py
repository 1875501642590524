"""The decisions of the waiting list: how long an offer stands, how much somebody gets, what is told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FAR = timedelta(days=7)  # before the show
NEAR = timedelta(days=2)
FAR_OFFER = timedelta(hours=48)
NEAR_OFFER = timedelta(hours=24)
LAST_OFFER = timedelta(hours=2)


def offer_length(now: datetime, starts_at: datetime) -> timedelta:
    """48 hours while the show is a week away or more, 24 hours down to two days before it, 2 hours after that."""
    distance = starts_at - now
    if distance >= FAR:
        return FAR_OFFER
    return NEAR_OFFER if distance >= NEAR else LAST_OFFER


def offer_end(now: datetime, *, starts_at: datetime, ends_at: datetime) -> datetime:
    """When an offer made now lapses: never after the show itself."""
    return min(now + offer_length(now, starts_at), ends_at)


@dataclass(frozen=True)
class Want:
    """One thing somebody waits for: `quantity` pieces, each taking `units` of quotas; `left` are free pieces of its own kind."""

    quantity: int
    units: Mapping[int, int]
    left: int | None = None


@dataclass(frozen=True)
class Share:
    """How many pieces of each want there are room for, and whether that is enough to be offered."""

    pieces: tuple[int, ...]
    is_enough: bool

    @property
    def count(self) -> int:
        return sum(self.pieces)


def share(wants: Sequence[Want], free: Mapping[int, int | None], *, is_whole: bool) -> Share:
    """What fits into the free units, want by want in their order. None in `free` is no limit. Linear in wants times quotas."""
    left = dict(free)
    pieces = []
    for want in wants:
        bounds = [left[quota] // per for quota, per in want.units.items() if (left.get(quota)) is not None]  # type: ignore[operator]
        count = max(0, min([want.quantity, *bounds, *([want.left] if want.left is not None else [])]))
        pieces.append(count)
        take(left, want.units, count)
    is_all = all(count == want.quantity for count, want in zip(pieces, wants, strict=True))
    return Share(tuple(pieces), is_all if is_whole else sum(pieces) > 0)


def take(left: dict[int, int | None], units: Mapping[int, int], count: int) -> None:
    """Lower what is left by `count` pieces."""
    for quota, per in units.items():
        have = left.get(quota)
        if have is not None:
            left[quota] = have - per * count


def passed_words(titles: Sequence[str], wanted: Sequence[int], there: Sequence[int], *, is_adjacent: bool) -> str:
    """Why the line went past somebody although something was free: "1 of 2 × Weekend was free, and you asked for all or none."."""
    parts = [
        f"{count} of {want} × {title}" if want > 1 else (title if count else f"no {title}")
        for title, want, count in zip(titles, wanted, there, strict=True)
    ]
    verb = "was" if sum(there) == 1 else "were"
    rule = "all of it side by side" if is_adjacent else "all or none"
    return f"{' and '.join(parts)} {verb} free, and you asked for {rule}."[:300]
