"""The kinds of show: their names as people of a country say them, and sensible first settings for each."""

from dataclasses import dataclass

from swapmeet.events.models import EventKind

LABELS: dict[EventKind, str] = {
    EventKind.HOUSEPARTY: "Houseparty",
    EventKind.GATHERING: "Gathering",
    EventKind.CONVENTION: "Convention",
    EventKind.CLUB_DAY: "Club day",
    EventKind.SALES_FAIR: "Sales fair",
    EventKind.SWAP_MEET: "Swap meet",
    EventKind.TRAIN_SHOW: "Train show",
    EventKind.CLUB_SHOW: "Club show",
}

# Only where a country says it differently; everything else falls back to the plain list.
LOCAL_LABELS: dict[str, dict[EventKind, str]] = {
    "en-GB": {
        EventKind.SALES_FAIR: "Fair",
        EventKind.SWAP_MEET: "Swapmeet",
        EventKind.TRAIN_SHOW: "Model railway show",
    },
    "en-IE": {EventKind.SALES_FAIR: "Fair", EventKind.TRAIN_SHOW: "Model railway show"},
    "en-AU": {EventKind.TRAIN_SHOW: "Model railway exhibition", EventKind.SWAP_MEET: "Swap meet and buy and sell"},
    "en-NZ": {EventKind.TRAIN_SHOW: "Model railway exhibition"},
}

# The paint chip of each kind.
COLORS: dict[EventKind, str] = {
    EventKind.HOUSEPARTY: "magenta",
    EventKind.GATHERING: "violet",
    EventKind.CONVENTION: "blue",
    EventKind.CLUB_DAY: "teal",
    EventKind.SALES_FAIR: "amber",
    EventKind.SWAP_MEET: "green",
    EventKind.TRAIN_SHOW: "red",
    EventKind.CLUB_SHOW: "olive",
}


@dataclass(frozen=True, slots=True)
class KindDefaults:
    """What a new show of a kind starts with. `days` is its usual length; steps are (until days before, percent back)."""

    days: int
    vendor_word: str
    trades: bool
    attendee_steps: tuple[tuple[int, int], ...]
    vendor_steps: tuple[tuple[int, int], ...]


_WEEKEND = ((60, 100), (30, 50))
_DAY = ((3, 100),)

DEFAULTS: dict[EventKind, KindDefaults] = {
    EventKind.HOUSEPARTY: KindDefaults(3, "Dealer", True, _WEEKEND, ((120, 100), (60, 50))),
    EventKind.GATHERING: KindDefaults(3, "Maker", True, _WEEKEND, ((30, 100),)),
    EventKind.CONVENTION: KindDefaults(4, "Dealer", True, _WEEKEND, ((60, 100), (14, 50))),
    EventKind.CLUB_DAY: KindDefaults(1, "Seller", True, ((21, 100),), ((21, 100),)),
    EventKind.SALES_FAIR: KindDefaults(1, "Vendor", False, _DAY, ((30, 100), (7, 50))),
    EventKind.SWAP_MEET: KindDefaults(1, "Seller", True, _DAY, ((30, 100),)),
    EventKind.TRAIN_SHOW: KindDefaults(2, "Vendor", True, _DAY, ((30, 100), (14, 50))),
    EventKind.CLUB_SHOW: KindDefaults(1, "Trader", True, _DAY, ((42, 100), (21, 50))),
}


def kind_label(kind: EventKind, locale: str = "en-US") -> str:
    """The name of a kind of show for readers of a locale."""
    return LOCAL_LABELS.get(locale, {}).get(kind) or LABELS[kind]


def kind_color(kind: EventKind) -> str:
    return COLORS[kind]


def default_steps(steps: tuple[tuple[int, int], ...]) -> list[dict[str, int]]:
    """Refund steps in the form that policies keep."""
    return [{"until_days_before": days, "refund_percent": percent, "fee_minor": 0} for days, percent in steps]
