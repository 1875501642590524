"""The forms of the organizer's pages. Names of fields are those of the columns they fill."""

from typing import Any

import wtforms
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, FieldList, FormField, RadioField
from wtforms.validators import Email, Optional, ValidationError

from swapmeet.events.fields import (
    ChoiceField,
    DayField,
    SlugField,
    currency_choices,
    locale_choices,
    whole_or_none,
    with_current,
    zone_choices,
)
from swapmeet.events.kinds import LABELS
from swapmeet.events.models import Event, EventKind, EventSeries
from swapmeet.web.forms import (
    Form,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    WholeField,
    event_form,
    form_with_options,
)
from swapmeet.web.lengths import LengthField

KIND_CHOICES = [(kind.value, LABELS[kind]) for kind in EventKind]
MAX_STEPS = 10
SPARE_STEPS = 2
SHORTEST_ROOM_MM = 100


def _required_day() -> list[Any]:
    return [NotBlank("Choose a day.")]


class NewShowForm(Form):
    """The few things a new show needs; the rest has sensible values."""

    name = LineField("Name of the show", [NotBlank("Give the show a name.")])
    kind = ChoiceField("What kind of show is it?", choices=KIND_CHOICES, default=EventKind.SWAP_MEET.value, coerce=str)
    first_day = DayField("First day", _required_day())
    last_day = DayField("Last day", [Optional()], description="Leave it empty for the usual length of such a show.")
    venue_name = LineField("Venue", description="For example Harbour Hall. You can add it later.")
    place = LineField("Town or region", limit=120, description="Visitors find the show by it.")
    time_zone = ChoiceField("Time zone", choices=zone_choices, default="America/New_York")
    currency = ChoiceField("Currency", choices=currency_choices, default="USD")
    locale = ChoiceField("Dates and prices written as in", choices=locale_choices, default="en-US")
    slug = SlugField(
        "Address", [Optional()], description="The end of the show's web address. Leave it empty and we propose one."
    )


class ShowForm(Form):
    """Everything about a show that its page says or its checkout goes by."""

    name = LineField("Name of the show", [NotBlank("Give the show a name.")])
    kind = ChoiceField("Kind of show", choices=KIND_CHOICES, coerce=EventKind)
    slug = SlugField(
        "Address",
        [NotBlank("The show needs an address.")],
        description="The end of the web address. Old links stop working when you change it.",
    )
    summary = ProseField(
        "In one or two sentences", limit=500, description="Stands under the name and in search results."
    )
    about = ProseField(
        "About the show",
        limit=20_000,
        description="An empty line starts a paragraph; lines that begin with a dash make a list.",
    )
    theme = LineField("Theme", description="If this edition has one.")
    series_id = ChoiceField("Series", coerce=whole_or_none, description="What comes back each year.")

    first_day = DayField("First day", _required_day())
    last_day = DayField("Last day", _required_day())
    opens_from = DayField(
        "Set-up or pre-show days from", _required_day(), description="The same as the first day if there are none."
    )
    doors_text = LineField("When the doors open", description="For example: Doors 10:00, early admission 09:00")

    venue_name = LineField("Venue")
    venue_address = LineField("Street address", limit=500)
    place = LineField("Town or region", limit=120, description="Visitors find the show by it.")
    access_text = LineField("Access and parking", limit=500, description="Steps, lifts, parking, loading doors.")

    time_zone = ChoiceField(
        "Time zone",
        description="Frozen once the show is published. After a change, look through the program and the ticket sales.",
    )
    currency = ChoiceField("Currency", description="Frozen once the show is published.")
    locale = ChoiceField("Dates and prices written as in")
    length_unit = RadioField("Lengths in", choices=[("ft", "Feet"), ("mm", "Millimeters")])
    vendor_word = LineField("What sellers are called", [NotBlank("Write a word such as Vendor.")], limit=40)
    contact_email = LineField(
        "Contact address", [Optional(), Email("Write an email address such as club@example.org.")], limit=255
    )

    tables_open_at = LocalTimeField("Tables can be reserved from", [Optional()])
    tables_close_at = LocalTimeField("Tables can be reserved until", [Optional()])
    trades_enabled = BooleanField("Visitors can trade at this show")
    trades_open_at = LocalTimeField("Trades can be listed from", [Optional()])
    trades_close_at = LocalTimeField("Trades can be listed until", [Optional()])

    hold_minutes = WholeField("Minutes a cart is held", [NotBlank("Write a number of minutes.")], low=1, high=120)
    hold_max_minutes = WholeField(
        "Minutes at most, with extensions", [NotBlank("Write a number of minutes.")], low=1, high=240
    )
    per_order_limit = WholeField("Things in one order at most", [NotBlank("Write a number.")], low=1, high=500)
    payment_due_days = WholeField(
        "Days to pay",
        [NotBlank("Write a number of days.")],
        low=0,
        high=365,
        description="How long an unpaid order keeps its places.",
    )
    pay_by_check = BooleanField("Check by mail")
    pay_by_transfer = BooleanField("Bank transfer")
    pay_at_door = BooleanField("Cash at the door")
    payment_instructions = ProseField(
        "How to pay", limit=2_000, description="Where checks go, the bank account. It stands in the order and its mail."
    )

    def validate_hold_max_minutes(self, field: Any) -> None:
        if field.data is not None and self.hold_minutes.data and field.data < self.hold_minutes.data:
            raise ValidationError("This cannot be shorter than the first hold.")

    def validate_tables_close_at(self, field: Any) -> None:
        _after(self.tables_open_at, field)

    def validate_trades_close_at(self, field: Any) -> None:
        _after(self.trades_open_at, field)


