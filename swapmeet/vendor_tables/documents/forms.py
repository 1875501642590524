"""The shape of what people send about documents."""

from typing import Any

from wtforms import BooleanField, FileField, RadioField
from wtforms.validators import ValidationError

from swapmeet.events.fields import DayField
from swapmeet.vendor_tables.documents.services import Paper
from swapmeet.web.forms import Form, LineField, NotBlank, ProseField, WholeField


class AskForm(Form):
    """One paper that vendors have to send."""

    name = LineField("What is it?", [NotBlank("Write a name, such as “Insurance certificate”.")], limit=120)
    help = ProseField(
        "Explanation",
        limit=2000,
        description="What it has to say, and where vendors get it. They read it beside the name.",
    )
    due_on = DayField("Needed by", [NotBlank("Choose a day.")])
    reminds = BooleanField("Remind vendors by e-mail a week before")
    purge_on = DayField(
        "Delete what was sent after", [NotBlank("Choose the day after which the files are deleted.")],
        description="No longer than you need it. Some permits have to be kept for four years.",
    )  # fmt: skip

    def validate_purge_on(self, field: Any) -> None:
        if field.data and self.due_on.data and field.data < self.due_on.data:
            raise ValidationError("This is before the day it is needed.")

    def paper(self) -> Paper:
        assert self.due_on.data is not None and self.purge_on.data is not None
        return Paper(
            self.name.data or "", self.due_on.data, self.purge_on.data, self.help.data or "", bool(self.reminds.data)
        )


class SendForm(Form):
    file = FileField(
        "PDF or photo", description="At most 10 MB. A photo of the paper is fine if every line can be read."
    )


class DecideForm(Form):
    """Accept or refuse. `seen` is how often it had changed when the page was read."""

    seen = WholeField("Seen", [NotBlank()], low=0)
    verdict = RadioField(
        "Is it right?", choices=[("accepted", "Yes, accept it"), ("refused", "No, ask for another")],
        validators=[NotBlank("Choose one.")],
    )  # fmt: skip
    reason = LineField("If not: what is wrong?", limit=1000, description="The vendor reads it.")
    is_told = BooleanField("Also write to them by e-mail")
