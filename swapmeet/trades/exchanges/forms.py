"""The shape of what people and hosts send to an exchange."""

from typing import Any

from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from swapmeet.trades import vocab
from swapmeet.trades.exchanges.rules import Terms
from swapmeet.web.forms import Form, LineField, LocalTimeField, MoneyField, NotBlank, ProseField, WholeField


class TermsForm(Form):
    """What an exchange is about."""

    title = LineField(
        "Name", [NotBlank("Give it a name.")], limit=120, description="“Exchange in 1:12” or “Mini-swap”, say."
    )
    bring = WholeField(
        "How many pieces does each bring?",
        [InputRequired("Write a number.")],
        low=1,
        high=50,
        description="1: bring one, get one. More: bring so many alike, get as many different ones.",
    )
    scale = SelectField(
        "Scale", choices=[("", "Any scale"), *((row.code, row.label) for row in vocab.SCALES)], default=""
    )
    min_minor = MoneyField("Each piece is worth at least", [Optional()], description="Empty: no least worth.")
    sign_up_ends_at = LocalTimeField(
        "People may sign up until", [Optional()], description="Empty: until the draw. The desk can add latecomers."
    )
    words = ProseField(
        "What should people know?",
        limit=2000,
        description="Handmade only, how to wrap it, when and where to bring it. If it costs something, say how it is paid.",
    )

    def terms(self) -> Terms:
        return Terms(
            title=self.title.data or "",
            words=self.words.data or "",
            scale=self.scale.data or "",
            min_minor=self.min_minor.data,
            bring=self.bring.data or 1,
            sign_up_ends_at=self.sign_up_ends_at.data,
        )


class ScanForm(Form):
    """One scan at the desk: a number, a badge or a name."""

    code = LineField("Number, badge or name", [NotBlank("Scan a badge, or type a number or a name.")], limit=200)


class WalkInForm(Form):
    """Somebody who did not sign up before."""

    who = LineField(
        "Their badge or name",
        [NotBlank("Scan the badge, or write the name.")],
        limit=200,
        description="With a badge the exchange shows up among their own things.",
    )


class PiecesForm(Form):
    """What somebody brings."""

    pieces = WholeField("How many pieces are there?", [InputRequired("Write a number.")], low=1, high=50)
    note = LineField("Note for the desk", limit=300)

    def offer(self, bring: int, row: Any) -> "PiecesForm":
        """Filled with what is known, or with what is asked for."""
        self.pieces.data, self.note.data = row.pieces or bring, row.note
        return self


class DrawForm(Form):
    """How many people were here on the page."""

    seen = WholeField("People here", [InputRequired("Reload the page.")], low=0, high=100_000)


class ThanksForm(Form):
    """A few words to whoever made a piece."""

    words = LineField("A few words", [NotBlank("Write a few words.")], limit=500)