def _after(opens: Any, closes: Any) -> None:
    if opens.data and closes.data and closes.data <= opens.data:
        raise ValidationError("This must be later than the opening.")


# The fields of ShowForm that are columns of Event, in the order of the log.
SHOW_COLUMNS = tuple(name for name in vars(ShowForm) if name in Event.__table__.columns)
TEXTS = ("about", "summary", "payment_instructions")


def show_form(event: Event, series: list[EventSeries], *, zone_name: str, **kwargs: Any) -> Any:
    """The edit form, its times read and shown on the clock of `zone_name`."""
    form = event_form(ShowForm, zone_name=zone_name, currency=event.currency, obj=event, **kwargs)
    form.series_id.choices = [("", "None"), *((row.id, row.name) for row in series)]
    form.time_zone.choices = with_current(zone_choices(), event.time_zone)
    form.currency.choices = with_current(currency_choices(), event.currency)
    form.locale.choices = with_current(locale_choices(), event.locale)
    return form


class HallForm(Form):
    """A room of the venue."""

    name = LineField("Name of the room", [NotBlank("Give the room a name.")])
    width_mm = LengthField("Width (east to west)", [NotBlank("Write how wide the room is.")], low=SHORTEST_ROOM_MM)
    depth_mm = LengthField("Depth (north to south)", [NotBlank("Write how deep the room is.")], low=SHORTEST_ROOM_MM)
    max_people = WholeField(
        "People at most",
        [Optional()],
        low=1,
        high=1_000_000,
        description="By the fire rules. Leave it empty if it is not settled.",
    )
    is_shared = BooleanField("Several sessions may run here at the same time")
    notes = ProseField("Notes", limit=1_000, description="For your team.")


def hall_form(event: Event, **kwargs: Any) -> Any:
    """A hall's form in the show's unit of length."""
    return form_with_options(HallForm, LengthField, unit=event.length_unit)(**kwargs)


class PeriodForm(Form):
    """What a table is sold for."""

    label = LineField("Name", [NotBlank("Give it a name such as Saturday morning.")], limit=120)
    starts_at = LocalTimeField("Starts", [Optional()], description="Leave both empty for the whole show.")
    ends_at = LocalTimeField("Ends", [Optional()])


class NewsForm(Form):
    """News for the show's page."""

    title = LineField("Headline", [NotBlank("Write a headline.")])
    body = ProseField("Text", [NotBlank("Write what is new.")], limit=5_000)


class SeriesForm(Form):
    """What comes back each year."""

    name = LineField("Name of the series", [NotBlank("Give the series a name.")])
    about = ProseField("About it", limit=5_000)


class CloneForm(Form):
    """The next edition."""

    name = LineField("Name of the new show", [NotBlank("Give the show a name.")])
    first_day = DayField("First day", _required_day(), description="All other days and times move along with it.")
    slug = SlugField("Address", [Optional()], description="Leave it empty and we propose one.")


class CancelForm(Form):
    """Why a show does not take place."""

    reason = ProseField(
        "Why?",
        [NotBlank("Write why: visitors and vendors read it.")],
        limit=1_000,
        description="Stands on the show's page and in the mails.",
    )
    is_sure = BooleanField("I have read what will happen")

    def validate_is_sure(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Please tick that you have read it.")


class ActionForm(Form):
    """A button with its token and nothing else."""


class TermsForm(Form):
    """House rules."""

    text = ProseField(
        "House rules",
        limit=10_000,
        description="Photos, children, food, animals. Lines that begin with a dash make a list.",
    )


def refund_form(event: Event, **kwargs: Any) -> Any:
    """The steps of a refund policy in the show's money; two empty rows more than there are steps."""

    class Step(wtforms.Form):
        """Rows without days are left out."""

        class Meta:
            locales = False

        until_days_before = WholeField("Until days before", [Optional()], low=-400, high=2000)
        refund_percent = WholeField("Percent back", [Optional()], low=0, high=100)
        fee_minor = MoneyField("Less a fee an order", [Optional()], currency=event.currency)
        only_if = LineField("Only if", [Optional()], limit=300)

        def validate(self, extra_validators: Any = None) -> bool:
            """Days and percent go together; a row without both is no step."""
            is_valid = bool(super().validate(extra_validators))
            days, percent = self.until_days_before, self.refund_percent
            if days.data is not None and percent.data is None and not percent.errors:
                percent.errors = ["Write how many percent go back."]
                return False
            if days.data is None and not days.errors and (percent.data is not None or self.only_if.data):
                days.errors = ["Write until when, in days before the first day."]
                return False
            return is_valid

    class Refund(Form):
        """All steps of one policy, and a word on it."""

        steps = FieldList(FormField(Step), min_entries=0, max_entries=MAX_STEPS)
        text = ProseField(
            "A word on it", limit=2_000, description="Shown under the steps, for example how refunds are sent."
        )

        def wanted_steps(self) -> list[dict[str, Any]]:
            """The filled rows as policies keep them."""
            rows = [entry.data for entry in self.steps.entries if entry.data["until_days_before"] is not None]
            return [
                {
                    "until_days_before": row["until_days_before"],
                    "refund_percent": row["refund_percent"],
                    "fee_minor": row["fee_minor"] or 0,
                    **({"only_if": row["only_if"]} if row["only_if"] else {}),
                }
                for row in rows
            ]

    return Refund(**kwargs)


class UploadForm(Form):
    """A show file and the day it is for."""

    file = FileField(
        "Show file",
        [FileRequired("Choose a file.")],
        description="A JSON file, at most 5 MB. What stands in it is told below.",
    )
    first_day = DayField("First day", _required_day())


class ImportForm(Form):
    """Which show of the file, for which day."""

    show = ChoiceField("Show", coerce=str)
    first_day = DayField("First day", _required_day())
