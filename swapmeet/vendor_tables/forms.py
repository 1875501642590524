"""The shape of what vendors and floor managers type."""

from typing import Any

from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import Email, InputRequired, Optional, ValidationError

from swapmeet.events.models import Event
from swapmeet.vendor_tables.models import ExtraKind, Facing, ShapeKind
from swapmeet.web.forms import (
    BoxesField,
    Form,
    KeyField,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    WebField,
    WholeField,
    event_form,
    form_with_options,
)
from swapmeet.web.lengths import LengthField

SCALES_HINT = "Separate them by commas: 1:12, 1:24, HO."
MAX_SCALES = 12


def floor_form(form_class: type[Form], *, event: Event, **kwargs: Any) -> Any:
    """A form that speaks the show's unit of length (feet, or meters), zone and currency from the first byte on."""
    in_unit = form_with_options(form_class, LengthField, unit="ft" if event.length_unit == "ft" else "m")
    return event_form(in_unit, zone_name=event.time_zone, currency=event.currency, **kwargs)


class ProfileForm(Form):
    """A vendor's own profile."""

    name = LineField("Trading name", [NotBlank("Write your trading name, or your own.")], limit=200)
    sells = LineField(
        "What you sell", limit=300, description="A few words visitors can search for: lighting, kits, dolls in 1:12."
    )
    scales_text = LineField("Scales", limit=200, description=SCALES_HINT)
    about = ProseField("More about you", limit=3000)
    website = WebField("Website", limit=300)
    email = LineField(
        "E-mail for the organizer",
        [Optional(), Email("This is not a complete e-mail address, such as vic@example.org.")],
        limit=254,
        description="Not shown to visitors.",
    )
    is_listed = BooleanField("Show me in the public list of vendors", default=True)

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        if obj is not None and not self.is_submitted():
            self.scales_text.data = ", ".join(str(scale) for scale in obj.scales or [])

    def validate_website(self, field: Any) -> None:
        if field.data and not field.data.lower().startswith(("http://", "https://")):
            raise ValidationError("Write an address that begins with https:// or http://.")

    def profile(self) -> dict[str, Any]:
        """The values for `save_profile`."""
        scales = [part.strip()[:20] for part in (self.scales_text.data or "").split(",") if part.strip()]
        return {
            "name": self.name.data,
            "sells": self.sells.data or "",
            "scales": scales[:MAX_SCALES],
            "about": self.about.data or "",
            "website": self.website.data or "",
            "email": self.email.data or "",
            "is_listed": self.is_listed.data,
        }


REASON_HINT = "Kept in the log, for the team only."


class HoldForm(Form):
    """Keep places from sale."""

    holder = LineField("For whom or what", limit=200, description="For example: raffle desk, guest of honor.")
    reason = LineField("Reason", [NotBlank("Write why. It is kept in the log.")], limit=300, description=REASON_HINT)
    expires_at = LocalTimeField(
        "Until", [Optional()], description="Leave it empty to keep them until you release them."
    )


class ReasonForm(Form):
    reason = LineField("Reason", [NotBlank("Write why. It is kept in the log.")], limit=300, description=REASON_HINT)


class MoveForm(ReasonForm):
    """Another place for a holder."""

    target = LineField("To table", [NotBlank("Write the number of the new table.")], limit=20)
    is_repriced = BooleanField(
        "Take the price of the new table",
        description="The difference is then owed, or waits to be sent back. Otherwise the price stays as it was agreed.",
    )
    is_told = BooleanField("Tell the vendor by e-mail", default=True)


class AssignForm(Form):
    """Place a vendor by hand."""

    name = LineField("Name", [NotBlank("Write the vendor's name.")], limit=200)
    email = LineField(
        "E-mail",
        [Optional(), Email("This is not a complete e-mail address, such as vic@example.org.")],
        limit=254,
        description="The order goes there. With an account under this address, it shows up in the vendor's own pages.",
    )
    sign = LineField("Name on the table sign", limit=200, description="Leave it empty to use the name.")
    sells = LineField("What they sell", limit=300)
    is_free = BooleanField("Free of charge", description="Otherwise the order asks for the usual price.")
    reason = LineField("Reason", [NotBlank("Write why. It is kept in the log.")], limit=300, description=REASON_HINT)
    key = KeyField()


