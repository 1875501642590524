"""The shape of what people send to a round."""

from typing import Any

from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from swapmeet.trades.rounds import rules
from swapmeet.trades.rounds.models import Phase
from swapmeet.web.forms import Form, LineField, LocalTimeField, NotBlank, ProseField, WholeField


class RoundForm(Form):
    """A new round."""

    title = LineField(
        "Name of the round", [NotBlank("Give it a name.")], limit=120, description="“Saturday swap”, say."
    )
    max_entries = WholeField("Things one person may enter", [InputRequired("Write a number.")], low=1, high=500)


class LinesForm(Form):
    """Several things as a comma-separated list."""

    lines = ProseField(
        "Your list",
        [NotBlank("Paste or type at least one line.")],
        limit=60_000,
        description="One thing a line: title, category, scale, condition, value. Everything after the title may be left out.",
    )


class DeadlinesForm(Form):
    """Until when each phase is meant to last."""

    listing = LocalTimeField(rules.PHASE_LABELS[Phase.LISTING], [Optional()])
    wants = LocalTimeField(rules.PHASE_LABELS[Phase.WANTS], [Optional()])
    preview = LocalTimeField(rules.PHASE_LABELS[Phase.PREVIEW], [Optional()])

    def ends(self) -> dict[Phase, Any]:
        return {
            Phase.LISTING: self.listing.data,
            Phase.WANTS: self.wants.data,
            Phase.PREVIEW: self.preview.data,
        }


class PhaseForm(Form):
    """Which phase the page showed, and which one is wanted."""

    seen = SelectField(choices=[phase.value for phase in Phase])
    target = SelectField(choices=[phase.value for phase in Phase])


class RunForm(Form):
    """The number of the newest run that the page showed, 0 for none."""

    seen = WholeField("Runs so far", [InputRequired("Reload the page.")], low=0, high=100_000)
