"""The form of a ticket type: one page, with rows for the steps of its price."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TimeField
from wtforms.validators import Optional

from swapmeet.accounts.forms import AddressField
from swapmeet.events.models import Event
from swapmeet.kernel.numbers import whole
from swapmeet.kernel.time import from_local, to_local
from swapmeet.orders.models import Quota
from swapmeet.registration.models import TicketType
from swapmeet.registration.values import AgeValues, RuleValues, TicketTypeValues, TierValues
from swapmeet.web.filters import short_day
from swapmeet.web.forms import (
    BoxesField,
    Form,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    WholeField,
    add_fault,
    event_form,
    optional,
)

BLANK_TIERS = 2  # empty rows offered below those that are filled
MOST_TIERS = 8
MOST_DAYS = 60

RULE_FIELDS = ("most_each", "per_person_limit", "is_open_price", "member_price_minor")
SOLD_WHERE = [("online", "Here, and at the door"), ("door", "At the door only"), ("hidden", "Nowhere for now (hidden)")]


class HolderForm(Form):
    """The name on one ticket."""

    name = LineField("Name", [NotBlank("Write the name that should stand on it.")], limit=120)


class TakeForm(HolderForm):
    """Who takes over a ticket."""

    email = AddressField("Your e-mail address", description="The ticket is sent there.")


class TicketTypeForm(Form):
    """Fields that do not depend on the show; `ticket_type_form` adds the rows of price steps."""

    tier_count: ClassVar[int] = 0

    name = LineField("Name", [NotBlank("Give the ticket a name, such as Weekend pass.")], limit=120)
    description = LineField(
        "What it includes", limit=300, description="One line under the name. Empty: the days it is good for."
    )
    requirement = LineField(
        "What it asks for",
        limit=200,
        description="For example: with an adult. Shown to the buyer, looked at by the door.",
    )
    price_minor = MoneyField("Price", [NotBlank("Write a price. 0 makes it free.")])
    capacity = WholeField("How many there are", [optional()], high=1_000_000, description="Empty: no limit.")
    shared = SelectField("Shared limit", validate_choice=False, description="For tickets that take the same places.")
    shared_name = LineField("Name of the new limit", limit=120)
    shared_capacity = WholeField("How many in all", [optional()], low=0, high=1_000_000)
    days = BoxesField("Good on", description="None ticked: on every day of the show.")
    days_allowed = WholeField(
        "On how many of these days",
        [optional()],
        low=1,
        high=MOST_DAYS,
        description="Empty: on all. 1 makes it a one-day ticket.",
    )
    entry_from = TimeField("Not before", [Optional()], description="Empty: from the opening of the doors.")
    min_age = WholeField("From what age", [optional()], high=120)
    asks_age = BooleanField(
        "Ask for the age",
        description="With each name: the age on the first day, which must fit. Only the organizer can pass on such a ticket.",
    )
    max_age = WholeField("Up to what age", [optional()], high=120, description="Empty: no matter.")
    guardian_below = WholeField(
        "An adult is needed under",
        [optional()],
        low=1,
        high=21,
        description="Who is younger names an adult of the same order, who agrees. Empty: not needed.",
    )
    per_order_limit = WholeField("In one order at most", [NotBlank("Write how many.")], low=1, high=1000)
    sold_where = RadioField("Sold", choices=SOLD_WHERE, default="online")
    is_admission = BooleanField(
        "It lets a person in", description="Leave it out for parking and the like: no name, no badge."
    )
    sale_starts_at = LocalTimeField("Sale begins", [Optional()], description="Empty: as soon as the show is published.")
    sale_ends_at = LocalTimeField("Sale ends", [Optional()], description="Empty: with the last day it is good for.")
    is_open_price = BooleanField(
        "The buyer chooses the amount", description="For donations. The price above is then the least one can give."
    )
    member_price_minor = MoneyField(
        "Members' price", description="For numbers on the membership list. Empty: members pay the same."
    )
    per_person_limit = WholeField(
        "For one person at most",
        [optional()],
        low=1,
        high=1000,
        description="Over all their orders, by account and e-mail address. Empty: no such limit.",
    )
    only_with = SelectField("Sold only with", validate_choice=False)
    least_each = WholeField("At least for each", [optional()], high=100, description="Empty or 0: as they like.")
    most_each = WholeField(
        "At most for each", [optional()], low=1, high=100, description="Empty: as many as they like."
    )
    names_until_on = DateField("Names can be changed until", [Optional()], description="Empty: until the show begins.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then what belongs together."""
        is_good = super().validate(extra_validators)
        if self.sale_starts_at.data and self.sale_ends_at.data and self.sale_ends_at.data <= self.sale_starts_at.data:
            add_fault(self.sale_ends_at, "The sale must end after it begins.")
        if self.shared.data == "new":
            if not self.shared_name.data:
                add_fault(self.shared_name, "Give the new limit a name, such as Beds.")
            if self.shared_capacity.data is None and not self.shared_capacity.errors:
                add_fault(self.shared_capacity, "Write how many there are in all.")
        if self.days_allowed.data and self.days.data and self.days_allowed.data > len(self.days.data):
            add_fault(self.days_allowed, "That is more than the days ticked.")
        self._check_extra()
        self._check_age()
        for number in range(self.tier_count):
            self._check_tier(number)
        return is_good and not self.errors

    def _check_extra(self) -> None:
        least, most = self.least_each.data, self.most_each.data
        if not self.only_with.data:
            for each in (self.least_each, self.most_each):
                if each.data:
                    add_fault(each, "Choose which ticket it is sold with.")
        elif least and most and least > most:
            add_fault(self.most_each, "That is fewer than the least.")

    def _check_age(self) -> None:
        for each in (self.max_age, self.guardian_below):
            if each.data is not None and not self.asks_age.data:
                add_fault(each, "Tick that the age is asked for, or leave this empty.")
        if self.asks_age.data and not self.is_admission.data:
            add_fault(self.asks_age, "It lets nobody in, so there is no age to ask for.")

    def _check_tier(self, number: int) -> None:
        row = self.tier(number)
        if row["price"].data is None:
            if not row["price"].errors and any(row[name].data for name in ("until_on", "until_time", "first")):
                add_fault(row["price"], "Write the price of this step, or empty the whole row.")
            return
        if row["until_time"].data and not row["until_on"].data:
            add_fault(row["until_on"], "Write the day that belongs to this time.")
        elif (
            not row["until_on"].data
            and not row["first"].data
            and not row["until_on"].errors
            and not row["first"].errors
        ):
            add_fault(row["until_on"], "Say when this price ends: a last day, or the first so many.")

    def tier(self, number: int) -> dict[str, Any]:
        """The fields of one row of steps by their short names."""
        return {name: self[f"tier_{number}_{name}"] for name in ("id", "price", "until_on", "until_time", "first")}

    def tiers(self, zone_name: str) -> list[TierValues]:
        """The filled rows in their order."""
        rows = [self.tier(number) for number in range(self.tier_count)]
        return [_tier_values(row, zone_name) for row in rows if row["price"].data is not None]

    def values(self, event: Event) -> TicketTypeValues:
        """What was typed, as the service takes it."""
        shared = self.shared.data or ""
        return TicketTypeValues(
            name=self.name.data or "",
            price_minor=self.price_minor.data or 0,
            capacity=self.capacity.data,
            description=self.description.data or "",
            requirement=self.requirement.data or "",
            valid_days=sorted(date.fromisoformat(value) for value in self.days.data or []),
            days_allowed=self.days_allowed.data,
            entry_from=self.entry_from.data.strftime("%H:%M") if self.entry_from.data else None,
            min_age=self.min_age.data,
            per_order_limit=self.per_order_limit.data or 1,
            sale_starts_at=self.sale_starts_at.data,
            sale_ends_at=self.sale_ends_at.data,
            names_until_on=self.names_until_on.data,
            is_hidden=self.sold_where.data == "hidden",
            is_door_only=self.sold_where.data == "door",
            is_admission=self.is_admission.data,
            shared_quota_id=whole(shared, 15),
            new_shared=(self.shared_name.data or "", self.shared_capacity.data or 0) if shared == "new" else None,
            tiers=self.tiers(event.time_zone),
            rule=self.rule_values(),
            age=AgeValues(self.max_age.data, self.guardian_below.data) if self.asks_age.data else None,
        )

    def rule_values(self) -> RuleValues:
        """What it asks beyond price and days."""
        only_with = whole(self.only_with.data or "", 15)
        return RuleValues(
            only_with_id=only_with,
            least_each=(self.least_each.data or 0) if only_with is not None else 0,
            most_each=self.most_each.data if only_with is not None else None,
            per_person_limit=self.per_person_limit.data,
            is_open_price=self.is_open_price.data,
            member_price_minor=self.member_price_minor.data,
        )


