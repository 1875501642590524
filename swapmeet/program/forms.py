"""The session form and its small companions."""

from typing import Any

from wtforms import BooleanField, SelectField

from swapmeet.program.models import SessionKind
from swapmeet.web.forms import Form, LineField, LocalTimeField, MoneyField, NotBlank, ProseField, WholeField, optional

KIND_LABELS = [(kind.value, kind.value.capitalize()) for kind in SessionKind]


class SessionForm(Form):
    title = LineField("Title", [NotBlank("Give the session a title.")])
    kind = SelectField("Kind", choices=KIND_LABELS)
    code = LineField("Code", limit=40, description="Short, for signs and lists, such as W3. Left empty, one is chosen.")
    starts_at = LocalTimeField("Starts", [NotBlank("Say when it starts.")])
    ends_at = LocalTimeField("Ends", [NotBlank("Say when it ends.")])
    hall_id = SelectField("Hall", coerce=str)
    place_text = LineField("Or another place", limit=120, description="For example: lobby, coach park.")
    teacher_name = LineField("Teacher", description="The name as it should be shown. May stay empty.")
    about = ProseField("About")
    needs_sign_up = BooleanField("People sign up for a seat", description="Seats are held in the cart and counted.")
    capacity = WholeField("Seats", [optional()], low=1, high=100_000)
    fee_minor = MoneyField("Fee", description="Leave empty when it is free.")
    kit_fee_minor = MoneyField("Kit fee")
    min_to_run = WholeField(
        "Runs from", [optional()], low=1, high=100_000, description="People needed for it to take place."
    )
    min_age = WholeField("Minimum age", [optional()], low=0, high=120)
    scale = LineField("Scale", limit=40)
    skill = LineField("Skill", limit=40, description="For example: beginner, all.")
    bring = ProseField("What to bring", limit=1000, description="One thing a line.")

    def with_halls(self, halls: Any) -> "SessionForm":
        """Offer the show's halls."""
        self.hall_id.choices = [("", "No hall")] + [(str(hall.id), hall.name) for hall in halls]
        return self


class CancelForm(Form):
    reason = LineField("Reason", [NotBlank("Say why; people with a seat will read it.")], limit=500)


class RemoveForm(Form):
    """Only the token: removing asks nothing else."""
