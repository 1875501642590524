"""The shape of what sellers and the desk send."""

from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, Optional

from swapmeet.trades.consignment.rules import Drop, Terms
from swapmeet.web.forms import Form, LineField, LocalTimeField, MoneyField, NotBlank, ProseField, WholeField, add_fault

KEEPS = "Keep its price when the others are lowered"


class TermsForm(Form):
    """How the desk works."""

    percent = WholeField(
        "How many percent does the desk keep?", [InputRequired("Write a number, 0 for none.")], low=0, high=50
    )
    step_minor = MoneyField(
        "Rounded up to",
        [Optional()],
        low=1,
        high=10**7,
        description="For each seller, over all that was sold. Empty: to the smallest coin.",
    )
    min_minor = MoneyField("Least price of a thing", [Optional()], description="Empty: any price.")
    fee_minor = MoneyField(
        "Fee for each thing",
        [Optional()],
        high=10**6,
        description="For everything brought, sold or not. It is taken off what the seller's things bring. Empty: none.",
    )
    most_lots = WholeField("How many things may each bring?", [InputRequired("Write a number.")], low=1, high=500)
    drop_percent = WholeField(
        "Prices go down by how many percent?",
        [Optional()],
        low=5,
        high=90,
        description="50 is half. For everything that is unsold then, unless its seller keeps the price. Empty: they stay.",
    )
    drop_at = LocalTimeField(
        "From when on?", [Optional()], description="At that time the desk lowers all prices by one button."
    )
    words = ProseField(
        "What should people know?",
        limit=2000,
        description="When to bring things and to fetch the money, and what becomes of what nobody fetches.",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Percent and time go together."""
        fits = bool(super().validate(extra_validators))
        pair = (self.drop_percent, self.drop_at)
        if fits and (self.drop_percent.data is None) != (self.drop_at.data is None):
            empty = pair[0] if self.drop_percent.data is None else pair[1]
            add_fault(empty, "For a price drop write both, the percent and the time.")
            return False
        return fits

    def terms(self) -> Terms:
        """What was typed, as plain values."""
        drop = Drop(self.drop_percent.data, self.drop_at.data) if self.drop_percent.data and self.drop_at.data else None
        return Terms(
            percent=self.percent.data or 0,
            step_minor=self.step_minor.data or 1,
            min_minor=self.min_minor.data or 0,
            most_lots=self.most_lots.data or 1,
            words=self.words.data or "",
            fee_minor=self.fee_minor.data or 0,
            drop=drop,
        )


class PriceForm(Form):
    """Another price for one thing."""

    price = MoneyField("New price", [InputRequired("Write the new price.")], low=1, high=10**8)
    keeps_price = BooleanField(KEEPS)
    seen = HiddenField()


class LotForm(Form):
    """One thing to sell."""

    title = LineField("What is it?", [NotBlank("Say what it is.")], limit=120)
    price = MoneyField("Price", [InputRequired("Write the price.")], low=1, high=10**8)
    keeps_price = BooleanField(KEEPS)