class TypeForm(Form):
    """A table type. Lengths are typed in the show's display unit."""

    name = LineField("Name", [NotBlank("Write a name, such as “6 ft wall table”.")], limit=200)
    length = LengthField("Length", [NotBlank("Write the length.")])
    depth = LengthField("Depth", [NotBlank("Write the depth.")])
    price_minor = MoneyField("Price", [NotBlank("Write a price; 0 is free.")])
    first_price_minor = MoneyField("Price of a vendor's first one", [Optional()], description="Only if it differs.")
    chairs = WholeField("Chairs", [Optional()], high=100)
    power = SelectField("Power", choices=[("no", "No power"), ("yes", "With power"), ("ask", "Power on request")])
    badges_included = WholeField("Vendor badges with each", [Optional()], high=100)
    first_badges = WholeField(
        "Badges with a vendor's first one", [Optional()], high=100, description="Only if it differs."
    )
    max_badges = WholeField("Badges in one order at most", [Optional()], high=1000)
    limit_per_vendor = WholeField("How many one vendor can have", [Optional()], low=1, high=10_000)
    sold_by_period = BooleanField(
        "Sold for each session or day by itself", description="Otherwise it is sold for the whole show."
    )
    rule = ProseField("Rule for vendors", limit=1000)

    def values(self) -> dict[str, Any]:
        """Columns of the type."""
        return {
            "name": self.name.data,
            "length_mm": self.length.data,
            "depth_mm": self.depth.data,
            "price_minor": self.price_minor.data,
            "first_price_minor": self.first_price_minor.data,
            "chairs": self.chairs.data or 0,
            "has_power": self.power.data == "yes",
            "power_on_request": self.power.data == "ask",
            "badges_included": self.badges_included.data or 0,
            "first_badges": self.first_badges.data,
            "max_badges": self.max_badges.data,
            "limit_per_vendor": self.limit_per_vendor.data,
            "sold_by_period": self.sold_by_period.data,
            "rule": self.rule.data or "",
        }


class ExtraForm(Form):
    """Something that is sold with tables."""

    name = LineField("Name", [NotBlank("Write what it is, such as “One more chair”.")], limit=200)
    kind = SelectField(
        "What it is",
        choices=[
            ("power", "Power"),
            ("chair", "Chairs or tables to go with it"),
            ("badge", "A badge for one more helper"),
            ("other", "Something else"),
        ],
        description="Badges are issued when the order is paid, and void when it is canceled.",
    )
    price_minor = MoneyField("Price", [NotBlank("Write a price; 0 is free.")])
    limit_per_order = WholeField("At most in one order", [NotBlank("Write how many.")], low=1, high=1000)
    is_sold = BooleanField("Can be had now", default=True)

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "kind": ExtraKind(self.kind.data),
            "price_minor": self.price_minor.data,
            "limit_per_order": self.limit_per_order.data,
            "is_sold": self.is_sold.data,
        }