def ticket_type_form(
    event: Event, *, kind: TicketType | None, shared: Sequence[Quota], others: Sequence[TicketType], **kwargs: Any
) -> TicketTypeForm:
    """The form for a new type or (with `kind`) for one that exists, in the show's zone and currency."""
    tiers = kind.tiers if kind is not None else []
    count = min(MOST_TIERS, max(len(tiers), _tiers_sent(kwargs.get("formdata"))) + BLANK_TIERS)
    form_class = type("SteppedTicketTypeForm", (TicketTypeForm,), {"tier_count": count, **_tier_fields(count)})
    data = {**_defaults(event), **(_data_of(event, kind) if kind is not None else {})}
    form: TicketTypeForm = event_form(
        form_class, zone_name=event.time_zone, currency=event.currency, data=data, **kwargs
    )
    form.days.choices = [(day.isoformat(), short_day(day, event.locale)) for day in days_of_show(event)]
    form.shared.choices = [
        ("", "None"),
        *((str(quota.id), f"{quota.name} ({quota.capacity} in all)") for quota in shared),
        ("new", "A new one, named below"),
    ]
    form.only_with.choices = [
        ("", "Nothing: it is sold alone"),
        *((str(each.id), each.name) for each in others if kind is None or each.id != kind.id),
    ]
    return form


