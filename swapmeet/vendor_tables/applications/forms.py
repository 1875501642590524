"""The shape of what vendors write into an application, and of what the team types about one."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, MultipleFileField, SelectField
from wtforms.validators import Optional, ValidationError

from swapmeet.events.fields import ChoiceField, DayField, whole_or_none
from swapmeet.vendor_tables.applications.models import (
    MOST_PHOTOS,
    MOST_TABLES,
    MOST_WISHES,
    Application,
    SellingMode,
    TieKind,
)
from swapmeet.vendor_tables.applications.services.writing import Written
from swapmeet.vendor_tables.applications.wishes import WishFloor, read_wishes, show_wishes
from swapmeet.web.forms import (
    Form,
    KeyField,
    LineField,
    LocalTimeField,
    MoneyField,
    NotBlank,
    ProseField,
    WebField,
    WholeField,
)
from swapmeet.web.lengths import LengthField

MOST_NEIGHBORS = 3
WISH_FIELDS = tuple(f"wish_{rank}" for rank in range(1, MOST_WISHES + 1))
ANY_TYPE = ("", "Any kind of table")


class ApplicationForm(Form):
    """A vendor's application. A draft may have gaps; `ask_all()` says what must be there before it is sent.

    Set the choices of `category_id`, `type_id` and `sale_period_id` before validating.
    """

    name = LineField("Name on your table sign", limit=200, description="Your trading name, or your own.")
    sells = LineField("What do you sell?", limit=300, description="A few words, such as “lighting and kits in 1:12”.")
    category_id = ChoiceField("Kind of wares", coerce=whole_or_none, validators=[Optional()])
    about = ProseField("More about you and your work", limit=3000)
    website = WebField("Website", limit=300)
    phone = LineField("Phone", limit=40, description="For the organizer only.")
    type_id = ChoiceField("Kind of table", coerce=whole_or_none, validators=[Optional()])
    sale_period_id = ChoiceField("For when", coerce=whole_or_none, validators=[Optional()])
    table_count = WholeField("How many tables", [Optional()], low=1, high=MOST_TABLES)
    wish_1 = LineField("First wish", limit=60, description="A table such as A07, or a row such as “Row A”.")
    wish_2 = LineField("Second wish", limit=60)
    wish_3 = LineField("Third wish", limit=60)
    wish_4 = LineField("Fourth wish", limit=60)
    wish_5 = LineField("Fifth wish", limit=60)
    wants_corner = BooleanField("I would like a corner")
    power_amps = WholeField(
        "Power you need, in amps", [Optional()], high=400, description="0 is none. Two lamps need 1, a kettle 10."
    )
    step_free = BooleanField("I need a way to my table without steps")
    display_height = LengthField("Height of your display above the floor", [Optional()], low=1, high=10_000)
    near = ProseField(
        "Near whom?",
        limit=640,
        description="Names as on their table signs, one on each line, up to three. It counts once they say yes.",
    )
    away = ProseField(
        "Not next to whom?", limit=640, description="One name on each line, up to three. Only the organizer sees it."
    )
    willing_until = DayField(
        "If there is a waiting list: a table is still good for me until",
        [Optional()],
        description="Leave it empty for the first day.",
    )
    note = ProseField("Anything else the organizer should know?", limit=2000)
    agrees = BooleanField("I have read the terms for vendors and agree to them")
    key = KeyField()

    def validate_near(self, field: Any) -> None:
        _check_names(field)

    def validate_away(self, field: Any) -> None:
        _check_names(field)

    def ask_all(self, *, has_terms: bool, has_categories: bool) -> bool:
        """Hang a fault on everything that is missing; True when it is complete."""
        asked: list[tuple[Any, Any, str]] = [
            (self.name, self.name.data, "Write the name for your table sign."),
            (self.sells, self.sells.data, "Write what you sell."),
            (self.table_count, self.table_count.data, "Write how many tables you would like."),
        ]
        if has_categories:
            asked.append((self.category_id, self.category_id.data, "Choose the kind of wares that fits best."))
        if has_terms:
            asked.append((self.agrees, self.agrees.data, "Read the terms and tick this box to send your application."))
        missing = [(field, words) for field, value, words in asked if not value]
        for field, words in missing:
            field.errors = field.errors or [words]
        return not missing

    def written(self, floor: WishFloor, answers: Mapping[str, Any]) -> Written:
        """Raises Invalid for a wish that is on no plan."""
        wishes = read_wishes([(name, self[name].data or "") for name in WISH_FIELDS], floor)
        columns = {
            "name": self.name.data or "",
            "sells": self.sells.data or "",
            "category_id": self.category_id.data,
            "about": self.about.data or "",
            "website": self.website.data or "",
            "phone": self.phone.data or "",
            "type_id": self.type_id.data,
            "sale_period_id": self.sale_period_id.data,
            "table_count": self.table_count.data or 1,
            "wants_corner": self.wants_corner.data,
            "power_amps": self.power_amps.data or 0,
            "step_free": self.step_free.data,
            "display_height_mm": self.display_height.data,
            "willing_until": self.willing_until.data,
            "note": self.note.data or "",
        }
        return Written(columns, wishes, _names(self.near.data), _names(self.away.data), answers)


def _names(text: str | None) -> list[str]:
    return list(dict.fromkeys(" ".join(line.split()) for line in (text or "").splitlines() if line.strip()))


def _check_names(field: Any) -> None:
    names = _names(field.data)
    if len(names) > MOST_NEIGHBORS:
        raise ValidationError("Up to three names, please.")
    if any(len(name) > 200 for name in names):
        raise ValidationError("A name has at most 200 characters.")


def shown_values(application: Application, floor: WishFloor) -> dict[str, Any]:
    """The application as the form shows it. A wish for what has gone is left out; the page names it."""
    names = {name: getattr(application, name) for name in (
        "name", "sells", "category_id", "about", "website", "phone", "type_id", "sale_period_id", "table_count",
        "wants_corner", "power_amps", "step_free", "willing_until", "note",
    )}  # fmt: skip
    there = [wish.label for wish in show_wishes(application.wishes, floor) if not wish.is_gone]
    wishes: Mapping[str, str] = dict(zip(WISH_FIELDS, there, strict=False))
    ties = {kind: [tie.name for tie in application.ties if tie.kind is kind] for kind in TieKind}
    return {
        **names,
        **wishes,
        "display_height": application.display_height_mm,
        "near": "\n".join(ties[TieKind.NEAR]),
        "away": "\n".join(ties[TieKind.AWAY]),
    }


class PhotosForm(Form):
    """Photos of the booth or the wares."""

    photos = MultipleFileField("Photos", description="JPEG, PNG, WebP or AVIF, up to 10 MB each. No people, please.")
    alt = LineField("What do they show?", limit=200, description="Such as “My table at the last show, from the front”.")


class WithdrawForm(Form):
    reason = LineField("Why, if you like to say", limit=300)


class StepForm(Form):
    """One step of the team. `seen` is how often the application had moved when the page was read."""

    seen = WholeField("Seen", [NotBlank()], low=0)
    message = ProseField(
        "Words for the vendor", limit=3000, description="They read it on their page of this application."
    )
    reason = LineField("Reason", limit=300, description="Kept in the log, for the team only.")
    is_told = BooleanField("Also write to them by e-mail")


class ChangesForm(StepForm):
    """Ask for changes: the vendor's form opens again."""

    message = ProseField("What should they change?", [NotBlank("Write what should be changed.")], limit=3000)
    editable_until = LocalTimeField(
        "Until", [Optional()], description="After that it counts as it was. Leave it empty to wait without an end."
    )


