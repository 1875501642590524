"""Wires sign-in into the app: the account library with our parts, its views behind our rules, some replaced by ours."""

from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, render_template, request, session
from flask_login import LoginManager, current_user
from flask_login.signals import user_logged_out
from flask_security import Security, hash_password
from flask_security.signals import (
    change_email_confirmed,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_not_registered,
    wan_deleted,
    wan_registered,
)
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect

from swapmeet.accounts import identity, library, sessions, sign_in_forms, throttle
from swapmeet.accounts.api_access import load_api_token
from swapmeet.accounts.limited import LIMITED_VIEWS
from swapmeet.accounts.mail import queue_account_mail
from swapmeet.accounts.models import Person, WebAuthn
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import FOREIGN_VIEWS, db
from swapmeet.web.access import ask_to_sign_in
from swapmeet.web.security import safe_next

csrf = CSRFProtect()

# Who may call the library's views, for `swapmeet routes` and the access test.
FOREIGN_RULES = {
    "security.login": "public",
    "security.register": "public",
    "security.logout": "public",
    "security.forgot_password": "public",
    "security.send_confirmation": "public",
    "security.reset_password": "link",
    "security.confirm_email": "link",
    "security.change_email_confirm": "link",
    "security.two_factor_token_validation": "after the password",
    "security.mf_recovery": "after the password",
    "security.wan_signin": "public",
    "security.wan_signin_response": "public",
    "security.verify": "signed in",
    "security.wan_verify": "signed in",
    "security.wan_verify_response": "signed in",
    "security.change_password": "signed in",
    "security.change_email": "signed in, lately",
    "security.two_factor_setup": "signed in, lately",
    "security.two_factor_setup_validate": "signed in",
    "security.mf_recovery_codes": "signed in, lately",
    "security.wan_register": "signed in, lately",
    "security.wan_register_response": "signed in",
    "security.wan_delete": "signed in, lately",
    "security.two_factor_rescue": "closed",
    "security.tf_select": "closed",
}
NEEDS_PERSON = frozenset(endpoint for endpoint, rule in FOREIGN_RULES.items() if rule.startswith("signed in"))


def init_accounts(app: Flask) -> None:
    """CSRF, the account library, identity by opaque cookie, API tokens."""
    csrf.init_app(app)
    app.config.update(library.library_settings(app))
    security = Security(
        app,
        library.People(db, Person, cast(Any, None), WebAuthn),
        register_form=sign_in_forms.RegisterForm,
        reset_password_form=sign_in_forms.NewPasswordForm,
        change_password_form=sign_in_forms.OtherPasswordForm,
        change_email_form=sign_in_forms.OtherAddressForm,
        verify_form=sign_in_forms.ProveForm,
        two_factor_setup_form=sign_in_forms.SecondStepForm,
        two_factor_verify_code_form=sign_in_forms.CodeForm,
        mf_recovery_form=sign_in_forms.RecoveryCodeForm,
        wan_register_form=sign_in_forms.NewPasskeyForm,
        wan_register_response_form=sign_in_forms.NewPasskeyAnswerForm,
        wan_signin_form=sign_in_forms.PasskeySignInForm,
        wan_signin_response_form=sign_in_forms.PasskeyAnswerForm,
        mail_util_cls=library.OutboxMail,
        password_util_cls=library.Passwords,
        totp_cls=library.OneTimeCodes,
        webauthn_util_cls=library.Passkeys,
        mf_recovery_codes_util_cls=library.RecoveryCodes,
        render_template=render_library_page,
    )
    security.want_json(lambda incoming: False)
    security.unauthn_handler(_unauthenticated)
    _take_over_identity(app, security)
    _take_over_views(app)
    _listen(app)
    app.before_request(_before_library_view)
    app.after_request(_after_library_view)
    app.before_request(load_api_token)


def _unauthenticated(mechanisms: list[str], headers: dict[str, str] | None = None) -> Any:
    return ask_to_sign_in()


def _take_over_identity(app: Flask, security: Security) -> None:
    """One way to be signed in: our cookie. The library's signed session, remember cookie and auth token are out."""
    manager: LoginManager = security.login_manager
    manager.user_loader(lambda user_id: None)
    manager.request_loader(identity.load_person)
    # Both would read the session, and with it add Vary: Cookie or a query, on every response of the site.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    security.principal.identity_loaders.clear()


def _take_over_views(app: Flask) -> None:
    app.view_functions.update(LIMITED_VIEWS)
    app.add_url_rule(
        app.config["SECURITY_CHANGE_EMAIL_URL"] + "/<token>", endpoint="security.change_email_confirm", methods=["POST"]
    )
    for endpoint, rule in FOREIGN_RULES.items():
        if rule == "closed":
            app.view_functions[endpoint] = _closed
    app.extensions["swapmeet_foreign_rules"].update(FOREIGN_RULES)


