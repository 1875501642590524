"""The shape of what people send to a round."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from swapmeet.trades.rounds import dispute_rules, rules
from swapmeet.trades.rounds.desk_models import Condition
from swapmeet.trades.rounds.models import Phase
from swapmeet.web.forms import Form, KeyField, LineField, LocalTimeField, MoneyField, NotBlank, ProseField, WholeField


class RoundForm(Form):
    """A new round."""

    title = LineField(
        "Name of the round", [NotBlank("Give it a name.")], limit=120, description="“Saturday swap”, say."
    )
    max_entries = WholeField("Things one person may enter", [InputRequired("Write a number.")], low=1, high=500)


class LinesForm(Form):
    """Several things as a comma-separated list."""

    key = KeyField()
    lines = ProseField(
        "Your list",
        [NotBlank("Paste or type at least one line.")],
        limit=60_000,
        description="One thing a line: title, category, scale, condition, value. Everything after the title may be left out.",
    )
    is_mine = BooleanField(
        "All of it is mine to trade, nothing of it is on this list, and I am 16 or older.",
        [InputRequired("Please confirm this. What may not be traded is taken out of the round.")],
    )


class OfficialForm(Form):
    """A list of things of many people."""

    key = KeyField()
    lines = ProseField(
        "The list",
        [NotBlank("Paste at least one line.")],
        limit=600_000,
        description="One thing a line: whose (badge code or mail address), title, category, scale, condition, value. "
        "Everything after the title may be left out.",
    )
    is_theirs = BooleanField(
        "Their owners have said that they want to trade these things here.",
        [InputRequired("Please confirm this. What somebody does not want to trade they can take out again.")],
    )


class DeadlinesForm(Form):
    """Until when each phase is meant to last."""

    listing = LocalTimeField(rules.PHASE_LABELS[Phase.LISTING], [Optional()])
    wants = LocalTimeField(rules.PHASE_LABELS[Phase.WANTS], [Optional()])
    preview = LocalTimeField(rules.PHASE_LABELS[Phase.PREVIEW], [Optional()])
    drop_off = LocalTimeField(rules.PHASE_LABELS[Phase.DROP_OFF], [Optional()])
    final = LocalTimeField(rules.PHASE_LABELS[Phase.FINAL], [Optional()])
    pick_up = LocalTimeField(rules.PHASE_LABELS[Phase.PICK_UP], [Optional()])
    disputes = LocalTimeField(rules.PHASE_LABELS[Phase.DISPUTES], [Optional()])

    def ends(self) -> dict[Phase, Any]:
        return {phase: self._fields[phase.value].data for phase in Phase if phase.value in self._fields}


class PhaseForm(Form):
    """Which phase the page showed, and which one is wanted."""

    seen = SelectField(choices=[phase.value for phase in Phase])
    target = SelectField(choices=[phase.value for phase in Phase])


class ScanForm(Form):
    """One scan at a desk: a label, a badge, a number or a name."""

    code = LineField("Scan or type", [NotBlank("Scan a label or a badge, or type a number or a name.")], limit=200)


class IntakeForm(Form):
    """How a thing is that somebody brings."""

    condition = RadioField(
        "How is it?",
        [InputRequired("Choose one.")],
        choices=[(one.value, label) for one, label in rules.CONDITION_LABELS.items()],
        default=Condition.AS_DESCRIBED.value,
    )
    note = LineField(
        "What is wrong with it?",
        limit=300,
        description="Only if it is not as described or damaged. Its owner and whoever gets it read this.",
    )


class SlotsForm(Form):
    """When people are asked to come for their boxes."""

    slots_from = LocalTimeField("First time", [Optional()], description="Empty: everybody comes when they like.")
    slot_minutes = WholeField("Minutes from one to the next", [InputRequired("Write a number.")], low=1, high=240)
    slot_people = WholeField("People at a time", [InputRequired("Write a number.")], low=1, high=500)
    uses_money = BooleanField("Money may change hands over the desk")


class ProxyForm(Form):
    """Somebody who may hand in and collect for me."""

    name = LineField("Name", [NotBlank("Write their name.")], limit=120)


class DisputeForm(Form):
    """What is wrong with something one got."""

    reason = RadioField(
        "What is wrong?",
        [InputRequired("Choose one.")],
        choices=[(one.value, label) for one, label in dispute_rules.REASON_LABELS.items()],
    )
    words = ProseField("Tell the hosts about it", [NotBlank("Write a few words.")], limit=2000)
    photos = MultipleFileField(
        "Photos", description="If you have any: JPEG, PNG, WebP or AVIF, up to 10 MB each, at most four."
    )


class AnswerForm(Form):
    """The other side of a dispute."""

    words = ProseField("Your side of it", [NotBlank("Write a few words.")], limit=2000)
    photos = MultipleFileField(
        "Photos", description="If you have any: JPEG, PNG, WebP or AVIF, up to 10 MB each, at most four."
    )


class RulingForm(Form):
    """How a dispute ends."""

    outcome = RadioField(
        "How does it end?",
        [InputRequired("Choose one.")],
        choices=[(one.value, label) for one, label in dispute_rules.OUTCOME_LABELS.items()],
    )
    amount = MoneyField(
        "How much does the giver pay?", [Optional()], low=1, description="Only if the giver pays something."
    )
    words = ProseField("Why? Both sides read it", [NotBlank("Say why; both sides read it.")], limit=2000)


class CashForm(Form):
    """Money that two people have agreed on."""

    payer = WholeField("Number of the trader who pays", [InputRequired("Write a number.")], low=1, high=100_000)
    payee = WholeField("Number of the trader who is paid", [InputRequired("Write a number.")], low=1, high=100_000)
    amount = MoneyField("Amount", [InputRequired("Write an amount.")], low=1)
    why = LineField("What for?", [NotBlank("Say what it is for.")], limit=200)


class AskForm(Form):
    """Or for money."""

    ask = MoneyField("You get", [Optional()], low=1, description="Empty: it does not go for money.")


class BidForm(Form):
    """Money for a thing of somebody else."""

    number = WholeField("Number of the thing", [InputRequired("Write its number.")], low=1, high=1_000_000)
    amount = MoneyField("I pay at most", [InputRequired("Write an amount.")], low=1)


class BudgetForm(Form):
    """The most I spend in all."""

    limit = MoneyField(
        "In all I pay at most", [Optional()], low=1, description="Empty: only your offers are the limit."
    )


class TakeOutForm(Form):
    """A host takes a thing out of the round."""

    number = WholeField("Number of the thing", [InputRequired("Write its number.")], low=1, high=1_000_000)
    reason = LineField("Why? Its owner reads it.", [NotBlank("Say why; its owner reads it.")], limit=300)


class RunForm(Form):
    """The number of the newest run that the page showed, 0 for none."""

    seen = WholeField("Runs so far", [InputRequired("Reload the page.")], low=0, high=100_000)
