"""The shape of what the team types about a placing."""

from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from swapmeet.vendor_tables.placing.problem import Weights
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.runs.words import RULE_LABELS
from swapmeet.web.forms import Form, LocalTimeField, NotBlank, WholeField

MOST = 1_000
RANK_HINT = "10 is one rank of a wish."


class RunsForm(Form):
    """Which rules to run, for which part of the show, and what counts how much. Set the choices of `period_id`."""

    rules = SelectMultipleField(
        "Rules",
        choices=[(rule.value, RULE_LABELS[rule]) for rule in Rule],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    period_id = SelectField("Tables for", coerce=int)
    placed = WholeField("A place that fits", [NotBlank("Write a number.")], low=1, high=MOST)
    first_wish = WholeField("The first wish", [NotBlank("Write a number.")], high=MOST)
    rank = WholeField("Less for each further wish", [NotBlank("Write a number.")], high=MOST)
    corner = WholeField("A corner for who likes it", [NotBlank("Write a number.")], high=MOST, description=RANK_HINT)
    near = WholeField("A near wish both confirmed", [NotBlank("Write a number.")], high=MOST, description=RANK_HINT)
    rival = WholeField(
        "Same wares side by side, taken off", [NotBlank("Write a number.")], high=MOST, description=RANK_HINT
    )

    def validate_rules(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Tick at least one rule.")

    def weights(self) -> Weights:
        """The numbers as typed; each field is required."""
        names = ("placed", "first_wish", "rank", "corner", "near", "rival")
        return Weights(**{name: self[name].data for name in names})


class AcceptForm(Form):
    """What goes with the offers of an accepted run."""

    expires_at = LocalTimeField("Offers are good until", [NotBlank("Write until when vendors can accept.")])
    is_waiting = BooleanField("Put vendors without a place on the waiting list", default=True)
    is_told = BooleanField("Send everybody a mail with the reasons", default=True)
