"""Forms of signing in and of what guards an account. Fields carry our words; names are those the library needs."""

import json
from typing import Any

from flask import request, session
from flask_login import current_user
from flask_security import (
    ChangeEmailForm,
    ChangePasswordForm,
    MfRecoveryForm,
    RegisterFormV2,
    ResetPasswordForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninForm,
    WebAuthnSigninResponseForm,
)
from webauthn.helpers.exceptions import WebAuthnException
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import StopValidation, ValidationError

from swapmeet.accounts import throttle
from swapmeet.accounts.forms import AddressField, NameField
from swapmeet.accounts.library import CHALLENGE_KEY, commit_at_the_end
from swapmeet.accounts.passwords import LENGTH_ALONE, LENGTH_MAX, normalize
from swapmeet.accounts.queries import find_person_by_email
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.web.forms import Form, NotBlank
from swapmeet.web.security import safe_next

MAX_ANSWER = 20_000
# What reading a made-up answer may raise in the libraries that take it apart.
NO_ANSWER = (WebAuthnException, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
PASSWORD_HINT = (
    f"At least {LENGTH_ALONE} characters. Three or four words that do not belong together are easy to remember."
)


class NextField(HiddenField):
    """Where to go afterwards, from the form or the address: a path on this site or nothing."""

    data: str | None

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        self.data = safe_next(self.data or request.args.get("next"), "")


def possible_password(form: Any, field: Any) -> None:
    """Refuses what is longer than any password can be, before it is hashed: the library breaks on more than 4096 signs."""
    if len(normalize(field.data or "")) > LENGTH_MAX:
        raise StopValidation("That is too long.")


class SignInForm(Form):
    email = AddressField(render_kw={"autocomplete": "username webauthn"})
    password = PasswordField("Password", [NotBlank("Write your password."), possible_password])
    remember = BooleanField(
        "Keep me signed in for 30 days", default=True, description="Take the tick away on a computer that others use."
    )
    next = NextField()


class AskForMailForm(Form):
    """Asks for a mail: a new password, or another confirmation link."""

    email = AddressField(render_kw={"autocomplete": "email"})


class RegisterForm(RegisterFormV2):
    name = NameField(
        "Your name", description="Organizers see it with your orders. You may use another name for trading."
    )
    email = AddressField(render_kw={"autocomplete": "email"})
    password = PasswordField("Password", [NotBlank("Write a password.")], description=PASSWORD_HINT)
    password_confirm = PasswordField("The same password again", [NotBlank("Write the password again.")])
    next = NextField()

    def validate_email(self, field: Any) -> None:
        """The library's view asks `existing_email_user` and answers a known address like a new one."""
        if not field.errors:
            self.existing_email_user = find_person_by_email(db.session(), field.data)
        if self.existing_email_user is not None:
            raise ValidationError("known")

    def validate_next(self, field: Any) -> None:
        """Cleaned by the field."""

    def validate_password_confirm(self, field: Any) -> None:
        if field.data and field.data != self.password.data:
            raise ValidationError("The two passwords are not the same.")


class NewPasswordForm(ResetPasswordForm):
    password = PasswordField("New password", [NotBlank("Write a password.")], description=PASSWORD_HINT)
    password_confirm = PasswordField("The same password again", [NotBlank("Write the password again.")])

    def validate_password_confirm(self, field: Any) -> None:
        if field.data and field.data != self.password.data:
            raise ValidationError("The two passwords are not the same.")


class OtherPasswordForm(ChangePasswordForm):
    password = PasswordField("Your password now", [possible_password])
    new_password = PasswordField("New password", [NotBlank("Write a password.")], description=PASSWORD_HINT)
    new_password_confirm = PasswordField("The new password again", [NotBlank("Write the password again.")])

    def validate_password(self, field: Any) -> None:
        _take_try("password", field)

    def validate_new_password_confirm(self, field: Any) -> None:
        if field.data and field.data != self.new_password.data:
            raise ValidationError("The two passwords are not the same.")

    def validate(self, **kwargs: Any) -> bool:
        good = bool(super().validate(**kwargs))
        if good:
            throttle.forget_failures(db.session(), address=current_user.email)
        return good


class OtherAddressForm(ChangeEmailForm):
    email = AddressField("New e-mail address", render_kw={"autocomplete": "email"})

    def validate_email(self, field: Any) -> None:
        if not field.errors:
            self.existing_email_user = find_person_by_email(db.session(), field.data)
        if self.existing_email_user is not None:
            raise ValidationError("known")


class ProveForm(VerifyForm):
    """The password again, before something that matters."""

    password = PasswordField("Your password", [NotBlank("Write your password."), possible_password])
    next = NextField()

    def validate_next(self, field: Any) -> None:
        """Cleaned by the field."""

    def validate_password(self, field: Any) -> None:
        _take_try("password", field)

    def validate(self, **kwargs: Any) -> bool:
        good = bool(super().validate(**kwargs))
        if good:
            throttle.forget_failures(db.session(), address=self.user.email)
        return good


class SecondStepForm(TwoFactorSetupForm):
    """Turn the code from an app on or off. A password under 15 characters needs it, so it stays on until a longer one is set."""

    user: Any

    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs):
            return False
        if self.setup.data == "disable" and self.user is not None and self.user.password_is_short:
            self.setup.errors = [
                f"Set a password of {LENGTH_ALONE} characters or more first: alone, yours is too short."
            ]
            return False
        return True