class TermsForm(Form):
    max_tables = WholeField("How many tables one vendor can have in all", [Optional()], low=1, high=10_000)
    text = ProseField("Terms for vendors", limit=20_000)
    percent = WholeField("Deposit, in percent", [Optional()], low=1, high=99)
    each_minor = MoneyField("or a sum for each table", [Optional()], low=1)
    balance_on = DateField("The rest is due by", [Optional()])
    lapses = BooleanField(
        "If the rest is late, the tables go to others and the deposit is kept",
        description="Otherwise the order stands, and you find it in the list of orders that are past their due date.",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Field by field, then percent and day together."""
        is_good = super().validate(extra_validators)
        sums = [each for each in (self.percent, self.each_minor) if each.data is not None]
        if sums and self.balance_on.data is None and not self.balance_on.errors:
            self.balance_on.errors = ["Write by when the rest is due."]
        if len(sums) > 1:
            self.each_minor.errors = ["Write a percentage or a sum, not both."]
        if self.balance_on.data is not None and not sums and not self.percent.errors and not self.each_minor.errors:
            self.percent.errors = ["Write how much is due with the order, such as 30."]
        return is_good and not self.errors

    def deposit(self) -> dict[str, Any] | None:
        """Columns of the deposit; None where everything is due at once."""
        if self.percent.data is None and self.each_minor.data is None:
            return None
        now = {"percent": self.percent.data, "each_minor": self.each_minor.data}
        return {**now, "balance_on": self.balance_on.data, "lapses": self.lapses.data}


FACINGS = [("N", "North (up)"), ("E", "East (right)"), ("S", "South (down)"), ("W", "West (left)")]


class _PlacedForm(Form):
    """What places and rows have in common. Set the choices of `hall_id` and `type_id` before validating."""

    hall_id = SelectField("Hall", coerce=int)
    type_id = SelectField("Kind of table", coerce=int)
    x = LengthField("From the west wall", [NotBlank("Write how far from the left wall.")])
    y = LengthField("From the north wall", [NotBlank("Write how far from the upper wall.")])
    facing = SelectField("Buyers stand on the side", choices=FACINGS)


class RowForm(_PlacedForm):
    """A row of touching places."""

    name = LineField("Row", [NotBlank("Write the letter of the row.")], limit=12)
    count = WholeField("How many tables", [NotBlank("Write how many.")], low=1, high=200)
    first_number = WholeField("First number", [NotBlank("Write a number.")], high=9999)
    runs = SelectField("The row runs", choices=[("E", "to the east (right)"), ("S", "to the south (down)")])


class PlaceForm(_PlacedForm):
    """One place."""

    label = LineField("Number", [NotBlank("Write the number, such as A07.")], limit=20)
    row = LineField("Row", limit=20)
    w = LengthField("Width", [NotBlank("Write the width.")])
    d = LengthField("Depth", [NotBlank("Write the depth.")])
    rotation = WholeField("Turned by (degrees)", [Optional()], high=359)
    has_power = BooleanField("A power point is here")
    is_sellable = BooleanField("For sale", default=True)

    def values(self, tags: list[Any]) -> dict[str, Any]:
        """Columns of the place; `tags` are those it has now."""
        kept = [tag for tag in tags if tag != "power"]
        return {
            "type_id": self.type_id.data,
            "label": self.label.data,
            "row": self.row.data or "",
            "x_mm": self.x.data,
            "y_mm": self.y.data,
            "w_mm": self.w.data,
            "d_mm": self.d.data,
            "rotation_ddeg": (self.rotation.data or 0) * 10,
            "facing": Facing(self.facing.data),
            "tags": kept + (["power"] if self.has_power.data else []),
            "is_sellable": self.is_sellable.data,
        }


class ShapeForm(Form):
    """Something on the plan that nobody rents."""

    hall_id = SelectField("Hall", coerce=int)
    kind = SelectField(
        "What", choices=[("label", "Words"), ("pillar", "Pillar"), ("stage", "Stage or counter"), ("wall", "Wall")]
    )
    x = LengthField("From the west wall", [NotBlank("Write how far from the left wall.")])
    y = LengthField("From the north wall", [NotBlank("Write how far from the upper wall.")])
    w = LengthField("Width", [Optional()])
    d = LengthField("Depth", [Optional()])
    words = LineField("Words", limit=120)

    def values(self) -> dict[str, Any]:
        x, y = self.x.data or 0, self.y.data or 0
        ends = {"x1_mm": x, "y1_mm": y, "x2_mm": x + (self.w.data or 0), "y2_mm": y + (self.d.data or 0)}
        return {"kind": ShapeKind(self.kind.data), "text": self.words.data or "", **ends}


class MissingForm(Form):
    """Vendors who did not come, given up together; all are ticked until somebody takes a tick away."""

    codes = BoxesField("Who did not come", [InputRequired("Tick at least one vendor.")], validate_choice=False)
    is_sure = BooleanField(
        "I have looked through the list", [InputRequired("Look through the list first, then tick this.")]
    )
