"""Shape of what people send about themselves, their clubs, teams and tokens."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from wtforms import BooleanField, EmailField, SelectField
from wtforms.validators import InputRequired, ValidationError

from swapmeet.access.permissions import Permission
from swapmeet.access.roles import ROLE_HINTS, ROLE_LABELS, Role
from swapmeet.accounts.library import clean_address
from swapmeet.web.forms import BoxesField, Form, LineField, NotBlank, ProseField

# Regions that the list of territories has besides countries.
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
LOOKS_LIKE_ADDRESS = re.compile(
    r"://|www\.|[^\s@]@[^\s@]|\b[\w-]+\.(?:com|net|org|info|io|ru|cn|xyz|top|link)\b", re.IGNORECASE
)


class NameField(LineField):
    """A name of a person or club. Web and mail addresses are refused: names stand in mails that we send."""

    def __init__(self, label: str = "Name", validators: Any = (), *, limit: int = 120, **kwargs: Any) -> None:
        super().__init__(label, [NotBlank("Write a name."), *validators, _no_address], limit=limit, **kwargs)


def _no_address(form: Any, field: Any) -> None:
    if field.data and LOOKS_LIKE_ADDRESS.search(field.data):
        raise ValidationError("Write a name, without web or mail addresses.")


class OptionalAddress(EmailField):
    """An e-mail address or nothing, cleaned to the form in which addresses are stored; what was typed stays."""

    data: str | None

    def __init__(self, label: str = "E-mail", validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), **kwargs)

    def pre_validate(self, form: Any) -> None:
        if not self.data or not self.data.strip():
            self.data = ""
            return
        try:
            self.data = clean_address(self.data[:400])
        except ValueError as error:
            raise ValidationError(str(error)) from error


class AddressField(OptionalAddress):
    """An e-mail address."""

    def __init__(self, label: str = "E-mail", validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, [NotBlank("Write your e-mail address."), *validators], **kwargs)


class WebAddress(LineField):
    """https://… or nothing; "www.club.org" gets its https:// added."""

    def __init__(self, label: str = "Website", **kwargs: Any) -> None:
        super().__init__(label, [_web_address], limit=300, **kwargs)


def _web_address(form: Any, field: Any) -> None:
    if not field.data:
        return
    typed = field.data if "://" in field.data else f"https://{field.data}"
    try:
        parts = urlsplit(typed)
        is_good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        is_good = False
    if not is_good or any(ch.isspace() for ch in typed):
        raise ValidationError("Write an address such as https://club.example.org.")
    field.data = typed


class RenameForm(Form):
    name = NameField("Your name", description="Organizers see it with your orders.")


class EraseForm(Form):
    sure = BooleanField(
        "Yes, close my account and erase my name and address", [InputRequired("Tick this if you mean it.")]
    )


class ConfirmForm(Form):
    """A button and nothing else."""


class OrganizerForm(Form):
    name = NameField("Name of the club or company")
    email = OptionalAddress("Contact e-mail", description="Stands on the pages of your shows.")
    website = WebAddress("Website")
    country = SelectField("Country", choices=[])
    about = ProseField("About you", limit=4000, description="A few sentences for visitors and vendors.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", "—"), *countries()]

    def details(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("name", "email", "website", "country", "about")}


class CheckList(BoxesField):
    """Boxes to tick; one at least."""

    def pre_validate(self, form: Any) -> None:
        known = {value for value, _ in self.choices}
        if not set(self.data or []) <= known:
            raise ValidationError("Choose from the list.")
        if not self.data:
            raise ValidationError("Choose at least one.")


def _role_choices() -> list[tuple[str, str]]:
    return [(role.value, f"{ROLE_LABELS[role]}: {ROLE_HINTS[role]}") for role in ROLE_LABELS]


class RolesForm(Form):
    roles = CheckList("Roles", choices=_role_choices())

    def chosen(self) -> list[Role]:
        return [Role(value) for value in self.roles.data]


class InviteForm(RolesForm):
    email = AddressField("E-mail of the person", render_kw={"autocomplete": "off"})


class TokenForm(Form):
    label = LineField("What is it for?", [NotBlank("Write what it is for.")], limit=100)
    permissions = CheckList("What may it do?", choices=[])
    days = SelectField("Works for", choices=[("30", "30 days"), ("90", "90 days"), ("365", "One year")], default="90")

    def chosen(self) -> list[Permission]:
        return [Permission(value) for value in self.permissions.data]


PERMISSION_WORDS: dict[Permission, str] = {
    Permission.EVENT_VIEW: "See the show",
    Permission.EVENT_EDIT: "Change the show's details",
    Permission.TEAM_VIEW: "See the team",
    Permission.PROGRAM_EDIT: "Change the program",
    Permission.TABLES_EDIT: "Change plan and tables",
    Permission.VENDORS_VIEW: "See vendors",
    Permission.VENDORS_SCORE: "Score vendors’ applications",
    Permission.TICKETS_EDIT: "Change tickets",
    Permission.ORDERS_VIEW: "See orders",
    Permission.ORDERS_EDIT: "Change orders",
    Permission.MONEY_VIEW: "See money",
    Permission.MONEY_RECORD: "Record payments",
    Permission.ATTENDEES_VIEW: "See attendees",
    Permission.ATTENDEES_EDIT: "Change attendees",
    Permission.HEALTH_VIEW: "See who answered what about health",
    Permission.DOOR_CHECK_IN: "Check people in",
    Permission.DOOR_UNDO: "Undo a check-in",
    Permission.TRADES_MODERATE: "Moderate trades",
    Permission.TRADES_HOST: "Run trade rounds",
    Permission.AUDIT_VIEW: "Read the log",
}


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Two-letter codes with their English names, by name."""
    names = Locale("en").territories
    found = [
        (code, name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
    ]
    return tuple(sorted(found, key=lambda pair: pair[1]))
