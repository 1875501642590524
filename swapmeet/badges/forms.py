"""Shapes of what people type at the door and about attendees."""

from wtforms.validators import Email, Optional

from swapmeet.web.forms import Form, LineField, NotBlank


class GateForm(Form):
    name = LineField("Name of the gate", [NotBlank("Give the gate a name, such as Main door.")], limit=60)


class AttendeeForm(Form):
    name = LineField("Name on the badge", [NotBlank("Write the name that should stand on the badge.")], limit=120)
    email = LineField(
        "E-mail",
        [Optional(), Email("Write an address such as ann@example.org.")],
        limit=200,
        description="Where mails about this ticket go. May stay empty.",
    )


class ReissueForm(Form):
    reason = LineField("Why", [NotBlank("Say why, for example: lost.")], limit=200, description="For example: lost.")
