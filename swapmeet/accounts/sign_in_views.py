"""Our own pages in place of some of the account library's: signing in, asking for a mail, opening the link in one.

A GET shows a page with a button; only the POST behind it changes anything, because mail scanners follow links.
Whether an address has an account makes no difference to what is answered, nor to how long it takes.
"""

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import change_email, confirmable, login_user, tf_plugin, views
from flask_security.proxies import _security
from flask_security.utils import check_and_get_token_status

from swapmeet.accounts import passwords, throttle
from swapmeet.accounts.models import Person
from swapmeet.accounts.queries import find_person_by_email
from swapmeet.accounts.sign_in_forms import AskForMailForm, CodeForm, SignInForm
from swapmeet.infra import codes
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.uow import commit_foreign_views, end_reading, transaction
from swapmeet.web.security import safe_next

# The library's functions carry no types.
look_at_token: Any = check_and_get_token_status
clean_steps: Any = tf_plugin.tf_clean_session
look_at_confirmation: Any = confirmable.confirm_email_token_status
confirm: Any = confirmable.confirm_user
look_at_new_address: Any = change_email._verify_token_status
use_new_address: Any = change_email._update_user_email

WRONG = "The e-mail address or the password is not right."
UNCONFIRMED = "Your address is not confirmed yet. Open the link in our mail, or ask for another one below."


def sign_in() -> ResponseReturnValue:
    """The password, then the second step if there is one."""
    if current_user.is_authenticated:
        target = safe_next(request.args.get("next"), "/")
        return redirect("/" if target.startswith("/sign-in") else target, 303)
    clean_steps()
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422 if request.method == "POST" else 200)
    wait, person = _check_password(str(form.email.data), str(form.password.data))
    if wait is not None:
        form.form_errors.append(throttle.words(wait))
        return _sign_in_page(form, 429, wait)
    if person is None:
        form.form_errors.append(WRONG)
        return _sign_in_page(form, 422)
    if person.confirmed_at is None:
        form.form_errors.append(UNCONFIRMED)
        return _sign_in_page(form, 422)
    return _go_on(person, form)


def _check_password(email: str, password: str) -> tuple[timedelta | None, Person | None]:
    """How long to wait, or the person whose password this is. Hashing, the slow part, holds no lock on the database."""
    with transaction() as db_session:
        wait = throttle.take_try(db_session, proof="password", address=email, now=utcnow())
    if wait is not None:
        return wait, None
    person = find_person_by_email(db.session(), email)
    stored = person.password if person is not None and person.active else None
    end_reading()
    if not passwords.matches(password, stored):
        return None, None
    with transaction() as db_session:
        throttle.forget_failures(db_session, address=email)
    return None, find_person_by_email(db.session(), email)


def _go_on(person: Person, form: SignInForm) -> ResponseReturnValue:
    """The second step, or in."""
    next_url = form.next.data or "/"
    second = _security.two_factor_plugins.tf_enter(person, form.remember.data, "password", next_loc=next_url)
    if second is not None:
        return second
    login_user(person, remember=form.remember.data, authn_via=["password"])
    return redirect(next_url, 303)


def _sign_in_page(form: SignInForm, status: int, wait: timedelta | None = None) -> ResponseReturnValue:
    headers = {"Retry-After": str(int(wait.total_seconds()))} if wait else {}
    return render_template("security/login_user.html", form=form), status, headers


def register() -> ResponseReturnValue:
    """The library's view; afterwards the page that says what to do when no mail comes."""
    answer: ResponseReturnValue = views.register()
    if request.method == "POST" and not isinstance(answer, str) and not current_user.is_authenticated:
        return redirect(url_for("security.send_confirmation"), 303)
    return answer


def recover() -> ResponseReturnValue:
    """Ask for a mail with a link to set a new password."""
    return _ask_for_mail("security/forgot_password.html", "accounts.recover", "set a new password")


def ask_for_confirmation() -> ResponseReturnValue:
    """Ask for another confirmation link."""
    return _ask_for_mail("security/send_confirmation.html", "accounts.confirm_again", "confirm your address")


def _ask_for_mail(template: str, job: str, purpose: str) -> ResponseReturnValue:
    form = AskForMailForm()
    if not form.validate_on_submit():
        return render_template(template, form=form), 422 if request.method == "POST" else 200
    with transaction() as db_session:
        enqueue(db_session, job, {"email": form.email.data, "key": codes.link_key()}, now=utcnow())
    flash(f"If {form.email.data} has an account, a mail with a link to {purpose} is on its way.", "ok")
    return redirect(url_for("security.login"), 303)


def confirm_address(token: str) -> ResponseReturnValue:
    """The link in the mail after registering."""
    expired, invalid, person = look_at_confirmation(token)
    if person is None or invalid or expired:
        return _dead_link("security.send_confirmation", "Ask for another link")
    if request.method != "POST":
        return render_template("accounts/confirm.html", email=person.email, purpose="confirm")
    confirm(person)
    commit_foreign_views()
    flash("Thank you, your address is confirmed. You can sign in now.", "ok")
    return redirect(url_for("security.login", next=safe_next(request.args.get("next"), "") or None), 303)


def confirm_new_address(token: str) -> ResponseReturnValue:
    """The link in the mail to a new address."""
    expired, invalid, person, email = look_at_new_address(token)
    if person is None or email is None or invalid or expired:
        return _dead_link("accounts.my_account", "To your account")
    if request.method != "POST":
        return render_template("accounts/confirm.html", email=email, purpose="change")
    use_new_address(person, email)
    commit_foreign_views()
    flash("Your e-mail address is changed.", "ok")
    return redirect(url_for("accounts.my_account"), 303)


def turn_code_on(token: str) -> Any:
    """The first code of an app. After a wrong one the picture stays: with another key the app's codes would never fit."""
    answer = views.two_factor_setup_validate(token)
    expired, invalid, state = look_at_token(token, "tf_setup", current_app.config["SECURITY_TWO_FACTOR_SETUP_WITHIN"])
    if expired or invalid or getattr(answer, "location", "") != url_for("security.two_factor_setup"):
        return answer
    form = CodeForm()
    form.code.errors = [words for _, words in session.pop("_flashes", [])]
    shown = _security.totp_factory.fetch_setup_values(state["totp_secret"], current_user)
    page = render_template(
        "security/two_factor_setup.html",
        chosen_method=state["method"],
        authr_qrcode=shown["image"],
        authr_key=shown["key"],
        two_factor_verify_code_form=form,
        state_token=token,
    )
    return page, 422


def _dead_link(endpoint: str, label: str) -> ResponseReturnValue:
    return render_template("accounts/dead_link.html", url=url_for(endpoint), label=label), 404


__all__ = ["ask_for_confirmation", "confirm_address", "confirm_new_address", "recover", "sign_in"]
