"""What the account library lets an application choose, chosen (stack.md T5 to T10): where mail goes, which passwords
are good, that a code works once, that passkeys may live in phones and must be answered by this browser."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from email_validator import EmailNotValidError, validate_email
from flask import Flask, after_this_request, current_app, request, session
from flask_security import MailUtil, MfRecoveryCodesUtil, PasswordUtil, SQLAlchemyUserDatastore, Totp, WebauthnUtil
from flask_security.mail_util import EmailValidateException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from swapmeet.accounts import messages, passwords
from swapmeet.accounts.mail import KIND_OF_TEMPLATE, queue_account_mail
from swapmeet.accounts.models import Person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import commit_foreign_views
from swapmeet.web.security import safe_next

NOT_AN_ADDRESS = "Write an e-mail address such as ann@example.org."


def clean_address(typed: str) -> str:
    """An e-mail address as it is stored: lower case, plain letters before the @, the domain in its ASCII form.

    Look-alike letters either make another address or none. No domain is looked up (T5). Raises ValueError in words.
    """
    try:
        valid = validate_email(typed.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(NOT_AN_ADDRESS) from error
    address = (valid.ascii_email or "").lower()
    if not address or len(address) > 254:
        raise ValueError(NOT_AN_ADDRESS)
    return address


def commit_at_the_end() -> None:
    """Have the library's view commit, also those that forget to (T6)."""

    @after_this_request
    def _commit(response: Any) -> Any:
        commit_foreign_views()
        return response


class People(SQLAlchemyUserDatastore):
    """Persons without roles: rights are ours. What the library's views write is committed through the one door."""

    def _prepare_create_user_args(self, **kwargs: Any) -> dict[str, Any]:
        prepare: Any = super()._prepare_create_user_args
        prepared: dict[str, Any] = prepare(**kwargs)
        del prepared["roles"]
        return {"created_at": utcnow(), **prepared}

    def create_webauthn(self, user: Any, *args: Any, **kwargs: Any) -> None:
        """Without what the browser adds of its own: nothing reads it, and it could be anything."""
        super().create_webauthn(user, *args, **{**kwargs, "extensions": None, "create_datetime": naive_now()})

    def commit(self) -> None:
        """A GET never writes, whatever the library's view thinks."""
        if request.method in ("GET", "HEAD"):
            raise RuntimeError(f"{request.endpoint} wanted to write on {request.method}")
        commit_foreign_views()


class OutboxMail(MailUtil):
    """Mails of the library's views become rows. Links point to the configured address, never to the Host header."""

    def normalize(self, email: str) -> str:
        try:
            return clean_address(email)
        except ValueError as error:
            raise EmailValidateException(str(error)) from error

    validate = normalize

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **kwargs: Any
    ) -> None:
        person: Person = kwargs["user"]
        link = next((kwargs[key] for key in ("confirmation_link", "reset_link", "link") if kwargs.get(key)), "")
        queue_account_mail(
            db.session(),
            kind=KIND_OF_TEMPLATE[template],
            to=recipient,
            person=person,
            now=utcnow(),
            link=own_link(link) + way_on() if link else "",
        )
        commit_at_the_end()


def way_on() -> str:
    """The page somebody wanted when they were asked to open an account, for the link that confirms their address."""
    wanted = safe_next(request.form.get("next"), "") if request.endpoint == "security.register" else ""
    return f"?next={quote(wanted)}" if wanted else ""


def own_link(link: str) -> str:
    """The path of a link on the configured public address."""
    parts = urlsplit(link)
    query = f"?{parts.query}" if parts.query else ""
    return f"{current_app.config['SWAPMEET_PUBLIC_URL']}{parts.path}{query}"


