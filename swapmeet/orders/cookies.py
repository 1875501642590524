"""The cart's cookie: one per show, opaque, found again by its digest."""

import hashlib
import hmac

from flask import Response, current_app, request, session

from swapmeet.infra import codes

COOKIE = "swapmeet_cart"
MAX_AGE_S = 24 * 3600


def cart_key() -> str | None:
    """The key in the cookie of this request, if there is one."""
    return request.cookies.get(COOKIE) or None


def new_cart_key(form_key: str, content: str) -> str:
    """The key for a new cart.

    It is derived from this browser's form secret, the form's own key and what was chosen, so that a double click or a retry that never saw
    the first answer arrives at the same cart. Without both it is random.
    """
    secret = str(session.get("csrf_token", ""))
    if not secret or len(form_key) < 16:
        return codes.link_key()
    own = current_app.secret_key or b""
    return hmac.new(
        own.encode() if isinstance(own, str) else own, f"cart:{secret}:{form_key}:{content}".encode(), hashlib.sha256
    ).hexdigest()


def browser_scope() -> str:
    """A short name of this browser for idempotency keys: nobody gets another one's answer by sending its key."""
    return codes.digest(str(session.get("csrf_token", "")))[:32]


def keep_cart(response: Response, slug: str, key: str) -> None:
    """Set the cookie, for the pages of this show alone."""
    response.set_cookie(
        COOKIE,
        key,
        max_age=MAX_AGE_S,
        path=f"/shows/{slug}",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
