"""The shape of what people send: listings, photos, offers, messages, reports, settings."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from swapmeet.trades import rules, vocab
from swapmeet.trades.models import REPORT_LABELS
from swapmeet.web.forms import (
    BoxesField,
    Form,
    KeyField,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    WholeField,
)

CHOOSE = ("", "Choose one")


def _choices(rows: Sequence[Any]) -> list[Any]:
    return [CHOOSE, *[(row.code, row.label) for row in rows]]


class ListingForm(Form):
    """Everything a listing says. The price is in the show's currency (see event_form)."""

    title = LineField(
        "What is it?",
        [NotBlank("Give it a title.")],
        limit=120,
        description="A few words, such as “Walnut ladder-back chairs, pair”.",
    )
    intent = RadioField(
        "What would you like to do with it?",
        [InputRequired("Choose one.")],
        choices=[(intent.value, vocab.INTENT_LABELS[intent]) for intent in vocab.Intent],
    )
    category = SelectField("Category", [InputRequired("Choose a category.")], choices=_choices(vocab.CATEGORIES))
    scale = SelectField("Scale", [InputRequired("Choose a scale, or “Not to scale”.")], choices=_choices(vocab.SCALES))
    condition = SelectField(
        "Condition",
        [InputRequired("Choose a condition.")],
        choices=[CHOOSE, *[(row.code, f"{row.label} (C-{row.grade}): {row.definition}") for row in vocab.CONDITIONS]],
        description="It grades looks. Say in the text whether it runs, and what was repainted or repaired.",
    )
    completeness = SelectField(
        "Is it complete?", [InputRequired("Choose one.")], choices=[CHOOSE, *vocab.COMPLETENESS.items()]
    )
    wants = LineField(
        "What would you like for it?",
        limit=300,
        description="For example “1:24 kits, garden tools”. For a wanted notice: what you give for it.",
    )
    price = MoneyField(
        "Price", [Optional()], description="Only if you would sell it. Paid between the two of you, at the show."
    )
    description = ProseField(
        "More about it",
        limit=5000,
        description="Size, maker, age, every fault. No telephone number, please: you can write to each other once there is an offer.",
    )
    is_mine = BooleanField(
        "It is mine to trade, it is not on this list, and I am 16 or older.",
        [InputRequired("Please confirm this. Younger makers can list together with an adult.")],
    )
    seen = HiddenField()
    key = KeyField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Also that what is wanted or asked is said, at the field where it is missing."""
        fine: bool = super().validate(extra_validators)
        if self.price.errors or not self.intent.data:
            return fine
        for fault in rules.listing_faults(
            intent=self.intent.data, wants=self.wants.data or "", price_minor=self.price.data
        ):
            field = self._fields[fault.field]
            field.errors = [*field.errors, fault.message]
            fine = False
        return fine


class PhotosForm(Form):
    """New photos for a listing, and what they show."""

    photos = MultipleFileField(
        "Photos",
        description="JPEG, PNG, WebP or AVIF, up to 10 MB each. Your own photos, and no people in them, please.",
    )
    alt = LineField(
        "What do they show?", limit=200, description="For people who cannot see them, such as “Front view, door open”."
    )


class PhotoForm(Form):
    """The words for one photo."""

    alt = LineField("What does it show?", limit=200)


def _whole(raw: Any) -> int:
    text = str(raw)
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError("not a number")
    return int(text)


class OfferForm(Form):
    """My things against theirs. Fill `give.choices` and `take.choices` before validating."""

    take = BoxesField("What you would like", coerce=_whole, choices=[])
    give = BoxesField("What you offer for it", coerce=_whole, choices=[])
    note = ProseField(
        "A word with it",
        limit=1000,
        description="Say where and when you could meet at the show. Your address is not shown.",
    )
    key = KeyField()


class AcceptForm(Form):
    """Accepting carries what the page showed."""

    seen = HiddenField()


class NoteForm(Form):
    """A short reason that the other side reads."""

    note = LineField("A word to the other side", limit=300)


class MessageForm(Form):
    """One message to the other side of an offer."""

    body = ProseField("Your message", [NotBlank("Write something first.")], limit=2000)


class ReportForm(Form):
    """What is wrong with a listing or a person."""

    reason = RadioField(
        "What is wrong?",
        [InputRequired("Choose one.")],
        choices=[(reason.value, label) for reason, label in REPORT_LABELS.items()],
    )
    note = ProseField(
        "What should we know?",
        limit=1000,
        description="Only the show's team reads it. The other person is not told who reported.",
    )


class ReasonForm(Form):
    """Why the team hides a listing or closes a report."""

    reason = LineField("Why", [NotBlank("Say why; the owner reads it.")], limit=300)


class SettingsForm(Form):
    """How trades run at a show."""

    trades_enabled = BooleanField("People can trade at this show")
    trades_open_at = LocalTimeField("Listings open", [Optional()], description="Empty: at once.")
    trades_close_at = LocalTimeField(
        "Listings close", [Optional()], description="Offers go on until the show is over. Empty: no closing time."
    )
    max_live_listings = WholeField(
        "Things one person may list at a time", [InputRequired("Write a number.")], low=1, high=500
    )
    hold_hours = WholeField("Hours to answer an offer", [InputRequired("Write a number.")], low=1, high=720)
    desk_text = LineField(
        "Where people hand over",
        limit=500,
        description="For example “Trade desk beside the west door, Saturday 9 to 12”.",
    )
    why_off = LineField("Why there are no trades", limit=300, description="Shown when trading is off.")

    def validate(self, extra_validators: Any = None) -> bool:
        """The window must not end before it begins."""
        fine: bool = super().validate(extra_validators)
        opens, closes = self.trades_open_at.data, self.trades_close_at.data
        if fine and opens and closes and closes <= opens:
            self.trades_close_at.errors = ["This is before listings open."]
            return False
        return fine