class Passwords(PasswordUtil):
    """NIST SP 800-63B-4: length, a block list, nothing about signs or capitals."""

    def normalize(self, password: str) -> str:
        return passwords.normalize(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """The faults in words (or None) and the normalized password. `user` is given when a known person changes it."""
        normal = self.normalize(password)
        person = kwargs.get("user")
        known = (person.name, person.email) if person else (kwargs.get("name") or "", kwargs.get("email") or "")
        least = (
            passwords.LENGTH_WITH_CODE if person is not None and person.has_second_factor else passwords.LENGTH_ALONE
        )
        fault = passwords.find_fault(normal, known=known, least=least)
        if fault is None and person is not None:
            person.password_is_short = len(normal) < passwords.LENGTH_ALONE
        return ([fault] if fault else None), normal


class OneTimeCodes(Totp):
    """A code works once: the time step of the last one taken is kept with the person (T8)."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.tf_last_counter = tmatch.counter


class RecoveryCodes(MfRecoveryCodesUtil):
    """As the library does it, encrypted (T9), and typed codes may have capitals and spaces."""

    def check_recovery_code(self, user: Any, code: str) -> bool:
        return any(hmac.compare_digest(clean_recovery_code(code), known) for known in self.get_recovery_codes(user))

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        return bool(super().delete_recovery_code(user, clean_recovery_code(code)))


def clean_recovery_code(typed: str) -> str:
    """Three groups of four, as they were shown."""
    signs = "".join(ch for ch in typed.lower() if ch.isascii() and ch.isalnum())[:64]
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


CHALLENGE_KEY = "wan_challenge"


class Passkeys(WebauthnUtil):
    """Phones and laptops may keep the key (T7), the person is always verified, a challenge is answered once and here."""

    def generate_challenge(self, nbytes: int | None = None) -> str:
        challenge = str(super().generate_challenge(nbytes))
        session[CHALLENGE_KEY] = challenge
        return challenge

    def origin(self) -> str:
        """The public address; another allowed host only outside production."""
        public: str = current_app.config["SWAPMEET_PUBLIC_URL"]
        parts = urlsplit(public)
        own = f"{parts.scheme}://{parts.netloc}"
        if parts.hostname == request.host.partition(":")[0] and parts.scheme == "https":
            return own
        return str(request.host_url.rstrip("/"))

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: Any, usage: Sequence[str]) -> UserVerificationRequirement:
        return UserVerificationRequirement.REQUIRED


def derived_key(secret: str | bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, from the one secret of the installation: 32 bytes in URL-safe Base64."""
    raw = secret.encode() if isinstance(secret, str) else secret
    return urlsafe_b64encode(hmac.digest(raw, f"swapmeet {purpose}".encode(), "sha256"))


_ADDRESSES = {
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_REGISTER_URL": "/register",
    "SECURITY_RESET_URL": "/recover",
    "SECURITY_CONFIRM_URL": "/confirm",
    "SECURITY_CHANGE_URL": "/me/password",
    "SECURITY_CHANGE_EMAIL_URL": "/me/email",
    "SECURITY_VERIFY_URL": "/me/verify",
    "SECURITY_TWO_FACTOR_SETUP_URL": "/me/second-factor",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/select",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/me/recovery-codes",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    "SECURITY_WAN_REGISTER_URL": "/me/passkeys",
    "SECURITY_WAN_DELETE_URL": "/me/passkeys/removal",
    "SECURITY_WAN_VERIFY_URL": "/me/verify/passkey",
    "SECURITY_WAN_SIGNIN_URL": "/sign-in/passkey",
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_POST_REGISTER_VIEW": "/sign-in",
    "SECURITY_POST_RESET_VIEW": "/sign-in",
    "SECURITY_POST_CHANGE_VIEW": "/me",
    "SECURITY_POST_CHANGE_EMAIL_VIEW": "/me",
    "SECURITY_POST_VERIFY_VIEW": "/me",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/me",
    "SECURITY_WAN_POST_REGISTER_VIEW": "/me/passkeys",
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
}

_FEATURES = {
    "SECURITY_REGISTERABLE": True,
    "SECURITY_CONFIRMABLE": True,
    "SECURITY_RECOVERABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_EMAIL": True,
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_SETUP_WITHIN": timedelta(minutes=15),
    "SECURITY_TOTP_ISSUER": "Swapmeet",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_RP_NAME": "Swapmeet",
    "SECURITY_WAN_ALLOW_USER_HINTS": False,
    "SECURITY_WAN_ALLOW_AS_VERIFY": ["first"],
    "SECURITY_WAN_SIGNIN_WITHIN": timedelta(minutes=5),
    "SECURITY_WAN_SIGNIN_TIMEOUT": 240_000,
    "SECURITY_WAN_REGISTER_WITHIN": timedelta(minutes=5),
    "SECURITY_WAN_REGISTER_TIMEOUT": 240_000,
    "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=2),
    "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=3),
    "SECURITY_CHANGE_EMAIL_WITHIN": timedelta(hours=2),
    "SECURITY_FRESHNESS": timedelta(minutes=30),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_EMAIL_PLAINTEXT": False,
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_HASHING_SCHEMES": ["hex_sha256"],  # inside signed links; the default is a slow password hash
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
    "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKC",
    # T10: 19 MiB, two rounds, one lane: 21 ms, and eight sign-ins at once stay within 150 MB.
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 19456,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
}


def library_settings(app: Flask) -> dict[str, Any]:
    """The library's settings. Views that are not used have no feature flag, or are closed in `security`."""
    secret = app.config["SECRET_KEY"]
    return {
        **_ADDRESSES,
        **_FEATURES,
        **messages.LIBRARY_MESSAGES,
        "SECURITY_TOTP_SECRETS": {1: derived_key(secret, "one-time codes").decode()},
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [derived_key(secret, "recovery codes")],
        "SECURITY_DATETIME_FACTORY": naive_now,
        "SESSION_PROTECTION": None,
    }


def naive_now() -> datetime:
    """Naive UTC, as the library writes instants."""
    return utcnow().replace(tzinfo=None)
