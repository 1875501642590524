"""The shape of what sellers and the desk send."""

from wtforms import HiddenField
from wtforms.validators import InputRequired, Optional

from swapmeet.trades.consignment.rules import Terms
from swapmeet.web.forms import Form, LineField, MoneyField, NotBlank, ProseField, WholeField


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
    words = ProseField(
        "What should people know?",
        limit=2000,
        description="When to bring things and to fetch the money, and what becomes of what nobody fetches.",
    )

    def terms(self) -> Terms:
        return Terms(
            percent=self.percent.data or 0,
            step_minor=self.step_minor.data or 1,
            min_minor=self.min_minor.data or 0,
            most_lots=self.most_lots.data or 1,
            words=self.words.data or "",
            fee_minor=self.fee_minor.data or 0,
        )


class PriceForm(Form):
    """Another price for one thing."""

    price = MoneyField("New price", [InputRequired("Write the new price.")], low=1, high=10**8)
    seen = HiddenField()


class LotForm(Form):
    """One thing to sell."""

    title = LineField("What is it?", [NotBlank("Say what it is.")], limit=120)
    price = MoneyField("Price", [InputRequired("Write the price.")], low=1, high=10**8)
