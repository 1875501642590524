"""What the style guide shows: a form with every kind of field, once empty and once with faults, and a small hall."""

from types import SimpleNamespace
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Email, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from swapmeet.web.forms import Form, LineField, LocalTimeField, MoneyField, NotBlank, ProseField, WholeField
from swapmeet.web.icons import outlines


class SampleForm(Form):
    """One field of each kind."""

    name = LineField("Your name", [NotBlank("Please write your name.")], description="As it should stand on the badge.")
    email = EmailField("Email address", [InputRequired("Please write an email address."), Email()])
    password = PasswordField("Password", description="15 characters or more. A sentence is fine.")
    about = ProseField("About your table", [Optional()], description="What will you sell? Visitors read this.")
    size = SelectField("Kind of table", choices=[("6", "6 ft, $60.00"), ("8", "8 ft, $95.00")], default="8")
    price = MoneyField("Price", [NotBlank("Please write a price.")], description="For example 95.00", currency="USD")
    count = WholeField("How many", [Optional()], low=1, high=20)
    starts = LocalTimeField("Doors open", [Optional()])
    pay = RadioField(
        "How will you pay?",
        [InputRequired("Please choose a way to pay.")],
        choices=[("check", "Check by mail"), ("bank", "Bank transfer"), ("cash", "Cash at the door")],
    )
    needs = SelectMultipleField(
        "What do you need?",
        choices=[("power", "Power"), ("wall", "A wall behind you"), ("step", "Step-free access")],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    photo = FileField("Picture", description="JPEG, PNG or WebP, up to 12 MB.")
    website = StringField("Website", [Optional()], render_kw={"placeholder": "https://"})
    agree = BooleanField("I have read the rules of the show", [InputRequired("Please read and accept the rules.")])


def _hall() -> dict[str, Any]:
    states = ("free", "taken", "free", "held", "mine", "free", "taken", "free")
    places = [
        SimpleNamespace(
            id=row * 8 + seat + 1,
            label=f"{'AB'[row]}{seat + 1:02d}",
            x_mm=1600 + seat * 1840,
            y_mm=3000 + row * 2600,
            w_mm=1829,
            d_mm=762,
            rotation_ddeg=0,
            state=states[(seat + 3 * row) % 8],
            has_power=seat % 4 == 0,
            is_corner=seat in (0, 7),
            url="#plan" if states[(seat + 3 * row) % 8] in ("free", "mine") else "",
            detail="6 ft, $60.00",
        )
        for row in range(2)
        for seat in range(8)
    ]
    shapes = [
        {"kind": "stage", "x_mm": 6000, "y_mm": 400, "w_mm": 6000, "d_mm": 1100, "text": "STAGE"},
        {"kind": "door", "x1_mm": 8000, "y1_mm": 8000, "x2_mm": 10400, "y2_mm": 8000, "text": "ENTRANCE"},
    ]
    return {
        "hall": SimpleNamespace(name="Sample hall", width_mm=18000, depth_mm=8000),
        "places": places,
        "shapes": shapes,
    }


def samples() -> dict[str, Any]:
    """Values for the style guide. The second form has been sent empty, so every fault shows."""
    faulty = SampleForm(formdata=None, meta={"csrf": False}, prefix="faulty")
    faulty.validate()
    return {"form": SampleForm(formdata=None), "faulty": faulty, "icon_names": list(outlines()), **_hall()}
