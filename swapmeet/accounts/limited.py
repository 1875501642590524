"""The account library's views (and ours in place of some) under rate limits by the asker's address.

Wrong tries by account are counted in rows besides (throttle.py). Made once a process: limits go by a view's name.
"""

from collections.abc import Callable
from typing import Any

from flask_security import change_email, recovery_codes, views, webauthn

from swapmeet.accounts import sign_in_views
from swapmeet.web.security import limit

View = Callable[..., Any]


def _limited(rate: str, name: str, view: View) -> View:
    """The view under a limit on its POSTs and a name of its own."""

    def posted(**arguments: Any) -> Any:
        return view(**arguments)

    posted.__name__ = name.replace(".", "_")
    limited: View = limit(rate, methods=["POST"])(posted)
    return limited


LIMITED_VIEWS: dict[str, View] = {
    f"security.{name}": _limited(rate, name, view)
    for name, rate, view in (
        ("login", "30 per minute", sign_in_views.sign_in),
        ("register", "30 per hour", sign_in_views.register),
        ("forgot_password", "20 per hour", sign_in_views.recover),
        ("send_confirmation", "20 per hour", sign_in_views.ask_for_confirmation),
        ("confirm_email", "60 per hour", sign_in_views.confirm_address),
        ("change_email_confirm", "60 per hour", sign_in_views.confirm_new_address),
        ("reset_password", "30 per hour", views.reset_password),
        ("change_password", "20 per minute", views.change_password),
        ("verify", "20 per minute", views.verify),
        ("two_factor_token_validation", "20 per minute", views.two_factor_token_validation),
        ("two_factor_setup_validate", "20 per minute", sign_in_views.turn_code_on),
        ("change_email", "10 per hour", change_email.change_email),
        ("mf_recovery", "10 per minute", recovery_codes.mf_recovery),
        ("wan_signin", "30 per minute", webauthn.webauthn_signin),
        ("wan_signin_response", "30 per minute", webauthn.webauthn_signin_response),
    )
}
