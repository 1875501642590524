"""The shape of what treasurers send: statement files, and decisions about their lines."""

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from swapmeet.web.forms import Form, LineField, MoneyField, NotBlank

DAY_ORDERS = {"": None, "day": True, "month": False}


class StatementForm(Form):
    """A file from the bank."""

    file = FileField(
        "Statement file",
        [FileRequired("Choose a file.")],
        description="CSV, CAMT.053 (XML) or MT940, as your bank offers them for download. At most 5 MB.",
    )
    day_order = RadioField(
        "Days such as 05/06 in the file are",
        choices=[
            SelectChoice("", "as usual in the show's country"),
            SelectChoice("day", "day first"),
            SelectChoice("month", "month first"),
        ],
        default="",
        description="Only asked where the file does not tell by itself.",
    )


class MatchForm(Form):
    """Which order a line pays."""

    code = LineField("Order", [NotBlank("Write the code of the order.")], limit=40)
    amount = MoneyField("Amount for this order", [InputRequired("Write the amount.")], low=1, high=10**9)
    second_code = LineField("A second order, if it pays two", limit=40, description="It gets the rest of the sum.")


class DepositForm(Form):
    """What goes to the bank. The checks are ticked in the list beside it."""

    counted = MoneyField(
        "Cash you counted",
        [Optional()],
        low=0,
        high=10**9,
        description="Leave it empty when only checks go to the bank.",
    )
    note = LineField("Note", limit=300, description="Who counted, say, or the number of the slip.")


class CreditForm(Form):
    """Until when a credit can be spent."""

    expires_on = DateField("Good until", [Optional()], description="Leave it empty for a credit without end.")


class SpendForm(Form):
    """A credit of an earlier show."""

    code = LineField("Code of the credit", [NotBlank("Write the code.")], limit=40)


class AsideForm(Form):
    """Why a line is about something else."""

    note = LineField("What is it?", [NotBlank("Write a word, so that others know.")], limit=300)