def days_of_show(event: Event) -> list[date]:
    """From the first day anything happens to the last, a sensible number of them."""
    count = min(MOST_DAYS, (event.last_day - event.opens_from).days + 1)
    return [event.opens_from + timedelta(days=offset) for offset in range(count)]


def _tiers_sent(formdata: Any) -> int:
    return sum(1 for number in range(MOST_TIERS) if formdata and formdata.get(f"tier_{number}_price"))


def _tier_fields(count: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number in range(count):
        step = f"Step {number + 1}"  # for the summary of faults; beside the field its short name is enough
        fields |= {
            f"tier_{number}_id": HiddenField(),
            f"tier_{number}_price": MoneyField(f"{step}: price"),
            f"tier_{number}_until_on": DateField(f"{step}: last day", [Optional()]),
            f"tier_{number}_until_time": TimeField(f"{step}: until what time", [Optional()]),
            f"tier_{number}_first": WholeField(f"{step}: for the first so many", [optional()], low=1, high=1_000_000),
        }
    return fields


def _defaults(event: Event) -> dict[str, Any]:
    return {"per_order_limit": min(10, event.per_order_limit), "is_admission": True, "days": []}


def _data_of(event: Event, kind: TicketType) -> dict[str, Any]:
    plain = (
        "name description requirement price_minor days_allowed min_age per_order_limit sale_starts_at sale_ends_at "
        "names_until_on is_admission"
    )
    data: dict[str, Any] = {name: getattr(kind, name) for name in plain.split()}
    data["capacity"] = kind.quota.capacity
    data["shared"] = str(kind.shared_quota_id or "")
    data["days"] = list(kind.valid_days)
    data["entry_from"] = time.fromisoformat(kind.entry_from) if kind.entry_from else None
    data["sold_where"] = "hidden" if kind.is_hidden else "door" if kind.is_door_only else "online"
    if kind.rule is not None:
        data |= {name: getattr(kind.rule, name) for name in RULE_FIELDS}
        data["only_with"] = str(kind.rule.only_with_id or "")
        data["least_each"] = kind.rule.least_each or None
    if kind.age is not None:
        data |= {"asks_age": True, "max_age": kind.age.max_age, "guardian_below": kind.age.guardian_below}
    for number, tier in enumerate(kind.tiers):
        until = to_local(tier.until_at, event.time_zone) if tier.until_at else None
        data |= {
            f"tier_{number}_id": str(tier.id),
            f"tier_{number}_price": tier.price_minor,
            f"tier_{number}_until_on": until.date() if until else tier.until_on,
            f"tier_{number}_until_time": until.time() if until else None,
            f"tier_{number}_first": tier.quota.capacity if tier.quota else None,
        }
    return data


def _tier_values(row: dict[str, Any], zone_name: str) -> TierValues:
    day, clock, known = row["until_on"].data, row["until_time"].data, row["id"].data or ""
    until_at: datetime | None = from_local(day, clock, zone_name) if day and clock else None
    return TierValues(
        price_minor=row["price"].data,
        until_on=day if until_at is None else None,
        until_at=until_at,
        first=row["first"].data,
        tier_id=whole(known, 15),
    )


class MembersForm(Form):
    """Numbers to put on the membership list."""

    numbers = ProseField(
        "Membership numbers",
        [NotBlank("Paste the numbers.")],
        limit=500_000,
        description="One on each line, as in your list. Blanks, dashes and leading zeros make no difference.",
    )
    tickets_each = WholeField(
        "Tickets for each number",
        [NotBlank("Write how many.")],
        low=1,
        high=100,
        default=1,
        description="So many tickets each number buys at the members' price.",
    )
