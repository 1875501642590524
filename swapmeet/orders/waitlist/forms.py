"""What somebody says who wants to wait."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, DateField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from swapmeet.accounts.forms import AddressField
from swapmeet.orders.sellables import VARIANT, Waitable
from swapmeet.web.forms import Form, LineField, NotBlank, WholeField

MOST = 100
WHOLE, PART = "whole", "part"


class JoinForm(Form):
    """Who waits and how; a field for how many of each thing is added by `join_form`."""

    name = LineField("Your name", [NotBlank("Write your name.")], limit=200)
    email = AddressField("Your e-mail address", description="The offer is sent there.")
    rule = RadioField(
        "If less comes free than you asked for",
        choices=[
            SelectChoice(WHOLE, "I need all of it together, or nothing"),
            SelectChoice(PART, "Offer me a part, and I go on waiting for the rest"),
        ],
        default=WHOLE,
        validators=[InputRequired("Choose one of the two.")],
    )
    is_adjacent = BooleanField("The tables have to stand side by side")
    willing_until = DateField(
        "I wait until", [Optional()], description="The last day an offer still helps you. Empty: until the show."
    )


class ReasonForm(Form):
    """Why the team does something with the list by hand."""

    reason = LineField("Why?", [NotBlank("Write why, in a few words.")], limit=300)


def field_name(thing: Waitable) -> str:
    """The form field for how many of a thing: "ticket-7", "ticket-7-2" for a choice, "table-3-1" for a sale period."""
    part = thing.choice.get("sale_period_id") or thing.choice.get(VARIANT)
    return f"{thing.kind}-{thing.product_id}" + (f"-{part}" if part else "")


def join_form(things: Mapping[str, Waitable], **start: Any) -> Any:
    """The form over these things, by the names of their fields."""
    extra = {
        name: WholeField(thing.title, [Optional()], low=0, high=min(MOST, thing.most)) for name, thing in things.items()
    }
    form = type("JoinFormWithThings", (JoinForm,), extra)(**start)
    if not any(thing.can_adjoin for thing in things.values()):
        del form.is_adjacent
    return form