class OfferForm(StepForm):
    """Offer tables, or the right to pick some."""

    tables = LineField(
        "Tables",
        limit=300,
        description="Their numbers, such as A07, A08. Leave it empty to let the vendor pick on the plan.",
    )
    expires_at = LocalTimeField("Good until", [NotBlank("Write until when the offer is good.")])

    def labels(self) -> list[str]:
        return [word for word in (self.tables.data or "").replace(",", " ").split() if word]


class DecisionForm(Form):
    """What the team means to say; nobody is told before it is sent."""

    seen = WholeField("Seen", [NotBlank()], low=0)
    seen_decision = LineField("Seen decision", limit=20)
    decision = SelectField(
        "Decision",
        choices=[("", "Not decided"), ("offer", "Offer tables"), ("waitlist", "Waiting list"), ("decline", "Decline")],
    )
    tables = LineField("Tables to offer", limit=300, description="Leave it empty to let the vendor pick on the plan.")
    message = ProseField("Words for the vendor", limit=3000, description="Sent with the decision, not before.")

    def labels(self) -> list[str]:
        return [word for word in (self.tables.data or "").replace(",", " ").split() if word]


class SendForm(Form):
    """Say all decisions at once."""

    expires_at = LocalTimeField("Offers are good until", [NotBlank("Write until when the offers are good.")])
    is_told = BooleanField("Write to all of them by e-mail", default=True)