class CodeForm(TwoFactorVerifyCodeForm):
    user: Any
    code = StringField(
        "Code",
        [NotBlank("Write the six digits that your app shows.")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "12"},
    )

    def validate_code(self, field: Any) -> None:
        digits = "".join((field.data or "").split())
        if not digits.isascii() or not digits.isdigit() or len(digits) != 6:
            raise StopValidation("Write the six digits that your app shows.")
        field.data = digits
        if not self.is_setup:
            _take_try("code", field, address=self.user.email)

    def validate(self, **kwargs: Any) -> bool:
        good = bool(super().validate(**kwargs))
        if good and self.user is not None:
            throttle.forget_failures(db.session(), address=self.user.email)
        return good


class RecoveryCodeForm(MfRecoveryForm):
    user: Any
    code = StringField(
        "Recovery code",
        [NotBlank("Write one of your recovery codes.")],
        render_kw={"autocomplete": "off", "maxlength": "40"},
    )

    def validate_code(self, field: Any) -> None:
        _take_try("code", field, address=self.user.email)

    def validate(self, **kwargs: Any) -> bool:
        good = bool(super().validate(**kwargs))
        if good and self.user is not None:
            throttle.forget_failures(db.session(), address=self.user.email)
        return good


class NewPasskeyForm(WebAuthnRegisterForm):
    """A passkey always signs in by itself; the library's second kind is not offered."""

    name = StringField("Name of this passkey", description="So that you know it again, such as My phone.")

    def validate(self, **kwargs: Any) -> bool:
        self.usage.data = "first"
        self.name.data = (self.name.data or "").strip()
        if not self.name.data:
            self.name.errors = ["Give the passkey a name, such as My phone."]
            return False
        return bool(super().validate(**kwargs))


class _OwnChallenge:
    """The answer must be to the challenge this browser was given last, and it is taken once."""

    challenge: str
    credential: Any
    form_errors: list[str]

    def validate(self, **kwargs: Any) -> bool:
        given = session.pop(CHALLENGE_KEY, None)
        if given is None or given != self.challenge:
            self.credential.errors = ["That took too long, or was answered before. Please start again."]
            return False
        if not _is_json_object(self.credential.data or ""):
            self.credential.errors = ["That was no answer of a passkey. Please start again."]
            return False
        try:
            return bool(super().validate(**kwargs))  # type: ignore[misc]
        except NO_ANSWER:
            self.credential.errors = ["That was no answer of a passkey. Please start again."]
            return False


def _is_json_object(text: str) -> bool:
    """Also refuses what is nested so deep that reading it would not end well."""
    try:
        return len(text) < MAX_ANSWER and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


class NewPasskeyAnswerForm(_OwnChallenge, WebAuthnRegisterResponseForm):
    pass


class PasskeySignInForm(WebAuthnSigninForm):
    next = NextField()

    def validate_next(self, field: Any) -> None:
        """Cleaned by the field."""


class PasskeyAnswerForm(_OwnChallenge, WebAuthnSigninResponseForm):
    next = NextField()

    def validate_next(self, field: Any) -> None:
        """Cleaned by the field."""


def _take_try(proof: str, field: Any, address: str | None = None) -> None:
    """Count the try, also when the library's view then forgets to commit. Raises when the address must wait."""
    commit_at_the_end()
    wait = throttle.take_try(db.session(), proof=proof, address=address or current_user.email, now=utcnow())
    if wait is not None:
        raise StopValidation(throttle.words(wait))
