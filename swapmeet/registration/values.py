"""What an organizer says about a ticket type, as plain values between the form and the service. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class TierValues:
    """One step of the price: until a day or an instant, or for the `first` so many, or both a time and a count."""

    price_minor: int
    until_on: date | None = None
    until_at: datetime | None = None
    first: int | None = None
    tier_id: int | None = None


@dataclass(frozen=True)
class RuleValues:
    """What a ticket type asks beyond price and days: see models.TicketRule."""

    only_with_id: int | None = None
    least_each: int = 0
    most_each: int | None = None
    per_person_limit: int | None = None
    is_open_price: bool = False
    member_price_minor: int | None = None


@dataclass(frozen=True)
class AgeValues:
    """A type that asks for ages: see models.TicketAge."""

    max_age: int | None = None
    guardian_below: int | None = None


@dataclass(frozen=True)
class TicketTypeValues:
    """Everything an organizer says about a ticket type. `shared_quota_id` joins a limit that exists, `new_shared` makes one."""

    name: str
    price_minor: int
    capacity: int | None = None
    description: str = ""
    requirement: str = ""
    valid_days: Sequence[date] = ()
    days_allowed: int | None = None
    entry_from: str | None = None
    min_age: int | None = None
    per_order_limit: int = 10
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None
    names_until_on: date | None = None
    is_hidden: bool = False
    is_door_only: bool = False
    is_admission: bool = True
    shared_quota_id: int | None = None
    new_shared: tuple[str, int] | None = None
    tiers: Sequence[TierValues] = field(default_factory=tuple)
    code: str = ""
    rule: RuleValues = RuleValues()
    age: AgeValues | None = None