class ScoreForm(Form):
    score = SelectField(
        "Score", choices=[("", "No score yet"), *((str(number), str(number)) for number in range(10, 0, -1))],
        description="10 is best.",
    )  # fmt: skip
    has_conflict = BooleanField(
        "I am too close to judge", description="A relative, a friend, a rival. Then your score does not count."
    )
    note = LineField("Why", limit=1000, description="For the team only.")


class WaveForm(Form):
    """One more wave of the sale."""

    name = LineField("Name", [NotBlank("Write a name, such as “Members”.")], limit=80)
    kind = SelectField(
        "Who may buy",
        choices=[
            ("members", "Members of the club"),
            ("points", "Vendors with enough points"),
            ("code", "Whoever has the code"),
            ("everybody", "Everybody"),
        ],
    )
    opens_at = LocalTimeField("From", [NotBlank("Write from when on.")])
    min_points = WholeField("Points at least", [Optional()], high=100_000, description="For a wave by points.")
    code = LineField("Code", limit=40, description="For a wave by code: six letters and digits at least.")


class RightsForm(Form):
    """Keep last time's tables for their vendors."""

    until = LocalTimeField("Keep them until", [NotBlank("Write until when.")])
    is_told = BooleanField("Write to these vendors by e-mail")


class CodeForm(Form):
    code = LineField("Code", [NotBlank("Write the code from your mail.")], limit=40)


class NoteForm(Form):
    staff_note = ProseField("Note of the team", limit=5000, description="The vendor never sees it.")


class StandingForm(Form):
    points = WholeField("Points", [Optional()], high=100_000, description="By your club’s own rules.")
    is_member = BooleanField("Member of the club")


MODES: Sequence[tuple[str, str]] = (
    (SellingMode.DIRECT.value, "Direct sale: whoever comes first takes a table"),
    (SellingMode.APPLICATION.value, "By application: vendors apply, you choose"),
    (SellingMode.WAVES.value, "Both: vendors may apply, and tables are sold in waves"),
)


FEE_POLICIES = [
    ("declined", "If there is no table for them"),
    ("always", "If there is no table for them, or they withdraw"),
    ("kept", "Never"),
]


class SellingForm(Form):
    """How the show gives out its tables."""

    mode = SelectField("How tables are given out", choices=list(MODES))
    opens_at = LocalTimeField("Applications from", [Optional()], description="Leave it empty for at once.")
    closes_at = LocalTimeField("Applications until", [Optional()], description="Leave it empty for no end.")
    takes_late = BooleanField("After that, take them onto the waiting list")
    offer_hours = WholeField(
        "Hours to accept an offer",
        [NotBlank("Write how many hours.")],
        low=1,
        high=24 * 60,
        description="120 is five days.",
    )
    is_blind = BooleanField("Reviewers score without names")
    receipt_mail = BooleanField("Write to vendors when their application has come in")
    has_upgrades = BooleanField(
        "Offer a table that comes back to placed vendors first",
        description="To those who wished for it and have a lesser wish now, by points. Their own table goes to the waiting list.",
    )
    fee_minor = MoneyField(
        "Application fee",
        [Optional()],
        description="Paid before anybody looks into it; leave it empty for none. Late ones pay none.",
    )
    fee_policy = SelectField("When it goes back", choices=FEE_POLICIES)
    most_photos = WholeField(
        "Photos of booth and wares, at most",
        [NotBlank("Write how many.")],
        high=MOST_PHOTOS,
        description=f"Up to {MOST_PHOTOS} with each application; 0 asks for none.",
    )
    intro = ProseField("Words above the form", limit=5000)

    def validate_closes_at(self, field: Any) -> None:
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError("This is before applications begin.")

    def values(self) -> dict[str, Any]:
        return {
            "mode": SellingMode(self.mode.data),
            "opens_at": self.opens_at.data,
            "closes_at": self.closes_at.data,
            "takes_late": self.takes_late.data,
            "offer_hours": self.offer_hours.data,
            "is_blind": self.is_blind.data,
            "receipt_mail": self.receipt_mail.data,
            "has_upgrades": self.has_upgrades.data,
            "fee_minor": self.fee_minor.data or 0,
            "fee_policy": self.fee_policy.data,
            "most_photos": self.most_photos.data or 0,
            "intro": self.intro.data or "",
        }


class CategoryForm(Form):
    name = LineField("Kind of wares", [NotBlank("Write a name, such as “Furniture”.")], limit=80)
    most_tables = WholeField("Tables at most", [Optional()], high=100_000, description="Leave it empty for no limit.")