def _closed(**arguments: str) -> Any:
    abort(404)


def render_library_page(template: str, **context: Any) -> str:
    """Our template for a page of the library; remembers whether one of its forms was refused, for the status."""
    g.form_refused = any(isinstance(value, FlaskForm) and value.errors for value in context.values())
    return render_template(template, **context)


def _before_library_view() -> Any:
    if request.blueprint != FOREIGN_VIEWS:
        return None
    if request.is_json:
        abort(415)
    if request.endpoint in NEEDS_PERSON and not current_user.is_authenticated:
        return ask_to_sign_in()
    # The library would sign out whoever opens the second step while signed in, on a GET.
    if FOREIGN_RULES[str(request.endpoint)] == "after the password" and current_user.is_authenticated:
        return redirect("/", 303)
    identity.recall_step()
    return None


def _after_library_view(response: Response) -> Response:
    """What the library answers, in our manner: 303 after a POST, 422 for a refused form, never off this site."""
    if request.blueprint != FOREIGN_VIEWS:
        return response
    if response.status_code in (301, 302):
        response.status_code = 303
    if "Location" in response.headers:
        response.headers["Location"] = stay_here(response.headers["Location"])
    if request.method == "POST" and response.status_code == 200 and g.get("form_refused"):
        response.status_code = 422
    return identity.keep_step(response)


def stay_here(location: str) -> str:
    """The path of an address on this host; the front page for every other address."""
    parts = urlsplit(location)
    if parts.netloc == request.host and parts.scheme in ("http", "https"):
        location = parts._replace(scheme="", netloc="").geturl() or "/"
    return safe_next(location, "/")


def _listen(app: Flask) -> None:
    """What must happen when the library says that something has happened."""
    for signal, listener in (
        (user_authenticated, _signed_in),
        (user_logged_out, _signed_out),
        (password_changed, _password_changed),
        (password_reset, _password_reset),
        (change_email_confirmed, _address_changed),
        (user_not_registered, _registered_again),
        (tf_disabled, _second_step_off),
        (tf_profile_changed, _second_step_on),
        (wan_registered, _passkey_added),
        (wan_deleted, _passkey_removed),
    ):
        signal.connect(listener, app)


def _signed_in(app: Flask, user: Person, **facts: Any) -> None:
    before = identity.signed_in_by()
    was_kept = before is not None and before.person_id == user.id and before.is_kept
    identity.begin(user, keep=session.pop("_remember", None) == "set" or was_kept)
    library.commit_at_the_end()


def _signed_out(app: Flask, **facts: Any) -> None:
    identity.end()
    library.commit_at_the_end()


def _password_changed(app: Flask, user: Person, **facts: Any) -> None:
    sessions.revoke(db.session(), person_id=user.id, now=utcnow(), except_token=g.get("new_sign_in_token"))


def _password_reset(app: Flask, user: Person, **facts: Any) -> None:
    """The link came to the person's own address, so that is confirmed too. Who was signed in is out."""
    sessions.revoke(db.session(), person_id=user.id, now=utcnow())
    throttle.forget_failures(db.session(), address=user.email)
    user.confirmed_at = user.confirmed_at or library.naive_now()


def _address_changed(app: Flask, user: Person, old_email: str, **facts: Any) -> None:
    """Links that went to the old address are void from here on."""
    app.extensions["security"].datastore.set_uniquifier(user)
    queue_account_mail(db.session(), kind="accounts.address_changed", to=old_email, person=user, now=utcnow())


def _registered_again(app: Flask, user: Person | None, form_data: dict[str, Any], **facts: Any) -> None:
    """Nobody has confirmed the address yet: the newest registration counts, and links of older ones are void."""
    if user is None or user.confirmed_at is not None:
        return
    user.name = form_data["name"]
    user.password = hash_password(form_data["password"])
    app.extensions["security"].datastore.set_uniquifier(user)


def _second_step_off(app: Flask, user: Person, **facts: Any) -> None:
    user.mf_recovery_codes = None
    _tell(user, "The second step of signing in, the code from your app, was turned off.")


def _second_step_on(app: Flask, user: Person, **facts: Any) -> None:
    _tell(user, "The second step of signing in, a code from an app, was turned on.")


def _passkey_added(app: Flask, user: Person, **facts: Any) -> None:
    _tell(user, "A passkey was added: a phone, computer or key that signs in without the password.")


def _passkey_removed(app: Flask, user: Person, **facts: Any) -> None:
    _tell(user, "A passkey was removed.")


def _tell(person: Person, words: str) -> None:
    queue_account_mail(db.session(), kind="accounts.notice", to=person.email, person=person, now=utcnow(), words=words)


__all__ = ["csrf", "current_user", "init_accounts"]
